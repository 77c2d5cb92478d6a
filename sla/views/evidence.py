"""The documents of a claim: chosen and uploaded, taken back before sending, handed out as downloads only (P27)."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from entitlements.access import Who, may_manage, open_to
from entitlements.actions.refused import Refused
from sla import uploads
from sla.access import evidence_visible_to
from sla.actions.evidence import add_evidence, open_evidence, remove_evidence
from sla.claims import takes_later_evidence
from sla.forms.claims import EvidenceForm
from sla.handed_out import as_download, link_to
from sla.models import Claim
from sla.uploads import NotAsReceived
from sla.views.drafts import asked_again, step
from sla.views.requests import PortalRequest, as_draft, own_claim, own_draft, posted, refused_on

log = structlog.get_logger(__name__)


@open_to(Who.CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
@refused_on("claim")
def upload(request: PortalRequest, reference: str) -> HttpResponse:
    """S9, S13: the documents of a draft; after sending, later documents with a time of their own."""
    claim = own_claim(request, reference)
    if not takes_later_evidence(claim, request.now):
        as_draft(request, claim)
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
        messages.success(request, f"“{evidence.label}” is removed.{asked_again(claim)}")
        return redirect("claim_evidence", claim.reference)
    return step(request, "claims/remove_evidence.html", claim, file=evidence)


@open_to(Who.SIGNED_IN)
@require_POST
def download(request: PortalRequest, reference: str, pk: int) -> HttpResponse:
    """By POST, since every opening is put on record. Never shown in the site's origin: a file to keep, without a type to run,
    from a host of its own where there is one."""
    visible = evidence_visible_to(request.user).select_related("claim")
    evidence = get_object_or_404(visible, claim__reference=reference, pk=pk)
    try:
        open_evidence(evidence=evidence, by=request.user, now=request.now)
        return redirect(link_to(evidence, request.user)) if settings.FILES_URL else as_download(evidence)
    except Refused as refused:
        messages.warning(request, str(refused))
    except NotAsReceived:
        messages.error(request, f"“{evidence.label}” is not as it was received, so it is not handed out. Write to us.")
    return redirect("admin:claim" if may_manage(request.user) else "claim", reference)


def _kept(request: PortalRequest, claim: Claim, form: EvidenceForm) -> bool:
    """False, with the reason at the field, where the claim can take no more."""
    file, label = form.cleaned_data["file"], form.cleaned_data["label"]
    try:
        kept = add_evidence(claim=claim, file=file, label=label, by=request.user, now=request.now)
    except Refused as refused:
        form.add_error("file", str(refused))
        return False
    except OSError:
        log.exception("evidence_not_kept", claim=claim.reference)
        form.add_error("file", f"{file.name} could not be uploaded. Try again.")
        return False
    again = kept.uploaded_at != request.now
    said = f"This file is there already, as “{kept.label}”." if again else f"“{kept.label}” is uploaded and saved."
    messages.success(request, said)
    return True
