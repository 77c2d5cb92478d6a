"""What a customer answers and asks about a claim that was sent: a request for information, a second look at a denial (S19)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from entitlements.access import Who, open_to
from sla.actions.information import answer_information
from sla.actions.second_looks import ask_for_second_look
from sla.claims import can_be_asked_about
from sla.forms.questions import AnswerForm, SecondLookForm
from sla.views.drafts import step
from sla.views.requests import PortalRequest, own_claim, posted, refused_on

FORM = ["GET", "HEAD", "POST"]


@open_to(Who.CUSTOMERS)
@require_http_methods(FORM)
@refused_on("claim")
def answer(request: PortalRequest, reference: str) -> HttpResponse:
    """S19: what was asked, by when, what was added since, and the answer. One that is over leads back to the claim."""
    claim = own_claim(request, reference)
    asked = claim.information_requests.first()
    form = AnswerForm(posted(request), initial={"request": asked and asked.pk})
    if request.method == "POST" and form.is_valid():
        read = get_object_or_404(claim.information_requests, pk=form.cleaned_data["request"])
        answer_information(request=read, answer=form.cleaned_data["answer"], by=request.user, now=request.now)
        messages.success(request, "Your answer is received. We go on with the claim.")
        return redirect("claim", claim.reference)
    if asked is None or asked.answered_at or asked.ended_at or asked.answer_by <= request.now:
        return redirect("claim", claim.reference)
    files = claim.evidence.filter(asked_for=True, removed_at__isnull=True, uploaded_at__gte=asked.asked_at)
    shown = {"form": form, "asked": asked, "files": files.select_related("uploaded_by")}
    return step(request, "claims/answer.html", claim, **shown)


@open_to(Who.CUSTOMERS)
@require_http_methods(FORM)
@refused_on("claim")
def second_look(request: PortalRequest, reference: str) -> HttpResponse:
    """S19: ask once to look at a denial again, with the reason."""
    claim = own_claim(request, reference)
    form = SecondLookForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        asked = ask_for_second_look(claim=claim, reason=reason, by=request.user, now=request.now)
        if asked.settled_at:
            messages.info(request, "You asked this before, and our answer stands below.")
        else:
            messages.success(request, "We have your question and will answer it in writing.")
        return redirect("claim", claim.reference)
    if not can_be_asked_about(claim):
        return redirect("claim", claim.reference)
    return step(request, "claims/second_look.html", claim, form=form)
