"""What the page of a claim shows beside what the customer says: computed facts, never a choice (M5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.core.paginator import Page, Paginator

from entitlements import wording
from entitlements.models.worded import Worded
from entitlements.rules.working import Step
from sla.assessment import ClaimAssessment, assess, failure_named
from sla.live_figures import working_of_loss
from sla.models import Claim, Downtime, Failure, LostTransaction, Outage, Proposal
from sla.outage_logs import Logs
from sla.outage_plot import Drawing, drawing_with, reports_of
from sla.rules.claim_window import claim_window, is_in_time
from sla.rules.losses import realized_loss
from sla.wording import BOUNDS

NEAR = timedelta(days=3)
LINES_ON_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the four figures of S19, with the way to it."""

    name: str
    clause: str
    amount: Decimal | None
    note: str
    working: Step | dict[str, Any] | None = None


def timeliness(claim: Claim, assessment: ClaimAssessment, failures: Iterable[Failure]) -> list[dict[str, Any]]:
    """S13: of each of its failures when it occurred, was reported, and whether the claim was in time."""
    terms, zone = assessment.edition.facts(), claim.contract.tz
    counted = assessment.union.counted.failures
    ends = [*assessment.union.late, *((one, one.closes_at(zone, terms)) for one in counted)]
    rows = []
    for failure in failures:
        own = [closed for one, closed in ends if failure_named(one) == failure.reference]
        closes_at = max(own, default=failure.closes_at)  # none of its own: our logs do not have it yet
        window = claim_window(failure.occurred_at, zone, terms)
        rows.append(
            {
                "failure": failure,
                "closes_at": closes_at,
                "verdict": _verdict(claim.received_at, closes_at),
                "in_time": claim.received_at is not None and is_in_time(claim.received_at, closes_at),
                "waived": claim.waived_at,
                "reported_after": wording.duration_in_words(_whole(failure.reported_at - failure.occurred_at)),
                "working": replace(window, deadline=closes_at).working,
            }
        )
    return rows


def _verdict(received_at: datetime | None, closes_at: datetime) -> str:
    if received_at is None:
        return "Not received"
    if is_in_time(received_at, closes_at):
        return f"In time, {wording.roughly_in_words(closes_at - received_at)} before the deadline"
    return f"Late by {wording.roughly_in_words(received_at - closes_at)}"


def _whole(length: timedelta) -> timedelta:
    return timedelta(seconds=round(length.total_seconds()))


def logs_beside(assessment: ClaimAssessment, failures: Iterable[Failure]) -> list[dict[str, Any]]:
    """S2: what our logs have for each failure, beside what the customer states; a difference is marked."""
    logs = {failure.pk: found for failure, found in assessment.logs}
    return [
        {
            "failure": failure,
            "rows": _rows(failure, logs.get(failure.pk)),
            "pieces": [piece.working for piece in logs[failure.pk].pieces] if failure.pk in logs else [],
        }
        for failure in failures
        if failure.kind == Failure.Kind.OUTAGE
    ]


def drawings(claim: Claim, assessment: ClaimAssessment, now: datetime) -> list[Drawing]:
    """PL5: each outage of the claim's failures as a time line, once."""
    outages = {failure.outage: found for failure, found in reversed(assessment.logs) if failure.outage}
    ordered = sorted(outages.items(), key=lambda one: (one[0].recorded_at, one[0].pk), reverse=True)
    reports = reports_of(claim.contract.customer, *(one.pk for one in outages)) if outages else []
    for one in reports:
        if one.contract_id == claim.contract_id:
            one.contract = claim.contract
    drawn = (drawing_with(logs, one, claim.contract, reports, assessment.editions, now) for one, logs in ordered)
    return [one for one in drawn if one]


def _rows(failure: Failure, logs: Logs | None) -> list[dict[str, Any]]:
    logged = logs.own if logs else ()
    start = min((start for start, _ in logged), default=None)
    ends = [end for _, end in logged if end]
    end = max(ends) if ends and len(ends) == len(logged) else None
    return [
        {"what": "Began", "stated": failure.began_at, "logged": start, "difference": _apart(failure.began_at, start)},
        {"what": "Ended", "stated": failure.ended_at, "logged": end, "difference": _apart(failure.ended_at, end)},
    ]


def _apart(stated: datetime | None, logged: datetime | None) -> str:
    if stated is None or logged is None or stated == logged:
        return ""
    return f"{wording.duration_in_words(abs(logged - stated))} {'later' if logged > stated else 'earlier'} in our logs"


def outages_near(claim: Claim, failures: Iterable[Failure]) -> list[tuple[Outage, str]]:
    """S2: the recorded outages of the customer near the time that is stated first, newest first, with their times in words."""
    outages = [one for one in failures if one.kind == Failure.Kind.OUTAGE]
    if not outages:
        return []
    stated = min(outages, key=lambda one: one.began_at)
    window = (stated.began_at - NEAR, (stated.ended_at or stated.began_at) + NEAR)
    near = groupby(_NEAR(claim.contract.customer_id, *window), attrgetter("outage"))
    return [(outage, _in_words(outage, downtimes, claim)) for outage, downtimes in near]


def _near(customer: int, start: datetime, end: datetime) -> Any:
    """All that the customer's outages near that time have in its logs, one outage after the other."""
    of_customer = Downtime.objects.of(customer)
    of_these = of_customer.filter(outage__in=of_customer.touching(start, end).values("outage"))
    return of_these.select_related("outage").order_by("-outage__recorded_at", "-outage_id", "during", "id")


_NEAR = Worded(_near)


def _in_words(outage: Outage, downtimes: Iterable[Downtime], claim: Claim) -> str:
    zone = claim.contract.tz
    spans = [
        f"{wording.moment_in_short(one.during.lower, zone)} – "
        f"{wording.moment_in_short(one.during.upper, zone) if one.during.upper else 'still open'}"
        for one in downtimes
    ]
    return f"{outage.reference} {outage.title}: {'; '.join(spans)}"


def lines(claim: Claim, assessment: ClaimAssessment, page: str | None = None) -> Page[Any]:
    """S9: a page of the transactions, each with its profit, and whether it counts or why not: by the reviewer's finding or by the
    rule."""
    listed = Paginator(claim.transactions.select_related("struck_by"), LINES_ON_A_PAGE)
    if claim.method == Claim.Method.TRANSACTIONS:
        listed.count = sum(one.count for one in assessment.summed)
    found: Page[Any] = listed.get_page(page)
    shown = list(found)
    judged = assessment.figures is not None
    struck = realized_loss((line.facts() for line in shown), assessment.union.counted.spans).struck
    found.object_list = [
        {
            "line": line,
            "profit": line.profit,
            "judged": judged,
            "counts": judged and str(line.line) not in struck,
            "why": _why(line, [str(strike.value) for strike in struck.get(str(line.line), ())]),
        }
        for line in shown
    ]
    return found


def _why(line: LostTransaction, strikes: list[str]) -> list[str]:
    words = dict(LostTransaction.Strike.choices)
    return [str(words.get(strike, wording.label_in_words(strike))) for strike in strikes]


def figures(
    assessment: ClaimAssessment, decided: Proposal | None, shown: Page[Any], *, line_by_line: bool
) -> list[Figure]:
    """S19: claimed, assessed, capped and credited. Once it is decided, as it was frozen then. `line_by_line`: the loss with the working
    of its first lines, which is most of the page; the lines themselves stand in their table either way."""
    if decided:
        whole = decided.working
        return [
            Figure("Claimed", "S9", decided.claimed, "By the customer's own lines."),
            Figure("Assessed", "S9", decided.assessed, "The loss that counts."),
            Figure("Capped", "S11", decided.capped, _bound(decided.bound), whole),
            Figure("Credited", "S19", decided.credited, "As decided by two people."),
        ]
    found = assessment.figures
    bound = found.credit.bound if found else None
    first: Sequence[LostTransaction] = ()
    if line_by_line:
        first = [one["line"] for one in shown] if shown.number == 1 else list(shown.paginator.page(1))
    loss = working_of_loss(assessment, first, of=shown.paginator.count)
    return [
        Figure(
            "Claimed", "S9", assessment.claimed, "Revenue less expenses of every line, as the customer states them."
        ),
        Figure("Assessed", "S9", assessment.assessed, "The loss that counts.", loss),
        Figure("Capped", "S11", assessment.capped, _bound(bound or ""), found.credit.working if found else None),
        Figure("Credited", "S19", None, "Nothing, until two people have decided."),
    ]


def _bound(bound: str) -> str:
    return f"Bound: {BOUNDS[bound]}." if bound else "Cannot be computed yet."


def other_readings(assessment: ClaimAssessment) -> list[tuple[str, str, Decimal]]:
    """S9, S11: what the same words would give if they were read in the other way."""
    found = assessment.figures
    if found is None:
        return []
    readings = [("S11", name, amount) for name, amount in found.credit.other_readings]
    without_netting = getattr(found.loss, "without_netting", found.assessed)
    if without_netting != found.assessed:
        readings.append(("S9", "assessed, if lines at a loss counted as nothing", without_netting))
    return readings


def without_emergencies(claim: Claim, assessment: ClaimAssessment, now: datetime) -> list[tuple[str, str, Decimal]]:
    """S3: what the claim would come to if emergency maintenance cut nothing without a notice; nothing where that is the same."""
    if not assessment.emergencies:
        return []
    other = assess(claim, now=now, emergencies_cut=False, in_sums=True)
    return [("S3", "capped, if an emergency without notice did not cut the outage", other.capped or Decimal(0))]
