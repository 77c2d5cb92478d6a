"""Factories for the links that are sent to people: each returns what was made, and the secret in its letter."""

from __future__ import annotations

import re
from datetime import datetime

from django.core import mail
from django.test import Client
from django.urls import reverse

from entitlements import notices
from entitlements.actions.accounts import ask_address_change
from entitlements.actions.invitations import invite
from entitlements.actions.legal_contacts import add_legal_contact, confirm_legal_contact
from entitlements.models import AddressChange, Customer, Invitation, LegalContact, Letter, Role, User
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


def contact(
    *,
    customer: Customer | None = None,
    email: str = "legal@acme.example",
    confirmed: bool = False,
    now: datetime = make.NOW,
) -> tuple[LegalContact, str]:
    """A contact for legal notices that an owner has named."""
    customer = customer or make.customer()
    by = make.one_of(customer)
    made = add_legal_contact(customer=customer, name="Legal department", email=email, by=by, now=now)
    if confirmed:
        confirm_legal_contact(contact=made, by=None, now=now)
        made.refresh_from_db()
    return made, token_in("contact_to_confirm", email)


def address_change(
    *, user: User | None = None, email: str = "new@acme.example", now: datetime = make.NOW
) -> tuple[AddressChange, str]:
    """Somebody who wants to sign in by another address."""
    made = ask_address_change(email=email, by=user or make.member(), now=now)
    return made, token_in("address_to_confirm", email)


def token_in(kind: str, address: str) -> str:
    """The secret in the link of the last letter of the kind to the address."""
    letter = Letter.objects.filter(kind=kind, addressee=address).order_by("pk").last()
    assert letter is not None
    return re.search(r"/([\w-]{40,})/$", notices.thawed(letter.context)["action_url"])[1]  # type: ignore[index]


def signed_in_by_code(user: User, agent: str = "", client: Client | None = None) -> Client:
    """A browser in which the person has typed the code from the letter."""
    client = client or Client(headers={"user-agent": agent})
    client.post(reverse("account_request_login_code"), {"email": user.email})
    code = re.search(r"sign in:\s+(\S+)\s", str(mail.outbox[-1].body))[1]  # type: ignore[index]
    client.post(reverse("account_confirm_login_code"), {"code": code})
    return client
