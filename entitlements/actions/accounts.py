"""What a person changes about their own account (C12.2, C12.5, C12.6)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from entitlements import people_letters, undelivered
from entitlements.actions.invitations import end_invitations_to
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.addresses import cut_off, end_session
from entitlements.models import AddressChange, Customer, User
from entitlements.models.accounts import LINK_LASTS, kept_of
from entitlements.optional_letters import ALL
from entitlements.rules.refusals import Refusal

AT_THE_SERVER = Refusal(
    "S19", "at_the_server", "Addresses of the desk are changed at the server.", "Ask whoever runs it."
)
SAME = Refusal("", "same", "That is your address already.", "Give another one.")
NOT_OPEN = Refusal("", "not_open", "This link no longer works.", "Sign in and ask for the change anew.")
TAKEN = Refusal("", "taken", "This address cannot be used.", "Give another one, or write to us.")


@transaction.atomic
def ask_address_change(*, email: str, by: User, now: datetime) -> AddressChange:
    """A letter with a link goes to the new address; nothing changes until somebody there confirms. Any earlier link is dead.

    Whether the address is somebody else's is not told: then no letter goes. Raises Refused for staff (S19) and the same address.
    """
    email, token = email.strip().lower(), secrets.token_urlsafe(32)
    if by.is_staff:
        raise Refused(AT_THE_SERVER)
    if email == by.email:
        raise Refused(SAME)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    record("person.address_change_asked", matter=str(by.pk), by=by, now=now)
    by.address_changes.filter(confirmed_at__isnull=True, replaced_at__isnull=True).update(replaced_at=now)
    change = AddressChange.objects.create(
        user=by, email=email, token_hash=kept_of(token), asked_at=now, expires_at=now + LINK_LASTS
    )
    if not _is_taken(email):
        people_letters.address_to_confirm(change, token, now=now)
    return change


@transaction.atomic
def confirm_address(*, change: AddressChange, by: User | None, now: datetime, where: str = "") -> User:
    """From now on the person signs in by the new address, and is signed out everywhere; both addresses are told (N2), with
    `where` it was confirmed.

    Raises Refused if the link is too old, was replaced or used, or the address is somebody else's by now.
    """
    change = AddressChange.objects.select_for_update().get(pk=change.pk)
    person = User.objects.select_for_update(no_key=True).get(pk=change.user_id)
    if not change.is_open(now) or person.is_staff or not person.is_active:
        raise Refused(NOT_OPEN)
    if _is_taken(change.email):
        raise Refused(TAKEN)
    record("person.address_changed", matter=str(person.pk), by=by or person, now=now)
    before, person.email, person.bounced_at = person.email, change.email, None
    change.confirmed_at = now
    change.save(update_fields=["confirmed_at"])
    cut_off(person)
    person.save(update_fields=["email", "password", "bounced_at"])
    end_invitations_to(before, by=person, now=now)
    people_letters.address_changed(person, before=before, where=where, now=now)
    return person


@transaction.atomic
def choose_display(*, zone: str, date_style: str, by: User, now: datetime) -> None:
    """C12.5: how times are shown beside the contract's own; deadlines stay in the contract's zone."""
    record("person.display_chosen", matter=str(by.pk), by=by, now=now)
    by.zone, by.date_style = zone, date_style
    by.save(update_fields=["zone", "date_style"])


@transaction.atomic
def address_works(*, by: User, now: datetime) -> None:
    """C12.3: the person says that letters reach them at their address again. If one comes back, it is marked anew."""
    record("person.address_works", matter=str(by.pk), by=by, now=now)
    undelivered.address_takes_letters(by.email)


@transaction.atomic
def choose_reminders(*, person: User, off: Sequence[str], by: User, now: datetime) -> None:
    """C12.4: the optional letters that the person does without. What belongs to the contract is none of them, and always goes."""
    record("person.reminders_chosen", matter=str(person.pk), by=by, now=now)
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    person.switched_off = [kind for kind in ALL if kind in off]
    person.save(update_fields=["switched_off"])


@transaction.atomic
def end_sign_in(*, session: int, by: User, now: datetime) -> bool:
    """C12.6: one of the person's own sign-ins ends at once. False if there is none such any more."""
    record("person.signed_out_elsewhere", matter=str(by.pk), by=by, now=now)
    return end_session(by, session)


@transaction.atomic
def tell_of_change(*, what: str, by: User, now: datetime, where: str = "") -> None:
    """N2: what protects the account was changed, or somebody signed in by a device that is new: the person is told."""
    record("person.told_of_change", matter=str(by.pk), by=by, now=now, note=what)
    people_letters.account_changed(by, what=what, where=where, now=now)


@transaction.atomic
def note_export(*, customer: Customer, by: User, now: datetime) -> None:
    """C12.7: who took everything about the customer along, and when."""
    record("customer.exported", matter=customer.external_id, by=by, now=now)


def _is_taken(email: str) -> bool:
    return User.objects.filter(email__iexact=email).exists()
