"""T4: the windows whose last day a standstill of the product cut into, and what can still be made longer of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from entitlements.models import Contract, Event, Standstill
from sla.models import (
    TO_DECIDE,
    Claim,
    ClaimFailure,
    ClaimState,
    Election,
    Failure,
    FailureState,
    InformationRequest,
)

LAST_DAY = timedelta(hours=24)
HELD_FOR = timedelta(days=3)
"""So long an election whose end a standstill hid waits for what is decided: what it comes to cannot be taken back."""

LOOKED_AT = 10_000
CAN_COME_BACK = (ClaimState.DRAFT, ClaimState.LAPSED)
REPORT, DRAFT, TOO_LATE, ANSWER = "to claim", "to send the draft", "of a claim that came later", "to answer"
ELECTION = "to choose"


@dataclass(frozen=True, slots=True)
class Window:
    """What was to be done by when (UTC), of which matter and contract; `tz` is the zone that counts its days."""

    kind: str
    reference: str
    contract: Contract
    ends_at: datetime
    tz: ZoneInfo


def ended_between(since: datetime, until: datetime) -> int:
    """How many windows ended from `since` to before `until` (UTC), of all that is still open: asked before the clock closes it."""
    then = {"closes_at__gte": since, "closes_at__lt": until}
    asked = InformationRequest.objects.open().filter(answer_by__gte=since, answer_by__lt=until)
    choosing = Election.objects.open().filter(deadline__gte=since, deadline__lt=until)
    drafts, reports = Claim.objects.drafts().filter(**then), Failure.objects.open().filter(**then)
    return sum(rows.count() for rows in (drafts, reports, asked, choosing))


def ended_meanwhile(since: datetime, until: datetime) -> int:
    """The same once the clock has closed them: of all that can still be made longer."""
    meanwhile = Standstill(began_at=since, ended_at=until)
    return sum(since <= one.ends_at < until for one in concerned(meanwhile))


def concerned(standstill: Standstill) -> Iterator[Window]:
    """T4: every window that can be made longer because of a standstill that is over: it stood still on its last day."""
    of_contract = "contract__customer"
    for failure in reports(standstill).select_related(of_contract).order_by("closes_at", "pk"):
        yield Window(REPORT, failure.reference, failure.contract, failure.closes_at, failure.contract.tz)
    for claim in (
        drafts(standstill).select_related(of_contract).prefetch_related("failures").order_by("closes_at", "pk")
    ):
        ends = [claim.closes_at, *(failure.closes_at for failure in claim.own_failures())]
        first = min(end for end in ends if cuts(standstill, end))
        yield Window(DRAFT, claim.reference, claim.contract, first, claim.contract.tz)
    for failure in too_late(standstill).select_related(of_contract).order_by("closes_at", "pk"):
        yield Window(TOO_LATE, failure.reference, failure.contract, failure.closes_at, failure.contract.tz)
    for asked in requests(standstill).select_related(f"claim__{of_contract}").order_by("answer_by", "pk"):
        yield Window(ANSWER, asked.claim.reference, asked.claim.contract, asked.answer_by, asked.claim.contract.tz)
    for election in elections(standstill).select_related(of_contract).order_by("deadline", "pk"):
        assert election.deadline
        yield Window(ELECTION, election.reference, election.contract, election.deadline, election.tz)


def zones_of(matters: Collection[str]) -> dict[str, ZoneInfo]:
    """The zone that counts the days of each of these reports, claims and elections, by its reference."""
    found: dict[str, ZoneInfo] = {}
    for model in (Failure, Claim, Election):
        rows = model._default_manager.filter(reference__in=matters).select_related("contract")
        found |= {one.reference: one.tz if isinstance(one, Election) else one.contract.tz for one in rows}
    return found


def reports(standstill: Standstill) -> QuerySet[Failure]:
    """Reports of which no claim was begun: open, or closed when their windows ended."""
    waiting = Failure.objects.filter(state__in=[FailureState.REPORTED, FailureState.CLOSED])
    return waiting.filter(_of_last_day("closes_at", standstill)).exclude(pk__in=_attached().values("failure"))


def drafts(standstill: Standstill) -> QuerySet[Claim]:
    """Drafts, open or lapsed, with a window of their own or of one of their failures."""
    parts = _attached().filter(_of_last_day("failure__closes_at", standstill)).values("claim")
    either = _of_last_day("closes_at", standstill) | Q(pk__in=parts)
    return Claim.objects.filter(either, state__in=CAN_COME_BACK)


def too_late(standstill: Standstill) -> QuerySet[Failure]:
    """S13: failures that dropped out of claims, still to be decided, which were received after these windows."""
    parts = _attached().filter(claim__state__in=TO_DECIDE, claim__received_at__gte=F("failure__closes_at"))
    return Failure.objects.filter(_of_last_day("closes_at", standstill), pk__in=parts.values("failure"))


def requests(standstill: Standstill) -> QuerySet[InformationRequest]:
    """S19: what was asked and neither answered nor taken back, of claims that are still asked or were returned to review."""
    asked = InformationRequest.objects.filter(answered_at__isnull=True, ended_by__isnull=True)
    asked = asked.filter(claim__state__in=[ClaimState.INFORMATION_REQUESTED, ClaimState.IN_REVIEW])
    return asked.filter(_of_last_day("answer_by", standstill))


def elections(standstill: Standstill) -> QuerySet[Election]:
    """S16: what is still to be chosen. Once it took effect it stays."""
    return Election.objects.open().filter(_of_last_day("deadline", standstill))


def hidden(deadline: str, now: datetime) -> Exists:
    """T4: whether the column's instant fell into a standstill of which nothing is decided yet, though it can be."""
    lasts = Q(ended_at__isnull=True)
    fell = Standstill.objects.filter(lasts | Q(ended_at__gt=OuterRef(deadline)), began_at__lt=OuterRef(deadline))
    return Exists(fell.filter(lasts | Q(ended_at__gt=now - HELD_FOR), extension__isnull=True))


def cuts(standstill: Standstill, end: datetime) -> bool:
    """T4: whether it stood still at some time of the day (24 elapsed hours) before the end of a window."""
    return standstill.ended_at is not None and standstill.began_at < end < standstill.ended_at + LAST_DAY


def _of_last_day(column: str, standstill: Standstill) -> Q:
    if standstill.ended_at is None:
        return Q(pk__in=[])
    return Q(**{f"{column}__gt": standstill.began_at, f"{column}__lt": standstill.ended_at + LAST_DAY})


def _attached() -> QuerySet[ClaimFailure]:
    return ClaimFailure.objects.filter(released_at__isnull=True)


def acts_meanwhile(standstill: Standstill) -> int:
    """T4: how many acts of people are on record in its time: where there are any, the pages worked. Of the last ones before its end."""
    if standstill.ended_at is None:
        return 0
    told = Event.objects.filter(matter=standstill.what, happened_at=standstill.ended_at).order_by("id").first()
    if told is None:
        return 0
    before = Event.objects.filter(pk__lt=told.pk).order_by("-pk").values("pk")[:LOOKED_AT]
    acts = Event.objects.filter(pk__in=before, table="", actor__isnull=False)
    return acts.filter(happened_at__gte=standstill.began_at, happened_at__lt=standstill.ended_at).count()
