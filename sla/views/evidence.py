"""The documents of a claim: chosen and uploaded, taken back before sending, handed out as downloads only (P27)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.files.storage import storages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST

from entitlements.access import Who, open_to
from entitlements.actions.refused import Refused
from sla import uploads
from sla.access import evidence_visible_to
from sla.actions.evidence import add_evidence, open_evidence, remove_evidence
from sla.claims import takes_later_evidence
from sla.forms.claims import EvidenceForm
from sla.models import Claim
from sla.views.drafts import step
from sla.views.requests import PortalRequest, own_claim, own_draft, posted, refused_on

INERT = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store, private",
}


@open_to(Who.CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
@refused_on("claim")
def upload(request: PortalRequest, reference: str) -> HttpResponse:
    """S9, S13: the documents of a draft; after sending, later documents with a time of their own."""
    claim = own_claim(request, reference)
    if not takes_later_evidence(claim, request.now):
        own_draft(request, reference)
    form = EvidenceForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid() and _kept(request, claim, form):
        return redirect("claim_evidence", claim.reference)
    files = claim.evidence.filter(removed_at__isnull=True).select_related("uploaded_by")
    limits = {
        "allowed": uploads.ALLOWED,
        "most_files": uploads.MOST_FILES,
        "most_bytes": settings.EVIDENCE_MAX_FILE_BYTES,
        "most_in_all": settings.EVIDENCE_MAX_CLAIM_BYTES,
    }
    return step(request, "claims/evidence.html", claim, form=form, files=files, limits=limits)


@open_to(Who.CLAIMANTS)
@require_http_methods(["GET", "HEAD", "POST"])
@refused_on("claim")
def remove(request: PortalRequest, reference: str, pk: int) -> HttpResponse:
    """Asked first, then taken back; only before the claim is sent."""
    claim = own_draft(request, reference)
    evidence = get_object_or_404(evidence_visible_to(request.user).select_related("claim"), claim=claim, pk=pk)
    if request.method == "POST":
        remove_evidence(evidence=evidence, by=request.user, now=request.now)
        messages.success(request, f"“{evidence.label}” is removed.")
        return redirect("claim_evidence", claim.reference)
    return step(request, "claims/remove_evidence.html", claim, file=evidence)


@open_to(Who.SIGNED_IN)
@require_POST
def download(request: PortalRequest, reference: str, pk: int) -> HttpResponse:
    """By POST, since every opening is put on record. Never shown in the site's origin: a file to keep, without a type to run."""
    visible = evidence_visible_to(request.user).select_related("claim")
    evidence = get_object_or_404(visible, claim__reference=reference, pk=pk)
    open_evidence(evidence=evidence, by=request.user, now=request.now)
    with storages["evidence"].open(evidence.stored_as) as kept:
        content = kept.read()
    named = {"Content-Disposition": content_disposition_header(True, evidence.original_name)}
    return HttpResponse(content, content_type="application/octet-stream", headers={**INERT, **named})


def _kept(request: PortalRequest, claim: Claim, form: EvidenceForm) -> bool:
    """False, with the reason at the field, where the claim can take no more."""
    file, label = form.cleaned_data["file"], form.cleaned_data["label"]
    try:
        kept = add_evidence(claim=claim, file=file, label=label, by=request.user, now=request.now)
    except Refused as refused:
        form.add_error("file", str(refused))
        return False
    again = kept.uploaded_at != request.now
    said = f"This file is there already, as “{kept.label}”." if again else f"“{kept.label}” is uploaded and saved."
    messages.success(request, said)
    return True
