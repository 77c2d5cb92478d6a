"""A customer's people over time: one invitation open, one expired, somebody who came and left, contacts for legal notices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from entitlements.actions.invitations import accept_invitation, invite
from entitlements.actions.legal_contacts import add_legal_contact, confirm_legal_contact
from entitlements.actions.people import end_membership
from entitlements.models import Role
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment

FIRM = "northwind"


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    """At Northwind Retail."""
    for days_ago, name, roles in (
        (2, "Nora Lindgren", [Role.CLAIMS, Role.SIGNATORY]),
        (24, "Omar Said", [Role.READ_ONLY]),
    ):
        at = moment(now, days_ago)
        yield Scene(at, partial(_invite, cast, name, roles, at))
    yield Scene(moment(now, 210), partial(_come, cast, moment(now, 210)))
    yield Scene(moment(now, 30), partial(_go, cast, moment(now, 30)))
    yield Scene(moment(now, 100), partial(_name_contacts, cast, moment(now, 100)))


def _invite(cast: Cast, name: str, roles: list[Role], at: datetime) -> None:
    by = cast.owners[FIRM]
    invite(customer=cast.contracts[FIRM].customer, email=_address(name), name=name, roles=roles, by=by, now=at)


def _come(cast: Cast, at: datetime) -> None:
    name, by, customer = "Ed Larsen", cast.owners[FIRM], cast.contracts[FIRM].customer
    sent = invite(customer=customer, email=_address(name), name=name, roles=[Role.BOOKINGS], by=by, now=at)
    accept_invitation(invitation=sent, by=None, now=at + timedelta(minutes=20))


def _go(cast: Cast, at: datetime) -> None:
    membership = cast.contracts[FIRM].customer.memberships.get(user__email=_address("Ed Larsen"), left_at=None)
    end_membership(membership=membership, by=cast.owners[FIRM], now=at, reason="Left the firm.")


def _name_contacts(cast: Cast, at: datetime) -> None:
    customer, by = cast.contracts[FIRM].customer, cast.owners[FIRM]
    for name, box, confirms in (
        ("Legal department", "legal", True),
        ("Procurement", "procurement", True),
        ("Outside counsel", "counsel", False),
    ):
        contact = add_legal_contact(customer=customer, name=name, email=f"{box}@{FIRM}.example", by=by, now=at)
        if confirms:
            confirm_legal_contact(contact=contact, by=None, now=at + timedelta(hours=2))


def _address(name: str) -> str:
    return f"{name.split()[0].lower()}@{FIRM}.example"
