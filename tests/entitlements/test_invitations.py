"""C1.3, N1: a link works once, for a week, until a newer one is sent or the address changes; a dead one says why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse

from entitlements import notices
from entitlements.actions.invitations import accept_invitation, invite, withdraw_invitation
from entitlements.actions.people import change_roles, end_membership
from entitlements.actions.refused import Refused
from entitlements.models import Event, Invitation, Letter, Membership, Role, User
from tests import accounts
from tests import factories as make
from tests.entitlements.portal import words
from tests.factories import NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@shared
def acme():
    return make.contract(customer=make.customer(name="Acme")).customer


@shared
def olga(acme):
    return make.member(customer=acme, name="Olga Owner", email="olga@acme.example")


@pytest.fixture
def owners(client, clock, olga):
    client.force_login(olga)
    return client


def address(token, name="invitation"):
    return reverse(name, args=[token])


def accept(invitation, now=NOW):
    return accept_invitation(invitation=invitation, by=None, now=now)


def refused(action, **given):
    with pytest.raises(Refused) as caught:
        action(**given)
    return caught.value.refusals[0].code


def given(acme, olga, **other):
    return {
        "customer": acme,
        "email": "ana@acme.example",
        "name": "Ana Archer",
        "roles": ["claims"],
        "by": olga,
        "now": NOW,
    } | other


class TestInviting:
    def test_the_letter_is_whole(self, acme, olga, settings):
        invitation, token = accounts.invitation(customer=acme, roles=(Role.CLAIMS, Role.BOOKINGS))
        notices.send_due(clock=lambda: NOW)

        (letter,) = mail.outbox
        assert letter.to == ["ana@acme.example"]
        assert letter.subject == "You are invited to the PagerDuty SLA portal for Acme"
        assert letter.body == (
            "Olga Owner invites you, Ana Archer, to the portal in which Acme looks after its contract with PagerDuty.\n"
            "The invitation is good until Wednesday, June 17, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4).\n"
            "\n"
            "There you see the sessions of your contract year and ask for them, report failures, and claim service credits.\n"
            "Your roles at Acme: Claims, Bookings.\n"
            "\n"
            "The link opens a page on which you accept. You need no password: you sign in with a code that we send to ana@acme.example.\n"
            "\n"
            "Look at the invitation:\n"
            f"{settings.SITE_URL}/invitations/{token}/\n"
            "\n"
            "PagerDuty Customer Success\n"
            "\n"
            "-- \n"
            f"Reference: {invitation.reference}\n"
            "You can answer this letter; a person reads support@example.com.\n"
            "You get this letter because Olga Owner gave us your address. If you do not know why, do nothing: without you nothing happens.\n"
        )

    def test_the_secret_is_kept_nowhere_but_in_the_letter(self, acme):
        invitation, token = accounts.invitation(customer=acme)

        assert token not in str(vars(invitation))
        assert not Event.objects.filter(changes__icontains=token).exists()

    def test_an_owner_does_it_on_a_page(self, owners, acme):
        form = {"name": "Ana Archer", "email": "Ana@Acme.example", "roles": ["claims", "read_only"]}

        response = owners.post(reverse("invite_person", args=[acme.pk]), form, follow=True)

        invitation = Invitation.objects.get()
        assert (invitation.email, invitation.roles) == ("ana@acme.example", ["claims", "read_only"])
        assert "ana@acme.example" in words(response.content.decode())

    def test_a_bad_address_keeps_what_was_typed(self, owners, acme):
        response = owners.post(reverse("invite_person", args=[acme.pk]), {"name": "Ana Archer", "email": "ana@"})

        page = response.content.decode()
        assert "Give a whole address" in page
        assert "Tick at least one role" in page
        assert 'value="Ana Archer"' in page
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize("role", [Role.CLAIMS, Role.BOOKINGS, Role.READ_ONLY, Role.SIGNATORY])
    def test_nobody_else_invites(self, client, clock, acme, role):
        client.force_login(make.member(customer=acme, roles=[role]))

        assert client.post(reverse("invite_person", args=[acme.pk]), {}).status_code == 403

    def test_not_to_another_customer(self, owners):
        assert owners.get(reverse("invite_person", args=[make.customer().pk])).status_code == 404

    @pytest.mark.parametrize(
        ("who", "code"), [("member", "already_here"), ("manager", "at_the_desk"), ("switched off", "closed")]
    )
    def test_who_cannot_be_invited(self, acme, olga, who, code):
        person = {
            "member": lambda: make.member(customer=acme),
            "manager": make.manager,
            "switched off": lambda: make.person(is_active=False),
        }[who]()

        assert refused(invite, **given(acme, olga, email=person.email)) == code
        assert not Letter.objects.exists()


class TestTheLink:
    def test_a_look_shows_who_invites_to_what_and_changes_nothing(self, client, clock, acme):
        _, token = accounts.invitation(customer=acme)

        page = words(client.get(address(token)).content.decode())

        assert "Acme" in page
        assert "Ana Archer, ana@acme.example" in page
        assert "Wednesday, June 17, 2026, 10:00 a.m. Eastern Time" in page
        assert not User.objects.filter(email="ana@acme.example").exists()

    def test_accepting_makes_the_person_and_signs_nobody_in(self, client, clock, acme):
        _, token = accounts.invitation(customer=acme)

        page = client.post(address(token), follow=True)

        ana = User.objects.get(email="ana@acme.example")
        assert ana.memberships.get().roles == ["claims"]
        assert not ana.has_usable_password()
        assert "_auth_user_id" not in client.session
        assert 'value="ana@acme.example"' in page.content.decode()

    def test_it_works_once(self, client, clock, acme):
        invitation, token = accounts.invitation(customer=acme)
        accept(invitation)

        assert refused(accept_invitation, invitation=invitation, by=None, now=NOW) == "not_open"
        assert "This invitation was used" in words(client.get(address(token)).content.decode())

    def test_whoever_is_on_record_gets_no_second_account(self, acme):
        ana = make.member(email="ana@acme.example")
        invitation, _ = accounts.invitation(customer=acme)

        accept(invitation)

        assert ana.memberships.count() == 2
        assert User.objects.filter(email="ana@acme.example").count() == 1

    @pytest.mark.parametrize(
        ("what", "why"),
        [
            ("expired", "It was good until Wednesday, June 17, 2026, 10:00 a.m. Eastern Time"),
            ("newer", "A newer one was sent since. If you have a newer letter"),
            ("corrected", "The address that it went to is no longer the right one."),
            ("withdrawn", "It was taken back."),
            ("sender left", "Whoever sent it has left the firm since."),
        ],
    )
    def test_a_dead_one_says_why_and_offers_a_new_one(self, client, clock, acme, olga, what, why):
        invitation, token = accounts.invitation(customer=acme, by=olga)
        self.kill(invitation, olga, what, clock)

        page = client.get(address(token)).content.decode()
        assert why in words(page)
        assert "Ask for a new one" in page
        client.post(address(token))
        assert not Membership.objects.filter(user__email="ana@acme.example").exists()

    def kill(self, invitation, olga, what, clock):
        acme = invitation.customer
        match what:
            case "expired":
                clock(invitation.expires_at)
            case "newer":
                invite(**given(acme, olga))
            case "corrected":
                invite(**given(acme, olga, email="anna@acme.example", instead_of=invitation))
            case "withdrawn":
                withdraw_invitation(invitation=invitation, by=olga, now=NOW)
            case "sender left":
                other = make.member(customer=acme)
                end_membership(membership=olga.memberships.get(), by=other, now=NOW)

    def test_the_new_one_is_asked_of_the_owners_once(self, client, clock, acme, olga):
        invitation, token = accounts.invitation(customer=acme)
        clock(invitation.expires_at)

        for _ in range(3):
            client.post(address(token, "ask_for_invitation"))

        letter = Letter.objects.get(kind="invitation_wanted")
        assert letter.addressee == olga.email
        assert Event.objects.filter(verb="invitation.asked_for_anew").count() == 1

    def test_a_dead_one_that_still_waits_is_not_sent(self, acme, olga):
        invitation, _ = accounts.invitation(customer=acme)
        withdraw_invitation(invitation=invitation, by=olga, now=NOW)

        notices.send_due(clock=lambda: NOW)

        assert mail.outbox == []

    def test_of_two_at_one_address_one_lives(self, acme, olga):
        """one_live_invitation_for_an_address"""
        accounts.invitation(customer=acme)

        with pytest.raises(IntegrityError, match="one_live_invitation_for_an_address"), transaction.atomic():
            Invitation.objects.create(
                customer=acme, email="ANA@acme.example", name="A", roles=["claims"], token_hash="x", reference="INV-2",
                invited_at=NOW, invited_by=olga, expires_at=NOW + DAY,
            )  # fmt: skip

    @pytest.mark.parametrize(
        ("changes", "constraint"),
        [
            ({"end": "withdrawn"}, "an_ended_invitation_says_why"),
            ({"roles": []}, "the_others_stay|invitation_roles_are_known|read"),
        ],
    )
    def test_what_the_database_holds(self, acme, olga, changes, constraint):
        invitation, _ = accounts.invitation(customer=acme)

        with pytest.raises(Exception, match=constraint), transaction.atomic():
            Invitation.objects.filter(pk=invitation.pk).update(**changes)

    def test_it_is_used_or_ended_never_both(self, acme, olga):
        invitation, _ = accounts.invitation(customer=acme)
        accept(invitation)

        with pytest.raises(IntegrityError, match="an_invitation_ends_in_one_way"), transaction.atomic():
            Invitation.objects.filter(pk=invitation.pk).update(ended_at=NOW, ended_by=olga, end="withdrawn")


class TestWhoeverMayNoLongerInvite:
    """C12.1: only owners bring people in; one who is none any more brings nobody in by what was sent before."""

    def test_has_no_open_invitations(self, acme, olga):
        former = make.member(customer=acme)
        invitation, _ = accounts.invitation(customer=acme, by=former)

        change_roles(membership=former.memberships.get(), roles=["read_only"], by=olga, now=NOW)

        invitation.refresh_from_db()
        assert (invitation.end, invitation.ended_by) == ("sender_no_owner", olga)
        assert refused(accept, invitation=invitation) == "not_open"

    def test_keeps_them_with_another_role_beside_owner(self, acme, olga):
        other = make.member(customer=acme)
        invitation, _ = accounts.invitation(customer=acme, by=other)

        change_roles(membership=other.memberships.get(), roles=["owner", "claims"], by=olga, now=NOW)

        assert accept(invitation).customer == acme

    @pytest.mark.parametrize("changed", [{"roles": ["claims"]}, {"left_at": NOW}])
    def test_is_asked_again_when_the_link_is_used(self, acme, changed):
        former = make.member(customer=acme)
        invitation, _ = accounts.invitation(customer=acme, by=former)
        changed |= {"left_by": former} if "left_at" in changed else {}
        former.memberships.update(**changed)

        assert refused(accept, invitation=invitation) == "not_open"
        assert not User.objects.filter(email=invitation.email).exists()

    def test_is_never_the_desk(self, acme):
        assert accept(accounts.invitation(customer=acme, by=make.manager())[0]).customer == acme
