"""The page of a cause: how it stands, what belongs to it, its fix, and a merge with another, shown before it is done (S12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, open_to
from entitlements.admin.engagement_forms import reason_field
from entitlements.admin.pages import DeskRequest, done, page, posted_to, refusals_of, what_happened
from entitlements.admin.queues import vendor_zone
from entitlements.rules.refusals import Refusal
from sla.actions import causes as actions
from sla.admin.forms import Form
from sla.cause_merges import preview
from sla.models import Cause, Claim, Credit

PAGE = "admin:cause"


class OtherForm(Form):
    """Which other cause turns out to be the same."""

    other = forms.ModelChoiceField(
        Cause.objects.none(),
        to_field_name="reference",
        label="The cause that goes into this one",
        help_text="All that hangs on it comes here. The next page shows what that does; nothing is done before you confirm it there.",
        empty_label="Choose a cause",
    )

    def __init__(self, *args: Any, cause: Cause, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Cause.objects.filter(merged_into__isnull=True).exclude(pk=cause.pk)
        self.fields["other"].queryset = others  # type: ignore[attr-defined]


class MergeForm(OtherForm):
    """The same, confirmed with a reason."""

    reason = reason_field("Why they are one", "What shows it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].widget = forms.HiddenInput()


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, reference: str) -> HttpResponse:
    """The cause with all that belongs to it."""
    return _page(request, _asked_for(reference))


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def fix(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S12: the cause is fixed, and takes in nothing that begins from now on."""
    actions.record_fix(cause=_asked_for(reference), by=request.user, now=request.now)
    return done(request, f"{reference} is fixed. A recurrence will be a new cause.", PAGE, reference)


@open_to(Who.MANAGERS)
def merge(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S12: what a merge would do; confirmed by a POST, it is done."""
    cause = _asked_for(reference)
    if request.method != "POST":
        chosen = OtherForm(request.GET, cause=cause)
        if not chosen.is_valid():
            return _page(request, cause, form=chosen if request.GET else None, other=chosen if request.GET else None)
        other = chosen.cleaned_data["other"]
        return _preview(request, cause, other, MergeForm(initial={"other": other.reference}, cause=cause))
    form = MergeForm(request.POST, cause=cause)
    other = Cause.objects.filter(reference=request.POST.get("other", "")).first()
    if other is None:
        return _page(request, cause)
    if not form.is_valid():
        return _preview(request, cause, other, form)
    refusals = refusals_of(
        lambda: actions.merge_causes(
            kept=cause, merged=other, reason=form.cleaned_data["reason"], by=request.user, now=request.now
        )
    )
    if refusals:
        return _preview(request, cause, other, form, refusals=refusals)
    return done(request, f"{other.reference} is one with {reference} now.", PAGE, reference)


def _asked_for(reference: str) -> Cause:
    return get_object_or_404(Cause.objects.select_related("merged_into", "fixed_by", "opened_by"), reference=reference)


def _preview(
    request: DeskRequest, cause: Cause, other: Cause, form: MergeForm, *, refusals: Sequence[Refusal] = ()
) -> HttpResponse:
    found = preview(cause, other)
    return page(
        request,
        "admin/cause_merge.html",
        title=f"Merge {other.reference} into {cause.reference}",
        cause=cause,
        found=found,
        zone=vendor_zone(),
        form=form,
        refusals=refusals or ([found.refusal] if found.refusal else []),
    )


def _page(request: DeskRequest, cause: Cause, **shown: Any) -> HttpResponse:
    return page(
        request,
        "admin/cause.html",
        title=cause.title,
        cause=cause,
        reference=cause.reference,
        zone=vendor_zone(),
        outages=cause.outages.select_related("recorded_by"),
        merged=cause.merged.all(),
        claims=Claim.objects.filter(cause=cause, received_at__isnull=False).select_related("contract__customer"),
        credits=Credit.objects.filter(cause=cause).select_related("customer"),
        failures=cause.failures.count(),
        history=what_happened(cause.reference),
        form=shown.get("form"),
        other=shown.get("other") or OtherForm(cause=cause),
    )


pages: list[tuple[str, Any, str]] = [
    ("causes/<str:reference>/", detail, "cause"),
    ("causes/<str:reference>/fix/", fix, "fix_cause"),
    ("causes/<str:reference>/merge/", merge, "merge_causes"),
]
