"""The page of a credit at the desk: its balance, how every line came about, and what can be proposed for it (M6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from entitlements.access import Who, open_to
from entitlements.actions.refused import Refused
from entitlements.admin.pages import DeskRequest, page, what_happened
from entitlements.letter_files import as_file
from entitlements.rules.refusals import Refusal
from sla import memos
from sla.actions import postings as actions
from sla.admin.posting_forms import ApplicationForm, CorrectionForm, Form, ReversalForm
from sla.ledger import lines_of
from sla.models import Credit, CreditEntry, Posting

PAGE = "admin:credit"
ACTS: dict[str, tuple[Callable[..., Form], str, str, Callable[..., Posting]]] = {
    "apply": (
        ApplicationForm,
        "Apply it to an invoice",
        "Billing has taken it off an invoice, or is about to.",
        lambda credit, by, now, **given: actions.propose_application(credit=credit, by=by, now=now, **given),
    ),
    "reverse": (
        ReversalForm,
        "Reverse a line",
        "What should not have been posted at all is undone by its opposite.",
        lambda credit, line, **given: actions.propose_reversal(entry=line, **given),
    ),
    "correct": (
        CorrectionForm,
        "Correct a line",
        "A line with a wrong sum stays, and another one adds the difference.",
        lambda credit, line, **given: actions.propose_correction(entry=line, **given),
    ),
}


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """Everything that is on record of the credit."""
    credit = _asked_for(reference)
    shown = _of(credit)
    return page(
        request,
        "admin/credit.html",
        **shown,
        title=f"Credit of {credit.customer}",
        waiting=credit.postings.waiting().select_related("proposed_by").first(),
        returned=credit.postings.filter(returned_at__isnull=False).select_related("returned_by"),
        acts=[(name, title, why) for name, (_, title, why, _) in ACTS.items() if _is_open(name, shown)],
        history=what_happened(credit.reference),
    )


@open_to(Who.MANAGERS)
def propose(request: DeskRequest, *, reference: str, act: str) -> HttpResponse:
    """S19: propose a line. It is in the ledger only once another person has approved it."""
    if act not in ACTS:
        raise Http404
    credit = _asked_for(reference)
    make, title, why, action = ACTS[act]
    given = (request.POST,) if request.method == "POST" else ()
    form = make(*given, credit=credit, lines=lines_of(credit))
    refusals: Sequence[Refusal] = ()
    if request.method == "POST" and form.is_valid():
        try:
            posting = action(credit=credit, by=request.user, now=request.now, **form.cleaned_data)
        except Refused as refused:
            refusals = refused.refusals
        else:
            return redirect("admin:posting", posting.pk)
    return page(
        request, "admin/posting_form.html", **_of(credit), title=title, why=why, form=form, refusals=refusals, act=act
    )


@open_to(Who.MANAGERS)
def memo_page(request: DeskRequest, *, reference: str, number: int) -> HttpResponse:
    """The memo of a line, to be read."""
    return page(request, "admin/credit_memo.html", **memos.shown(_line(reference, number)))


@open_to(Who.MANAGERS)
def memo(request: DeskRequest, *, reference: str, number: int) -> HttpResponse:
    """The memo of a line, the same bytes as the customer has."""
    entry = _line(reference, number)
    return as_file(memos.paper_of(entry), f"{entry.memo_number}.pdf", "application/pdf")


def _is_open(act: str, shown: Mapping[str, Any]) -> bool:
    """S19: only what is left is applied; only a line of which something stands is reversed or corrected."""
    return shown["left"] > 0 if act == "apply" else any(line.can_be_changed for line in shown["lines"])


def _asked_for(reference: str) -> Credit:
    related = ("customer", "cause", "claim__contract", "proposal__edition", "proposal__proposed_by", "voided_by")
    return get_object_or_404(Credit.objects.select_related(*related, "proposal__approved_by"), reference=reference)


def _line(reference: str, number: int) -> CreditEntry:
    entry: CreditEntry = get_object_or_404(memos.with_all_of_it(_asked_for(reference).entries.all()), memo=number)
    return entry


def _of(credit: Credit) -> dict[str, Any]:
    return {
        "credit": credit,
        "reference": credit.reference,
        "lines": lines_of(credit),
        "left": credit.balance,
        "decision": credit.proposal,
        "currency": credit.currency,
        "zone": credit.claim.contract.tz,
        "ledger_url": reverse("admin:sla_creditentry_changelist", query={"customer": credit.customer_id}),
    }


pages: list[tuple[str, Any, str]] = [
    ("credits/<str:reference>/", detail, "credit"),
    ("credits/<str:reference>/memo-<int:number>.pdf", memo, "credit_memo"),
    ("credits/<str:reference>/memo-<int:number>/", memo_page, "credit_memo_page"),
    ("credits/<str:reference>/<slug:act>/", propose, "propose_posting"),
]
