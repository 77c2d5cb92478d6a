"""The words of the SLA examples: how each value is read into the project's types, and written back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from entitlements.rules.spans import Span
from sla.rules.delivery import DELIVERY_RECEIPT, Alert, delivery
from sla.rules.elections import Choice
from sla.rules.fees import AnnualFees, FeeLine, annual_fees
from sla.rules.losses import Attempt, LineKind
from sla.rules.maintenance import Ground, Maintenance
from sla.rules.outages import availability_outages
from sla.rules.plans import Plan, Prepaid
from sla.rules.remedy import Failure, failure_of_alert, failure_of_outage
from tests.worked_examples.entitlements_half import (
    day,
    fields,
    instant,
    rows,
    text,
    whole,
    word,
    written,
    yes_or_no,
    zone,
)
from tests.worked_examples.paper_terms import PAPER_TERMS

Data = dict[str, Any]

TERMS = ("enterprise", "standard")
GROUNDS = {ground.value: ground for ground in Ground}
CHOICES = {choice.value: choice for choice in Choice}
LOG_KINDS = (*PAPER_TERMS.deciding_logs.values(), DELIVERY_RECEIPT)
KINDS_OF_LINE = {kind.value: kind for kind in LineKind}
TRUE_UNLESS_SAID = "documented third_party due_to_failure affected_systems"
FALSE_UNLESS_SAID = "completed other_system_down"


def moment(value: Any) -> datetime | None:
    return None if value is None else instant(value)


def day_or_none(value: Any) -> date | None:
    return None if value is None else day(value)


def number(value: Any) -> Decimal:
    """Money or another exact number: a text, or a whole number; never a float."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"not an exact number: {value!r}")
    if not (figure := Decimal(value)).is_finite():
        raise ValueError(f"not a number: {value!r}")
    return figure


def duration(value: Any) -> timedelta:
    microseconds = Fraction(number(value)) * 1_000_000
    return timedelta(microseconds=int(microseconds))


def span(value: Any) -> Span:
    start, end = rows(value)
    return Span(instant(start), instant(end))


def spans(value: Any) -> list[Span]:
    return [span(one) for one in rows(value)]


def written_span(one: Span | None) -> list[str | None] | None:
    return None if one is None else [written(one.start), written(one.end)]


def written_number(figure: Fraction | None) -> str | None:
    """An exact number as a text; those of the rules end after a few places."""
    if figure is None:
        return None
    return format(Decimal(figure.numerator) / Decimal(figure.denominator), "f")


def seconds(length: timedelta | None) -> str | None:
    return None if length is None else written_number(Fraction(length // timedelta(microseconds=1), 1_000_000))


def written_month(first: date) -> str:
    return f"{first:%Y-%m}"


def month(value: Any) -> date:
    return day(f"{text(value)}-01")


def money(figure: Decimal | None) -> str | None:
    return None if figure is None else str(figure)


def maintenance(data: Any, key: str) -> Maintenance:
    read = fields(data, "start end", "ground reason repairs_outage noticed_from noticed_to")
    ran, ground = Span(instant(read["start"]), instant(read["end"])), read.get("ground")
    announced = Span(moment(read.get("noticed_from")) or ran.start, moment(read.get("noticed_to")) or ran.end)
    return Maintenance(
        key=key,
        ran=ran,
        ground=None if ground is None else GROUNDS[word(ground, GROUNDS)],
        announced=announced if ground == "noticed" else None,
        reason=text(read.get("reason") or ""),
        reason_recorded=ran.start if read.get("reason") else None,
        repairs_outage=yes_or_no(read.get("repairs_outage", False)),
    )


def maintenances(value: Any) -> list[Maintenance]:
    return [maintenance(one, str(place)) for place, one in enumerate(rows(value))]


def alert(data: Any) -> Alert:
    optional = "logs delay_seconds urgency first_responder registered located acknowledged resolved"
    read = fields(data, "received channel", optional)
    registered, located = read.get("registered", "US"), read.get("located", "US")
    return Alert(
        received=instant(read["received"]),
        channel=text(read["channel"]),
        logs=tuple((word(kind, LOG_KINDS), instant(at)) for kind, at in rows(read.get("logs") or [])),
        delay=duration(read.get("delay_seconds", 0)),
        high_urgency=word(read.get("urgency", "high"), ("high", "low")) == "high",
        first_responder=yes_or_no(read.get("first_responder", True)),
        registered=None if registered is None else text(registered),
        located=None if located is None else text(located),
        acknowledged=moment(read.get("acknowledged")),
        resolved=moment(read.get("resolved")),
    )


def failure(data: Any, key: str) -> Failure | None:
    """A failure of a claim; None where what is described was none."""
    if word(data.get("kind"), ("A", "B")) == "A":
        read = fields(data, "kind start end", "id")
        found = availability_outages([(instant(read["start"]), instant(read["end"]))], [], PAPER_TERMS, None)
        return failure_of_outage(key, found[0]) if found else None
    read = fields(data, "kind received logged", "id delay_seconds caused_by_outage")
    log = ["provider_api_call", read["logged"]]
    told = alert(
        {"received": read["received"], "channel": "phone", "logs": [log], "delay_seconds": read.get("delay_seconds", 0)}
    )
    caused = yes_or_no(read.get("caused_by_outage", False))
    return failure_of_alert(key, delivery(told, PAPER_TERMS, None), caused_by_outage=caused)


def failures(value: Any) -> list[Failure]:
    read = [failure(one, one.get("id", str(place))) for place, one in enumerate(rows(value))]
    return [one for one in read if one is not None]


def line_kind(value: Any) -> LineKind:
    """`sale`, or the kind of a cost with or without words around it: `repair`, `repair_cost`, `substitute_service`."""
    named = [KINDS_OF_LINE[part] for part in text(value).split("_") if part in KINDS_OF_LINE]
    if len(named) != 1:
        raise ValueError(f"not a kind of line: {value!r}")
    return named[0]


def attempt(data: Any) -> Attempt:
    required, flags = "id attempted revenue", f"{TRUE_UNLESS_SAID} {FALSE_UNLESS_SAID}"
    read = fields(data, required, f"{flags} documented_expenses undocumented_expenses kind")
    said = {flag: yes_or_no(read.get(flag, True)) for flag in TRUE_UNLESS_SAID.split()}
    said |= {flag: yes_or_no(read.get(flag, False)) for flag in FALSE_UNLESS_SAID.split()}
    return Attempt(
        key=text(read["id"]),
        attempted=instant(read["attempted"]),
        revenue=number(read["revenue"]),
        documented_expenses=tuple(number(one) for one in rows(read.get("documented_expenses") or [])),
        undocumented_expenses=tuple(number(one) for one in rows(read.get("undocumented_expenses") or [])),
        kind=line_kind(read.get("kind", "sale")),
        **said,
    )


def clock(value: Any) -> timedelta:
    """A clock time `HH:MM`, up to 24:00, as the time since midnight."""
    hours, minutes = (int(part) for part in text(value).split(":"))
    if not (0 <= minutes < 60 and timedelta() <= timedelta(hours=hours, minutes=minutes) <= timedelta(hours=24)):
        raise ValueError(f"not a clock time: {value!r}")
    return timedelta(hours=hours, minutes=minutes)


def weekday(value: Any) -> int:
    return range(7)[whole(value)]


def plan(key: str, data: Any) -> Plan:
    read = fields(data, "list_price rank", "from to currency billing_period offered")
    return Plan(
        key=key,
        list_price=number(read["list_price"]),
        rank=whole(read["rank"]),
        currency=text(read.get("currency", "USD")),
        billing_period=text(read.get("billing_period", "month")),
        sold_from=day_or_none(read.get("from")),
        sold_to=day_or_none(read.get("to")),
        offered=yes_or_no(read.get("offered", True)),
    )


def fees(read: Data) -> AnnualFees:
    months = {month(key): [FeeLine(number(cost), whole(seats))] for key, (cost, seats) in read["months"].items()}
    start = day_or_none(read.get("start"))
    return annual_fees(months, instant(read["occurrence"]), zone(read["zone"]), start, PAPER_TERMS)


def choice(value: Any) -> Choice | None:
    return None if value is None else CHOICES[word(value, CHOICES)]


PREPAID = "effect prepaid prepaid_first prepaid_last"


def prepaid(read: Data) -> Prepaid:
    return Prepaid(number(read["prepaid"]), day(read["prepaid_first"]), day(read["prepaid_last"]))
