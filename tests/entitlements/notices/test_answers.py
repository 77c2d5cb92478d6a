"""P16: what follows from what the mail server says, or from its silence."""

from __future__ import annotations

import smtplib
import socket
from datetime import timedelta
from threading import Thread

import pytest
from aiosmtpd.smtp import SMTP

from entitlements.actions.letters import queue_again
from entitlements.models import Letter, MailOutage
from entitlements.notices import answers, outages, sending, servers
from entitlements.notices.servers import NotReached, NotTakenNow
from tests import factories as make
from tests.conftest import free_port
from tests.entitlements.notices.postal import course, send, states, write
from tests.factories import DAY, HOUR, NOW

pytestmark = pytest.mark.django_db


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
        assert letter.last_error == answer
        assert letter.handed_over_at is None
        assert letter.due_at > NOW
        assert course(letter) == ["handed_over", "busy" if state == "queued" else "refused"]
        assert letter.events.last().reply == answer

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

    @pytest.mark.parametrize(("urgent", "longest"), [(False, 6 * 3600), (True, 30 * 60)], ids=["six hours", "urgent"])
    def test_the_pause_grows_with_jitter_up_to_its_longest(self, monkeypatch, urgent, longest):
        monkeypatch.setattr(answers.random, "random", lambda: 1.0)
        patience = answers.PATIENCE["busy"]

        pauses = [patience.pause(n, urgent).total_seconds() for n in range(1, 30)]

        assert pauses == [min(longest, 30 * 2**n) for n in range(1, 30)]

    def test_the_jitter_is_full(self, monkeypatch):
        monkeypatch.setattr(answers.random, "random", lambda: 0.0)

        assert {answers.PATIENCE["busy"].pause(n, False).total_seconds() for n in range(1, 30)} == {30}

    @pytest.mark.parametrize(
        ("answer", "kind", "tries"),
        [("450 Later", "busy", 4), ("drop the line", "no_answer", 5)],
        ids=["4xx", "silence"],
    )
    def test_it_is_bounded_and_then_the_desk_sees_it(self, post, answer, kind, tries):
        post.after_data = dict.fromkeys(range(1, 10), answer)
        letter = write()

        for n in range(8):
            send(NOW + n * DAY)  # mail that is refused for now is tried for three days

        assert states() == ["failed"]
        assert course(letter) == ["handed_over", kind] * tries + ["given_up"]

    def test_a_time_without_tries_begins_its_three_days_anew(self, post):
        post.after_data = dict.fromkeys(range(1, 3), "450 Later")
        write()

        send()
        send(NOW + 4 * DAY)  # no server, or no sender, in between

        assert states() == ["queued"]

    def test_put_back_it_has_all_its_tries_again(self, post):
        post.after_data = dict.fromkeys(range(1, 5), "450 Later")
        letter = write()
        for n in range(4):
            send(NOW + n * DAY)

        queue_again(letter=letter, by=make.manager(), now=NOW + 9 * DAY)
        post.after_data[5] = "450 Later"
        send(NOW + 9 * DAY)

        assert states() == ["queued"]
        assert course(letter)[-3:] == ["queued_again", "handed_over", "busy"]

    def test_a_refusal_stands_though_the_server_hangs_up_after_it(self, post):
        post.hangs_up_at_rset = True
        at_rcpt, after_data, _ = (write(matter=f"X-{n}") for n in range(3))
        post.at_rcpt[at_rcpt.addressee], post.after_data[1] = "550 Nobody here", "554 Refused"

        send()

        assert states() == ["failed", "failed", "accepted"]
        assert (course(at_rcpt)[-1], course(after_data)[-1]) == ("refused", "refused")

    def test_one_that_is_put_off_before_its_first_byte_does_not_take_the_next_with_it(self, post, monkeypatch):
        answers_to_data, real = ["451 Later"], SMTP.smtp_DATA

        async def smtp_data(server, arg):
            await (server.push(answers_to_data.pop()) if answers_to_data else real(server, arg))

        monkeypatch.setattr(SMTP, "smtp_DATA", smtp_data)
        first, _ = write(), write(matter="X-2")

        send()

        assert states() == ["queued", "accepted"]
        assert course(first) == ["handed_over", "busy"]

    def test_a_nul_in_its_answer_is_not_kept(self, post):
        post.after_data[1] = "250 Kept \x00"
        letter = write()

        send()

        assert states() == ["accepted"]
        assert letter.events.last().reply == "250 Kept \ufffd"


class TestAnEarlierTryThatMayHaveGone:
    """T2: that a letter may have gone twice is marked, whatever happened between the two."""

    @pytest.fixture
    def letter(self, post):
        post.after_data[1] = "drop the line"
        letter = write()
        send()
        return letter

    def test_a_try_that_handed_nothing_over_leaves_it(self, post, letter, monkeypatch):
        with monkeypatch.context() as gone:
            gone.setattr(sending, "return_address", _not_reached)
            send(NOW + HOUR)
        letter.refresh_from_db()
        assert (letter.handed_over_at, letter.may_have_gone_twice) == (NOW, False)

        send(NOW + DAY)

        letter.refresh_from_db()
        assert (letter.state, letter.may_have_gone_twice) == ("accepted", True)

    def test_a_try_that_was_refused_is_no_second_one(self, post, letter):
        post.at_rcpt[letter.addressee] = "550 Nobody here"

        send(NOW + HOUR)

        letter.refresh_from_db()
        assert (letter.state, letter.handed_over_at, letter.may_have_gone_twice) == ("failed", NOW, False)


def _not_reached(*_):
    raise NotReached("Connection refused")


class TestAServerThatTakesNothingFromUs:
    """P16: what it has against all of our letters fails none of them: they wait, and are asked for ever more rarely."""

    @pytest.mark.parametrize("answer", ["530 Log in first", "550 Suspended", "503 Bad sequence", "451 Later"])
    def test_no_letter_fails_and_those_behind_are_given_back(self, post, answer):
        post.at_mail = answer
        first, second = write(), write(matter="X-2")

        send()

        assert states() == ["queued", "queued"]
        assert (course(first), course(second)) == (["handed_over", "not_reached"], [])
        assert MailOutage.objects.get().error == answer

    def test_that_it_can_be_connected_to_does_not_end_the_outage(self, post, monkeypatch):
        monkeypatch.setattr(outages.random, "random", lambda: 1.0)
        post.at_mail = "530 Log in first"
        for n in range(3):
            write(matter=f"X-{n}")
        for n in range(3):
            send(NOW + n * HOUR)
        outage = MailOutage.objects.get()
        assert (outage.tries, outage.ended_at, outage.next_try_at) == (3, None, NOW + 2 * HOUR + timedelta(seconds=80))

        post.at_mail = ""
        send(NOW + DAY)

        outage.refresh_from_db()
        assert outage.ended_at == NOW + DAY
        assert states() == ["accepted"] * 3


class TestAServerThatIsNotThere:
    """P16, P17: it costs one try a turn, whoever tries, and the letters wait as they are."""

    def test_one_try_a_turn_and_no_letter_is_touched(self, post, no_server):
        write()
        write(matter="X-2")

        assert [send(), send(), send(NOW + outages.LONGEST_PAUSE)] == [0, 0, 0]

        outage = MailOutage.objects.get()
        assert (outage.tries, outage.began_at, outage.ended_at) == (2, NOW, None)
        assert "refused" in outage.error
        assert set(Letter.objects.values_list("state", "attempts", "due_at", "last_error")) == {("queued", 0, NOW, "")}

    def test_nothing_due_asks_nobody(self, no_server):
        assert send() == 0
        assert not MailOutage.objects.exists()

    def test_the_pause_grows_up_to_five_minutes(self, post, no_server, monkeypatch):
        monkeypatch.setattr(outages.random, "random", lambda: 1.0)
        write()

        now, pauses = NOW, []
        for _ in range(7):
            send(now)
            then = MailOutage.objects.get().next_try_at
            pauses.append((then - now).total_seconds())
            now = then

        assert pauses == [20, 40, 80, 160, 300, 300, 300]

    def test_after_three_days_they_go_in_order_and_what_is_past_its_use_does_not(self, post, settings, monkeypatch):
        for name, more in {
            "last": {},
            "soon": {"urgent": True, "deadline": NOW + 4 * DAY},
            "past": {"urgent": True, "deadline": NOW + DAY},
            "later": {"urgent": True, "deadline": NOW + 5 * DAY},
        }.items():
            write(matter=name, context={"what": name, "when": NOW}, **more)
        monkeypatch.setattr(
            sending,
            "_questions",
            [lambda letters, now: {one.pk for one in letters if one.matter == "past" and one.deadline <= now}],
        )
        port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
        for hour in range(0, 72, 12):
            send(NOW + hour * HOUR)

        settings.EMAIL_PORT = port
        send(NOW + 3 * DAY)

        assert [mail["Subject"].split()[1] for mail in post.messages] == ["soon", "later", "last"]
        assert Letter.objects.get(matter="past").state == "no_longer_true"
        outage = MailOutage.objects.get()
        assert (outage.ended_at, outage.tries) == (NOW + 3 * DAY, 6)

    def test_a_server_that_hangs_up_before_it_greets_is_not_there_either(self, post, settings):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            settings.EMAIL_PORT = listening.getsockname()[1]
            Thread(target=lambda: listening.accept()[0].close(), daemon=True).start()
            letter = write()

            send()

        assert MailOutage.objects.get().error == "Connection unexpectedly closed"
        assert course(letter) == []

    @pytest.mark.parametrize("answer", ["421 Closing", "503 Bad sequence", "530 Log in first"])
    def test_what_it_says_of_one_addressee_holds_no_other_back(self, post, answer):
        first, second = write(), write(matter="X-2")
        post.at_rcpt[first.addressee] = answer

        send()

        first.refresh_from_db()
        assert (first.state, first.handed_over_at, first.last_error) == ("queued", None, answer)
        assert course(first) == ["handed_over", "busy"]
        second.refresh_from_db()
        assert second.state == "accepted"
        assert not MailOutage.objects.exists()

    def test_what_it_says_of_one_and_of_the_next_is_about_all(self, post):
        letters = [write(matter=f"X-{n}") for n in range(3)]
        post.at_rcpt = {one.addressee: "421 Closing" for one in letters}

        send()

        assert [course(one) for one in letters] == [["handed_over", "busy"], ["handed_over", "busy"], []]
        letters[2].refresh_from_db()
        assert (letters[2].attempts, letters[2].due_at) == (0, NOW)
        assert MailOutage.objects.get().error == "421 Closing"

    def test_one_that_takes_so_many_a_line_gets_the_next_over_a_new_one(self, post):
        letters = [write(matter=f"X-{n}") for n in range(3)]
        post.at_rcpt[letters[1].addressee] = "421 Closing"

        send()

        assert states() == ["accepted", "queued", "accepted"]
        assert not MailOutage.objects.exists()


class TestCommandsTogether:
    """RFC 2920: MAIL, RCPT and DATA in one write, and still each answer is about what it answers."""

    @pytest.fixture(autouse=True)
    def offered(self, post, monkeypatch):
        post.takes_commands_together, sent = True, []
        monkeypatch.setattr(smtplib.SMTP, "putcmd", _noted(smtplib.SMTP.putcmd, sent))
        return sent

    def test_each_letter_goes_whole_to_its_own_addressee(self, post, offered):
        letters = [write(matter=f"X-{n}", context={"what": "dots\n.\n..", "when": NOW}) for n in range(3)]

        send()

        assert offered == ["ehlo", "quit"]
        assert [one.rcpt_tos for one in post.envelopes] == [[one.addressee] for one in letters]
        for letter, got in zip(letters, post.envelopes, strict=True):
            letter.refresh_from_db()
            assert (letter.state, bytes(letter.raw)) == ("accepted", got.original_content)

    def test_a_refusal_is_its_own_letters_and_the_line_is_in_step_again(self, post):
        at_rcpt, after_data, put_off, good = (write(matter=f"X-{n}") for n in range(4))
        post.at_rcpt = {at_rcpt.addressee: "550 Nobody here", put_off.addressee: "450 Later"}
        post.after_data[1] = "554 Refused"

        send()

        assert states() == ["failed", "failed", "queued", "accepted"]
        assert [one.events.last().reply for one in (at_rcpt, after_data, put_off, good)] == [
            "550 Nobody here",
            "554 Refused",
            "450 Later",
            "250 Kept",
        ]

    def test_what_it_has_against_the_sender_is_about_us(self, post):
        post.at_mail = "550 Suspended"
        write()

        send()

        assert (states(), MailOutage.objects.get().error) == (["queued"], "550 Suspended")

    def test_one_that_waits_for_a_letter_for_nobody_gets_none(self, post, monkeypatch):
        first, _ = write(), write(matter="X-2")
        post.at_rcpt[first.addressee] = "550 Nobody here"
        real = SMTP.smtp_DATA

        async def smtp_data(server, arg):
            server.envelope.rcpt_tos = server.envelope.rcpt_tos or ["nobody"]
            await real(server, arg)

        monkeypatch.setattr(SMTP, "smtp_DATA", smtp_data)
        send()

        assert states() == ["failed", "accepted"]
        assert len(post.envelopes) == 1

    def test_the_next_one_is_announced_with_the_end_of_the_one_before(self, post, monkeypatch):
        """One round trip a letter."""
        written = []
        real = smtplib.SMTP.send
        monkeypatch.setattr(smtplib.SMTP, "send", lambda line, text: written.append(text) or real(line, text))
        letters = [write(matter=f"X-{n}") for n in range(3)]

        send()

        texts = [one for one in written if isinstance(one, bytes)]
        told = [[f"RCPT TO:<{one.addressee}>".encode() in text for one in letters] for text in texts]
        assert told == [[True, False, False], [False, True, False], [False, False, True], [False] * 3]
        assert states() == ["accepted"] * 3

    def test_one_that_is_announced_and_does_not_come_is_nobodys(self, post, monkeypatch):
        """Another sender has it by now: the line is broken off, and the one behind goes over a new one."""
        first, second, third = (write(matter=f"X-{n}") for n in range(3))
        real = sending.MailServer.hand_over

        def hand_over(server, letter, *given):
            if letter == first:
                Letter.objects.filter(pk=second.pk).update(due_at=NOW + DAY)
            return real(server, letter, *given)

        monkeypatch.setattr(sending.MailServer, "hand_over", hand_over)
        send()

        assert states() == ["accepted", "queued", "accepted"]
        assert [one.rcpt_tos for one in post.envelopes] == [[first.addressee], [third.addressee]]

    def test_the_one_behind_a_busy_answer_goes_over_a_new_line(self, post):
        post.after_data[1] = "421 Closing"
        for n in range(2):
            write(matter=f"X-{n}")

        send()

        assert states() == ["queued", "accepted"]

    def test_nothing_is_announced_that_the_pace_may_hold_back(self, post, settings):
        settings.LETTERS_A_MINUTE = 1
        letters = [write(matter=f"X-{n}") for n in range(2)]

        send()

        assert (states(), course(letters[1])) == (["accepted", "queued"], [])

    def test_a_line_break_in_an_address_is_no_command(self, post):
        write()
        Letter.objects.filter(pk=write(matter="X-2").pk).update(addressee="ana@x.example>\r\nRCPT TO:<bob@x.example")

        send()

        assert (states(), len(post.envelopes)) == (["accepted", "queued"], 1)


def _noted(real, sent):
    def putcmd(line, command, args=""):
        sent.append(command)
        real(line, command, args)

    return putcmd


class TestKinds:
    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            (smtplib.SMTPRecipientsRefused({"a@x": (550, b""), "b@x": (450, b"")}), "busy"),
            (smtplib.SMTPRecipientsRefused({"a@x": (550, b"")}), "refused"),
            (smtplib.SMTPDataError(451, b""), "busy"),
            (smtplib.SMTPDataError(553, b""), "refused"),
            (NotTakenNow({"a@x": (530, b"")}), "busy"),
            (NotReached("535 no such login"), "not_reached"),
            (smtplib.SMTPServerDisconnected(), "no_answer"),
            (TimeoutError(), "no_answer"),
            (KeyError("name"), "not_made"),
        ],
    )
    def test_it_is_by_the_servers_answer(self, error, kind):
        assert answers.kind_of(error) == kind

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
            (TimeoutError("timed out"), "timed out"),
            (TimeoutError(), "TimeoutError()"),
            (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), "Connection unexpectedly closed"),
            (smtplib.SMTPDataError(451, b"Later"), "451 Later"),
            (KeyError("name"), "KeyError('name')"),
        ],
    )
    def test_it_is_told_in_words_that_a_manager_can_read(self, error, words):
        """M1.3: of a line that is not there; a fault of ours keeps its name."""
        assert servers.said(error) == words
