"""What was received with a claim (S13): kept at the receipt, so that page, letter and PDF say the same whenever they are made again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from sla.entries import sent_by
from sla.models import Claim, Entry, Failure, Receipt


@dataclass(frozen=True, slots=True)
class FailureReceived:
    """A failure of the claim as it was on record then; instants in UTC."""

    reference: str
    kind: str
    began_at: datetime
    ended_at: datetime | None
    reported_at: datetime
    found_by_us: bool
    description: str

    @classmethod
    def of(cls, failure: Failure) -> Self:
        return cls(
            failure.reference,
            failure.get_kind_display(),
            failure.began_at,
            failure.ended_at,
            failure.reported_at,
            failure.found_by_us,
            failure.description,
        )


@dataclass(frozen=True, slots=True)
class Received:
    """Names and zone as they were at the receipt."""

    customer: str
    order_form: str
    zone: str
    currency: str
    sent_by: str
    declared_by: str
    failures: tuple[FailureReceived, ...]

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "failures": [_dated(asdict(one)) for one in self.failures]}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Self:
        failures = tuple(FailureReceived(**_instants(one)) for one in said["failures"])
        return cls(**{**said, "failures": failures})


def received_of(claim: Claim) -> Received:
    """As it was kept; of a claim without, from before receipts were kept, as it is on record now."""
    kept = Receipt.objects.filter(claim=claim).first()
    return Received.from_json(kept.said) if kept else as_of_now(claim, claim.own_failures())


def as_of_now(claim: Claim, failures: Iterable[Failure], *, entry: Entry | None = None) -> Received:
    """What is on record at this moment. `entry`: as what it came, where that does not name its claim yet."""
    contract = claim.contract
    return Received(
        customer=contract.customer.name,
        order_form=contract.order_form,
        zone=contract.zone,
        currency=contract.currency,
        sent_by=sent_by(claim, entry),
        declared_by=str(claim.declared_by or ""),
        failures=tuple(FailureReceived.of(one) for one in failures),
    )


_INSTANTS = ("began_at", "ended_at", "reported_at")


def _dated(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, **{name: one[name] and one[name].isoformat() for name in _INSTANTS}}


def _instants(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, **{name: one[name] and datetime.fromisoformat(one[name]) for name in _INSTANTS}}
