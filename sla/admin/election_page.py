"""One election at the desk (M7): its proof, its clock, its choices, its figures; and what is done for a customer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from entitlements.access import Who, may_approve, open_to
from entitlements.actions.refused import Refused
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of, what_happened
from entitlements.letter_files import as_file
from entitlements.models import Contract
from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Step
from entitlements.views.step_up import freshly_signed_in
from sla.actions import elections as actions
from sla.actions import late_choices
from sla.actions.documents import open_choice_document
from sla.actions.withdrawals import record_vendor_choice
from sla.admin.forms import ReturnForm
from sla.admin.withdrawal_forms import TAKEN_BACK, SilenceForm, WrittenForm
from sla.admin.withdrawal_standing import rows_of
from sla.election_letters import untold
from sla.elections import agreed_since, comes_too_late
from sla.handed_out import scanned_now
from sla.models import Election, ElectionChoice, LateChoice
from sla.shift_memos import paper_of, shift_memos_visible_to, what_of

PAGE = "admin:election"


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """What was said, when it arrived, what was chosen by whom, and what it cost."""
    return _page(request, _asked_for(reference))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def vendor_choice(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S16: what holds for this contract if nobody chooses, with the reason; before it is proposed."""
    election, form = _asked_for(reference), SilenceForm(request.POST)
    if not form.is_valid():
        return _page(request, election, silence=form)
    given = {"choice": form.cleaned_data["vendor_choice"], "why": form.cleaned_data["vendor_choice_why"]}
    refusals = refusals_of(lambda: record_vendor_choice(election=election, by=request.user, now=request.now, **given))
    if refusals:
        return _page(request, election, silence=form, refusals=refusals)
    return done(request, "It is recorded.", PAGE, reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def written(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S16: a choice that came in writing is entered with its document."""
    election = _asked_for(reference)
    form = WrittenForm(request.POST, request.FILES, election=election)
    if not form.is_valid():
        return _page(request, election, in_writing=form)
    given = form.cleaned_data
    late = election.state == "decided"
    enter: Callable[..., Any] = late_choices.enter_late_choice if late else actions.enter_written_choice
    try:
        enter(
            election=election,
            choice="" if given["choice"] == TAKEN_BACK else given["choice"],
            signer=given["signer"],
            received_at=form.received_at,
            file=given["document"],
            by=request.user,
            now=request.now,
        )
    except Refused as refused:
        return _page(request, election, in_writing=form, refusals=refused.refusals)
    return done(request, _LATE if late else _said(election, form.received_at), PAGE, reference)


_LATE = "The choice is entered. It counts once somebody else who may approve has confirmed it."


def _said(election: Election, received_at: datetime) -> str:
    later = election.choices.filter(received_at__gt=received_at).exists()
    stands = " Another one reached us after it, and that one stands." if later else ""
    return f"The choice is on record, and the customer is told.{stands}"


@open_to(Who.MANAGERS)
@posted_to(PAGE)
@freshly_signed_in
def confirm_late(request: DeskRequest, *, reference: str, pk: int) -> HttpResponse:
    """S16, S19: a second person confirms the choice they saw, entered after the effect, who has just shown that it is them (V47)."""
    election = _asked_for(reference)
    late = get_object_or_404(election.late_choices.all(), pk=pk)
    act = lambda: late_choices.confirm_late_choice(late=late, by=request.user, now=request.now)  # noqa: E731
    if refusals := refusals_of(act):
        return _page(request, election, refusals=refusals)
    return done(request, "It is confirmed, and the outcome follows it from the day of effect on.", PAGE, reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def return_late(request: DeskRequest, *, reference: str, pk: int) -> HttpResponse:
    """S16: it is not what the document says, and why."""
    election, form = _asked_for(reference), ReturnForm(request.POST)
    late = get_object_or_404(election.late_choices.all(), pk=pk)
    if not form.is_valid():
        return _page(request, election, send_back=form)
    given: dict[str, Any] = {"reason": form.cleaned_data["reason"], "by": request.user, "now": request.now}
    refusals = refusals_of(lambda: late_choices.return_late_choice(late=late, **given))
    if refusals:
        return _page(request, election, refusals=refusals, send_back=form)
    return done(request, "It is given back. Enter it anew if the document is to count.", PAGE, reference)


@open_to(Who.MANAGERS)
@require_safe
def memo(request: DeskRequest, *, reference: str, number: int) -> HttpResponse:
    """S17: the memo of a shift credit, the same bytes as the customer has."""
    found = get_object_or_404(shift_memos_visible_to(request.user), election__reference=reference, number=number)
    return as_file(paper_of(found), f"{found.memo_number}.pdf", "application/pdf")


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def again(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S16: another notice, since the last one did not reach the customer."""
    election = _asked_for(reference)
    refusals = refusals_of(lambda: actions.send_notice_again(election=election, by=request.user, now=request.now))
    if refusals:
        return _page(request, election, refusals=refusals)
    return done(request, "Another notice is written.", PAGE, reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def tell(request: DeskRequest, *, reference: str) -> HttpResponse:
    """N21: the customer is told of the outcome, since somebody reads for it now."""
    election = _asked_for(reference)
    refusals = refusals_of(lambda: actions.tell_of_outcome(election=election, by=request.user, now=request.now))
    if refusals:
        return _page(request, election, refusals=refusals)
    return done(request, "The customer is told.", PAGE, reference)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def document(request: DeskRequest, *, reference: str, pk: int) -> HttpResponse:
    """The document of a choice that came in writing, to keep; scanned first, where there is a scanner."""
    election = _asked_for(reference)
    made = get_object_or_404(election.choices.exclude(stored_as=""), pk=pk)
    return _document(request, election, made)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def late_document(request: DeskRequest, *, reference: str, pk: int) -> HttpResponse:
    """The same of one that waits for a second person, or was given back."""
    election = _asked_for(reference)
    return _document(request, election, get_object_or_404(election.late_choices.all(), pk=pk))


def _document(request: DeskRequest, election: Election, made: ElectionChoice | LateChoice) -> HttpResponse:
    open_choice_document(choice=made, by=request.user, now=request.now)
    try:
        return scanned_now(made.stored_as, made.sha256, made.original_name)
    except Refused as refused:
        return _page(request, election, refusals=refused.refusals)


def _asked_for(reference: str) -> Election:
    related = ("contract__customer", "withdrawal", "terms", "opened_by", "vendor_chose_by")
    return get_object_or_404(Election.objects.select_related(*related), reference=reference)


def _page(
    request: DeskRequest,
    election: Election,
    *,
    refusals: Sequence[Refusal] = (),
    silence: SilenceForm | None = None,
    in_writing: WrittenForm | None = None,
    send_back: ReturnForm | None = None,
) -> HttpResponse:
    initial = {"vendor_choice": election.vendor_choice, "vendor_choice_why": election.vendor_choice_why}
    (row,) = rows_of([election], request.now)
    workings = [("As the notice priced it", election.notice_working), ("For the day of effect", election.working)]
    return page(
        request,
        "admin/election.html",
        title=f"Election of {election.contract.customer}, {election.contract.order_form}",
        election=election,
        reference=election.reference,
        zone=election.tz,
        currency=election.contract.currency,
        row=row,
        agreed=agreed_since(election),
        choices=election.choices.select_related("chosen_by", "entered_by", "late__approved_by"),
        late=list(election.late_choices.select_related("proposed_by", "returned_by").filter(approved_at=None)),
        may=may_approve(request.user),
        came_after=_came_after(election.contract),
        send_back=send_back or ReturnForm(),
        memos=[(one, what_of(one)) for one in election.memos.order_by("pk")],
        another=election.state == "sent" and not comes_too_late(election, request.now),
        untold=untold().filter(pk=election.pk).exists(),
        workings=[(name, Step.from_json(kept)) for name, kept in workings if kept],
        changeable=election.withdrawal.state == "prepared",
        running=election.state in ("sent", "open"),
        silence=silence or SilenceForm(initial=initial),
        in_writing=in_writing or WrittenForm(election=election),
        form=next((one for one in (silence, in_writing, send_back) if one and one.errors), None),
        refusals=refusals,
        history=what_happened(election.reference),
    )


def _came_after(contract: Contract) -> QuerySet[Contract]:
    """E3: by which it was renewed, as far as they are on record: they began with what it ended with then."""
    later = Contract.objects.filter(customer=contract.customer_id, account=contract.account)
    return later.filter(term__startswith__gte=contract.term.upper).order_by("term")


pages: list[tuple[str, Any, str]] = [
    ("elections/<str:reference>/", detail, "election"),
    ("elections/<str:reference>/silence/", vendor_choice, "election_vendor_choice"),
    ("elections/<str:reference>/written/", written, "election_in_writing"),
    ("elections/<str:reference>/late/<int:pk>/confirm/", confirm_late, "confirm_late_election"),
    ("elections/<str:reference>/late/<int:pk>/return/", return_late, "return_late_election"),
    ("elections/<str:reference>/late/<int:pk>/", late_document, "late_election_document"),
    ("elections/<str:reference>/memo-<int:number>.pdf", memo, "election_memo"),
    ("elections/<str:reference>/again/", again, "election_notice_again"),
    ("elections/<str:reference>/tell/", tell, "tell_of_outcome"),
    ("elections/<str:reference>/documents/<int:pk>/", document, "election_document"),
]
