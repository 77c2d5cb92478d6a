"""What every page knows about the site: whose it is, whom to write to, whether it is the demo."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from entitlements.access import Who, is_one_of


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        **site_facts(),
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
        "belongs": SimpleLazyObject(lambda: is_one_of(request.user, Who.CUSTOMERS)),
        "may_report": SimpleLazyObject(lambda: is_one_of(request.user, Who.CLAIMANTS)),
    }


def site_facts() -> dict[str, Any]:
    """Also for templates without a request: letters, and the page shown when all else fails."""
    return {
        "vendor": getattr(settings, "VENDOR_NAME", ""),
        "support_email": getattr(settings, "SUPPORT_EMAIL", ""),
        "site_url": getattr(settings, "SITE_URL", ""),
        "status_url": getattr(settings, "STATUS_URL", ""),
        "terms_url": getattr(settings, "TERMS_URL", ""),
        "demo": getattr(settings, "DEMO", False),
        "installation": getattr(settings, "INSTALLATION", ""),
        "site_name": getattr(settings, "SITE_NAME", "Makegood"),
    }
