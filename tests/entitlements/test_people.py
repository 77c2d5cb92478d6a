"""C12.1: roles hold at once, a customer keeps an owner, and whoever leaves is out at once."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements import notices, people
from entitlements.access import members_among, people_of
from entitlements.actions.people import change_roles, choose_copies, end_membership
from entitlements.actions.refused import Refused
from entitlements.models import Event, Letter, LetterState, Role
from tests import accounts
from tests import factories as make
from tests.desk import signed_in
from tests.entitlements.portal import words
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return make.customer(name="Acme")


@pytest.fixture
def olga(acme):
    return make.member(customer=acme, name="Olga Owner")


@pytest.fixture
def cem(acme):
    return make.member(customer=acme, roles=[Role.CLAIMS], name="Cem Claims")


@pytest.fixture
def owners(client, clock, olga):
    client.force_login(olga)
    return client


def of(person):
    return person.memberships.get()


def code_of(action, **given):
    with pytest.raises(Refused) as caught:
        action(now=NOW, **given)
    return caught.value.refusals[0].code


class TestRoles:
    def test_they_hold_in_a_session_that_is_open(self, clock, olga, cem):
        """V51"""
        theirs = Client()
        theirs.force_login(cem)
        assert theirs.get(reverse("invite_person", args=[of(cem).customer_id])).status_code == 403

        change_roles(membership=of(cem), roles=["owner"], by=olga, now=NOW)

        assert theirs.get(reverse("invite_person", args=[of(cem).customer_id])).status_code == 200

    @pytest.mark.parametrize("by", ["owner", "manager"])
    def test_the_last_owner_stays_one(self, olga, cem, by):
        who = olga if by == "owner" else make.manager()

        assert code_of(change_roles, membership=of(olga), roles=["claims"], by=who) == "last_owner"

    def test_another_owner_who_was_switched_off_is_none(self, acme, olga):
        make.member(customer=acme, is_active=False)

        assert code_of(change_roles, membership=of(olga), roles=["claims"], by=olga) == "last_owner"

    def test_the_page_refuses_and_says_what_helps(self, owners, olga):
        page = owners.post(reverse("change_roles", args=[of(olga).pk]), {"roles": ["claims"]})

        assert "Make somebody else an owner first." in page.content.decode()
        assert of(olga).roles == ["owner"]


class TestLeaving:
    def test_every_session_of_theirs_ends(self, clock, olga, cem):
        theirs = Client()
        theirs.force_login(cem)
        assert theirs.get(reverse("people")).status_code == 200

        end_membership(membership=of(cem), by=olga, now=NOW)

        assert theirs.get(reverse("people")).url.startswith("/accounts/login/")

    def test_what_belongs_to_another_customer_stays_open(self, clock, olga, cem):
        other = make.member(customer=make.customer(name="Bolt"))
        of(other)
        here = of(cem)
        cem.memberships.create(customer=of(other).customer, roles=["read_only"])
        theirs = Client()
        theirs.force_login(cem)

        end_membership(membership=here, by=olga, now=NOW)

        page = words(theirs.get(reverse("people")).content.decode())
        assert "Bolt" in page
        assert "Acme" not in page

    def test_letters_go_to_the_others_and_none_that_waits_to_them(self, acme, olga, cem):
        with transaction.atomic():
            notices.write("x", matter="X-1", to=[olga, cem], context={}, now=NOW, customer=acme)

        end_membership(membership=of(cem), by=olga, now=NOW)

        notices.send_due(clock=lambda: NOW)
        assert set(people_of(acme, Role.OWNER, Role.CLAIMS)) == {olga}
        assert members_among([cem.pk]) == set()
        assert Letter.objects.get(addressee=cem.email).state == LetterState.NO_LONGER_TRUE
        assert Letter.objects.get(addressee=olga.email).state != LetterState.NO_LONGER_TRUE

    def test_their_drafts_are_carried_on_by_others(self, clock, acme, complete_draft):
        author, customer = complete_draft.opened_by, complete_draft.contract.customer
        make.member(customer=customer)
        heir = make.member(customer=customer, roles=[Role.CLAIMS])

        end_membership(membership=author.memberships.get(), by=author, now=NOW)

        theirs = Client()
        theirs.force_login(heir)
        assert theirs.get(reverse("claim_what_happened", args=[complete_draft.reference])).status_code == 200
        complete_draft.refresh_from_db()
        assert complete_draft.opened_by == author

    def test_the_last_owner_goes_only_when_another_is_named(self, olga, cem):
        """C12.1: also where a manager takes them out, who then says who is an owner in their place."""
        by = {"by": make.manager(), "reason": "Left the firm."}
        stranger = of(make.member(customer=make.customer()))

        assert code_of(end_membership, membership=of(olga), **by) == "no_successor"
        assert code_of(end_membership, membership=of(olga), successor=stranger, **by) == "no_successor"
        end_membership(membership=of(olga), successor=of(cem), now=NOW, **by)

        assert of(cem).roles == ["owner", "claims"]
        assert of(olga).left_at

    def test_the_people_are_a_file_too(self, clock, olga, cem):
        file = signed_in(make.manager()).get(
            reverse("admin:customer_people", args=[of(cem).customer_id]), {"format": "csv"}
        )

        lines = file.getvalue().decode().splitlines()
        assert [line.split(",")[:2] for line in lines[1:]] == [["Cem Claims", cem.email], ["Olga Owner", olga.email]]

    @pytest.mark.parametrize("by_themselves", [True, False])
    def test_the_log_says_who_did_it(self, olga, cem, by_themselves):
        by = cem if by_themselves else olga

        end_membership(membership=of(cem), by=by, now=NOW)

        event = Event.objects.get(verb="person.left" if by_themselves else "person.taken_out")
        assert event.actor == by

    def test_the_last_owner_cannot_go(self, owners, olga, cem):
        page = owners.post(reverse("leave_customer", args=[of(olga).pk]))

        assert "Nobody else is an owner" in page.content.decode()
        assert of(olga).left_at is None

    def test_a_manager_takes_even_that_one_out_but_says_why_and_who_follows(self, clock, olga, cem):
        desk, address = signed_in(make.manager()), reverse("admin:take_out_person", args=[of(olga).pk])

        assert "Say why" in desk.post(address, {}).content.decode()
        assert of(olga).left_at is None
        assert "Name who becomes an owner in their place" in desk.post(address, {"reason": "Gone."}).content.decode()
        desk.post(address, {"reason": "Her firm rang: she has gone.", "successor": of(cem).pk})

        assert of(olga).left_at
        assert (
            "she has gone" in desk.get(reverse("admin:customer_people", args=[of(olga).customer_id])).content.decode()
        )

    def test_the_page_says_first_what_it_does(self, owners, acme, olga, cem):
        page = words(owners.get(reverse("remove_person", args=[of(cem).pk])).content.decode())

        assert "Cem Claims sees nothing of Acme from this moment, and is signed out everywhere." in page
        assert "About failures, claims and credits Olga Owner" in page
        assert of(cem).left_at is None

    def test_a_person_leaves_by_themselves_and_for_nobody_else(self, client, clock, olga, cem):
        client.force_login(cem)

        assert client.post(reverse("leave_customer", args=[of(olga).pk])).status_code == 404
        client.post(reverse("leave_customer", args=[of(cem).pk]))

        assert of(cem).left_by == cem


class TestCopies:
    def test_they_add_letters_and_take_none_away(self, acme, olga, cem):
        choose_copies(membership=of(cem), copies=["bookings"], by=cem, now=NOW)
        choose_copies(membership=of(olga), copies=[], by=olga, now=NOW)

        assert set(people_of(acme, Role.BOOKINGS)) == {cem}
        assert set(people_of(acme, Role.OWNER, Role.CLAIMS)) == {olga, cem}

    def test_only_of_letters_that_there_are(self, cem):
        with pytest.raises(IntegrityError, match="copies_are_of_letters_that_are_sent"):
            cem.memberships.update(copies=["owner"])


class TestTheList:
    def test_it_shows_roles_and_last_sign_in_and_open_invitations(self, owners, acme, cem):
        accounts.invitation(customer=acme)

        page = words(owners.get(reverse("people")).content.decode())

        assert "2 people" in page
        assert "Cem Claims" in page
        assert "never" in page
        assert "Ana Archer" in page

    def test_whoever_left_is_found_by_asking(self, owners, olga, cem):
        end_membership(membership=of(cem), by=olga, now=NOW)

        assert "Cem Claims" not in words(owners.get(reverse("people")).content.decode())
        assert "Cem Claims" in words(owners.get(reverse("people"), {"state": "left"}).content.decode())

    def test_more_people_take_no_more_queries(self, owners, acme):
        def queries():
            with CaptureQueriesContext(connection) as seen:
                owners.get(reverse("people"))
            return len(seen)

        queries()
        few = queries()
        for n in range(4):
            make.member(customer=acme, roles=[Role.CLAIMS])
            accounts.invitation(customer=acme, email=f"new{n}@acme.example")

        assert queries() == few

    def test_an_owner_alone_is_told_at_home(self, owners, acme, olga):
        alone = "Invite a second person for Acme"

        assert alone in [one.act for one in people.duties(olga)]
        make.member(customer=acme, roles=[Role.READ_ONLY])
        assert alone not in [one.act for one in people.duties(olga)]

    def test_the_first_owner_is_invited_from_the_desk(self, clock, acme):
        desk = signed_in(make.manager())
        address = reverse("admin:customer_people", args=[acme.pk])
        assert "has no owner" in desk.get(address).content.decode()

        desk.post(address, {"name": "Olga Owner", "email": "olga@acme.example", "roles": ["owner"]})

        assert acme.invitations.get().roles == ["owner"]
