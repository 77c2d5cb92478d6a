"""Two at one moment: a customer keeps an owner, and nobody is both the vendor's and a customer's (S19)."""

from __future__ import annotations

from django.db import IntegrityError

from entitlements.access import people_of
from entitlements.actions.invitations import accept_invitation
from entitlements.actions.people import change_roles
from entitlements.actions.refused import Refused
from entitlements.models import Membership, Role, User
from tests import accounts
from tests import factories as make
from tests.factories import NOW


def test_two_owners_who_demote_each_other_leave_one(at_once):
    acme = make.customer()
    one, two = make.member(customer=acme), make.member(customer=acme)

    done = at_once(
        lambda: change_roles(membership=one.memberships.get(), roles=["claims"], by=two, now=NOW),
        lambda: change_roles(membership=two.memberships.get(), roles=["claims"], by=one, now=NOW),
    )

    assert people_of(acme, Role.OWNER).count() == 1
    assert sum(isinstance(result, Refused) for result in done) == 1


def test_to_the_desk_and_to_a_customer_at_once_is_one_of_them(at_once):
    person, customer = make.person(), make.customer()

    done = at_once(
        lambda: Membership.objects.create(user=person, customer=customer, roles=["owner"]),
        lambda: User.objects.filter(pk=person.pk).update(is_staff=True),
    )

    assert sum(isinstance(result, IntegrityError) for result in done) == 1


def test_one_new_address_that_two_customers_invite_is_one_person(at_once):
    one, two = (accounts.invitation(customer=make.customer())[0] for _ in range(2))

    done = at_once(*(lambda link=link: accept_invitation(invitation=link, by=None, now=NOW) for link in (one, two)))

    assert {membership.user for membership in done} == {User.objects.get(email=one.email)}
    assert {membership.customer for membership in done} == {one.customer, two.customer}
