"""The letter that offers what is left of a contract year (E3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from entitlements import access, notices
from entitlements.links import page
from entitlements.models import ContractYear, Letter, Role


@dataclass(frozen=True, slots=True)
class OfferedLine:
    """An activity, or the activities of a pool: how many places are left, and the next free times of an engineer (UTC)."""

    name: str
    left: int
    times: tuple[datetime, ...]


def sessions_offered(year: ContractYear, lines: Sequence[OfferedLine], *, now: datetime) -> None:
    """E3: what is left, until when, and when an engineer is free. Nothing is held by it."""
    contract = year.contract
    notices.write(
        "sessions_offered",
        matter=contract.order_form,
        to=access.people_of(contract.customer, Role.OWNER, Role.BOOKINGS),
        now=now,
        customer=contract.customer,
        deadline=year.ends_at,
        point=now.date().isoformat(),
        context={
            "reference": contract.order_form,
            "customer": contract.customer.name,
            "zone": contract.zone,
            "lines": [{"name": one.name, "left": one.left, "times": list(one.times)} for one in lines],
            "year_last": year.last_day,
            "action_url": page("year_card"),
            "action_label": "Ask for a session",
        },
    )


def no_longer_open(waiting: Sequence[Letter], now: datetime) -> set[int]:
    """T2, asked at the moment of sending: an offer is true until the year is over. The keys of those that are not."""
    return {one.pk for one in waiting if one.kind == "sessions_offered" and one.deadline and one.deadline <= now}
