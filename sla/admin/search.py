"""Finding things: a reference or a memo's number, however it is typed, opens its page; anything else looks for customers and people
(M1.8, X5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.models import Contract, Customer, Engagement, User
from entitlements.references import normalised
from sla.evidence.reported import MEANT_WITHIN
from sla.models import (
    AlertImport,
    Cause,
    Claim,
    Credit,
    CreditEntry,
    Election,
    Entry,
    Failure,
    Finding,
    MaintenancePeriod,
    Outage,
    ShiftMemo,
    Withdrawal,
)

MOST = 20
PAGES: dict[str, tuple[Any, Callable[[Any], str]]] = {
    "ENG": (Engagement, lambda found: reverse("admin:engagement", args=[found.reference])),
    "CLM": (Claim, lambda found: reverse("admin:claim", args=[found.reference])),
    "OUT": (Outage, lambda found: reverse("admin:outage", args=[found.reference])),
    "MNT": (MaintenancePeriod, lambda found: reverse("admin:maintenance", args=[found.reference])),
    "DF": (Failure, lambda found: reverse("admin:sla_failure_change", args=[found.pk])),
    "CAU": (Cause, lambda found: reverse("admin:cause", args=[found.reference])),
    "CR": (Credit, lambda found: reverse("admin:credit", args=[found.reference])),
    "ENT": (Entry, lambda found: reverse("admin:entry", args=[found.reference])),
    "FND": (Finding, lambda found: reverse("admin:finding", args=[found.reference])),
    "LOG": (AlertImport, lambda found: reverse("admin:alert_import", args=[found.reference])),
    "WD": (Withdrawal, lambda found: reverse("admin:withdrawal", args=[found.reference])),
    "EL": (Election, lambda found: reverse("admin:election", args=[found.reference])),
}
MEMOS: dict[str, tuple[Any, str, Callable[[Any], str]]] = {
    "CM": (CreditEntry, "memo", lambda found: reverse("admin:credit", args=[found.credit.reference])),
    "SM": (ShiftMemo, "number", lambda found: reverse("admin:election", args=[found.election.reference])),
}
"""Papers with a number, where it is kept, and the page on which the paper is."""
_MEMO = re.compile(r"\s*(CM|SM)[\s-]*0*([1-9]\d{,8})\s*", re.IGNORECASE)


@open_to(Who.MANAGERS)
def find(request: DeskRequest) -> HttpResponse:
    """One box for everything."""
    typed = request.GET.get("q", "").strip()
    if address := _page_of(typed) or _page_of_memo(typed):
        return redirect(address)
    return page(
        request,
        "admin/found.html",
        title=f"Found for “{typed}”" if typed else "Find",
        looked_for=typed,
        customers=Customer.objects.filter(Q(name__icontains=typed) | Q(external_id__icontains=typed))[:MOST]
        if typed
        else [],
        contracts=_contracts(typed) if typed else [],
        reported=_reported(typed) if typed else [],
        people=User.objects.filter(Q(name__icontains=typed) | Q(email__icontains=typed)).order_by("name")[:MOST]
        if typed
        else [],
        most=MOST,
    )


def _contracts(typed: str) -> Any:
    found = Contract.objects.filter(Q(order_form__icontains=typed) | Q(account__icontains=typed))
    return found.select_related("customer")[:MOST]


def _reported(typed: str) -> list[tuple[Failure, str]]:
    """S5 (B): reports of an incident, each with the list of its alerts; any other is looked for on its customer's page."""
    found = Failure.objects.filter(incident__icontains=typed).select_related("contract__customer").order_by("-began_at")
    return [(one, _alerts_of(one)) for one in found[:MOST]]


def _alerts_of(failure: Failure) -> str:
    days = {
        name: (failure.began_at + apart).date() for name, apart in (("since", -MEANT_WITHIN), ("until", MEANT_WITHIN))
    }
    query = {"q": failure.incident.strip(), "places": "all", **days}
    return reverse("admin:alerts_of_customer", args=[failure.contract.customer_id], query=query)


def _page_of(typed: str) -> str | None:
    reference = normalised(typed)
    model, address = PAGES.get((reference or "").split("-")[0], (None, None))
    found = model.objects.filter(reference=reference).first() if model else None
    return address(found) if found and address else None


def _page_of_memo(typed: str) -> str | None:
    told = _MEMO.fullmatch(typed)
    if told is None:
        return None
    model, number, address = MEMOS[told[1].upper()]
    found = model.objects.filter(**{number: int(told[2])}).first()
    return address(found) if found else None
