"""The page of one contract: its dated facts with since when, by whom and why, its years, caps, fees and versions (M3)."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements import missed, wording
from entitlements.access import Who, contracts_visible_to, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.card_words import cap_in_words
from entitlements.histories import History, Version, history_of
from entitlements.models import CapOverride, Contract, ContractYear, PlanPeriod, PolicyEdition, Suspension
from entitlements.reminder_letters import matter_of
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.days import local_day
from entitlements.rules.editions import edition_for
from sla.admin.contract_acts import open_acts
from sla.admin.contract_fees import fees_shown
from sla.admin.contract_previews import policy_cap, target_in_words
from sla.assessment import standing_of
from sla.elections import withdrawn_from
from sla.models import TermsCorrection

PAGE = "admin:contract"
NAMES = {"order_form": "Order form", "external_id": "Number in your own list", "discount_percent": "Discount"}
_DAY = timedelta(days=1)


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, pk: int) -> HttpResponse:
    """The contract as it stands."""
    contract = get_object_or_404(contracts_to_show(request), pk=pk)
    history, today = history_of(contract), local_day(request.now, contract.tz)
    return page(
        request,
        "admin/contract.html",
        title=f"{contract.order_form}, {contract.customer}",
        contract=contract,
        zone=contract.tz,
        today=today,
        acts=open_acts(contract),
        facts=list(_facts(contract, history)),
        periods=_periods(contract, history, today),
        overrides=_overrides(contract, history, today),
        years=_years(contract, history, today),
        missed=missed.of([matter_of(year) for year in contract.years.all()], request.now),
        standing=standing_of(contract, request.now),
        withdrawn=withdrawn_from(contract),
        correction=TermsCorrection.objects.waiting().filter(contract=contract).select_related("proposed_by").first(),
        fees=fees_shown(contract, history, request.now),
        versions=history.versions[::-1],
        **_compared(request, history),
    )


def contracts_to_show(request: DeskRequest) -> QuerySet[Contract]:
    """Contracts with everything that their page shows, in a constant number of queries."""
    dated = ("levels", "zones", "plans", "terms_periods", "suspensions", "fee_months", "products__product")
    rows = ("engagements", "overrides__activity", "overrides__agreed_by")
    return contracts_visible_to(request.user).with_facts().prefetch_related(*dated, *rows)


def _facts(contract: Contract, history: History) -> Iterator[tuple[str, str, Version | None]]:
    """Each field of the contract's own row: its name, its value, and the version since which it is so."""
    table = Contract._meta.db_table
    shown = {
        "order_form": contract.order_form,
        "external_id": contract.external_id or "none",
        "account": contract.account,
        "term": wording.days_in_words(contract.first_day, contract.last_day),
        "zone": _zone(contract.zone),
        "currency": contract.currency,
        "plan": contract.plan,
        "discount_percent": f"{wording.number_in_words(contract.discount_percent)} %",
        "status": contract.get_status_display(),
    }
    for column, value in shown.items():
        yield NAMES.get(column, column.capitalize()), value, history.since(table, contract.pk, column)


def _periods(contract: Contract, history: History, today: date) -> list[dict[str, Any]]:
    """Every dated table of the contract: what holds on which days, and who put it on record."""
    tables: list[tuple[str, str, Iterable[tuple[Any, str, str]]]] = [
        ("Levels", "E1", [(one, one.get_level_display(), "") for one in contract.levels.all()]),
        ("Terms", "S1", [(one, one.get_terms_display(), "") for one in contract.terms_periods.all()]),
        ("Zones", "E3", [(one, _zone(one.zone), "") for one in contract.zones.all()]),
        ("Plan and discount", "S17", [(one, _plan(one), "") for one in contract.plans.all()]),
        ("Products", "E9", [(one, str(one.product), "") for one in contract.products.all()]),
        ("Suspensions", "E14", [(one, "Suspended", one.reason) for one in contract.suspensions.all()]),
    ]
    periods = [
        {
            "title": title,
            "clause": clause,
            "rows": [_period(row, what, why, history, today) for row, what, why in rows],
        }
        for title, clause, rows in tables
    ]
    periods[-1]["rows"] += _undone_suspensions(contract, history)  # type: ignore[operator]
    return periods


def _undone_suspensions(contract: Contract, history: History) -> list[dict[str, Any]]:
    """E14: those that were taken back on their first day, and so never held."""
    return [
        {
            "what": "Suspended and resumed on one day: it never held",
            "first": (day := local_day(made.act.happened_at, contract.tz_at(made.act.happened_at))),
            "last": day,
            "now": False,
            "why": made.note,
            "since": taken_back,
        }
        for made, taken_back, _ in history.undone(Suspension._meta.db_table)
    ]


def _period(row: Any, what: str, why: str, history: History, today: date) -> dict[str, Any]:
    last = row.days.upper - _DAY if row.days.upper else None
    return {
        "what": what,
        "first": row.days.lower,
        "last": last,
        "now": row.days.lower <= today and (last is None or today <= last),
        "why": why,
        "since": history.since(row._meta.db_table, row.pk),
    }


def _zone(zone: str) -> str:
    return f"{wording.zone_in_words(ZoneInfo(zone))} ({zone})"


def _plan(period: PlanPeriod) -> str:
    return f"{period.plan}, {wording.number_in_words(period.discount_percent)} % discount"


def _overrides(contract: Contract, history: History, today: date) -> list[dict[str, Any]]:
    """E8: each override beside the policy's own cap at the level of its days."""
    facts, editions = contract.facts(), PolicyEdition.objects.facts()
    rows = sorted(contract.overrides.all(), key=lambda one: (one.days is None, one.days and one.days.lower, one.pk))
    return [
        _override(one, facts, editions, today) | {"since": history.since(one._meta.db_table, one.pk)} for one in rows
    ]


def _override(row: CapOverride, facts: ContractFacts, editions: Any, today: date) -> dict[str, Any]:
    override = row.facts()
    first, last = max(facts.start, override.first or facts.start), min(facts.last, override.last or facts.last)
    seen = max(first, min(last, today))
    year = facts.year_of(min(max(seen, facts.start), facts.last))
    edition = edition_for(editions, year.first if year else facts.start)
    return {
        "pk": row.pk,
        "name": target_in_words(edition, override.target),
        "cap": cap_in_words(override.cap),
        "policy": cap_in_words(policy_cap(edition, facts.level_on(seen), override.target)),
        "first": first,
        "last": last,
        "always": row.days is None,
        "document": row.document,
        "reason": row.reason,
        "by": row.agreed_by,
        "at": row.agreed_at,
        "over": last < today,
    }


def _years(contract: Contract, history: History, today: date) -> list[dict[str, Any]]:
    """E3: every contract year with its stored end, the edition that governs it, what is on record in it, and since when it has
    these days."""
    editions = PolicyEdition.objects.facts()
    return [
        {
            "year": year,
            "length": (year.last_day - year.first_day).days + 1,
            "leap": _holds_29_february(year.first_day, year.last_day),
            "edition": edition_for(editions, year.first_day).name,
            "engagements": year.asked,
            "now": today in year.facts(),
            "since": history.since(ContractYear._meta.db_table, year.pk, "days"),
        }
        for year in contract.years.annotate(asked=Count("engagements")).order_by("n")
    ]


def _holds_29_february(first: date, last: date) -> bool:
    leap = (year for year in (first.year, last.year) if isleap(year))
    return any(first <= date(year, 2, 29) <= last for year in leap)


def _compared(request: DeskRequest, history: History) -> dict[str, Any]:
    """The two versions that were asked for, by number, and what differs between them."""
    asked = [request.GET.get(name, "") for name in ("from", "to")]
    numbers = sorted(int(one) for one in asked if one.isdecimal() and int(one) <= len(history.versions))
    if len(numbers) < 2:
        return {"compared": None}
    return {"compared": numbers, "differences": history.between(*numbers)}
