"""The dated rows of a contract (zones, plans, products …) kept in step with its term, whoever changes it (E3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.models import Contract, ContractYear
from entitlements.rules.contract_years import contract_years

DAY = timedelta(days=1)


def days(first: date, last: date) -> DateRange:
    """Both days included, as the database keeps them: half open."""
    return DateRange(first, last + DAY)


def fit(rows: Any, term: DateRange) -> None:
    """The first of these periods begins and the last one ends with the term; what lies outside it goes."""
    outside = [row for row in rows.all() if row.days.upper <= term.lower or row.days.lower >= term.upper]
    for row in outside:
        row.delete()
    inside = list(rows.order_by("days"))
    for n, row in enumerate(inside):
        lower = term.lower if n == 0 else row.days.lower
        upper = term.upper if n == len(inside) - 1 else row.days.upper
        move(row, DateRange(lower, upper))


def move(row: Any, to: DateRange) -> None:
    """Give a period other days; one that has them already is not touched."""
    if row.days != to:
        row.days = to
        row.save(update_fields=["days"])


def begin(rows: Any, first: date, term: DateRange, **values: Any) -> None:
    """From a day on something else holds, to the end of the term; on that day the last period ends, or is corrected if it began then."""
    last = rows.order_by("days").last()
    if last.days.lower == first:
        for name, value in values.items():
            setattr(last, name, value)
        last.save()
        return
    move(last, DateRange(last.days.lower, first))
    rows.create(days=DateRange(first, term.upper), **values)


def fit_zone_and_plan(contract: Contract) -> None:
    """E3: zones and plans fill the term, and the contract's own are the last of them, as the database demands at the commit."""
    for rows, names in ((contract.zones, ("zone",)), (contract.plans, ("plan", "discount_percent"))):
        fit(rows, contract.term)
        last = rows.order_by("days").last()
        assert last
        for name in names:
            setattr(contract, name, getattr(last, name))
    contract.save(update_fields=["zone", "plan", "discount_percent"])


def write_years(contract: Contract) -> None:
    """E3: the contract years of the term as it is now. The end of a year is computed only with its last day, never for itself;
    a year that is closed stays as it is. Another end has reminders of its own (T1).

    In an order in which no two of them overlap on the way: a later start is written from the last year on, new years at the end.
    """
    wanted = {year.n: year for year in contract_years(contract.first_day, contract.last_day)}
    known = {year.n: year for year in contract.years.all()}
    for n in sorted(known.keys() - wanted.keys()):
        known.pop(n).delete()
    later = any(known[n].first_day < wanted[n].first for n in known)
    for n in sorted(known, reverse=later):
        row, year = known[n], wanted[n]
        if row.closed_at is None and (row.first_day, row.last_day) != (year.first, year.last):
            if row.last_day != year.last:
                row.ends_at, row.remind_at = year.ends_at(contract.tz), None
            row.days = days(year.first, year.last)
            row.save()
    ContractYear.objects.bulk_create(
        ContractYear(contract=contract, n=n, days=days(year.first, year.last), ends_at=year.ends_at(contract.tz))
        for n, year in wanted.items()
        if n not in known
    )
