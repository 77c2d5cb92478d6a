"""T2: a letter is a row first, written with its cause; sent later, twice rather than never. Against a real SMTP server."""

from __future__ import annotations

import smtplib
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import transaction

from entitlements import notices
from entitlements.models import Letter
from entitlements.tasks import send_letters
from tests import factories as make
from tests.conftest import Postbox, free_port
from tests.factories import DAY, NOW

pytestmark = pytest.mark.django_db

TEMPLATES = {
    "emails/hello.subject.txt": "Hello {{ what }}\n  for {{ addressee.name }}\n",
    "emails/hello.txt": "{{ what }} on {{ when|date:'Y-m-d' }}\n\n",
    "emails/hello.html": "<style>p { color: red }</style><p>{{ what }}</p>",
}


@pytest.fixture
def templates(settings):
    texts = dict(TEMPLATES)
    backend = {**settings.TEMPLATES[0], "APP_DIRS": False}
    backend["OPTIONS"] = {"loaders": [("django.template.loaders.locmem.Loader", texts)]}
    settings.TEMPLATES = [backend]
    return texts


class MoodyPostbox(Postbox):
    """A mail server that answers as it is told: by the address at RCPT, by the letter's number after DATA."""

    def __init__(self):
        super().__init__()
        self.at_rcpt, self.after_data = {}, {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self.at_rcpt.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        kept = await super().handle_DATA(server, session, envelope)
        answer = self.after_data.get(len(self.envelopes), kept)
        if answer == "drop the line":
            server.transport.abort()
            return kept
        if not answer.startswith("250"):
            self.messages.pop()
        return answer


@pytest.fixture
def post(smtp_server, smtp_backend, templates, monkeypatch):
    """The mail server of this test; only its own letters are asked nothing."""
    monkeypatch.setattr(notices, "_questions", [])
    smtp_server.handler = MoodyPostbox()
    return smtp_server.handler


@pytest.fixture
def no_server(settings):
    settings.EMAIL_PORT = free_port()


def write(*people, now=NOW, matter="X-1", **changes):
    letter = {"context": {"what": "world", "when": NOW}} | changes
    with transaction.atomic():
        notices.write("hello", matter=matter, to=people or [make.person()], now=now, **letter)
    return Letter.objects.filter(matter=matter).last()


def send(now=NOW, **how):
    return notices.send_due(clock=lambda: now, **how)


def states():
    return list(Letter.objects.order_by("id").values_list("state", flat=True))


class TestWriting:
    """T2: in the transaction of its cause; its key makes a second impossible."""

    def test_each_active_person_gets_one(self):
        ann, bob = make.person(), make.person()

        write(ann, bob, ann, make.person(is_active=False))

        assert set(Letter.objects.values_list("addressee", flat=True)) == {ann.email, bob.email}

    @pytest.mark.parametrize(
        ("again", "letters"),
        [
            ({}, 1),
            ({"context": {"what": "other"}, "now": NOW + DAY}, 1),
            ({"deadline": NOW + 2 * DAY}, 2),
            ({"point": "1d"}, 2),
            ({"matter": "X-2"}, 2),
        ],
        ids=["the same", "later, in other words", "another deadline", "another point", "another matter"],
    )
    def test_the_key_decides_whether_it_is_another(self, again, letters):
        ann = make.person()
        write(ann, deadline=NOW + DAY)

        write(ann, **{"deadline": NOW + DAY} | again)

        assert Letter.objects.count() == letters

    def test_without_a_deadline_it_is_one_as_well(self):
        ann = make.person()

        write(ann)
        write(ann)

        assert Letter.objects.count() == 1

    def test_a_cause_that_did_not_happen_writes_none(self):
        with pytest.raises(TypeError), transaction.atomic():
            write() / 0

        assert not Letter.objects.exists()

    @pytest.mark.parametrize(
        "value",
        [
            "text",
            3,
            True,
            None,
            NOW,
            date(2026, 6, 10),
            Decimal("1.50"),
            Fraction(1, 3),
            ["a", NOW],
            {"of": {"a": 1}},
            [],
        ],
        ids=str,
    )
    def test_the_context_comes_back_as_it_went_in(self, value):
        letter = write(context={"value": value})

        thawed = notices.thawed(Letter.objects.get(pk=letter.pk).context)["value"]

        assert thawed == value
        assert type(thawed) is type(value)


class TestSending:
    """T2: what went, to whom, when accepted, is kept."""

    def test_an_accepted_letter_keeps_what_was_sent(self, post, settings):
        letter = write(attachments=[("a.ics", "text/calendar", "BEGIN:VCALENDAR")])

        send()

        letter.refresh_from_db()
        (mail,) = post.messages
        assert (letter.state, letter.accepted_at, letter.attempts) == ("accepted", NOW, 1)
        assert letter.accepted_by_server == settings.EMAIL_HOST
        assert mail["Subject"] == letter.subject == f"Hello world for {letter.person.name}"
        assert mail["To"] == letter.addressee
        assert mail["Message-ID"] == letter.message_id
        assert mail["Auto-Submitted"] == "auto-generated"
        assert letter.text == "world on 2026-06-10\n"
        assert mail.get_body(("plain",)).get_content().split() == letter.text.split()
        assert '<p style="color: red;">' in mail.get_body(("html",)).get_content()
        assert [part.get_filename() for part in mail.iter_attachments()] == ["a.ics"]

    def test_letters_of_a_matter_are_one_thread(self, post):
        write(matter="CLM-1")
        write(matter="CLM-1", deadline=NOW)

        send()

        first, second = post.messages
        assert first["References"] == second["References"]
        assert first["Message-ID"] != second["Message-ID"]

    def test_it_goes_once(self, post):
        write()

        assert [send(), send(), send(NOW + DAY)] == [1, 0, 0]
        assert len(post.messages) == 1

    def test_urgent_ones_go_first_then_the_oldest(self, post):
        for name, urgent, due in (("late", False, NOW), ("early", False, NOW - DAY), ("urgent", True, NOW)):
            write(context={"what": name, "when": NOW}, matter=name, urgent=urgent, now=due)

        send()

        assert [mail["Subject"].split()[1] for mail in post.messages] == ["urgent", "early", "late"]

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


class TestALease:
    """T2, T3: a letter is in one worker's hands; after the lease it is sent again, marked."""

    def test_a_leased_letter_is_nobody_elses(self, post):
        write()
        notices._lease(NOW, NOW + notices.LEASE, 25)

        assert send(NOW + notices.LEASE - timedelta(microseconds=1)) == 0
        assert send(NOW + notices.LEASE) == 1
        assert len(post.messages) == 1

    def test_a_worker_that_died_after_handing_over_leaves_a_mark(self, post, monkeypatch):
        write()
        with monkeypatch.context() as dying:
            dying.setattr(notices, "message", lambda letter: (_ for _ in ()).throw(SystemExit))
            with pytest.raises(SystemExit):
                send()

        send(NOW + notices.LEASE)

        letter = Letter.objects.get()
        assert (letter.state, letter.may_have_gone_twice, letter.attempts) == ("accepted", True, 2)

    def test_whoever_lost_the_lease_does_not_send(self, post, monkeypatch):
        letter = write()

        def slow_question(asked, now):
            Letter.objects.filter(pk=letter.pk).update(due_at=NOW + 2 * notices.LEASE)  # somebody else has it now
            return True

        monkeypatch.setattr(notices, "_questions", [slow_question])
        send()

        assert not post.messages
        assert states() == ["queued"]


class TestAServerThatDoesNotTakeIt:
    """P16: for now: tried again; for ever: failed at once; no answer: the same letter again, marked."""

    @pytest.mark.parametrize(
        ("answer", "state"),
        [
            ("421 Too busy", "queued"),
            ("450 Mailbox busy", "queued"),
            ("452 No space", "queued"),
            ("550 Not wanted", "failed"),
            ("552 Too large", "failed"),
            ("554 Refused", "failed"),
        ],
    )
    def test_its_answer_after_the_letter_decides(self, post, answer, state):
        post.after_data[1] = answer
        letter = write()

        send()

        letter.refresh_from_db()
        assert letter.state == state
        assert answer[:3] in letter.last_error
        assert letter.handed_over_at is None
        assert letter.due_at > NOW + notices.FIRST_PAUSE

    @pytest.mark.parametrize(("answer", "state"), [("450 Later", "queued"), ("550 Nobody here", "failed")])
    def test_its_answer_about_the_addressee_decides(self, post, answer, state):
        letter = write()
        post.at_rcpt[letter.addressee] = answer

        send()

        assert states() == [state]

    def test_what_was_refused_for_now_goes_later_unmarked_as_first_rendered(self, post, templates):
        post.after_data[1] = "450 Later"
        letter = write()
        send()
        templates["emails/hello.txt"] = "Something else"

        send(NOW + DAY)

        letter.refresh_from_db()
        assert (letter.state, letter.may_have_gone_twice, letter.last_error) == ("accepted", False, "")
        assert post.messages[0].get_body(("plain",)).get_content().split() == ["world", "on", "2026-06-10"]

    def test_no_answer_means_the_same_letter_again_and_marked(self, post):
        post.after_data[1] = "drop the line"
        letter = write()
        send()
        letter.refresh_from_db()
        assert (letter.state, letter.handed_over_at) == ("queued", NOW)

        send(NOW + DAY)

        letter.refresh_from_db()
        first, again = post.messages
        assert first["Message-ID"] == again["Message-ID"] == letter.message_id
        assert (letter.state, letter.may_have_gone_twice) == ("accepted", True)

    def test_a_server_that_is_down_has_not_got_it(self, post, no_server):
        write()
        write(matter="X-2")

        assert send() == 2

        for letter in Letter.objects.all():
            assert (letter.state, letter.handed_over_at) == ("queued", None)
            assert "refused" in letter.last_error.lower()
            assert letter.due_at > NOW

    def test_the_pause_grows_with_jitter_up_to_six_hours(self, post, no_server, monkeypatch):
        letter, now, pauses = write(), NOW, []
        monkeypatch.setattr(notices.random, "random", lambda: 1.0)

        for _ in range(notices.MOST_ATTEMPTS - 1):
            send(now)
            letter.refresh_from_db()
            pauses.append((letter.due_at - now).total_seconds() - 30)
            now = letter.due_at

        assert pauses == [60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600]

    def test_after_the_last_attempt_it_has_failed(self, post, no_server):
        letter = write()

        for n in range(notices.MOST_ATTEMPTS + 2):
            send(NOW + n * DAY)

        letter.refresh_from_db()
        assert (letter.state, letter.attempts) == ("failed", notices.MOST_ATTEMPTS)


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

    def test_a_dropped_line_does_not_take_the_next_ones_with_it(self, post):
        post.after_data[1] = "drop the line"
        for n in range(3):
            write(matter=f"X-{n}")

        send()

        assert states() == ["queued", "accepted", "accepted"]


class TestWhatIsNoLongerTrue:
    """T1: every letter answers every question with yes at the moment of sending, or does not go."""

    def test_it_does_not_go(self, post, monkeypatch):
        asked = []
        monkeypatch.setattr(notices, "_questions", [lambda letter, now: True, lambda *given: asked.append(given)])
        letter = write()

        send(NOW + DAY)

        assert asked == [(letter, NOW + DAY)]
        assert states() == ["no_longer_true"]
        assert not post.messages

    def test_a_question_that_fails_is_asked_again_later(self, post, monkeypatch):
        monkeypatch.setattr(notices, "_questions", [lambda letter, now: 1 / 0])
        write()

        send()

        assert states() == ["queued"]
        assert "ZeroDivisionError" in Letter.objects.get().last_error

    def test_a_question_is_registered_once(self, monkeypatch):
        monkeypatch.setattr(notices, "_questions", [])

        def question(letter: Letter, now: datetime) -> bool:
            return True

        notices.ask_before_sending(question)
        notices.ask_before_sending(question)

        assert notices._questions == [question]


class TestForEver:
    @pytest.mark.parametrize(
        ("error", "for_ever"),
        [
            (smtplib.SMTPRecipientsRefused({"a@x": (550, b""), "b@x": (450, b"")}), False),
            (smtplib.SMTPRecipientsRefused({"a@x": (550, b"")}), True),
            (smtplib.SMTPSenderRefused(451, b"", "a@x"), False),
            (smtplib.SMTPSenderRefused(553, b"", "a@x"), True),
            (smtplib.SMTPAuthenticationError(535, b""), True),
            (smtplib.SMTPServerDisconnected(), False),
            (TimeoutError(), False),
        ],
    )
    def test_it_is_by_the_servers_answer(self, error, for_ever):
        assert notices._for_ever(error) == for_ever
