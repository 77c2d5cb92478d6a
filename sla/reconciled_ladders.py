"""T1, T3: of elections, sessions, requests for information and contract years that are over, each point of their ladder was looked at
while it stood, or is on record as missed. As `reconciliation`, of which these are questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from entitlements.models import BookedSession, Contract, ContractYear, Event, MissedReminder, UsageEntry
from entitlements.reminder_letters import YEAR
from entitlements.rules.days import first_instant
from entitlements.rules.reminders import due_reminder
from sla.models import Election, ElectionState, InformationRequest

Found = Iterator[tuple[str, str]]

OF_SESSIONS = ("engagement.reminder", "engagement.not_reminded", "engagement.missed_reminder")
OF_YEARS = ("contract.reminder", "contract.reminder_to_nobody")
NONE_DUE = "none due"


def elections(since: datetime, now: datetime) -> Found:
    """S16: of those of which nobody ever chose, and whose notice and end stayed what they were."""
    silent = Election.objects.filter(state=ElectionState.DECIDED, deadline__gte=since, choices__isnull=True)
    found = {one.reference: one for one in silent.select_related("contract")}
    moved = Event.objects.filter(matter__in=found, verb__in=["election.window_extended", "election.stopped"])
    for matter in set(moved.values_list("matter", flat=True)):
        del found[matter]
    looked, noted = _looks(["election.reminder"], found), _missed(found)
    for matter, one in found.items():
        assert one.deadline
        assert one.reached_at
        answer = due_reminder("election", one.deadline, one.tz, one.deadline, one.reached_at, ["at_once"])
        seen = {note for note, _ in looked[matter]} | noted[matter]
        yield matter, _without([name for name, _ in answer.missed if name not in seen])


def sessions(since: datetime, now: datetime) -> Found:
    """E15: of those that were booked before the day before them."""
    begun = BookedSession.objects.filter(released_at__isnull=True, during__startswith__range=(since, now))
    found = list(begun.select_related("engagement__contract"))
    booked = _written("entitlements_bookedsession", [one.pk for one in found])
    looked = _looks(OF_SESSIONS, {one.engagement.reference for one in found})
    for one in found:
        start, matter, opened = one.during.lower, one.engagement.reference, booked.get(one.pk)
        if opened is None:
            continue
        answer = due_reminder("session", start, one.engagement.contract.tz, start, opened, [])
        told = any(note == f"Part {one.part}" and at >= opened for note, at in looked[matter])
        yield matter, _without([] if told else [name for name, _ in answer.missed])


def requests(since: datetime, now: datetime) -> Found:
    """S19: of requests for information that nobody answered or took back, and whose deadline stayed what it was."""
    silent = InformationRequest.objects.filter(answered_at__isnull=True, ended_by__isnull=True)
    found = {str(one.pk): one for one in silent.filter(ended_at__range=(since, now)).select_related("claim__contract")}
    moved = Event.objects.filter(table="sla_informationrequest", changes__has_key="answer_by", verb="update")
    for row in set(moved.filter(row_id__in=found).values_list("row_id", flat=True)):
        del found[row]
    matters = {one.claim.reference for one in found.values()}
    looked, noted = _looks(["claim.request_reminder"], matters), _missed_before(matters)
    for one in found.values():
        matter, end = one.claim.reference, one.answer_by
        answer = due_reminder("information", end, one.claim.contract.tz, end, one.asked_at, [])
        seen = {note for note, at in looked[matter] if one.asked_at <= at < end} | noted[matter, end]
        yield matter, _without([name for name, _ in answer.missed if name not in seen])


def years(since: datetime, now: datetime) -> Found:
    """E3: of those of which places lapsed unused, on contracts that stand as they stood."""
    over = ContractYear.objects.filter(closed_at__isnull=False, ends_at__range=(since, now))
    lapsed = UsageEntry.objects.filter(kind=UsageEntry.Kind.UNUSED, unused__gt=0).values("year")
    active = over.filter(pk__in=lapsed, contract__status=Contract.Status.ACTIVE)
    found = {one.pk: one for one in active.select_related("contract")}
    written = _written("entitlements_contractyear", found)
    moved = Event.objects.filter(table="entitlements_contractyear", changes__has_key="ends_at", verb="update")
    for row in moved.filter(row_id__in=[str(key) for key in found]).values_list("row_id", flat=True).distinct():
        del found[int(row)]
    looked = _looks(OF_YEARS, {one.contract.order_form for one in found.values()})
    noted = _missed([f"{YEAR}{key}" for key in found])
    for key, one in found.items():
        if key in written:
            seen = {note for note, at in looked[one.contract.order_form] if _falls_in(one, at)} | noted[f"{YEAR}{key}"]
            yield one.contract.order_form, _without([] if NONE_DUE in seen else _points_of(one, written[key], seen))


def _points_of(year: ContractYear, written: datetime, seen: Collection[str]) -> list[str]:
    opened = max(first_instant(year.first_day, year.contract.tz), written)
    answer = due_reminder("unused", year.ends_at, year.contract.tz, year.ends_at, opened, [])
    return [name for name, _ in answer.missed if name not in seen]


def _falls_in(year: ContractYear, at: datetime) -> bool:
    return first_instant(year.first_day, year.contract.tz) <= at < year.ends_at


def _written(table: str, keys: Iterable[int]) -> dict[int, datetime]:
    """When each of these rows came, by the log."""
    came = Event.objects.filter(table=table, row_id__in=[str(key) for key in keys], verb="insert")
    return {int(key): at for key, at in came.values_list("row_id", "happened_at")}


def _looks(verbs: Collection[str], matters: Iterable[str]) -> dict[str, list[tuple[str, datetime]]]:
    """What was noted of each matter, and when."""
    found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    log = Event.objects.filter(matter__in=list(matters), verb__in=verbs)
    for matter, note, at in log.values_list("matter", "note", "happened_at"):
        found[matter].append((note, at))
    return found


def _missed(matters: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for matter, point in MissedReminder.objects.filter(matter__in=list(matters)).values_list("matter", "point"):
        found[matter].add(point)
    return found


def _missed_before(matters: Iterable[str]) -> dict[tuple[str, datetime], set[str]]:
    """As `_missed`, by matter and deadline: a claim may be asked more than once, and what one request missed says nothing of another."""
    found: dict[tuple[str, datetime], set[str]] = defaultdict(set)
    missed = MissedReminder.objects.filter(matter__in=list(matters))
    for matter, deadline, point in missed.values_list("matter", "deadline", "point"):
        found[matter, deadline].add(point)
    return found


def _without(points: Collection[str]) -> str:
    return f"Neither looked at nor on record as missed: the reminders {', '.join(points)}." if points else ""
