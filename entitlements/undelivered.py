"""A letter did not reach its reader (N25): the address is marked, the same letter goes to the next contact, and who can mend it is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from entitlements import access, bounce_letters
from entitlements.models import Customer, LegalContact, Letter, LetterEvent, LetterEventKind, LetterState, Role, User
from entitlements.notices.writing import write_instead
from entitlements.one_use import has_a_secret

ABOUT_THE_POST = "letter_came_back"
"""N25 itself is passed on to nobody."""


def mark_address(address: str, *, now: datetime) -> None:
    """Letters to it come back: optional ones stop, and those of the contract go on and are shown."""
    User.objects.filter(email__iexact=address, bounced_at__isnull=True).update(bounced_at=now)
    current = LegalContact.objects.filter(email__iexact=address, removed_at__isnull=True)
    current.filter(bounced_at__isnull=True).update(bounced_at=now)


def address_takes_letters(address: str) -> None:
    """One arrived, or whoever reads there says so."""
    User.objects.filter(email__iexact=address).update(bounced_at=None)
    LegalContact.objects.filter(email__iexact=address, removed_at__isnull=True).update(bounced_at=None)


def pass_on(letter: Letter, *, now: datetime) -> None:
    """The same letter to the next contact, once; and word of it to the other contacts and to the managers. In the caller's transaction."""
    if letter.kind == ABOUT_THE_POST or letter.events.filter(kind=LetterEventKind.PASSED_ON).exists():
        return
    instead = _instead(letter, now) if letter.customer and not has_a_secret(letter.text) else None
    if instead:
        LetterEvent.objects.create(letter=letter, kind=LetterEventKind.PASSED_ON, at=now, other=instead)
    bounce_letters.letter_came_back(letter, instead, now=now)


def _instead(letter: Letter, now: datetime) -> Letter | None:
    """What a next contact got already, or the letter that is written to the first of them now."""
    found = (_among(readers, letter, now) for readers in next_readers(letter))
    return next((one for one in found if one), None)


def _among(readers: Iterable[User | str], letter: Letter, now: datetime) -> Letter | None:
    """What one of these got already, or the letter that is written to the first of them whom none was written to."""
    addresses = [_address(one) for one in readers]
    written = _of_the_same_key(letter).exclude(state__in=(LetterState.FAILED, LetterState.NOT_WANTED))
    got = written.filter(bounced_at__isnull=True).annotate(to=Lower("addressee")).filter(to__in=addresses).first()
    if got:
        return got
    tried = set(_of_the_same_key(letter).annotate(to=Lower("addressee")).values_list("to", flat=True))
    fresh = next((one for one in readers if _address(one) not in tried), None)
    return write_instead(letter, fresh, now=now) if fresh else None


def next_readers(letter: Letter) -> list[Iterable[User | str]]:
    """Who counts as next: the customer's other active people with the same concern; else its owners; else its legal contacts.

    A letter to a contact for legal notices goes to another such contact first, even where an owner has a copy of it (S16: only a contact's
    begins a period); to the owners where there is none. Nobody whose letters come back.
    """
    customer = letter.customer
    assert customer is not None
    contacts = _contacts(customer, letter.addressee)
    owners = _people(customer, letter.addressee, Role.OWNER)
    if (
        letter.person is None
        and LegalContact.objects.filter(customer=customer, email__iexact=letter.addressee).exists()
    ):
        return [contacts, owners]
    concerns = [role for role in _roles(letter) if role != Role.READ_ONLY]
    concerned = _people(customer, letter.addressee, *concerns) if concerns else []
    return [list(dict.fromkeys([*concerned, *owners, *contacts]))]


def _people(customer: Customer, but: str, *roles: Role) -> list[User]:
    reached = access.people_of(customer, *roles).filter(bounced_at__isnull=True)
    return list(reached.exclude(email__iexact=but).order_by("pk"))


def _contacts(customer: Customer, but: str) -> list[str]:
    current = customer.legal_contacts.reachable()
    return [one.lower() for one in current.exclude(email__iexact=but).order_by("pk").values_list("email", flat=True)]


def _roles(letter: Letter) -> list[Role]:
    if letter.person is None:
        return []
    held = (
        letter.person.memberships.filter(customer=letter.customer)
        .order_by("-pk")
        .values_list("roles", flat=True)
        .first()
    )
    return [Role(role) for role in held or []]


def _of_the_same_key(letter: Letter) -> QuerySet[Letter]:
    same = Q(kind=letter.kind, matter=letter.matter, point=letter.point, deadline=letter.deadline)
    return Letter.objects.filter(same).exclude(pk=letter.pk)


def _address(one: User | str) -> str:
    return (one.email if isinstance(one, User) else one).lower()
