"""A customer's credits: what was granted, what it went into, what is left, and the memos (S11, S12)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from entitlements.access import Who, open_to
from entitlements.letter_files import as_file
from entitlements.views.lists import InFile, if_asked_as_file
from sla import memos
from sla.access import credit_entries_visible_to, credits_visible_to
from sla.ledger import lines_of, with_balances
from sla.models import Credit, CreditEntry
from sla.shift_memos import shift_memos_visible_to, what_of
from sla.views.requests import PortalRequest

PAGE = 25
MOST_SHIFTS = 100
"""S17: an election a contract, so few; older ones are on the pages of their elections."""
IN_FILE: InFile = {
    "Posted": lambda one: one.posted_at,
    "Credit": lambda one: one.credit.reference,
    "Claim": lambda one: one.credit.claim.reference,
    "Line": lambda one: one.get_kind_display(),
    "Amount": lambda one: one.amount,
    "Currency": lambda one: one.currency,
    "Invoice": lambda one: one.invoice,
    "Memo": lambda one: one.memo_number,
    "Why": lambda one: one.note,
}


@open_to(Who.CUSTOMERS)
@require_safe
def listing(request: PortalRequest) -> HttpResponseBase:
    """Every credit with its balance, and the sum of all; as a file every line. Beside it, in no sum of it, what elections credited."""
    entries = credit_entries_visible_to(request.user).select_related("credit__claim")
    if file := if_asked_as_file(request, "credits", entries, IN_FILE):
        return file
    found = Paginator(credits_visible_to(request.user), PAGE).get_page(request.GET.get("page"))
    rows = with_balances(credits_visible_to(request.user).filter(pk__in=[one.pk for one in found]))
    zone = rows[0][0].claim.contract.zone if rows else None
    memos_of_shifts = [(one, what_of(one)) for one in shift_memos_visible_to(request.user)[:MOST_SHIFTS]]
    context = {"page_obj": found, "rows": rows, "sums": entries.sums(), "zone": zone, "shifts": memos_of_shifts}
    return render(request, "credits/credit_list.html", context)


@open_to(Who.CUSTOMERS)
@require_safe
def detail(request: PortalRequest, reference: str) -> HttpResponse:
    """One credit: every line, and how the sum came about."""
    credit = _own(request, reference)
    context = {
        "credit": credit,
        "reference": credit.reference,
        "lines": lines_of(credit),
        "left": credit.balance,
        "decision": credit.proposal,
        "currency": credit.currency,
        "zone": credit.claim.contract.zone,
    }
    return render(request, "credits/credit.html", context)


@open_to(Who.CUSTOMERS)
@require_safe
def memo_page(request: PortalRequest, reference: str, number: int) -> HttpResponse:
    """The memo of a line, to be read."""
    return render(request, "credits/memo.html", memos.shown(_line(request, reference, number)))


@open_to(Who.CUSTOMERS)
@require_safe
def memo(request: PortalRequest, reference: str, number: int) -> HttpResponse:
    """The memo of a line as PDF, the same bytes as with its letter."""
    entry = _line(request, reference, number)
    return as_file(memos.paper_of(entry), f"{entry.memo_number}.pdf", "application/pdf")


def _line(request: PortalRequest, reference: str, number: int) -> CreditEntry:
    entry: CreditEntry = get_object_or_404(memos.with_all_of_it(_own(request, reference).entries.all()), memo=number)
    return entry


def _own(request: PortalRequest, reference: str) -> Credit:
    visible = credits_visible_to(request.user).select_related("claim__contract__customer", "proposal", "cause")
    credit: Credit = get_object_or_404(visible, reference=reference)
    return credit
