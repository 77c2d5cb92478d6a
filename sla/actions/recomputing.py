"""S19: facts corrected later recompute open claims visibly, and never a decided one, whose page says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from entitlements.actions.log import record
from entitlements.models import User
from sla.assessment import assess
from sla.models import TO_DECIDE, Claim, ClaimState, Recomputation

DECIDED = (ClaimState.APPROVED, ClaimState.CREDITED, ClaimState.DENIED)


class Figures(NamedTuple):
    """What a claim comes to by the records of a moment; `capped` None where no credit can be computed."""

    remedy: timedelta
    assessed: Decimal
    capped: Decimal | None


@contextmanager
def recomputed(claims: QuerySet[Claim], *, because: str, matter: str, by: User, now: datetime) -> Iterator[None]:
    """Around whatever changes facts: what that did to the figures of these claims is put on record, claim by claim.

    `matter` is the reference of what is corrected, `because` the sentence for whoever reads the claim. In the caller's transaction.
    """
    concerned = [*_locked(claims, TO_DECIDE), *_locked(claims, DECIDED)]
    before = {claim.pk: _figures(claim, now) for claim in concerned}
    yield
    for claim in concerned:
        was, becomes = before[claim.pk], _figures(claim, now)
        if was != becomes:
            decided = claim.state in DECIDED
            verb = "claim.facts_changed_since" if decided else "claim.recomputed"
            record(verb, matter=claim.reference, by=by, now=now, note=because)
            Recomputation.objects.create(
                claim=claim,
                matter=matter,
                because=because,
                decided=decided,
                remedy_before=was.remedy,
                remedy_after=becomes.remedy,
                assessed_before=was.assessed,
                assessed_after=becomes.assessed,
                capped_before=was.capped,
                capped_after=becomes.capped,
                recomputed_at=now,
                recomputed_by=by,
            )


def _locked(claims: QuerySet[Claim], states: tuple[str, ...]) -> list[Claim]:
    """So that none is decided meanwhile on facts that are just changing."""
    keys = claims.filter(state__in=states).values("pk")
    return list(
        Claim.objects.filter(pk__in=keys)
        .select_related("contract__customer")
        .order_by("pk")
        .select_for_update(of=("self",))
    )


def _figures(claim: Claim, now: datetime) -> Figures:
    found = assess(claim, now=now)
    return Figures(found.union.counted.time, found.assessed, found.capped)
