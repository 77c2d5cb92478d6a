"""Elections as lists have them (S16, T3): of many, by one question, what `elections.standing_of` says of one, also where no turn of the
clock has written it down yet. A return that is noted takes what it stopped from the letters, so that what is left of them stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateField,
    DateTimeField,
    Exists,
    Expression,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, Least

from entitlements.models import Letter
from sla.elections import NOTICE, is_taken, may_have_reached, opened_by_its_reader
from sla.models import RUNNING, Election, ElectionState

_AT = DateTimeField()


def with_their_clock(elections: QuerySet[Any]) -> QuerySet[Any]:
    """Each with `reached` and `ends` (UTC): since when the customer has the notice, and the first instant too late. None where no
    time runs. `contract_end` is the first instant after the contract, as its term is now."""
    at = Least(
        Case(When(is_taken(), then=F("accepted_at"))),
        Case(When(Q(opened_at__isnull=False) & Q(opened_by_its_reader()), then=F("opened_at"))),
    )
    letters = Letter.objects.filter(may_have_reached(), matter=OuterRef("reference")).annotate(at=at).order_by("at")
    reached = Least(Subquery(letters.values("at")[:1]), F("opened_at"))
    waits = Q(state=ElectionState.SENT)
    contract_end = _first_instant(F("contract__term__endswith"), F("contract__zone"))
    return elections.alias(contract_end=contract_end).annotate(
        reached=Case(When(waits, then=reached), default=F("reached_at")),
        ends=Case(When(waits, then=_closes_at(reached, F("zone"), F("terms__election_days"))), default=F("deadline")),
    )


def running(now: datetime) -> QuerySet[Any]:
    """Those whose time runs or has run at `now` (UTC), and whose outcome is not settled yet; none that is void with its contract."""
    return with_their_clock(Election.objects.running()).filter(ends__isnull=False).exclude(_ended_first(now))


def not_given(now: datetime) -> QuerySet[Any]:
    """S16: no letter of the last notice to a contact waits or stands, and nothing else of it does, so that no time begins by itself; nor
    is any void with its contract at `now` (UTC)."""
    waiting = with_their_clock(Election.objects.on_its_way()).filter(~_may_arrive(), reached__isnull=True)
    return waiting.exclude(_ended_first(now))


def as_shown(elections: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Each with its clock, and `shown`: what is said of one that runs; empty of the others."""
    runs, waits = Q(state__in=RUNNING), Q(state=ElectionState.SENT)
    return with_their_clock(elections).annotate(
        shown=Case(
            When(runs & _ended_first(now), then=Value("void")),
            When(runs & Q(ends__lte=now), then=Value("election_over")),
            When(runs & Q(ends__isnull=False), then=Value("election_open")),
            When(waits & ~_may_arrive(), then=Value("notice_not_given")),
            default=Value(""),
        )
    )


def _ended_first(now: datetime) -> Q:
    """S16: void with its contract, which has ended by `now` (UTC), not after the time to choose, if one runs (`Least` passes over None)."""
    return Q(contract_end__lte=Least(Value(now), F("ends")))


def _may_arrive() -> Exists:
    letters = Letter.objects.filter(
        matter=OuterRef("reference"), kind=NOTICE, person__isnull=True, bounced_at__isnull=True
    )
    last = Concat(Value("notice "), Cast(OuterRef("notice"), CharField()))
    return Exists(letters.filter(point=last, state__in=["queued", "accepted"]))


def _closes_at(reached: Expression | F, zone: Expression | F, days: Expression | F) -> Expression:
    """S16, in SQL, what `election_closes_at` says: the first instant of the local day after so many that follow that of the arrival."""
    day = Cast(_timezone(zone, reached), DateField())
    after = Func(day, days, template="(%(expressions)s + 1)", arg_joiner=" + ", output_field=DateField())
    return _first_instant(after, zone)


def _first_instant(day: Expression | F, zone: Expression | F) -> Expression:
    """Of a local day (X1), in SQL, what `first_instant` says. Of a midnight that comes twice the server takes the second, and of an
    eleven in the evening that does not exist the end of the gap: the earlier of the one, and an hour after the other, is the first."""
    midnight = Func(day, template="(%(expressions)s)::timestamp", output_field=_AT)
    evening = Func(midnight, template="(%(expressions)s - interval '1 hour')", output_field=_AT)
    hour_after = Func(_timezone(zone, evening), template="(%(expressions)s + interval '1 hour')", output_field=_AT)
    return Least(_timezone(zone, midnight), hour_after)


def _timezone(zone: Expression | F, at: Expression | F) -> Func:
    """Of an instant its local clock time in the zone, of a local clock time the instant."""
    return Func(Func(zone, function="server_zone", output_field=CharField()), at, function="timezone", output_field=_AT)
