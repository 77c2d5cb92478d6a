"""What a customer wrote or said, entered by one of us and confirmed by another (S13)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from entitlements.access import Who, contracts_visible_to, open_to
from entitlements.actions.refused import Refused
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of, what_happened
from entitlements.models import Contract
from entitlements.rules.refusals import Refusal
from sla.actions.documents import open_entry_document
from sla.actions.entries import confirm_entry, enter, return_entry
from sla.admin.entry_forms import EntryForm, ReturnForm
from sla.drafts import MOST_SHOWN, Sums
from sla.entries import lines_of, rates_of
from sla.handed_out import scanned_now
from sla.models import ClaimState, Entry
from sla.rules.claim_window import is_in_time

PAGE = "admin:entry"


@open_to(Who.MANAGERS)
def new(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S13: enter a report or a claim for the customer of a contract."""
    found = contracts_visible_to(request.user).select_related("customer")
    contract: Contract = get_object_or_404(found, pk=pk)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = EntryForm(*given, contract=contract, now=request.now)
    if request.method == "POST" and form.is_valid():
        try:
            file = form.cleaned_data["document"]
            entry = enter(contract=contract, written=form.written(), file=file, by=request.user, now=request.now)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return done(request, f"{entry.reference} is entered. Somebody else confirms it.", PAGE, entry.reference)
    title = f"Enter what {contract.customer} wrote or said"
    return page(request, "admin/new_entry.html", title=title, contract=contract, form=form)


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """What was entered, beside its document."""
    return _page(request, _asked_for(reference))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def confirm(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S13: it is what the document says."""
    entry = _asked_for(reference)
    refusals = refusals_of(lambda: confirm_entry(entry=entry, by=request.user, now=request.now))
    if refusals:
        return _page(request, entry, refusals=refusals)
    made = _asked_for(reference).made_claim
    if made and made.state == ClaimState.LAPSED:
        said = "Confirmed. It came after its time had ended: the customer is told, and that two people can let it in."
    else:
        said = "Confirmed. The customer gets the receipt."
    return done(request, said, PAGE, reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def send_back(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S13: it is not, and why."""
    entry, form = _asked_for(reference), ReturnForm(request.POST)
    if not form.is_valid():
        return _page(request, entry, form=form)
    reason = form.cleaned_data["reason"]
    refusals = refusals_of(lambda: return_entry(entry=entry, reason=reason, by=request.user, now=request.now))
    if refusals:
        return _page(request, entry, refusals=refusals, form=form)
    return done(request, "It is sent back. Enter it anew if the document is to count.", PAGE, reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def document(request: DeskRequest, *, reference: str) -> HttpResponse:
    """The letter or e-mail itself, as a file to keep; scanned first, where there is a scanner."""
    entry = _asked_for(reference)
    if not entry.stored_as:
        return redirect(PAGE, reference)
    open_entry_document(entry=entry, by=request.user, now=request.now)
    try:
        return scanned_now(entry.stored_as, entry.sha256, entry.original_name)
    except Refused as refused:
        return _page(request, entry, refusals=refused.refusals)


def _asked_for(reference: str) -> Entry:
    people = ("entered_by", "confirmed_by", "returned_by")
    found = Entry.objects.select_related("contract__customer", "failure", "made_claim", "made_failure", *people)
    return get_object_or_404(found, reference=reference)


def _page(
    request: DeskRequest, entry: Entry, *, refusals: Sequence[Refusal] = (), form: ReturnForm | None = None
) -> HttpResponse:
    lines = lines_of(entry)

    def sum_of(name: str) -> Decimal:
        return sum((getattr(line, name) for line in lines), Decimal(0))

    waits = entry.confirmed_at is None and entry.returned_at is None
    context: dict[str, Any] = {
        "title": f"{entry.get_what_display()}, {entry.get_way_display().lower()}, of {entry.contract.customer}",
        "entry": entry,
        "reference": entry.reference,
        "zone": entry.contract.tz,
        "currency": entry.contract.currency,
        "lines": lines[:MOST_SHOWN],
        "sums": Sums(len(lines), sum_of("revenue"), sum_of("expenses")),
        "rates": rates_of(entry),
        "waits": waits,
        "too_late": waits and _came_too_late(entry),
        "own": entry.entered_by_id == request.user.pk,
        "refusals": refusals,
        "form": form if form and form.errors else None,
        "send_back": form or ReturnForm(),
        "history": what_happened(entry.reference),
    }
    return page(request, "admin/entry.html", **context)


def _came_too_late(entry: Entry) -> bool:
    """S13: whether it is a claim for what is on record, and arrived after the time for that had ended."""
    failure = entry.failure if entry.what == Entry.What.CLAIM else None
    return failure is not None and not is_in_time(entry.arrived_at, failure.closes_at)


pages: list[tuple[str, Any, str]] = [
    ("contracts/<int:pk>/entry/", new, "new_entry"),
    ("entries/<str:reference>/", detail, "entry"),
    ("entries/<str:reference>/confirm/", confirm, "confirm_entry"),
    ("entries/<str:reference>/return/", send_back, "return_entry"),
    ("entries/<str:reference>/document/", document, "entry_document"),
]
