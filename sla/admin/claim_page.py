"""The page of one claim, on which it is judged: facts beside statements, lines, figures, and the proposal (M5, S19)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from entitlements import missed
from entitlements.access import Who, may_see, open_to
from entitlements.admin.pages import DeskRequest, done, on_a_timeline, page, posted_to, refusals_of
from entitlements.models.worded import Worded, known_empty, rows_of
from entitlements.rules.refusals import Refusal
from sla.access import evidence_visible_to
from sla.actions import decisions as actions
from sla.actions.reviews import UNDER_REVIEW, unless_changed
from sla.actions.second_looks import CAN_BE_ASKED_ABOUT
from sla.admin import claim_facts as facts
from sla.admin.claim_alerts import alerts_beside
from sla.admin.claim_aside import beside, waiver_of
from sla.admin.claim_exclusions import checklists_beside
from sla.admin.forms import ApprovalForm, AssignForm, DenialForm, StrikeForm
from sla.admin.question_forms import AskForm, SecondLookForm
from sla.admin.seen import how_far_seen, what_changed
from sla.assessment import assess, read_what_judges
from sla.claims import decision_of
from sla.drafts import rates_of
from sla.entries import entry_of
from sla.information import waiting_for
from sla.lines import by_document
from sla.models import Claim, ClaimState, Credit, CreditEntry, Election, Failure, LostTransaction, Proposal
from sla.seen import history_seen
from sla.similar import received_by_cause
from sla.terms_shown import entered_since, terms_shown

PAGE = "admin:claim"


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """Everything that is on record for the claim, and what can be done next."""
    return page_of(request, asked_for(request, reference))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def take(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S19: from now on the claim is in review, with the manager who took it."""
    claim = asked_for(request, reference)
    return do(
        request,
        claim,
        lambda: actions.take_claim(claim=claim, by=request.user, now=request.now),
        f"You have taken {reference}.",
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def assign(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S2, S12: name the recorded outage that it was."""
    claim = asked_for(request, reference)
    form = AssignForm(request.POST, outages=facts.outages_near(claim, claim.read_failures()))
    if not form.is_valid():
        return page_of(request, claim, form=form, assign=form)
    outage = form.cleaned_data["outage"]
    return do(
        request,
        claim,
        lambda: actions.assign_outage(claim=claim, outage=outage, by=request.user, now=request.now),
        f"{outage.reference} is assigned, and with it its cause.",
        assign=form,
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def strike(request: DeskRequest, *, reference: str, line: int) -> HttpResponse:
    """S9: a transaction does not count; why stands on its line."""
    claim = asked_for(request, reference)
    struck = get_object_or_404(LostTransaction, claim=claim, line=line)
    form = StrikeForm(request.POST)
    if not form.is_valid():
        return page_of(request, claim, form=form, strike=form, line=line)
    return do(
        request,
        claim,
        lambda: actions.strike_line(line=struck, by=request.user, now=request.now, **form.cleaned_data),
        f"Line {line} is struck.",
        strike=form,
        line=line,
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def keep(request: DeskRequest, *, reference: str, line: int) -> HttpResponse:
    """S9: a transaction that was struck counts after all."""
    claim = asked_for(request, reference)
    kept = get_object_or_404(LostTransaction, claim=claim, line=line)
    return do(
        request,
        claim,
        lambda: actions.keep_line(line=kept, by=request.user, now=request.now),
        f"Line {line} counts again, as far as the rules let it.",
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def propose_approval(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S19: propose the credit that the rules give."""
    claim = asked_for(request, reference)
    form = ApprovalForm(request.POST)
    if not form.is_valid():
        return page_of(request, claim, form=form, approval=form)
    return _propose(request, claim, Proposal.Outcome.APPROVE, form.cleaned_data["grounds"], approval=form)


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def propose_denial(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S19: propose to deny, with grounds that name clauses."""
    claim = asked_for(request, reference)
    form = DenialForm(request.POST)
    if not form.is_valid():
        return page_of(request, claim, form=form, denial=form)
    return _propose(request, claim, Proposal.Outcome.DENY, form.grounds(), denial=form)


def _propose(request: DeskRequest, claim: Claim, outcome: str, grounds: str, **typed: Any) -> HttpResponse:
    return do(
        request,
        claim,
        lambda: actions.propose_decision(
            claim=claim, outcome=outcome, grounds=grounds, by=request.user, now=request.now
        ),
        "Your proposal is made. Another person has to approve it.",
        **typed,
    )


def do(request: DeskRequest, claim: Claim, action: Callable[[], object], sentence: str, **typed: Any) -> HttpResponse:
    """The one action of a POST, unless somebody else was quicker; then the page: anew if it was done, with the reasons and what was
    typed if it was refused."""
    seen = how_far_seen(request)
    if refusals := refusals_of(lambda: unless_changed(claim=claim, seen=seen, by=request.user, act=action)):
        return page_of(request, claim, refusals=refusals, **typed)
    return done(request, sentence, PAGE, claim.reference)


def asked_for(request: DeskRequest, reference: str) -> Claim:
    claim: Claim | None = _CLAIM.one(reference)
    if claim is None or not may_see(request.user, claim.contract):
        raise Http404
    return claim


MAY_BE_NONE = ("proposals", "recomputations", "second_looks", "examinations", "waivers", "audits")
"""What most claims have none of: whether there is any is read with the claim, and then there is nothing to ask for. So are credits of
their causes and customers, and elections of their contracts."""


def _claim(reference: str) -> QuerySet[Claim]:
    rows = ((one, Claim._meta.get_field(one).related_model) for one in (*MAY_BE_NONE, "information_requests"))
    has = {f"has_{one}": Exists(model._default_manager.filter(claim=OuterRef("pk"))) for one, model in rows}  # type: ignore[union-attr]
    people = ("taken_by", "submitted_by", "declared_by", "audit_consent_by")
    has["has_credit_entries"] = Exists(CreditEntry.objects.filter(customer=OuterRef("contract__customer")))
    has["has_credits"] = Exists(Credit.objects.filter(cause=OuterRef("cause")))
    has["has_elections"] = Exists(Election.objects.filter(contract=OuterRef("contract")))
    return (
        Claim.objects.filter(reference=reference).select_related("contract__customer", "cause", *people).annotate(**has)
    )


_CLAIM = Worded(_claim, planned_once=True)


def received_only(claim: Claim) -> Claim:
    """A draft is not the vendor's to read."""
    if claim.received_at is None:
        raise Http404
    return claim


def page_of(request: DeskRequest, claim: Claim, *, refusals: Sequence[Refusal] = (), **shown: Any) -> HttpResponse:
    failures = claim.read_failures()
    read_what_judges(claim.contract)
    known_empty(claim, *(one for one in MAY_BE_NONE if not _may_have(request, claim, one)))
    if not _may_have(request, claim, "credit_entries"):
        known_empty(claim.contract.customer, "credit_entries")
    acts, seen = history_seen(claim, request.user)
    context = {
        "title": f"Claim of {claim.contract.customer}",
        "claim": claim,
        "contract": claim.contract,
        "zone": claim.contract.tz,
        "currency": claim.contract.currency,
        "reference": claim.reference,
        "refusals": refusals,
        "history": on_a_timeline(acts),
        "seen": seen,
        "changed": what_changed(request, claim, refusals),
        "missed": missed.of([claim.reference, *(one.reference for one in failures)], request.now),
    }
    if claim.received_at is None:  # a draft is not the vendor's to read
        late = claim.state == ClaimState.LAPSED
        waiver = waiver_of(request, claim, shown, late=late)
        return page(
            request, "admin/claim_unsent.html", **context, **waiver, entry=entry_of(claim), form=shown.get("form")
        )
    judged = _judged(request, claim, failures)
    waiver = waiver_of(request, claim, shown, late=judged["open"] and bool(judged["assessment"].union.late))
    forms = _forms(request, claim, failures, shown)
    forms |= beside(request, claim, failures, shown, judged["assessment"])
    forms["of_cause"] = received_by_cause(claim) if _may_have(request, claim, "credits") else []
    return page(request, "admin/claim.html", **context, **judged, **waiver, **forms)


def _may_have(request: DeskRequest, claim: Claim, what: str) -> bool:
    """By what was read with the claim; after an act there may be more."""
    return request.method != "GET" or getattr(claim, f"has_{what}")


def _judged(request: DeskRequest, claim: Claim, failures: list[Failure]) -> dict[str, Any]:
    assessment = assess(claim, now=request.now, in_sums=True, failures=failures)
    lines = facts.lines(claim, assessment, request.GET.get("lines"))
    line_by_line = request.GET.get("worked") == "lines"
    proposals = rows_of(claim, "proposals", "proposed_by", "approved_by", "returned_by")
    decided = decision_of(claim)
    documents = by_document(assessment.summed)
    occurred = [one.occurred_at for one in failures]
    credited = actions.cause_is_credited(claim) if _may_have(request, claim, "credits") else None
    return {
        "assessment": assessment,
        "terms_shown": terms_shown(claim.contract, occurred) if _may_have(request, claim, "elections") else None,
        "entered_since": entered_since(claim.contract, occurred),
        "at_the_desk": True,
        "open": claim.state in UNDER_REVIEW,
        "can_take": claim.state in (ClaimState.SUBMITTED, ClaimState.IN_REVIEW) and claim.taken_by != request.user,
        "waiting": next((one for one in proposals if one.waits), None),
        "decided": decided,
        "returned": [one for one in proposals if one.returned_at],
        **_questions(request, claim),
        "timeliness": facts.timeliness(claim, assessment, failures),
        "logs": facts.logs_beside(assessment, failures),
        "alerts": alerts_beside(assessment),
        "excluded": checklists_beside(claim, assessment),
        "drawings": facts.drawings(claim, assessment, request.now),
        "lines": lines,
        "documents": documents,
        "rates": rates_of(claim),
        "figures": facts.figures(assessment, decided, lines, line_by_line=line_by_line),
        "line_by_line": line_by_line,
        "readings": [
            *facts.other_readings(assessment),
            *facts.without_emergencies(claim, assessment, request.now),
        ],
        "obstacles": actions.reasons_against_proposing(claim, failures, assessment, documents, credited),
        "recomputations": rows_of(claim, "recomputations", "recomputed_by"),
        "same_cause": credited,
        "evidence": evidence_visible_to(request.user).filter(claim=claim).select_related("uploaded_by"),
    }


def _questions(request: DeskRequest, claim: Claim) -> dict[str, Any]:
    """S19: what was asked of the customer, and what they asked about the decision."""
    looks = rows_of(claim, "second_looks", "asked_by", "settled_by")
    people = ("asked_by", "answered_by", "ended_by")
    any_asked = _may_have(request, claim, "information_requests")
    return {
        "asked": waiting_for(claim, request.now) if any_asked else None,
        "asked_before": claim.information_requests.settled(request.now).select_related(*people) if any_asked else [],
        "second_looks": looks,
        "can_reopen": claim.state in CAN_BE_ASKED_ABOUT,
        "can_decline": any(one.settled_at is None for one in looks),
    }


def _forms(request: DeskRequest, claim: Claim, failures: list[Failure], shown: dict[str, Any]) -> dict[str, Any]:
    asked = request.GET.get("strike", "")
    near = facts.outages_near(claim, failures) if claim.state in UNDER_REVIEW else []
    return {
        "form": shown.get("form"),
        "assign": shown.get("assign") or (AssignForm(outages=near) if near else None),
        "strike": shown.get("strike") or StrikeForm(),
        "strike_line": shown.get("line") or (int(asked) if asked.isdecimal() else None),
        "approval": shown.get("approval") or ApprovalForm(),
        "denial": shown.get("denial") or DenialForm(),
        "ask": shown.get("ask") or AskForm(contract=claim.contract, now=request.now),
        "second_look": shown.get("second_look") or SecondLookForm(),
    }
