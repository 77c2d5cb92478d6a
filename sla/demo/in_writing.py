"""A claim that came by e-mail an hour ago: entered by one manager, waiting for another (S13)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from entitlements.uploads import CheckedFile
from sla.actions.entries import Written, enter
from sla.demo.cast import Cast
from sla.demo.scene import Scene
from sla.models import Entry, Failure
from sla.stated import TransactionLine

FIRM = "outfitters"
MAIL = b"""Hello,

we want to claim for the failure that we reported. One order did not come about because nobody was called:
order 5590, for 1,840.00, which would have cost us 410.00.
"""


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    at = now - timedelta(minutes=25)
    yield Scene(at, lambda: _enter(cast, at))


def _enter(cast: Cast, at: datetime) -> Entry:
    contract, writer = cast.contracts[FIRM], cast.claimants[FIRM]
    failure = Failure.objects.filter(contract=contract).latest("reported_at")
    order = TransactionLine(failure.began_at + timedelta(minutes=20), "Order 5590", Decimal("1840"), Decimal("410"))
    written = Written(
        what=Entry.What.CLAIM,
        way=Entry.Way.EMAIL,
        sender=f"{writer.name}, {contract.customer}",
        arrived_at=at - timedelta(minutes=40),
        failure=failure,
        kind=failure.kind,
        began_at=failure.began_at,
        ended_at=failure.ended_at,
        contact_name=writer.name,
        contact_email=writer.email,
        lines=[order],
    )
    mail = CheckedFile("claim.txt", "txt", MAIL, hashlib.sha256(MAIL).hexdigest())
    return enter(contract=contract, written=written, file=mail, by=cast.manager, now=at)
