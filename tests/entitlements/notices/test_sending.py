"""T2: sent later, twice rather than never, and what went is kept. Against a real SMTP server."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, transaction

from entitlements import notices
from entitlements.models import Letter, LetterEvent, User
from entitlements.notices import sending
from entitlements.tasks import send_letters
from tests import factories as make
from tests.entitlements.notices.postal import course, send, states, write
from tests.factories import DAY, HOUR, NOW

SECOND = timedelta(seconds=1)


pytestmark = pytest.mark.django_db


class TestSending:
    """T2: what went, to whom, when accepted, is kept."""

    def test_an_accepted_letter_keeps_what_was_sent(self, post, settings):
        letter = write(attachments=[("a.ics", "text/calendar", "BEGIN:VCALENDAR")])

        send()

        letter.refresh_from_db()
        (mail,) = post.messages
        assert (letter.state, letter.accepted_at, letter.attempts) == ("accepted", NOW, 1)
        assert letter.accepted_by_server == settings.EMAIL_HOST
        assert course(letter) == ["handed_over", "accepted"]
        assert letter.events.last().reply == "250 Kept"
        assert mail["Subject"] == letter.subject == f"Hello world for {letter.person.name}"
        assert mail["To"] == letter.addressee
        assert mail["Message-ID"] == letter.message_id
        assert mail["Auto-Submitted"] == "auto-generated"
        assert letter.text == "world on 2026-06-10\n"
        assert mail.get_body(("plain",)).get_content().split() == letter.text.split()
        assert '<p style="color: red;">' in mail.get_body(("html",)).get_content()
        assert [part.get_filename() for part in mail.iter_attachments()] == ["a.ics"]

    def test_what_is_kept_is_byte_for_byte_what_the_server_got(self, post):
        letter = write(
            attachments=[("a.ics", "text/calendar", "BEGIN:VCALENDAR\r\n")], context={"what": "Zoë", "when": NOW}
        )

        send()

        letter.refresh_from_db()
        assert bytes(letter.raw) == post.envelopes[0].original_content
        assert letter.sha256 == hashlib.sha256(letter.raw).hexdigest()
        assert post.messages[0]["Date"] == "Wed, 10 Jun 2026 14:00:00 +0000"

    def test_a_domain_with_letters_of_its_own_is_told_as_servers_know_it(self, post):
        """IDNA: a command of SMTP takes ASCII only."""
        write(make.person(email="ana@bücher.example"))

        send()

        assert states() == ["accepted"]
        assert post.envelopes[0].rcpt_tos == ["ana@xn--bcher-kva.example"]

    def test_what_was_made_stays_as_it_was_made(self, post):
        letter = write()
        send()

        for name, value in {"text": "other", "raw": b"other", "sha256": "other"}.items():
            with pytest.raises(DatabaseError, match="stays as it was sent"), transaction.atomic():
                Letter.objects.filter(pk=letter.pk).update(**{name: value})

    def test_letters_of_a_matter_are_one_thread(self, post):
        write(matter="CLM-1")
        write(matter="CLM-1", deadline=NOW)

        send()

        first, second = post.messages
        assert first["References"] == second["References"]
        assert first["Message-ID"] != second["Message-ID"]

    def test_a_thread_of_free_text_has_a_name_that_a_head_may_hold(self, post):
        """References of an order form's own number: `OF 12/A` with a blank would be two."""
        write(matter="OF 12/A <x>")

        send()

        assert re.fullmatch(r"<[0-9a-f]{40}@[a-z.]+>", post.messages[0]["References"].strip())

    def test_it_goes_once(self, post):
        write()

        assert [send(), send(), send(NOW + DAY)] == [1, 0, 0]
        assert len(post.messages) == 1

    def test_deadlines_go_first_the_nearest_before_the_others_then_the_oldest(self, post):
        for name, urgent, deadline, written in (
            ("late", False, None, NOW),
            ("early", False, NOW + HOUR, NOW - DAY),
            ("undated", True, None, NOW),
            ("urgent", True, NOW + 2 * DAY, NOW - DAY),
            ("nearest", True, NOW + DAY, NOW),
        ):
            write(context={"what": name, "when": NOW}, matter=name, urgent=urgent, deadline=deadline, now=written)

        send()

        sent = [mail["Subject"].split()[1] for mail in post.messages]
        assert sent == ["nearest", "urgent", "undated", "early", "late"]

    def test_each_is_noted_before_the_next_one_goes(self, post, monkeypatch):
        """A sender that dies loses the note of one letter at most."""
        for n in range(3):
            write(matter=f"X-{n}")
        noted, real = [], sending.MailServer.hand_over

        def hand_over(*given):
            noted.append(states().count("accepted"))
            return real(*given)

        monkeypatch.setattr(sending.MailServer, "hand_over", hand_over)
        send()

        assert noted == [0, 1, 2]

    def test_a_letter_costs_one_note(self, post, monkeypatch):
        """What was accepted and what goes next are on record together, by one statement and one commit."""
        one, two, three = (write(matter=f"X-{n}").pk for n in range(3))
        noted, real = [], sending.note
        monkeypatch.setattr(sending, "note", lambda *given: noted.append(given) or real(*given))

        send()

        assert [(was and was.letter, goes and goes.letter) for was, goes, _ in noted] == [
            (None, one),
            (one, two),
            (two, three),
            (three, None),
        ]

    def test_all_are_made_before_the_first_one_goes(self, post, monkeypatch):
        """Nothing slow comes between a letter and the note that it was accepted."""
        for n in range(2):
            write(matter=f"X-{n}")
        done, make_it, hand_over = [], sending.rendering.make, sending.MailServer.hand_over
        monkeypatch.setattr(sending.rendering, "make", lambda *given: done.append("made") or make_it(*given))
        monkeypatch.setattr(
            sending.MailServer, "hand_over", lambda *given: done.append("handed over") or hand_over(*given)
        )

        send()

        assert done == ["made", "made", "handed over", "handed over"]

    def test_what_was_accepted_is_noted_though_the_next_note_fails(self, post, monkeypatch):
        for n in range(2):
            write(matter=f"X-{n}")
        real, failing = sending.note, [ValueError("Not this one")]

        def note(accepted, going, host):
            if accepted and going and failing:
                raise failing.pop()
            return real(accepted, going, host)

        monkeypatch.setattr(sending, "note", note)
        send()

        assert states() == ["accepted", "queued"]

    def test_no_more_than_the_batch_and_then_the_rest(self, post):
        for n in range(3):
            write(matter=f"X-{n}")

        assert [send(limit=2), send(limit=2), send(limit=2)] == [2, 1, 0]

    def test_the_doorbells_task_sends_batch_by_batch(self, post, monkeypatch):
        write(*[make.person() for _ in range(notices.BATCH + 2)])

        assert send_letters() == notices.BATCH + 2
        assert len(post.messages) == notices.BATCH + 2

    def test_a_line_break_in_a_name_does_not_make_a_header(self, post):
        write(make.person(name="Ann\r\nBcc: everybody@x.example"))

        send()

        assert post.messages[0]["Bcc"] is None
        assert states() == ["accepted"]


class TestThePace:
    """P18: no more a minute than the setting says, whoever sends; those that wait keep their turn."""

    @pytest.fixture(autouse=True)
    def four_a_minute(self, settings):
        settings.LETTERS_A_MINUTE = 4

    def test_no_minute_has_more(self, post):
        for n in range(10):
            write(matter=f"X-{n}", urgent=n == 9, deadline=NOW + DAY)

        assert [send(NOW + 20 * n * SECOND, limit=3) for n in range(8)] == [3, 1, 0, 3, 1, 0, 2, 0]

        gone = list(
            LetterEvent.objects.filter(kind="handed_over").order_by("at", "id").values_list("at", "letter__matter")
        )
        assert max(sum(at - 60 * SECOND < one <= at for one, _ in gone) for at, _ in gone) == 4
        assert [matter for _, matter in gone] == ["X-9", *(f"X-{n}" for n in range(9))]

    def test_what_had_to_wait_was_not_tried(self, post):
        for n in range(6):
            write(matter=f"X-{n}")

        send()

        waiting = Letter.objects.filter(state="queued")
        assert set(waiting.values_list("attempts", "due_at", "handed_over_at")) == {(0, NOW + 60 * SECOND, None)}


class TestALease:
    """T2, T3: a letter is in one worker's hands; after the lease it is sent again, marked."""

    def test_a_leased_letter_is_nobody_elses(self, post):
        write()
        sending._lease(NOW, NOW + notices.LEASE, 25)

        assert send(NOW + notices.LEASE - timedelta(microseconds=1)) == 0
        assert send(NOW + notices.LEASE) == 1
        assert len(post.messages) == 1

    def test_a_worker_that_died_after_handing_over_leaves_a_mark(self, post, monkeypatch):
        write()
        with monkeypatch.context() as dying:
            dying.setattr(sending.MailServer, "hand_over", lambda *_: (_ for _ in ()).throw(SystemExit))
            with pytest.raises(SystemExit):
                send()

        send(NOW + notices.LEASE)

        letter = Letter.objects.get()
        assert (letter.state, letter.may_have_gone_twice, letter.attempts) == ("accepted", True, 2)

    def test_whoever_lost_the_lease_does_not_send(self, post, monkeypatch):
        letter = write()

        def slow_question(asked, now):
            Letter.objects.filter(pk=letter.pk).update(due_at=NOW + 2 * notices.LEASE)  # somebody else has it now
            return set()

        monkeypatch.setattr(sending, "_questions", [slow_question])
        send()

        assert not post.messages
        assert states() == ["queued"]

    @pytest.mark.parametrize("state", ["failed", "no_longer_true", "not_wanted"])
    def test_what_a_server_took_it_took_whatever_another_sender_decided_meanwhile(self, post, monkeypatch, state):
        write()
        real = sending.MailServer.hand_over

        def slowly(*given):
            Letter.objects.update(state=state)
            return real(*given)

        monkeypatch.setattr(sending.MailServer, "hand_over", slowly)
        send()

        letter = Letter.objects.get()
        assert (letter.state, letter.accepted_at) == ("accepted", NOW)
        assert course(letter) == ["handed_over", "accepted"]


class TestOneBadLetter:
    """P19: it does not stop the others."""

    @pytest.mark.parametrize("bad", [1, 2, 3])
    def test_the_others_go(self, post, bad):
        people = [make.person() for _ in range(3)]
        for person in people:
            write(person, matter=person.email)
        post.at_rcpt[people[bad - 1].email] = "550 No"

        send()

        assert states() == ["failed" if n == bad else "accepted" for n in (1, 2, 3)]
        assert len(post.messages) == 2

    def test_one_that_cannot_be_rendered_waits_with_its_error(self, post):
        Letter.objects.filter(pk=write(matter="X-1").pk).update(kind="without_templates")
        write(matter="X-2")

        send()

        bad, good = Letter.objects.order_by("id")
        assert (bad.state, good.state) == ("queued", "accepted")
        assert "TemplateDoesNotExist" in bad.last_error

    def test_one_that_cannot_be_kept_does_not_take_the_note_of_the_one_before(self, post, templates):
        write(matter="X-1")
        Letter.objects.filter(pk=write(matter="X-2").pk).update(kind="nul")
        templates.update({f"emails/nul.{end}": "\x00" for end in ("subject.txt", "txt", "html")})

        send()

        good, bad = Letter.objects.order_by("id")
        assert (good.state, bad.state) == ("accepted", "queued")
        assert course(good) == ["handed_over", "accepted"]
        assert course(bad) == ["not_made"]

    def test_a_subject_that_is_too_long_is_cut(self, post):
        write(context={"what": "word " * 100, "when": NOW})

        send()

        letter = Letter.objects.get()
        assert letter.state == "accepted"
        assert len(letter.subject) <= 300
        assert letter.subject.endswith("word…")

    def test_one_that_was_tried_for_ever_is_tried_again(self, post):
        Letter.objects.filter(pk=write().pk).update(attempts=sending.MOST_COUNTED)

        send()

        assert states() == ["accepted"]

    def test_a_run_that_has_to_end_ends_and_blames_no_letter(self, post, monkeypatch):
        first, second = write(), write(matter="X-2")
        real = sending.MailServer.open

        def late(server):
            if post.envelopes:
                raise SoftTimeLimitExceeded
            return real(server)

        monkeypatch.setattr(sending.MailServer, "open", late)
        with pytest.raises(SoftTimeLimitExceeded):
            send()

        assert states() == ["accepted", "queued"]
        assert (course(first), course(second)) == (["handed_over", "accepted"], [])

    def test_one_that_cannot_be_rendered_so_often_has_failed(self, post):
        Letter.objects.filter(pk=write().pk).update(kind="without_templates")

        for n in range(14):
            assert states() == ["queued" if n < 12 else "failed"]
            send(NOW + n * DAY)

        assert course(Letter.objects.get()) == ["not_made"] * 12 + ["given_up"]

    def test_a_dropped_line_does_not_take_the_next_ones_with_it(self, post):
        post.after_data[1] = "drop the line"
        for n in range(3):
            write(matter=f"X-{n}")

        send()

        assert states() == ["queued", "accepted", "accepted"]


class LateClock:
    """Stands still until it is told that time passes."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, time: timedelta) -> None:
        self.now += time


class TestWhatIsNoLongerTrue:
    """T1: every letter answers every question with yes at the moment of sending, or does not go."""

    def test_it_does_not_go(self, post, monkeypatch):
        asked = []
        letter, other = write(), write(matter="X-2")
        monkeypatch.setattr(
            sending, "_questions", [lambda *_: set(), lambda *given: asked.append(given) or {letter.pk}]
        )

        send(NOW + DAY)

        assert asked == [([letter, other], NOW + DAY)]
        assert states() == ["no_longer_true", "accepted"]
        assert len(post.messages) == 1

    def test_a_batch_that_takes_long_is_leased_and_asked_again(self, post, monkeypatch):
        """T1: what was asked of a letter is not old when it goes; the one whose turn it is does not go back for that."""
        asked, clock, real = [], LateClock(), sending.MailServer.hand_over
        monkeypatch.setattr(
            sending, "_questions", [lambda letters, now: asked.append([one.pk for one in letters]) or set()]
        )
        one, two, three, four = (write(matter=f"X-{n}").pk for n in range(4))
        monkeypatch.setattr(sending.MailServer, "hand_over", lambda *given: clock.passes(3 * SECOND) or real(*given))

        assert notices.send_all(clock=clock) == 4

        assert asked == [[one, two, three, four], [three], [four]]
        assert set(Letter.objects.values_list("state", "attempts")) == {("accepted", 1)}

    def test_the_first_is_asked_again_where_making_them_took_long(self, post, monkeypatch):
        """T1: until the last of a batch is made, the first one waits."""
        first, second = write(), write(matter="X-2")
        clock, untrue = LateClock(), set[int]()
        monkeypatch.setattr(sending, "_questions", [lambda letters, now: {one.pk for one in letters} & untrue])
        real = sending.rendering.make

        def make_slowly(letter, now):
            clock.passes(sending.ANSWERED_FOR)
            untrue.add(first.pk)
            return real(letter, now)

        monkeypatch.setattr(sending.rendering, "make", make_slowly)

        assert notices.send_all(clock=clock) == 2

        assert states() == ["no_longer_true", "accepted"]
        assert [mail["Message-ID"] for mail in post.messages] == [Letter.objects.get(pk=second.pk).message_id]

    @pytest.mark.parametrize("together", [False, True])
    def test_one_that_waited_for_a_slow_server_is_asked_again(self, post, monkeypatch, together):
        """T1: also where the server was told of it with the end of the letter before; that server is not made to wait for it."""
        post.takes_commands_together = together
        letters = [write(matter=f"X-{n}") for n in range(3)]
        clock, untrue = LateClock(), set[int]()
        monkeypatch.setattr(sending, "_questions", [lambda letters, now: {one.pk for one in letters} & untrue])
        real = sending.MailServer.hand_over

        def slowly(*given):
            reply = real(*given)
            clock.passes(2 * sending.ANSWERED_FOR)
            untrue.add(letters[1].pk)
            return reply

        monkeypatch.setattr(sending.MailServer, "hand_over", slowly)

        assert notices.send_all(clock=clock) == 3

        assert states() == ["accepted", "no_longer_true", "accepted"]
        assert len(post.messages) == 2
        assert Letter.objects.get(pk=letters[1].pk).events.get().at == NOW + 2 * sending.ANSWERED_FOR

    def test_its_reader_may_have_switched_it_off_while_it_waited(self, post, monkeypatch, templates):
        reader = make.person()
        templates.update({name.replace("hello", "unused_reminder"): text for name, text in templates.items()})
        Letter.objects.filter(pk=write(reader).pk).update(kind="unused_reminder")
        clock, real = LateClock(), sending.rendering.make

        def make_slowly(letter, now):
            clock.passes(2 * sending.ANSWERED_FOR)
            User.objects.filter(pk=reader.pk).update(switched_off=["unused_reminder"])
            return real(letter, now)

        monkeypatch.setattr(sending.rendering, "make", make_slowly)

        notices.send_all(clock=clock)

        assert states() == ["not_wanted"]
        assert not post.messages

    def test_a_question_that_fails_is_asked_again_later(self, post, monkeypatch):
        bad = write()
        write(matter="X-2")

        def question(letters, now):
            return {one.pk for one in letters if one == bad and 1 / 0}

        monkeypatch.setattr(sending, "_questions", [question])
        send()

        assert states() == ["queued", "accepted"]
        bad.refresh_from_db()
        assert "ZeroDivisionError" in bad.last_error

    def test_a_question_is_registered_once(self, monkeypatch):
        monkeypatch.setattr(sending, "_questions", [])

        def question(letters: Sequence[Letter], now: datetime) -> set[int]:
            return set()

        notices.ask_before_sending(question)
        notices.ask_before_sending(question)

        assert sending._questions == [question]
