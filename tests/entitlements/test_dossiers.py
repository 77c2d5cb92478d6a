"""C11, T2: the dossier proves of any letter what was sent to whom, when it was accepted and by which server."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.urls import reverse

from entitlements import notices
from entitlements.actions.letters import open_letter
from entitlements.actions.reports import note_report
from entitlements.delivery_reports import Report
from entitlements.dossiers import dossier_of
from entitlements.letter_paper import paper_of
from entitlements.models import Event, Letter, LetterEvent, MailOutage, Role
from tests import accounts
from tests import factories as make
from tests.desk import at, signed_in
from tests.entitlements.portal import page, words
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@shared
def owner(gold):
    return make.member(customer=gold.customer, name="Olivia Owner", email="olivia@acme.example")


@shared
def booked(gold, owner):
    """A session; its letter to the owner waits."""
    return make.scheduled(contract=gold)


@pytest.fixture
def reader(owner, client, clock):
    signed_in(owner, client)
    return owner


@pytest.fixture
def letter(booked, reader, smtp_backend):
    """A letter about a session, accepted by a real mail server."""
    notices.send_due(clock=lambda: NOW)
    return Letter.objects.get(addressee=reader.email)


@pytest.fixture
def desk(monkeypatch):
    at(monkeypatch, NOW)
    return signed_in(make.manager())


def desk_page(desk, letter):
    return words(desk.get(reverse("admin:entitlements_letter_change", args=[letter.pk])).content.decode())


class TestTheDossier:
    def test_its_hashes_are_of_what_the_server_got(self, letter, smtp_backend):
        (sent,) = [one for one in smtp_backend.envelopes if one.rcpt_tos == [letter.addressee]]
        hashed = {part.what: part.sha256 for part in dossier_of(letter, for_customer=False).hashes}

        assert hashed.pop("The whole message, headers and all") == hashlib.sha256(sent.original_content).hexdigest()
        assert set(hashed) == {"Its text", "Its HTML", f"{letter.matter}-1.ics"}
        calendar = letter.attachments[0][2].encode()
        assert hashed[f"{letter.matter}-1.ics"] == hashlib.sha256(calendar).hexdigest()

    def test_the_desk_reads_what_went_to_whom_when_and_by_which_server(self, desk, letter):
        shown = desk_page(desk, letter)

        assert "olivia@acme.example" in shown
        assert "Wed Jun 10, 2026, 10:00:00 a.m. EDT Accepted by the mail server 127.0.0.1 250 Kept" in shown
        assert f"Message-ID {letter.message_id}" in shown
        assert "Governed by CSE usage policy, first edition" in shown
        assert "Auto-Submitted auto-generated" in shown
        assert letter.sha256 in shown

    def test_the_customer_reads_the_same(self, client, letter):
        shown = words(page(client, "letter", letter.pk))

        assert "Accepted by the mail server 127.0.0.1 250 Kept" in shown
        assert letter.sha256 in shown
        assert "It counts as given when the mail server took it." in shown

    def test_a_customer_is_not_told_what_broke_on_our_side(self, client, desk, letter):
        LetterEvent.objects.create(letter=letter, kind="not_made", at=NOW, reply="KeyError('name')")
        MailOutage.objects.create(host="relay.vendor.example", began_at=NOW, next_try_at=NOW, error="no route", tries=3)
        Letter.objects.filter(pk=letter.pk).update(written_at=NOW - HOUR)

        ours, theirs = desk_page(desk, letter), words(page(client, "letter", letter.pk))

        assert "KeyError" in ours
        assert "KeyError" not in theirs
        assert "relay.vendor.example" not in theirs

    def test_the_desk_sees_that_the_mail_server_was_not_there_meanwhile(self, desk, letter):
        Letter.objects.filter(pk=letter.pk).update(written_at=NOW - 3 * HOUR)
        for began, ended in ((-5, -4), (-2, -1), (1, None)):  # before, meanwhile, afterwards
            times = {"began_at": NOW + began * HOUR, "ended_at": ended and NOW + ended * HOUR}
            MailOutage.objects.create(host=f"{began}.example", next_try_at=NOW, error="no route", tries=7, **times)

        shown = desk_page(desk, letter)

        assert "Mail server not there while the letter waited -2.example 7 tries. no route" in shown
        assert "-5.example" not in shown
        assert "1.example 7" not in shown.replace("-2.example", "")

    def test_the_bytes_are_handed_out_as_they_went(self, client, desk, letter):
        for who, name in ((client, "letter_raw"), (desk, "admin:letter_raw")):
            assert who.get(reverse(name, args=[letter.pk])).content == bytes(letter.raw)

    def test_bytes_with_a_link_that_works_once_are_the_addressees_alone(self, client, desk, gold, reader):
        accounts.contact(customer=gold.customer)
        notices.send_due(clock=lambda: NOW)
        letter = Letter.objects.get(kind="contact_to_confirm")

        for who, name in ((client, "letter_raw"), (desk, "admin:letter_raw")):
            assert who.get(reverse(name, args=[letter.pk])).status_code == 302

    @pytest.mark.usefixtures("booked")
    def test_one_that_waits_says_so_and_has_no_bytes(self, client, desk, reader):
        letter = Letter.objects.get(addressee=reader.email)

        assert "It waits to be sent." in words(page(client, "letter", letter.pk))
        assert client.get(reverse("letter_raw", args=[letter.pk])).status_code == 302
        assert client.get(reverse("letter_pdf", args=[letter.pk])).status_code == 200


class TestOneThatMayHaveGone:
    """T2: what was given to a server that did not answer is never told as not sent."""

    @pytest.mark.usefixtures("booked")
    @pytest.mark.parametrize("state", ["failed", "no_longer_true", "not_wanted", "queued"])
    def test_its_dossier_says_so(self, client, reader, state):
        letter = Letter.objects.get(addressee=reader.email)
        Letter.objects.filter(pk=letter.pk).update(state=state, handed_over_at=NOW)
        LetterEvent.objects.create(letter=letter, kind="not_sent", at=NOW, reply="What it says is no longer true.")

        shown = words(page(client, "letter", letter.pk))

        assert "it may have gone." in shown
        assert ("It was not sent:" in shown, "It could not be sent" in shown) == (False, False)
        assert ("May have gone" in shown) == (state != "queued")
        assert "Not sent again" in shown


class TestAnOutageAndALetter:
    """What stands in a dossier is about its letter."""

    def outage(self, **times):
        more = {"began_at": NOW - 5 * HOUR, "next_try_at": NOW - 4 * HOUR} | times
        return MailOutage.objects.create(host="former.example", error="no route", tries=7, **more)

    def test_one_of_a_server_that_nobody_asks_any_more_is_not_in_it(self, desk, letter):
        self.outage()
        Letter.objects.filter(pk=letter.pk).update(written_at=NOW - HOUR)

        assert "former.example" not in desk_page(desk, letter)

    @pytest.mark.usefixtures("booked")
    def test_a_dead_letters_paper_stays_whatever_comes_of_the_outage(self, reader):
        Letter.objects.update(state="failed", written_at=NOW - HOUR)
        dead = Letter.objects.get(addressee=reader.email)
        LetterEvent.objects.create(letter=dead, kind="given_up", at=NOW)
        outage = self.outage(next_try_at=NOW)
        before = paper_of(dossier_of(dead, for_customer=False))

        MailOutage.objects.filter(pk=outage.pk).update(tries=90, next_try_at=NOW + DAY, ended_at=NOW + DAY)
        self.outage(began_at=NOW + HOUR, next_try_at=NOW + 2 * HOUR)

        assert paper_of(dossier_of(dead, for_customer=False)) == before

    def test_one_between_its_refusal_and_the_day_on_which_it_was_sent_again_is_not_in_it(self, desk, letter):
        """It waited for nobody then."""
        Letter.objects.filter(pk=letter.pk).update(written_at=NOW - 9 * HOUR)
        for kind, hours in (("refused", 6), ("queued_again", 2)):
            LetterEvent.objects.create(letter=letter, kind=kind, at=NOW - hours * HOUR)
        self.outage(ended_at=NOW - 3 * HOUR)
        assert "former.example" not in desk_page(desk, letter)

        self.outage(began_at=NOW - HOUR, ended_at=NOW - timedelta(minutes=30))

        assert desk_page(desk, letter).count("Mail server not there while the letter waited") == 1


class TestThePaper:
    """C11.4: "You were told on … at …" as one paper."""

    def test_the_same_facts_are_the_same_bytes(self, letter):
        first, again = (paper_of(dossier_of(Letter.objects.get(pk=letter.pk), for_customer=False)) for _ in range(2))

        assert first == again
        assert first.startswith(b"%PDF")

    def test_another_step_is_another_paper(self, letter):
        before = paper_of(dossier_of(letter, for_customer=False))
        LetterEvent.objects.create(letter=letter, kind="delivered", at=NOW + HOUR)

        assert paper_of(dossier_of(letter, for_customer=False)) != before

    def test_both_hand_it_out(self, client, desk, letter):
        for who, name in ((client, "letter_pdf"), (desk, "admin:letter_pdf")):
            assert who.get(reverse(name, args=[letter.pk])).content.startswith(b"%PDF")


class TestOpening:
    """S16, V25: noted by a POST, the first time, with its reader; reading alone writes nothing."""

    def test_the_form_notes_it_once(self, client, letter, reader):
        address = reverse("open_letter", args=[letter.pk])
        assert f'action="{address}"' in page(client, "letter", letter.pk)

        client.post(address)
        client.post(address)

        letter.refresh_from_db()
        assert letter.opened_at == NOW
        assert [(one.at, one.by) for one in letter.events.filter(kind="opened")] == [(NOW, reader)]
        assert Event.objects.filter(verb="letter.opened", actor=reader).count() == 1
        shown = page(client, "letter", letter.pk)
        assert address not in shown
        assert "first by Olivia Owner" in words(shown)

    def test_whoever_of_the_customer_s_opens_it_is_named(self, letter, gold):
        other = make.member(customer=gold.customer, roles=[Role.READ_ONLY], name="Rita Reader")

        open_letter(letter=letter, by=other, now=NOW + SECOND)

        assert dossier_of(letter, for_customer=True).opened.by == "Rita Reader"

    @pytest.mark.usefixtures("booked")
    def test_what_was_never_written_out_cannot_be_opened(self, client, reader):
        letter = Letter.objects.get(addressee=reader.email)

        client.post(reverse("open_letter", args=[letter.pk]))

        letter.refresh_from_db()
        assert letter.opened_at is None

    def test_it_is_their_own_only(self, client, letter):
        signed_in(make.member(), client)

        assert client.post(reverse("open_letter", args=[letter.pk])).status_code == 404


class TestWhatCameBack:
    """C11.3, C12.3, M2.5: shown to the customer and at the desk, with what went instead."""

    @pytest.fixture
    def bounced(self, letter, gold):
        make.member(customer=gold.customer, name="Otto Other", email="otto@acme.example")
        told = {"kind": "bounced", "message_id": letter.message_id, "came_back_to": (), "recipient": letter.addressee}
        report = Report(**told, host="mx.acme.example", diagnostic="550 5.1.1 User unknown", at=None, source="report:1")
        note_report(report=report, by=None, now=NOW)
        letter.refresh_from_db()
        return letter

    def test_the_customer_reads_what_became_of_it(self, client, bounced):
        shown = words(page(client, "letter", bounced.pk))

        assert "Came back The mail server took it, and it came back" in shown
        assert "Came back mx.acme.example 550 5.1.1 User unknown" in shown
        instead = bounced.substitutes.get()
        assert f"Sent to somebody else instead Letter {instead.pk} to otto@acme.example" in shown
        assert f"Instead of Letter {bounced.pk}" in words(page(client, "letter", instead.pk))
        assert "Came back" in words(page(client, "letter_list"))

    def test_desk_owners_and_the_person_see_the_address(self, client, desk, bounced, gold):
        assert "Letters come back" in desk.get(reverse("admin:customer", args=[gold.customer_id])).content.decode()
        assert "Mend 1 address at" in words(page(client, "home"))
        assert "Letters come back" in words(page(client, "people"))
        assert "A letter to olivia@acme.example came back" in words(page(client, "account"))

    def test_the_person_says_that_letters_arrive_again(self, client, bounced, reader):
        assert client.post(reverse("letters_reach_me")).status_code == 302

        reader.refresh_from_db()
        assert reader.bounced_at is None
        assert "came back" not in words(page(client, "account"))
