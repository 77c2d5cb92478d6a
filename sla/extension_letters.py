"""What is written to whoever gets more time since our own pages stood still (T4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from entitlements import notices
from entitlements.links import page
from entitlements.models import User
from entitlements.notices import Addressee
from sla import election_letters, letters
from sla.models import Claim, Election, Failure

KIND = "window_extended"


@dataclass(frozen=True, slots=True)
class StoodStill:
    """When a window was to end, and from when until when the product stood still (UTC)."""

    was: datetime
    down_from: datetime
    down_until: datetime


def draft_extended(claim: Claim, told: StoodStill, *, lapsed: bool, now: datetime) -> None:
    """T4: a draft can be sent for longer; one that had lapsed is open again."""
    context = letters.claim_context(claim, draft=True, lapsed=lapsed, action_label="Continue the claim", **asdict(told))
    _write(claim, letters.readers_of_claim(claim), claim.closes_at, context, now)


def report_extended(failure: Failure, told: StoodStill, *, lapsed: bool, now: datetime) -> None:
    """T4: a claim for a reported failure can be made for longer."""
    context = letters.failure_context(failure, lapsed=lapsed, action_label="Start the claim", **asdict(told))
    _write(failure, letters.readers_of_failure(failure), failure.closes_at, context, now)


def failure_counts_again(claim: Claim, failure: Failure, told: StoodStill, *, now: datetime) -> None:
    """S13, T4: a failure that had dropped out of a claim is part of it again."""
    again = {"again": failure.reference, "closes_at": failure.closes_at, "action_label": "See the claim"}
    context = letters.claim_context(claim, **asdict(told)) | again
    _write(claim, letters.readers_of_claim(claim), failure.closes_at, context, now, point=failure.reference)


def election_extended(election: Election, told: StoodStill, *, now: datetime) -> None:
    """S16: there is more time to choose; and the confirmation anew, with the deadline and the figures that follow from it."""
    assert election.deadline
    context = {
        "reference": election.reference,
        "customer": election.contract.customer.name,
        "zone": election.tz.key,
        "closes_at": election.deadline,
        "election": True,
        "link": page("election", election.reference),
        "action_label": "Choose",
        **asdict(told),
    }
    _write(election, election_letters.readers_of(election.contract.customer), election.deadline, context, now)
    election_letters.confirmed(election, now=now)


def _write(
    matter: Claim | Failure | Election,
    to: Iterable[User | str | Addressee],
    deadline: datetime,
    context: dict[str, Any],
    now: datetime,
    point: str = "",
) -> None:
    notices.write(
        KIND,
        matter=matter.reference,
        to=to,
        now=now,
        customer=matter.contract.customer,
        deadline=deadline,
        point=point,
        urgent=True,
        context=context,
    )
