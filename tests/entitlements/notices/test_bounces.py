"""N25, T2: what came back is noted with its letter once, goes to the next contact, and is told; reports as mail servers write them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import mailbox
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DataError, OperationalError, transaction
from django.urls import reverse

from entitlements import notices, tasks, undelivered
from entitlements.actions.quarantine import FIRST_PAUSE
from entitlements.actions.reports import note_report
from entitlements.delivery_reports import Report, reports_in
from entitlements.dossiers import dossier_of
from entitlements.models import Event, LegalContact, Letter, LetterEvent, Quarantine, Role
from entitlements.notices import answers, sending
from entitlements.notices.writing import write_instead
from entitlements.return_addresses import letter_of, return_address
from entitlements.tasks import read_bounces
from sla.sweep import sweep
from tests import accounts
from tests import factories as make
from tests.entitlements.notices.imap import an_imap_server
from tests.entitlements.notices.postal import course, states
from tests.factories import DAY, NOW

pytestmark = pytest.mark.django_db

FILES = Path(__file__).parent / "reports"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def acme():
    return make.customer()


@pytest.fixture
def ana(acme):
    return make.member(customer=acme, name="Ana Owner", email="ana@acme.example", roles=[Role.CLAIMS])


@pytest.fixture
def questions(monkeypatch):
    monkeypatch.setattr(sending, "_questions", [])


@pytest.fixture
def letter(post, acme, ana):
    return sent(ana, customer=acme)


def sent(*to, matter="X-1", kind="hello", **more):
    """A letter to each, accepted by the mail server; the first of them."""
    with transaction.atomic():
        notices.write(kind, matter=matter, to=to, now=NOW, context={"what": "world", "when": NOW}, **more)
    notices.send_due(clock=lambda: NOW)
    return Letter.objects.filter(matter=matter).earliest("pk")


def as_file(name, letter):
    told = {"message_id": letter.message_id, "addressee": letter.addressee, "return_address": return_address(letter.pk)}
    text = (FILES / f"{name}.eml").read_text()
    for key, value in told.items():
        text = text.replace("{" + key + "}", value)
    return text.encode()


def bounce(letter, now=LATER, **changes):
    report = {
        "kind": "bounced",
        "message_id": letter.message_id,
        "came_back_to": (),
        "recipient": letter.addressee,
        "host": "mx.acme.example",
        "diagnostic": "550 5.1.1 User unknown",
        "at": None,
        "source": f"report:{letter.pk}",
    }
    note_report(report=Report(**report | changes), by=None, now=now)
    letter.refresh_from_db()


def written_since(letter):
    return {(one.kind, one.addressee) for one in Letter.objects.filter(pk__gt=letter.pk, written_at=LATER)}


class TestReading:
    """RFC 3464, as Postfix, Exchange and sendmail write it."""

    @pytest.mark.parametrize(
        ("name", "kind", "host", "diagnostic", "moment"),
        [
            (
                "postfix-failed",
                "bounced",
                "mx.acme.example",
                "5.1.1 550 5.1.1 <ana@acme.example>: Recipient address",
                (14, 0, 1),
            ),
            ("postfix-delayed", "delayed", "mail.example.com", "4.4.1 connect to mx.acme.example", (9, 58, 0)),
            (
                "exchange-failed",
                "bounced",
                "AM0PR01MB0001.eurprd01.prod.exchangelabs.com",
                "5.1.10 550 5.1.10 RESOLVER",
                (14, 0, 1),
            ),
            ("sendmail-delivered", "delivered", "mx.acme.example", "2.1.5 no reason given", (14, 0, 0)),
        ],
    )
    def test_it_says_what_became_of_which_letter(self, letter, name, kind, host, diagnostic, moment):
        (report,) = reports_in(as_file(name, letter))

        assert (report.kind, report.message_id, report.recipient) == (kind, letter.message_id, letter.addressee)
        assert report.host == host
        assert report.diagnostic.startswith(diagnostic)
        assert report.at == datetime(2026, 6, 10, *moment, tzinfo=UTC)

    @pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"Content-Type: multipart/report; boundary=x\n\n--x--"])
    def test_what_is_no_report_is_none(self, raw):
        assert reports_in(raw) == []

    @pytest.mark.parametrize("date", ["31 Dec 9999 23:59:59 -1200", "1 Jan 2026 00:00 +99999999"])
    def test_a_date_in_no_year_of_utc_is_none(self, letter, date):
        raw = as_file("postfix-failed", letter)
        raw = re.sub(rb"(Last-Attempt-Date|Arrival-Date): .*", rb"\1: " + date.encode(), raw)

        assert [report.at for report in reports_in(raw)] == [None]

    def test_an_absence_note_is_none(self, letter):
        assert reports_in(as_file("absence", letter)) == []

    def test_no_line_break_of_theirs_gets_further(self, letter):
        """P38"""
        raw = as_file("postfix-failed", letter).replace(b"Status: 5.1.1", b"Status: 5.1.1\x1b[31m\x00")

        assert all(one.isprintable() for one in reports_in(raw)[0].diagnostic)


class TestTheMailbox:
    @pytest.fixture
    def box(self, tmp_path, settings):
        settings.BOUNCES_URL = f"maildir://{tmp_path}/box"
        return mailbox.Maildir(tmp_path / "box")

    def test_each_is_noted_once_and_what_is_no_report_is_left_to_people(self, box, letter, monkeypatch):
        for name in ("postfix-failed", "postfix-delayed", "absence", "of-another"):
            box.add(as_file(name, letter))

        first, again = read_bounces(), read_bounces()

        assert first == {"reports": 2, "of no letter": 1, "no reports": 1, "put aside": 0}
        assert sum(again.values()) == 0
        assert len(box) == 4
        assert sorted(course(letter)) == ["accepted", "bounced", "delayed", "handed_over"]

    def test_one_that_cannot_be_noted_is_put_aside_and_the_rest_are_read(self, box, letter, monkeypatch):
        """A report that is met again and again would keep every later one unread."""
        box.add(as_file("postfix-failed", letter))
        poisoned = box.add(as_file("postfix-delayed", letter))

        def noting(*, report, **how):
            if report.kind == "delayed":
                raise DataError
            return note_report(report=report, **how)

        monkeypatch.setattr(tasks, "note_report", noting)

        first, again = read_bounces(), read_bounces()

        assert (first["reports"], first["put aside"], sum(again.values())) == (1, 1, 0)
        assert set(box[poisoned].get_flags()) == set("FS")

    def test_while_the_database_is_silent_nothing_is_put_aside(self, box, letter, monkeypatch):
        box.add(as_file("postfix-failed", letter))
        with monkeypatch.context() as silent:
            silent.setattr(tasks, "note_report", Mock(side_effect=OperationalError))
            with pytest.raises(OperationalError):
                read_bounces()

        assert read_bounces()["reports"] == 1

    def test_the_same_report_in_two_copies_is_one(self, box, letter):
        for _ in range(2):
            box.add(as_file("postfix-failed", letter))

        read_bounces()

        assert course(letter).count("bounced") == 1
        assert Event.objects.filter(verb="letter.bounced").count() == 1

    def test_a_folder_of_an_imap_server_is_read_the_same(self, letter, settings):
        """A conversation over a real socket: what is unread is fetched without marking it; then it is marked."""
        reports = [as_file(name, letter) for name in ("postfix-failed", "absence")]
        with an_imap_server(reports) as (port, flags):
            settings.BOUNCES_URL = f"imap://bounces%40x.example:se%20cret@127.0.0.1:{port}/Bounces"
            first, again = read_bounces(), read_bounces()

        assert (first["reports"], first["no reports"], sum(again.values())) == (1, 1, 0)
        assert flags == [{"\\Seen"}, {"\\Seen"}]
        assert course(letter)[2:3] == ["bounced"]

    def test_the_command_says_what_it_read_or_what_is_wrong(self, box, letter, settings, capsys):
        box.add(as_file("postfix-failed", letter))

        call_command("read_bounces")

        assert "reports: 1" in capsys.readouterr().out
        settings.BOUNCES_URL = "pop3://mail.example.com"
        with pytest.raises(CommandError, match="maildir, imap or imaps"):
            call_command("read_bounces")

    def test_without_a_mailbox_there_is_nothing_to_read(self, letter):
        assert sum(read_bounces().values()) == 0


class TestTheReturnAddress:
    def test_it_is_the_envelopes_sender_and_names_its_letter(self, post, acme, ana, settings):
        settings.BOUNCES_ADDRESS = "bounces@example.com"

        letter = sent(ana, customer=acme)

        assert post.envelopes[0].mail_from == return_address(letter.pk)
        assert letter_of(post.envelopes[0].mail_from) == letter.pk
        assert post.messages[0]["Reply-To"] == "support@example.com"

    def test_a_forged_one_names_none(self, settings):
        settings.BOUNCES_ADDRESS = "bounces@example.com"

        assert letter_of(return_address(7).replace("+7-", "+8-")) is None

    def test_a_report_that_came_back_there_needs_no_message_id(self, post, acme, ana, settings):
        settings.BOUNCES_ADDRESS = "bounces@example.com"
        letter = sent(ana, customer=acme)

        bounce(letter, message_id="<rewritten@relay.example>", came_back_to=(return_address(letter.pk),))

        assert letter.bounced_at == LATER

    def test_one_that_came_back_elsewhere_is_not_believed_unless_signed(self, post, acme, ana, settings):
        """Every reader of a letter has its Message-ID: whoever quotes it could stop the letters to another."""
        settings.BOUNCES_ADDRESS = "bounces@example.com"
        letter = sent(ana, customer=acme)

        bounce(letter, came_back_to=("bounces@example.com",))
        assert letter.bounced_at is None

        bounce(letter, signed=True)
        assert letter.bounced_at == LATER


class TestWhatFollows:
    """N25: the next contact gets the same letter; who can mend it is told."""

    def test_the_letter_stays_accepted_and_is_told_as_come_back(self, letter):
        came_back = NOW + timedelta(minutes=1)
        bounce(letter, at=came_back)

        assert (letter.state, letter.standing, letter.bounced_at) == ("accepted", "bounced", came_back)
        event = letter.events.get(kind="bounced")
        assert (event.at, event.host, event.reply) == (
            came_back,
            "mx.acme.example",
            "550 5.1.1 User unknown",
        )

    def test_it_goes_to_another_with_the_same_concern_then_to_an_owner_then_to_a_legal_contact(self, post, acme, ana):
        other = make.member(customer=acme, roles=[Role.CLAIMS], email="cem@acme.example")
        owner = make.member(customer=acme, roles=[Role.OWNER], email="olga@acme.example")
        make.member(customer=acme, roles=[Role.BOOKINGS])
        contact, _ = accounts.contact(customer=acme)
        LegalContact.objects.update(confirmed_at=NOW)

        went = []
        for n in range(4):
            letter = sent(ana, customer=acme, matter=f"X-{n}", urgent=True, deadline=NOW + DAY)
            bounce(letter)
            instead = letter.substitutes.first()
            went.append(instead and instead.addressee)
            if instead and instead.person:
                type(ana).objects.filter(pk=instead.person_id).update(bounced_at=NOW)
            else:
                LegalContact.objects.update(bounced_at=NOW)

        assert went == [other.email, owner.email, contact.email, None]

    def test_it_is_the_same_letter(self, letter, acme, post):
        owner = make.member(customer=acme, email="olga@acme.example")
        bounce(letter)

        instead = letter.substitutes.get()
        notices.send_due(clock=lambda: LATER)

        instead.refresh_from_db()
        assert (instead.kind, instead.matter, instead.context) == (letter.kind, letter.matter, letter.context)
        assert (instead.state, instead.person) == ("accepted", owner)
        assert letter.events.get(kind="passed_on").other == instead
        assert "Sent to somebody else instead" in [step.title for step in dossier_of(letter, for_customer=True).steps]

    def test_whoever_got_the_same_letter_anyway_is_who_it_went_to(self, post, acme, ana):
        owner = make.member(customer=acme, email="olga@acme.example")
        letter = sent(ana, owner, customer=acme)
        before = Letter.objects.filter(kind="hello").count()

        bounce(letter)

        assert Letter.objects.filter(kind="hello").count() == before
        assert letter.events.get(kind="passed_on").other.person == owner

    def test_owners_and_managers_are_told_and_nobody_twice(self, letter, acme):
        owner, manager = make.member(customer=acme, email="olga@acme.example"), make.manager()
        make.engineer()

        bounce(letter)
        bounce(letter, source="report:another")

        told = Letter.objects.filter(kind="letter_came_back")
        assert {(one.addressee, one.customer) for one in told} == {(owner.email, acme), (manager.email, None)}
        assert len(letter.substitutes.all()) == 1

    def test_what_says_so_is_passed_on_to_nobody(self, letter, acme):
        make.member(customer=acme, email="olga@acme.example")
        bounce(letter)
        told = Letter.objects.get(kind="letter_came_back", customer=acme)

        bounce(told, source="report:told")

        assert not told.substitutes.exists()
        assert Letter.objects.filter(kind="letter_came_back", matter=told.matter).count() == 1

    def test_a_link_that_works_once_is_passed_on_to_nobody(self, post, acme, questions):
        make.member(customer=acme, email="olga@acme.example")
        accounts.contact(customer=acme)
        letter = Letter.objects.get(kind="contact_to_confirm")
        Letter.objects.filter(pk=letter.pk).update(text=f"https://support.example.com/contacts/{'a' * 43}/")

        bounce(letter)

        assert not letter.substitutes.exists()

    def test_a_delay_changes_nothing_but_its_course(self, letter, acme):
        make.member(customer=acme)

        bounce(letter, kind="delayed")

        assert (letter.standing, letter.substitutes.count()) == ("accepted", 0)
        assert course(letter)[-1] == "delayed"

    def test_a_refusal_for_ever_is_passed_on_at_once(self, post, acme, ana):
        """P16"""
        owner = make.member(customer=acme, email="olga@acme.example")
        post.at_rcpt[ana.email] = "550 5.1.1 No such user"

        letter = sent(ana, customer=acme)

        ana.refresh_from_db()
        assert (letter.state, letter.substitutes.get().person) == ("failed", owner)
        assert ana.bounced_at == NOW

    def test_what_goes_wrong_with_passing_on_neither_undoes_the_failure_nor_keeps_back_others(
        self, post, acme, ana, monkeypatch
    ):
        monkeypatch.setattr(undelivered, "pass_on", Mock(side_effect=DataError))
        post.at_rcpt[ana.email] = "550 5.1.1 No such user"
        with transaction.atomic():
            to = [ana, make.person()]
            notices.write("hello", matter="X-1", to=to, now=NOW, context={"what": "world", "when": NOW})

        notices.send_due(clock=lambda: NOW)

        assert states() == ["failed", "accepted"]

    def test_what_could_not_be_passed_on_is_tried_again_by_the_clock(self, post, acme, ana, monkeypatch):
        """N25, P19"""
        owner = make.member(customer=acme, email="olga@acme.example")
        post.at_rcpt[ana.email] = "550 5.1.1 No such user"
        with monkeypatch.context() as broken:
            broken.setattr(undelivered, "pass_on", Mock(side_effect=DataError))
            letter = sent(ana, customer=acme)
        assert Quarantine.objects.standing().get().row == letter.pk

        sweep(now=NOW + FIRST_PAUSE, application_now=NOW + FIRST_PAUSE)

        assert letter.substitutes.get().person == owner
        assert not Quarantine.objects.standing().exists()

    def test_a_failure_that_cannot_be_noted_keeps_back_no_others(self, post, ana, monkeypatch):
        monkeypatch.setattr(answers, "_what_follows", Mock(side_effect=DataError))
        post.at_rcpt[ana.email] = "550 5.1.1 No such user"
        with transaction.atomic():
            to = [ana, make.person()]
            notices.write("hello", matter="X-1", to=to, now=NOW, context={"what": "world", "when": NOW})

        notices.send_due(clock=lambda: NOW)

        assert states() == ["queued", "accepted"]

    def test_what_the_next_contact_got_under_the_same_key_is_not_written_again(self, letter, acme):
        """Two that fail at once find the same next contact: the second takes the letter that the first wrote."""
        owner = make.member(customer=acme, email="olga@acme.example")

        with transaction.atomic():
            first, second = (write_instead(letter, owner, now=LATER) for _ in range(2))

        assert first == second == letter.substitutes.get()

    def test_what_we_could_not_make_is_passed_on_to_nobody(self, post, acme, ana):
        make.member(customer=acme)
        with transaction.atomic():
            notices.write("without_templates", matter="X-1", to=[ana], now=NOW, context={}, customer=acme)
        for n in range(13):
            notices.send_due(clock=lambda n=n: NOW + n * DAY)

        assert states() == ["failed"]


class TestTheAddress:
    """C12.3: it is marked and shown, until a letter arrives there or it changes."""

    def test_person_and_contact_are_marked(self, letter, acme, ana):
        contact, _ = accounts.contact(customer=acme)
        LegalContact.objects.update(email="Ana@acme.example", confirmed_at=NOW)

        bounce(letter)

        ana.refresh_from_db()
        contact.refresh_from_db()
        assert (ana.bounced_at, contact.bounced_at, contact.state) == (LATER, LATER, "bouncing")

    def test_one_that_arrives_takes_the_mark_away(self, letter, ana):
        bounce(letter)
        bounce(letter, kind="delivered", source="report:arrived")

        ana.refresh_from_db()
        assert ana.bounced_at is None


class TestTheProvider:
    """Events of the provider by a signed POST, each once (T2)."""

    @pytest.fixture(autouse=True)
    def mailgun(self, settings, client, clock):
        settings.MAIL_EVENTS_PROVIDER, settings.MAIL_EVENTS_SECRET = "mailgun", "key"
        self.client = client

    def tell(self, letter, event="failed", key="key", token="t1", **more):
        signature = hmac.new(key.encode(), f"1781100000{token}".encode(), hashlib.sha256).hexdigest()
        data = {
            "event": event,
            "severity": "permanent",
            "recipient": letter.addressee,
            "timestamp": NOW.timestamp(),
            "message": {"headers": {"message-id": letter.message_id.strip("<>")}},
            "delivery-status": {"message": "550 No such user"},
            **more,
        }
        body = {"signature": {"timestamp": "1781100000", "token": token, "signature": signature}, "event-data": data}
        return self.client.post(reverse("mail_events"), json.dumps(body), content_type="application/json").status_code

    @pytest.mark.parametrize(
        ("event", "severity", "noted"),
        [("failed", "permanent", "bounced"), ("failed", "temporary", "delayed"), ("delivered", "", "delivered")],
    )
    def test_what_it_says_is_noted_once(self, letter, event, severity, noted):
        assert [self.tell(letter, event, severity=severity) for _ in range(2)] == [200, 200]

        assert course(letter)[2:3] == [noted]
        assert letter.events.filter(kind=noted).count() == 1
        assert letter.events.get(kind=noted).reply == "550 No such user"

    def test_what_it_did_not_sign_is_refused(self, letter):
        assert self.tell(letter, key="another") == 400
        assert self.client.post(reverse("mail_events"), "{", content_type="application/json").status_code == 400
        assert course(letter) == ["handed_over", "accepted"]

    def test_what_we_do_not_ask_about_is_passed_by(self, letter):
        assert self.tell(letter, "opened") == 200
        assert course(letter) == ["handed_over", "accepted"]

    def test_another_ones_letter_is_logged_and_no_error(self, letter):
        assert self.tell(letter, message={"headers": {"message-id": "not-ours@elsewhere.example"}}) == 200
        assert not LetterEvent.objects.filter(kind="bounced").exists()

    def test_a_letter_is_known_by_what_the_server_called_it(self, post, letter, settings):
        """Some providers know a letter only by the name that they gave it when they took it."""
        LetterEvent.objects.create(letter=letter, kind="accepted", at=NOW, reply="250 OK queued as 0a1b2c3d-4e5f")
        settings.MAIL_EVENTS_PROVIDER, settings.MAIL_EVENTS_SECRET = "postmark", "post:secret"
        body = {
            "RecordType": "Bounce",
            "Type": "HardBounce",
            "ID": 4,
            "MessageID": "0a1b2c3d-4e5f",
            "Email": letter.addressee,
        }
        login = {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(b"post:secret").decode()}

        answers = [
            self.client.post(
                reverse("mail_events"), json.dumps(body), content_type="application/json", **headers
            ).status_code
            for headers in ({}, login)
        ]

        assert answers == [400, 200]
        assert letter.events.filter(kind="bounced").count() == 1

    def test_sendgrids_signature_is_checked(self, letter, settings):
        """Over the moment and the body as they came, by the public key that it shows on its own pages."""
        own, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        public = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        settings.MAIL_EVENTS_PROVIDER = "sendgrid"
        settings.MAIL_EVENTS_SECRET = base64.b64encode(public).decode()
        event = {"event": "bounce", "email": letter.addressee, "timestamp": int(NOW.timestamp()), "sg_event_id": "e1"}
        body = json.dumps([{**event, "smtp-id": letter.message_id, "reason": "550 No such user", "type": "bounce"}])

        answers = [
            self.sendgrid(body, key, changed) for key, changed in ((other, ""), (own, " "), (own, ""), (own, ""))
        ]

        assert answers == [400, 400, 200, 200]
        assert letter.events.filter(kind="bounced").count() == 1

    def sendgrid(self, body, key, changed):
        signature = key.sign(b"1781100000" + body.encode(), ec.ECDSA(hashes.SHA256()))
        headers = {
            "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_SIGNATURE": base64.b64encode(signature).decode(),
            "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_TIMESTAMP": "1781100000",
        }
        address = reverse("mail_events")
        return self.client.post(address, body + changed, content_type="application/json", **headers).status_code

    def test_without_one_there_is_no_such_page(self, letter, settings):
        settings.MAIL_EVENTS_PROVIDER = ""

        assert self.tell(letter) == 404
