"""S19: facts corrected later recompute open claims visibly, and never a decided one, whose page says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q, QuerySet

from entitlements.actions.log import record
from entitlements.actions.places import lock_all_years
from entitlements.models import Contract, User
from sla.assessment import assess
from sla.evidence.circumstances import LOOKS_BACK
from sla.evidence.reported import MEANT_WITHIN
from sla.models import TO_DECIDE, Cause, Claim, ClaimState, Failure, Recomputation

DECIDED = (ClaimState.APPROVED, ClaimState.CREDITED, ClaimState.DENIED)


class Figures(NamedTuple):
    """What a claim comes to by the records of a moment; `capped` None where no credit can be computed. `against`: S1, why no credit
    comes of it, whatever the figures."""

    remedy: timedelta
    assessed: Decimal
    capped: Decimal | None
    against: str = ""


@contextmanager
def recomputed(claims: QuerySet[Claim], *, because: str, matter: str, by: User | None, now: datetime) -> Iterator[None]:
    """Around whatever changes facts: what that did to the figures of these claims is put on record, claim by claim.

    `matter` is the reference of what is corrected, `because` the sentence for whoever reads the claim, `by` None the clock. In the
    caller's transaction.
    """
    concerned = hold(claims)
    before = {claim.pk: _figures(claim, now) for claim in concerned}
    yield
    for claim in concerned:
        was, becomes = before[claim.pk], _figures(claim, now)
        if was != becomes:
            _recompute(claim, was, becomes, because=because, matter=matter, by=by, now=now)


def with_its_claims(*, contract: Contract, because: str, by: User, now: datetime, act: Callable[[], object]) -> object:
    """S1, S11, S19: do what changes a contract's facts (fees, terms, days), and put on record what that did to its claims.
    Its years and the contract are locked before them."""
    theirs = Claim.objects.filter(contract=contract)
    facts = recomputed(theirs, because=because, matter=contract.order_form[:20], by=by, now=now)
    with transaction.atomic():
        lock_all_years(contract)
        with facts:
            return act()


@contextmanager
def recomputed_when_done(
    claims: QuerySet[Claim], *, because: str, matter: str, by: User, now: datetime
) -> Iterator[None]:
    """As `recomputed`, around what takes minutes: meanwhile claims are decided as the facts still are, and nobody waits. Once all is
    computed, those that changed are locked; one that another correction changed meanwhile goes on from what that made of it.
    """
    concerned = list(_of(claims.filter(state__in=[*TO_DECIDE, *DECIDED])))
    before = {claim.pk: _figures(claim, now) for claim in concerned}
    known = _newest(before)
    yield
    changed = {claim.pk: after for claim in concerned if (after := _figures(claim, now)) != before[claim.pk]}
    locked = hold(Claim.objects.filter(pk__in=changed))
    newest = _newest(changed)
    for claim in locked:
        was, becomes = before[claim.pk], changed[claim.pk]
        if (meanwhile := newest.get(claim.pk)) != known.get(claim.pk) and meanwhile:
            was = Figures(meanwhile.remedy_after, meanwhile.assessed_after, meanwhile.capped_after, was.against)
            becomes = _figures(claim, now)
        if was != becomes:
            _recompute(claim, was, becomes, because=because, matter=matter, by=by, now=now)


def hold(claims: QuerySet[Claim]) -> list[Claim]:
    """Lock what of these claims can be recomputed until the transaction ends: what is to be decided first, as every correction does."""
    return [*_locked(claims, TO_DECIDE), *_locked(claims, DECIDED)]


def _newest(claims: Collection[int]) -> dict[int, Recomputation]:
    """Of each claim (by key) what it was recomputed to last."""
    rows = Recomputation.objects.filter(claim__in=claims).order_by("claim_id", "-pk").distinct("claim_id")
    return {one.claim_id: one for one in rows}


def _recompute(
    claim: Claim, was: Figures, becomes: Figures, *, because: str, matter: str, by: User | None, now: datetime
) -> None:
    decided = claim.state in DECIDED
    if was.against != becomes.against:
        because = f"{because}: {becomes.against or 'it is in scope again'}"[:200]
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


def claims_on(cause: Cause, customers: Collection[int], during: Collection[DateTimeTZRange]) -> QuerySet[Claim]:
    """S8, S12, S19: of these customers (by key), the claims that an outage of this cause in these times may touch: those with a
    failure of the cause, and those with an alert that was late at that time, since an outage may have caused it."""
    touched = alerts_waiting_in(during) | Q(outage__cause=cause)
    failures = Failure.objects.filter(touched, contract__customer__in=customers)
    return Claim.objects.filter(failures__in=failures.values("pk")).distinct()


def alerts_waiting_in(during: Collection[DateTimeTZRange]) -> Q:
    """S5 (B): as `alerts_waiting`, from the first of these intervals of the logs to the last."""
    until = None if any(one.upper is None for one in during) else max(one.upper for one in during)
    return alerts_waiting(min(one.lower for one in during), until)


def alerts_waiting(since: datetime, until: datetime | None) -> Q:
    """S5 (B): of failures, the reported alerts that can have waited in a time, which may last; a report is matched within days of what it
    states, and how long its alert waited the logs say."""
    near = Q(kind=Failure.Kind.ALERT, began_at__gte=since - LOOKS_BACK)
    return near & Q(began_at__lt=until + MEANT_WITHIN) if until else near


def _locked(claims: QuerySet[Claim], states: tuple[str, ...]) -> list[Claim]:
    """So that none is decided meanwhile on facts that are just changing."""
    return list(_of(claims.filter(state__in=states)).select_for_update(of=("self",)))


def _of(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """With what their figures need."""
    return Claim.objects.filter(pk__in=claims.values("pk")).select_related("contract__customer").order_by("pk")


def _figures(claim: Claim, now: datetime) -> Figures:
    found = assess(claim, now=now, in_sums=True)
    refusal = found.standing.refusal
    return Figures(found.union.counted.time, found.assessed, found.capped, refusal.sentence if refusal else "")
