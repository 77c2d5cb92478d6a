"""The published policy as customers read it, keep it and print it (E2, M11.6)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from entitlements.access import Who, open_to
from entitlements.models import PolicyEdition
from entitlements.policy_sheets import sheet_of
from entitlements.views.requests import PortalRequest


@open_to(Who.SIGNED_IN)
@require_safe
def edition(request: PortalRequest, pk: int) -> HttpResponse:
    """A published edition; a draft is nobody's to read here."""
    return render(request, "sessions/policy.html", {"sheet": sheet_of(_published(pk))})


@open_to(Who.SIGNED_IN)
@require_safe
def as_text(request: PortalRequest, pk: int) -> HttpResponse:
    """The same in plain text."""
    sheet = sheet_of(_published(pk))
    return render(request, "sessions/policy.txt", {"sheet": sheet}, content_type="text/plain; charset=utf-8")


def _published(pk: int) -> PolicyEdition:
    return get_object_or_404(PolicyEdition.objects.published().with_text(), pk=pk)
