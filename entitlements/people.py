"""What pages say about a customer's people: open invitations, what leaving does, and what an owner must see to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from entitlements.access import Visitor, customers_of, keys_of_customers
from entitlements.models import Customer, Engagement, Invitation, LegalContact, Membership, Role, User
from entitlements.models.accounts import FEWEST_CONTACTS
from entitlements.models.engagements import ENGAGEMENT_MOVES
from entitlements.wording import counted

LETTERS_OF = {Role.BOOKINGS: "sessions", Role.CLAIMS: "failures, claims and credits"}


@dataclass(frozen=True, slots=True)
class Shown:
    """An invitation with its state at the moment of the page."""

    invitation: Invitation
    state: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """What it does when somebody leaves: who gets which letters then, and what of theirs goes on."""

    letters: list[tuple[str, list[User]]]
    engagements: list[Engagement]
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that an owner must see to, without a deadline."""

    act: str
    why: str
    url: str


def invitations_of(customers: Iterable[Customer], now: datetime) -> list[Shown]:
    """Those that were neither used nor taken back, expired ones among them, the latest first."""
    live = Invitation.objects.filter(customer__in=list(customers), accepted_at__isnull=True, ended_at__isnull=True)
    return [Shown(one, one.state_at(now)) for one in live.select_related("customer", "invited_by")]


def contacts_of(customers: Iterable[Customer]) -> list[tuple[Customer, list[LegalContact]]]:
    """Each customer with its contacts for legal notices."""
    found: dict[Customer, list[LegalContact]] = {customer: [] for customer in customers}
    for one in LegalContact.objects.filter(customer__in=list(found), removed_at__isnull=True).select_related(
        "customer"
    ):
        found[one.customer].append(one)
    return list(found.items())


def leaving(membership: Membership) -> Leaving:
    """Read before somebody leaves."""
    others = list(_current(membership.customer).exclude(pk=membership.pk).select_related("user"))
    ending = [state for state in ENGAGEMENT_MOVES if ENGAGEMENT_MOVES[state]]
    going_on = Engagement.objects.filter(
        contract__customer=membership.customer, requested_by=membership.user, state__in=ending
    )
    return Leaving(
        letters=[(about, _who_gets(others, role)) for role, about in LETTERS_OF.items()],
        engagements=list(going_on.select_related("activity").order_by("day")),
        elsewhere=membership.user.memberships.filter(left_at__isnull=True).exclude(pk=membership.pk).exists(),
    )


def owners_beside(reader: Visitor) -> list[Membership]:
    """C12.1: who else looks after the people of the reader's own customers, so can give the reader a right."""
    own = Membership.objects.filter(customer__in=keys_of_customers(reader), left_at__isnull=True, user__is_active=True)
    owners = own.filter(roles__contains=[Role.OWNER]).exclude(user=reader.pk)
    return list(owners.select_related("customer", "user").order_by("customer__name", "user__name"))


def duties(reader: Visitor) -> list[Duty]:
    """What an owner is told on the home page until it is seen to: one question to the database, however many customers."""
    current = Q(memberships__left_at__isnull=True, memberships__user__is_active=True)
    reached = Q(
        legal_contacts__removed_at__isnull=True,
        legal_contacts__confirmed_at__isnull=False,
        legal_contacts__bounced_at__isnull=True,
    )
    own = customers_of(reader, Role.OWNER).annotate(
        people=Count("memberships", filter=current, distinct=True),
        reached=Count("legal_contacts", filter=reached, distinct=True),
        bouncing=Count("memberships", filter=current & Q(memberships__user__bounced_at__isnull=False), distinct=True),
    )
    return [duty for customer in own for duty in _duties_at(customer)]


def _duties_at(customer: Any) -> Iterator[Duty]:
    if customer.people == 1:
        yield Duty(
            f"Invite a second person for {customer}",
            "You alone may claim and book. If you are away when a claim must be sent, nobody can.",
            reverse("invite_person", args=[customer.pk]),
        )
    if customer.reached < FEWEST_CONTACTS:
        yield Duty(
            f"Name two contacts for legal notices to {customer}",
            f"{customer.reached} of at least two can be reached. Choices with a deadline are announced there.",
            reverse("people") + "#contacts",
        )
    if customer.bouncing:
        yield Duty(
            f"Mend {counted(customer.bouncing, 'address', 'addresses')} at {customer}",
            "Letters there come back. What belongs to the contract goes to somebody else of yours meanwhile.",
            reverse("people"),
        )


def _current(customer: Customer) -> QuerySet[Membership]:
    return customer.memberships.filter(left_at__isnull=True, user__is_active=True)


def _who_gets(others: Sequence[Membership], role: Role) -> list[User]:
    return [one.user for one in others if {Role.OWNER, role} & {*one.roles, *one.copies}]
