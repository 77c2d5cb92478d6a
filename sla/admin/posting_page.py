"""The page of a proposed line of the ledger, for its second person: what it does, and the letter as it will go (M6, S19)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, may_approve, open_to
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of
from entitlements.rules.refusals import Refusal
from entitlements.views.step_up import freshly_signed_in
from sla import credit_letters
from sla.actions import postings as actions
from sla.admin.forms import ReturnForm
from sla.covered import covered_by
from sla.models import Claim, CreditEntry, Posting
from sla.wording import line_of_ledger

PAGE = "admin:posting"


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, pk: int) -> HttpResponse:
    """The line as it was proposed."""
    return _page(request, _asked_for(pk))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
@freshly_signed_in
def approve(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S19, V47: a second person approves, freshly signed in. Whoever may not is refused by the action, whatever is posted."""
    posting = _asked_for(pk)
    refusals = refusals_of(lambda: actions.approve_posting(posting=posting, by=request.user, now=request.now))
    if refusals:
        return _page(request, posting, refusals=refusals)
    return done(request, "Posted. The customer gets the letter.", "admin:credit", posting.credit.reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def send_back(request: DeskRequest, *, pk: int) -> HttpResponse:
    """S19: the line is not posted, and why."""
    posting, form = _asked_for(pk), ReturnForm(request.POST)
    if not form.is_valid():
        return _page(request, posting, form=form, send_back=form)
    reason = form.cleaned_data["reason"]
    refusals = refusals_of(
        lambda: actions.return_posting(posting=posting, reason=reason, by=request.user, now=request.now)
    )
    if refusals:
        return _page(request, posting, refusals=refusals, send_back=form)
    return done(request, "The line is returned, and not posted.", "admin:credit", posting.credit.reference)


def _asked_for(pk: int) -> Posting:
    people = ("proposed_by", "approved_by", "returned_by")
    of_credit = ("credit__customer", "credit__claim__contract__customer", "corrects", "set_off_by")
    return get_object_or_404(Posting.objects.select_related(*people, *of_credit), pk=pk)


def _page(request: DeskRequest, posting: Posting, *, refusals: Sequence[Refusal] = (), **forms: Any) -> HttpResponse:
    credit, own = posting.credit, posting.proposed_by_id == request.user.pk
    left = credit.balance
    what = line_of_ledger(
        posting.kind, posting.amount, credit.currency, posting.corrects.kind if posting.corrects else ""
    )
    return page(
        request,
        "admin/posting.html",
        title=f"{what}: {credit.customer}",
        posting=posting,
        what=what,
        credit=credit,
        claim=credit.claim,
        reference=credit.reference,
        currency=credit.currency,
        zone=credit.claim.contract.tz,
        left=left,
        left_then=left + posting.amount,
        uncovered=_uncovered_by(posting),
        own=own,
        can_approve=posting.waits and not own and may_approve(request.user),
        letter=credit_letters.preview_of(_as_it_would_stand(request, posting), now=request.now)
        if posting.waits
        else None,
        refusals=refusals,
        form=forms.get("form"),
        send_back=forms.get("send_back") or ReturnForm(),
    )


def _uncovered_by(posting: Posting) -> Collection[Claim]:
    """S12, S19: the claims that are looked at again once the line is posted: nothing of the credit that covered them stands then."""
    of_a_grant = posting.corrects is not None and posting.corrects.kind == CreditEntry.Kind.GRANT
    if not posting.waits or posting.set_off_by or not of_a_grant or posting.credit.granted + posting.amount:
        return ()
    return covered_by(posting.credit).order_by("pk")


def _as_it_would_stand(request: DeskRequest, posting: Posting) -> CreditEntry:
    """The line, if it were posted now. It is not saved."""
    copied = {name: getattr(posting, name) for name in ("credit", "kind", "amount", "corrects", "invoice")}
    credit = posting.credit
    stands = {"note": posting.reason, "posted_at": request.now, "posting": posting}
    return CreditEntry(**copied, **stands, customer=credit.customer, currency=credit.currency)


pages: list[tuple[str, Any, str]] = [
    ("postings/<int:pk>/", detail, "posting"),
    ("postings/<int:pk>/approve/", approve, "approve_posting"),
    ("postings/<int:pk>/return/", send_back, "return_posting"),
]
