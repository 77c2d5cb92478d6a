"""C12.2, C12.3: an address counts once letters have been shown to reach a person there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from entitlements import notices, people
from entitlements.access import letters_visible_to
from entitlements.actions.accounts import ask_address_change, confirm_address
from entitlements.actions.legal_contacts import confirm_legal_contact, remove_legal_contact, send_contact_link_again
from entitlements.actions.refused import Refused
from entitlements.models import AddressChange, DateStyle, Event, LegalContact, Letter, User
from sla import export
from tests import accounts
from tests import factories as make
from tests.entitlements.portal import words
from tests.factories import DAY, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def acme():
    return make.customer(name="Acme")


@shared
def olga(acme):
    return make.member(customer=acme, name="Olga Owner", email="olga@acme.example")


@pytest.fixture
def portal(client, olga):
    client.force_login(olga)
    return client


def code_of(action, **given):
    with pytest.raises(Refused) as caught:
        action(now=NOW, **given)
    return caught.value.refusals[0].code


def confirm_that_it_is_me(client, user):
    """By the code that comes by letter."""
    client.post(reverse("step_up"), {"next": reverse("own_address")})
    code = re.search(r"sign in:\s+(\S+)\s", mail.outbox[-1].body)[1]
    return client.post(reverse("step_up"), {"code": code, "next": reverse("own_address")})


class TestTheDatabase:
    def contact(self, **fields):
        given = {"name": "Legal", "added_at": NOW, "link_sent_at": NOW, "token_hash": str(LegalContact.objects.count())}
        return LegalContact.objects.create(**given, **fields)

    def change(self, **fields):
        given = {"email": "new@acme.example", "asked_at": NOW, "expires_at": NOW + DAY}
        return AddressChange.objects.create(**given, token_hash=str(AddressChange.objects.count()), **fields)

    def test_one_contact_for_an_address(self):
        owner = make.member()
        of = {"customer": owner.memberships.get().customer, "added_by": owner}
        gone = self.contact(email="legal@acme.example", removed_at=NOW, removed_by=owner, **of)
        self.contact(email=gone.email, **of)

        with pytest.raises(IntegrityError, match="one_legal_contact_for_an_address"), transaction.atomic():
            self.contact(email="LEGAL@acme.example", **of)

    def test_one_change_of_address_at_a_time(self):
        ana = make.member()
        self.change(user=ana, replaced_at=NOW)
        self.change(user=ana)

        with pytest.raises(IntegrityError, match="one_change_of_address_at_a_time"), transaction.atomic():
            self.change(user=ana)

    def test_it_is_confirmed_or_replaced_never_both(self):
        with pytest.raises(IntegrityError, match="a_change_of_address_ends_in_one_way"), transaction.atomic():
            self.change(user=make.member(), confirmed_at=NOW, replaced_at=NOW)


class TestContactsForLegalNotices:
    def test_it_counts_once_somebody_there_has_confirmed(self, client, clock, acme, olga):
        contact, token = accounts.contact(customer=acme)
        address = reverse("confirm_legal_contact", args=[token])

        page = words(client.get(address).content.decode())
        contact.refresh_from_db()
        assert "Olga Owner named legal@acme.example" in page
        assert contact.state == "unconfirmed"

        client.post(address)
        contact.refresh_from_db()
        assert (contact.state, contact.confirmed_at) == ("confirmed", NOW)
        assert "_auth_user_id" not in client.session

    def test_a_newer_link_ends_the_earlier(self, client, clock, acme, olga):
        contact, token = accounts.contact(customer=acme)

        send_contact_link_again(contact=contact, by=olga, now=NOW + DAY)

        assert client.post(reverse("confirm_legal_contact", args=[token])).status_code == 404
        newer = accounts.token_in("contact_to_confirm", contact.email)
        assert client.post(reverse("confirm_legal_contact", args=[newer])).status_code == 302

    def test_two_confirmed_ones_stay(self, acme, olga):
        contacts = [
            accounts.contact(customer=acme, email=f"legal{n}@acme.example", confirmed=True)[0] for n in range(3)
        ]

        remove_legal_contact(contact=contacts[0], by=olga, now=NOW)

        assert code_of(remove_legal_contact, contact=contacts[1], by=olga) == "too_few"
        accounts.contact(customer=acme, email="other@acme.example")
        assert code_of(remove_legal_contact, contact=contacts[1], by=olga) == "too_few"

    def test_the_owner_is_told_until_two_can_be_reached(self, acme, olga):
        make.member(customer=acme)
        contacts = [
            accounts.contact(customer=acme, email=f"legal{n}@acme.example", confirmed=True)[0] for n in range(2)
        ]
        assert people.duties(olga) == []

        LegalContact.objects.filter(pk=contacts[0].pk).update(bounced_at=NOW)
        assert [one.act for one in people.duties(olga)] == ["Name two contacts for legal notices to Acme"]
        confirm_legal_contact(contact=contacts[0], by=None, now=NOW)
        assert people.duties(olga) == []

    def test_the_owner_does_it_on_pages(self, portal, clock, acme, olga):
        portal.post(reverse("add_legal_contact", args=[acme.pk]), {"name": "Legal", "email": "Legal@acme.example"})

        contact = LegalContact.objects.get()
        assert contact.email == "legal@acme.example"
        assert "Not confirmed" in words(portal.get(reverse("people")).content.decode())
        portal.post(reverse("remove_legal_contact", args=[contact.pk]))
        assert not LegalContact.objects.filter(removed_at=None).exists()


class TestAnotherAddress:
    def test_it_needs_a_fresh_sign_in(self, portal, olga):
        """V47: a session that is left open changes nothing."""
        asked = portal.post(reverse("own_address"), {"email": "new@acme.example"})

        assert asked.url == reverse("step_up", query={"next": reverse("own_address")})
        before = portal.session.session_key
        assert confirm_that_it_is_me(portal, olga).url == reverse("own_address")
        assert portal.session.session_key != before
        portal.post(reverse("own_address"), {"email": "new@acme.example"})
        assert AddressChange.objects.get().email == "new@acme.example"

    def test_a_wrong_code_opens_nothing_and_three_end_it(self, portal, olga):
        portal.post(reverse("step_up"), {})
        code = re.search(r"sign in:\s+(\S+)\s", mail.outbox[-1].body)[1]
        for _ in range(3):
            assert portal.post(reverse("step_up"), {"code": "WRONG-ONE"}).status_code == 200

        assert portal.post(reverse("step_up"), {"code": code}).status_code == 200
        assert portal.get(reverse("own_address")).status_code == 302

    def test_a_passkey_needs_a_fresh_sign_in_too(self, portal):
        assert portal.get(reverse("mfa_add_webauthn")).url.startswith(reverse("step_up"))

    def test_confirmed_there_it_is_the_address_and_every_session_ends(self, portal, clock, olga):
        EmailAddress.objects.create(user=olga, email=olga.email, verified=True, primary=True)
        _, token = accounts.address_change(user=olga)
        address = reverse("confirm_address", args=[token])

        Client().get(address)
        assert User.objects.get(pk=olga.pk).email == "olga@acme.example"
        Client().post(address)

        assert User.objects.get(pk=olga.pk).email == "new@acme.example"
        assert portal.get(reverse("account")).status_code == 302
        assert not EmailAddress.objects.filter(email="olga@acme.example").exists()

    def test_both_addresses_are_told(self, acme, olga):
        make.contract(customer=acme, zone="America/New_York")
        change, _ = accounts.address_change(user=olga)
        confirm_address(change=change, by=None, now=NOW, where="Firefox on Linux, from 203.0.113.5")
        notices.send_due(clock=lambda: NOW)

        told = {letter.to[0]: letter for letter in mail.outbox if "was changed" in letter.subject}
        assert set(told) == {"olga@acme.example", "new@acme.example"}
        letter = told["olga@acme.example"]
        assert letter.subject == "Your address for signing in was changed – Wed Jun 10, 2026, 10:00 a.m. EDT"
        assert letter.body.startswith(
            "Your address for signing in was changed.\n"
            "When: Wednesday, June 10, 2026, 10:00:00 a.m. Eastern Time (EDT, UTC−4).\n"
            "From: olga@acme.example\nTo: new@acme.example\nBy: Firefox on Linux, from 203.0.113.5.\n"
        )
        assert "somebody else may be able to sign in as you" in letter.body

    def test_somebody_elses_address_is_not_told_apart(self, olga):
        """P35: the same words, and no letter."""
        other = make.person()

        change = ask_address_change(email=other.email, by=olga, now=NOW)

        assert not Letter.objects.filter(addressee=other.email).exists()
        assert code_of(confirm_address, change=change, by=None) == "taken"

    @pytest.mark.parametrize("late", [False, True])
    def test_a_link_works_once_and_not_too_late(self, olga, late):
        change, _ = accounts.address_change(user=olga)
        at = change.expires_at if late else NOW
        if not late:
            confirm_address(change=change, by=None, now=at)

        with pytest.raises(Refused):
            confirm_address(change=change, by=None, now=at)

    def test_the_address_of_the_desk_is_changed_at_the_server(self):
        assert code_of(ask_address_change, email="x@vendor.example", by=make.manager()) == "at_the_server"


class TestDisplay:
    def test_the_preview_changes_nothing(self, portal, clock, olga):
        form = {"zone": "Asia/Tokyo", "date_style": DateStyle.DAY_FIRST, "preview": "1"}

        page = words(portal.post(reverse("display_settings"), form).content.decode())

        assert "Today: 10 June 2026." in page
        assert "11:00 p.m. Japan Standard Time" in page
        olga.refresh_from_db()
        assert olga.zone == ""

    def test_a_deadline_stays_in_the_contracts_zone_and_the_own_follows(self, client, clock, draft):
        client.force_login(draft.opened_by)
        client.post(reverse("display_settings"), {"zone": "Asia/Tokyo", "date_style": "numbers"})

        page = client.get(reverse("home")).content.decode()

        first, own = page.index("Eastern Time"), page.index("Your time:")
        assert first < own
        assert "Japan Standard Time" in page[own:]
        assert "2026-" in words(page)


class TestSignIns:
    def test_each_can_be_ended_from_another(self, portal, olga):
        theirs = accounts.signed_in_by_code(olga, "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
        row = UserSession.objects.get(session_key=theirs.session.session_key)

        page = words(portal.get(reverse("sign_ins")).content.decode())
        assert "1 open" in page
        assert "Firefox on Windows" in page
        portal.post(reverse("end_sign_in", args=[row.pk]))

        assert theirs.get(reverse("account")).status_code == 302
        assert portal.get(reverse("account")).status_code == 200

    def test_nobody_ends_somebody_elses(self, portal):
        theirs = accounts.signed_in_by_code(make.member())
        row = UserSession.objects.get(session_key=theirs.session.session_key)

        portal.post(reverse("end_sign_in", args=[row.pk]))

        assert theirs.get(reverse("account")).status_code == 200

    def test_an_hour_without_a_sign_of_life_ends_it_and_signing_in_leads_back(self, portal, clock, settings):
        portal.get(reverse("account"))
        clock(NOW + timedelta(seconds=settings.SESSION_IDLE_SECONDS - 1))
        assert portal.post(reverse("stay_signed_in")).status_code == 204
        clock(NOW + timedelta(seconds=2 * settings.SESSION_IDLE_SECONDS - 2))
        assert portal.get(reverse("account")).status_code == 200

        clock(NOW + timedelta(seconds=3 * settings.SESSION_IDLE_SECONDS - 2))

        assert portal.get(reverse("sign_ins")).url == f"/accounts/login/?next={reverse('sign_ins')}"
        assert portal.get(reverse("account")).status_code == 302

    def test_nothing_is_stored_by_a_browser(self, portal):
        for answer in (portal.get(reverse("account")), Client().get(reverse("account_login"))):
            assert "no-store" in answer["Cache-Control"]

    def test_a_new_device_is_told_of_once(self, client, olga):
        User.objects.filter(pk=olga.pk).update(joined_at=NOW - DAY)
        for _ in range(2):
            accounts.signed_in_by_code(olga, client=client)
            client.post(reverse("account_logout"))

        letter = Letter.objects.get(kind="account_changed")
        assert letter.customer is None
        assert letter in letters_visible_to(olga)
        assert letter not in letters_visible_to(make.member())


class TestEverythingAboutTheFirm:
    def test_the_owner_takes_it_along_and_the_log_says_so(self, portal, clock, acme, olga):
        contract = make.contract(customer=acme)
        make.sent_claim(contract=contract)
        other = make.sent_claim()
        accounts.invitation(customer=acme)

        answer = portal.post(reverse("export"), {"customer": acme.external_id})

        told = answer.json()
        assert told["customer"] == "Acme"
        assert len(told["claims"]) == len(told["invitations"]) == 1
        assert {one["email"] for one in told["people"]} >= {"olga@acme.example"}
        assert other.reference not in answer.content.decode()
        assert "token_hash" not in answer.content.decode()
        assert Event.objects.get(verb="customer.exported").actor == olga

    def test_another_firms_is_not_handed_out(self, portal, clock):
        assert portal.post(reverse("export"), {"customer": make.customer().external_id}).status_code == 404

    def test_what_the_desk_still_writes_is_not_in_it(self, acme, proposal):
        told = export.rows_of(proposal.claim.contract.customer)

        assert not told["proposals"].exists()

    def test_a_table_that_leads_to_a_customer_is_in_it_by_itself(self, acme):
        assert {"contracts", "claims", "letters", "engagements", "people and roles"} <= set(export.rows_of(acme))
