"""The lost transactions of a claim (S9): the list, typed line by line, or brought in by a file that is shown row by row first."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from entitlements import exports
from entitlements.access import Who, open_to
from entitlements.rules.money import cents
from entitlements.views.lists import InFile, if_asked_as_file
from entitlements.wording import counted
from sla.actions import transaction_files as of_files
from sla.actions.drafts import add_transactions, remove_transaction
from sla.claims import decision_of
from sla.drafts import MOST_SHOWN, attempts_of, files_of, first_lines, sums_of
from sla.findings import not_counted
from sla.forms.claims import TransactionFileForm, TransactionForm
from sla.live_figures import outside_the_period
from sla.models import Claim, Failure, TransactionFile
from sla.transaction_columns import columns_of
from sla.transaction_files import Rows, rows_of
from sla.uploads import NotAsReceived
from sla.views.drafts import FORM, asked_again, step
from sla.views.requests import PortalRequest, as_draft, own_claim, own_draft, posted, refused_on

THE_LAST_PAGE = 10**6
IN_FILE: InFile = {
    "Line": lambda one: one.line,
    "Transaction": lambda one: one.what,
    "Attempted": lambda one: one.attempted_at,
    "Revenue": lambda one: cents(one.revenue),
    "Expenses": lambda one: cents(one.expenses),
    "Profit": lambda one: cents(one.profit),
}


def _in_file(claim: Claim) -> InFile:
    """S9: once it is decided, with why a line was not counted."""
    decided = decision_of(claim)
    if decided is None:
        return IN_FILE
    found = not_counted(decided.working)
    return {**IN_FILE, "Not counted": lambda one: found.get(str(one.line), "")}


@open_to(Who.CUSTOMERS)
@require_http_methods(FORM)
@refused_on("claim")
def listing(request: PortalRequest, reference: str) -> HttpResponseBase:
    """S9: the list of lost transactions, and the form for one more. As a file it can be had of every claim, sent or not."""
    own = own_claim(request, reference)
    lines = own.transactions.all()
    if file := if_asked_as_file(request, f"{reference}-transactions", lines, _in_file(own)):
        return file
    claim = as_draft(request, own)
    failures = claim.read_failures()
    form = _line_form(request, claim, failures)
    if request.method == "POST" and form.is_valid():
        add_transactions(claim=claim, lines=[form.line()], by=request.user, now=request.now)
        messages.success(request, f"“{form.line().what}” is in the list.{asked_again(claim)}")
        more = lines.count() > MOST_SHOWN
        return redirect(
            reverse("claim_transactions", args=[reference], query={"page": THE_LAST_PAGE} if more else None)
        )
    first = first_lines(claim)
    sums = sums_of(claim, first)
    pages = Paginator(lines, MOST_SHOWN)
    pages.count = sums.count
    page = pages.get_page(request.GET.get("page"))
    if not page.has_previous():
        page.object_list = first
    context = {
        "form": form,
        "failures": failures,
        "page_obj": page,
        "lines": attempts_of(claim, failures, page.object_list, request.now),
        "sums": sums,
        "files": files_of(claim),
    }
    return step(request, "claims/transactions.html", claim, **context)


def _line_form(request: PortalRequest, claim: Claim, failures: list[Failure]) -> TransactionForm:
    zone = claim.contract.tz
    day = min(one.began_at for one in failures).astimezone(zone).date()
    return TransactionForm(
        posted(request),
        zone=zone,
        currency=claim.contract.currency,
        now=request.now,
        initial={"attempted_day": day},
    )


@open_to(Who.CLAIMANTS)
@require_POST
@refused_on("claim")
def remove(request: PortalRequest, reference: str, pk: int) -> HttpResponse:
    claim = own_draft(request, reference)
    remove_transaction(claim=claim, key=pk, by=request.user, now=request.now)
    messages.success(request, f"The line is out of the list.{asked_again(claim)}")
    return redirect("claim_transactions", claim.reference)


@open_to(Who.CLAIMANTS)
@require_http_methods(FORM)
@refused_on("claim")
def hand_in(request: PortalRequest, reference: str) -> HttpResponseBase:
    """A file of transactions. Nothing of it is in the list by that: the next page shows what it would bring."""
    claim = own_draft(request, reference)
    kind = columns_of(claim.contract.tz, claim.contract.currency, request.now)
    if (ending := request.GET.get("format")) in exports.FORMATS:
        heads = [column.name for column in kind.columns]
        return exports.as_file(str(ending), "transactions", heads, [kind.example], request.now)
    form = TransactionFileForm(posted(request), request.FILES or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        kept = of_files.keep_transaction_file(claim=claim, file=given, by=request.user, now=request.now)
        return redirect("transaction_file", claim.reference, kept.pk)
    return step(request, "claims/bring_transactions.html", claim, form=form, kind=kind)


@open_to(Who.CLAIMANTS)
@require_http_methods(FORM)
@refused_on("claim")
def file(request: PortalRequest, reference: str, pk: int) -> HttpResponseBase:
    """What each row of a file would do; confirmed, the good ones are in the list, and the others can be had as a file to mend."""
    claim = own_draft(request, reference)
    kept = _own_file(claim, pk)
    try:
        rows = rows_of(kept, request.now)
    except NotAsReceived:
        messages.error(request, f"“{kept.name}” is not as it was handed in, so nothing of it is taken. Bring it again.")
        return redirect("claim_transactions", claim.reference)
    changed = request.method == "POST" and bool(rows.new) and request.POST.get("seen") != rows.print_of_new
    if request.method == "POST" and not changed:
        new = of_files.bring_in(file=kept, rows=rows.new, by=request.user, now=request.now)
        messages.success(request, _brought_in(new, rows) + asked_again(claim))
        return redirect("claim_transactions", claim.reference)
    if (ending := request.GET.get("format")) in exports.FORMATS:
        return _refused(kept, rows, str(ending), request)
    context = {
        "file": kept,
        "rows": rows,
        "changed": changed,
        "in_the_list": kept.transactions.count(),
        "outside": outside_the_period(claim, rows.new, request.now),
        "page_obj": Paginator(rows.refused, MOST_SHOWN).get_page(request.GET.get("page")),
    }
    return step(request, "claims/transaction_file.html", claim, **context)


@open_to(Who.CLAIMANTS)
@require_POST
@refused_on("claim")
def take_out(request: PortalRequest, reference: str, pk: int) -> HttpResponse:
    claim = own_draft(request, reference)
    count = of_files.take_out_file(file=_own_file(claim, pk), by=request.user, now=request.now)
    messages.success(request, f"{counted(count, 'line')} taken out of the list; the file is kept.{asked_again(claim)}")
    return redirect("transaction_file", claim.reference, pk)


def _own_file(claim: Claim, pk: int) -> TransactionFile:
    kept: TransactionFile = get_object_or_404(claim.transaction_files.select_related("uploaded_by"), pk=pk)
    kept.claim = claim
    return kept


def _brought_in(new: int, rows: Rows) -> str:
    said = f"{counted(new, 'line')} of the file {'is' if new == 1 else 'are'} in the list now."
    if not new:
        said = "Everything of the file that can be taken is in the list already."
    left = len(rows.refused)
    return f"{said} {counted(left, 'row')} {'was' if left == 1 else 'were'} refused and left out." if left else said


def _refused(kept: TransactionFile, rows: Rows, ending: str, request: PortalRequest) -> HttpResponseBase:
    heads = [*rows.heads, "row", "refused_because"]
    lines = (
        [
            *(exports.found(one.cells.get(head)) for head in rows.heads),
            one.n,
            " ".join(f"{column}: {said}".removeprefix(": ") for column, said in one.why),
        ]
        for one in rows.refused
    )
    return exports.as_file(ending, f"refused-{kept.pk}", heads, lines, request.now)
