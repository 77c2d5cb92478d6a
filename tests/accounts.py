"""Factories for the links that are sent to people: each returns what was made, and the secret in its letter."""

from __future__ import annotations

import re
from datetime import datetime

from entitlements import notices
from entitlements.actions.invitations import invite
from entitlements.models import Customer, Invitation, Letter, Role, User
from tests import factories as make


def invitation(
    *,
    customer: Customer | None = None,
    email: str = "ana@acme.example",
    name: str = "Ana Archer",
    roles: tuple[str, ...] = (Role.CLAIMS,),
    by: User | None = None,
    now: datetime = make.NOW,
) -> tuple[Invitation, str]:
    """An invitation that an owner of the customer sent."""
    customer = customer or make.customer()
    by = by or make.one_of(customer)
    made = invite(customer=customer, email=email, name=name, roles=roles, by=by, now=now)
    return made, token_in("invitation", made.email)


def token_in(kind: str, address: str) -> str:
    """The secret in the link of the last letter of the kind to the address."""
    letter = Letter.objects.filter(kind=kind, addressee=address).order_by("pk").last()
    assert letter is not None
    return re.search(r"/([\w-]{40,})/$", notices.thawed(letter.context)["action_url"])[1]  # type: ignore[index]
