"""Where a customer's legal notices go (C12.3): apart from sign-in addresses, at least two, each confirmed by whoever reads there."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from entitlements import people_letters
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Customer, LegalContact, User
from entitlements.models.accounts import FEWEST_CONTACTS, kept_of
from entitlements.rules.refusals import Refusal

LISTED = Refusal("", "listed", "This address is on the list already.", "Give another one, or send its link again.")
TOO_FEW = Refusal(
    "S16",
    "too_few",
    "Without this contact fewer than two confirmed ones are left.",
    "Add another, let them confirm, and then take this one out.",
)
GONE = Refusal("", "gone", "This contact was taken out.", "If letters should reach you, ask an owner of your firm.")


@transaction.atomic
def add_legal_contact(*, customer: Customer, name: str, email: str, by: User, now: datetime) -> LegalContact:
    """A letter with a link goes to the address; the contact counts once somebody there has confirmed. Raises Refused if listed."""
    _lock(customer)
    email, token = email.strip().lower(), secrets.token_urlsafe(32)
    if customer.legal_contacts.filter(email__iexact=email, removed_at__isnull=True).exists():
        raise Refused(LISTED)
    record("legal_contact.added", matter=customer.external_id, by=by, now=now)
    contact = LegalContact.objects.create(
        customer=customer,
        name=name.strip(),
        email=email,
        added_at=now,
        added_by=by,
        token_hash=kept_of(token),
        link_sent_at=now,
    )
    people_letters.contact_to_confirm(contact, token, now=now)
    return contact


@transaction.atomic
def send_contact_link_again(*, contact: LegalContact, by: User, now: datetime) -> None:
    """A new link; the earlier one is dead. Raises Refused if the contact was taken out."""
    contact, token = _locked(contact), secrets.token_urlsafe(32)
    record("legal_contact.asked_again", matter=contact.customer.external_id, by=by, now=now)
    contact.token_hash, contact.link_sent_at = kept_of(token), now
    contact.save(update_fields=["token_hash", "link_sent_at"])
    people_letters.contact_to_confirm(contact, token, now=now)


@transaction.atomic
def confirm_legal_contact(*, contact: LegalContact, by: User | None, now: datetime) -> None:
    """Whoever holds the link reads letters there. A second time changes nothing. Raises Refused if the contact was taken out."""
    contact = _locked(contact)
    record(
        "legal_contact.confirmed",
        matter=contact.customer.external_id,
        by=by,
        now=now,
        note="By the link that was sent.",
    )
    if contact.confirmed_at is None or contact.bounced_at is not None:
        contact.confirmed_at, contact.bounced_at = now, None
        contact.save(update_fields=["confirmed_at", "bounced_at"])


@transaction.atomic
def remove_legal_contact(*, contact: LegalContact, by: User, now: datetime) -> None:
    """S16: the customer can always be reached. Raises Refused for a confirmed one when fewer than two others are confirmed."""
    contact = _locked(contact)
    others = contact.customer.legal_contacts.confirmed()
    if contact.confirmed_at and others.exclude(pk=contact.pk).count() < FEWEST_CONTACTS:
        raise Refused(TOO_FEW)
    record("legal_contact.removed", matter=contact.customer.external_id, by=by, now=now)
    contact.removed_at, contact.removed_by = now, by
    contact.save(update_fields=["removed_at", "removed_by"])


def _lock(customer: Customer) -> None:
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)


def _locked(contact: LegalContact) -> LegalContact:
    _lock(contact.customer)
    contact = LegalContact.objects.select_for_update(of=["self"]).select_related("customer").get(pk=contact.pk)
    if contact.removed_at:
        raise Refused(GONE)
    return contact
