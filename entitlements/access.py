"""Who may see or do what. Every view says with `open_to` who may open it; a test walks all URLs and knows no exception."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase

from entitlements import kept_answers
from entitlements.models import Contract, Customer, Engagement, Letter, Membership, Role, User, many
from entitlements.models.worded import Worded

Visitor = User | AnonymousUser
View = Callable[..., HttpResponseBase]


class Who(enum.Enum):
    """The groups of people that a view can be open to."""

    ANYONE = "anyone"
    SIGNED_IN = "anyone who is signed in"
    CUSTOMERS = "a customer's people"
    BOOKERS = "a customer's people who may book"
    CLAIMANTS = "a customer's people who may claim"
    SIGNATORIES = "a customer's people with the right to sign"
    OWNERS = "a customer's owners"
    MANAGERS = "managers at the desk"
    APPROVERS = "managers who may approve"


class OnlyFor(PermissionDenied):
    """The page is for another group; its name is what the reader is told."""

    def __init__(self, who: Who) -> None:
        super().__init__(f"This page is for {who.value}.")
        self.who = who


OF_CUSTOMERS = (Who.CUSTOMERS, Who.BOOKERS, Who.CLAIMANTS, Who.SIGNATORIES, Who.OWNERS)


def open_to(who: Who) -> Callable[[View], View]:
    """Declare and enforce who may open a view. Anonymous visitors are asked to sign in; the others get the page for 403."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if is_one_of(request.user, who):
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                return redirect_to_login(_back_from_signing_in(request, who))
            raise OnlyFor(who)

        guarded.open_to = who  # type: ignore[attr-defined]
        return guarded

    return decorate


def _back_from_signing_in(request: HttpRequest, who: Who) -> str:
    """Where signing in leads back to. What a customer's person has just posted is kept until then (C1.8)."""
    if request.method != "POST":
        return request.get_full_path()
    if who in OF_CUSTOMERS:
        kept_answers.keep(request)
    return kept_answers.page_of(request)


def is_one_of(user: Visitor, who: Who) -> bool:
    """Whether the visitor belongs to the group."""
    match who:
        case Who.ANYONE:
            return True
        case Who.SIGNED_IN:
            return user.is_authenticated
        case Who.CUSTOMERS:
            return bool(_roles(user))
        case Who.BOOKERS:
            return bool(_roles(user) & {Role.OWNER, Role.BOOKINGS})
        case Who.CLAIMANTS:
            return bool(_roles(user) & {Role.OWNER, Role.CLAIMS})
        case Who.SIGNATORIES:
            return bool(_roles(user) & {Role.OWNER, Role.SIGNATORY})
        case Who.OWNERS:
            return Role.OWNER in _roles(user)
        case Who.MANAGERS:
            return may_manage(user)
        case Who.APPROVERS:
            return may_approve(user)


def _roles(user: Visitor) -> frozenset[str]:
    """The roles that the person has at any customer today: asked once for a visitor, so once a request."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    return user.roles_today


def keys_of_customers(user: Visitor, *roles: Role) -> list[int]:
    """The customers (keys) that the person belongs to today; with `roles`, only where they have one of them. Asked once for a visitor,
    so once a request: whatever else is asked for them is asked by these keys, not by the question behind them once more."""
    if not isinstance(user, User) or not user.is_active:
        return []
    return [customer for customer, held in user.places_today if not roles or not held.isdisjoint(roles)]


def customers_of(user: Visitor, *roles: Role) -> Any:
    """The customers of `keys_of_customers`."""
    return Customer.objects.filter(pk__in=keys_of_customers(user, *roles))


def memberships_with(user: Visitor, *roles: Role) -> Any:
    """Where the person has one of the roles at this moment: for what is decided by it, asked anew each time."""
    if not isinstance(user, User) or not user.is_active:
        return Membership.objects.none()
    return user.memberships.filter(left_at__isnull=True, roles__overlap=list(roles))


def people_of(customer: Customer, *roles: Role) -> Any:
    """The customer's people who have one of the roles, or asked for copies of its letters; for letters."""
    return _people(customer.pk, _asks_for(roles)).order_by("pk")


def readers_of(customer: Customer, *roles: Role, did: Sequence[int | None]) -> list[User]:
    """Who reads a letter about what people once did: those of them (by key) who belong to the customer today, then `people_of` it."""
    people = _readers(roles)(customer.pk, *dict.fromkeys(key for key in did if key))
    found = {person.pk: person for person in sorted(people, key=lambda person: person.pk)}
    return [found[key] for key in dict.fromkeys([*did, *found]) if key in found]


@functools.cache
def _readers(roles: tuple[Role, ...]) -> Worded:
    """The question behind each letter, of a customer (its key) and of people by their keys."""
    return Worded(lambda customer, *did: _people(customer, _asks_for(roles) | Q(user__in=did)))


def _asks_for(roles: Sequence[Role]) -> Q:
    return Q(roles__overlap=list(roles)) | Q(copies__overlap=list(roles))


def _people(customer: int, which: Q) -> Any:
    current = Membership.objects.filter(which, customer=customer, left_at__isnull=True)
    return User.objects.filter(is_active=True, pk__in=current.values("user"))


def people_of_each(customers: Iterable[int], *roles: Role) -> Iterator[tuple[int, int, str, bool]]:
    """As `people_of`, for many customers by one question, and light: of each everybody who belongs to it today (customer, key of
    the person, address), and whether they are among those people."""
    current = Membership.objects.filter(customer__in=many.keys(customers), left_at__isnull=True, user__is_active=True)
    asked = set(roles)
    found = current.order_by("user_id").values_list("customer_id", "user_id", "user__email", "roles", "copies")
    for customer, person, email, held, copies in found:
        yield customer, person, email, not asked.isdisjoint([*held, *copies])


def memberships_visible_to(user: Visitor) -> Any:
    """Who belongs to the person's own customers, also those who left; a manager sees all."""
    if may_manage(user):
        return Membership.objects.all()
    return Membership.objects.filter(customer__in=keys_of_customers(user))


def customers_looked_after_by(user: Visitor) -> Any:
    """The customers whose people the person may invite, change and remove: an owner's own; a manager helps everywhere."""
    return Customer.objects.all() if may_manage(user) else customers_of(user, Role.OWNER)


def members_among(people: Iterable[int | None]) -> set[tuple[int, int]]:
    """Who of these active people belongs to which customer today (customer, key of the person): one question for many."""
    current = Membership.objects.filter(user__in=set(people), left_at__isnull=True, user__is_active=True)
    return set(current.values_list("customer_id", "user_id"))


def may_manage(user: Visitor) -> bool:
    return user.is_authenticated and user.is_active and user.is_staff


def is_or_was_one_of(customer: int, user: User) -> bool:
    """S13, S19: whether the person belongs, or ever belonged, to the customer (its key): who does has no part in deciding for it."""
    return Membership.objects.filter(user=user, customer=customer).exists()


def may_approve(user: Visitor) -> bool:
    return may_manage(user) and isinstance(user, User) and user.may_approve


def may_book(user: Visitor, customer: Customer) -> bool:
    return memberships_with(user, Role.OWNER, Role.BOOKINGS).filter(customer=customer).exists()


def may_claim(user: Visitor, customer: Customer) -> bool:
    return memberships_with(user, Role.OWNER, Role.CLAIMS).filter(customer=customer).exists()


def may_sign(user: Visitor, customer: Customer) -> bool:
    """S16: whether the person may choose for the customer in an election."""
    return memberships_with(user, Role.OWNER, Role.SIGNATORY).filter(customer=customer).exists()


def contracts_visible_to(user: Visitor) -> Any:
    """The contracts of the person's own customers; a manager sees all."""
    if may_manage(user):
        return Contract.objects.all()
    return Contract.objects.filter(customer__in=keys_of_customers(user))


def may_see(user: Visitor, contract: Contract) -> bool:
    """Whether a contract that is read already, and what belongs to it, is among `contracts_visible_to`."""
    return may_manage(user) or contract.customer_id in keys_of_customers(user)


def of_contracts_visible_to(user: Visitor, contract: str = "contract") -> Q:
    """`contracts_visible_to`, for what belongs to a contract by the named relation."""
    return Q() if may_manage(user) else Q(**{f"{contract}__customer__in": keys_of_customers(user)})


def engagements_visible_to(user: Visitor) -> Any:
    return Engagement.objects.filter(of_contracts_visible_to(user))


def letters_visible_to(user: Visitor) -> Any:
    """A customer's people read every letter that went to their customer (C11), and each those about their own account (N2)."""
    if may_manage(user):
        return Letter.objects.all()
    if not isinstance(user, User):
        return Letter.objects.none()
    return Letter.objects.filter(Q(customer__in=keys_of_customers(user)) | Q(customer__isnull=True, person=user))
