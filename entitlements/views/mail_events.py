"""What the provider through which our letters go tells of them, signed, in its own form (T2)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import structlog
from anymail.signals import AnymailTrackingEvent, EventType  # type: ignore[import-untyped]
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from entitlements.access import Who, open_to
from entitlements.actions.reports import note_report
from entitlements.delivery_reports import BOUNCED, DELAYED, DELIVERED, Report

PROVIDERS = {
    "mailgun": ("MailgunTrackingWebhookView", "webhook_signing_key"),
    "postmark": ("PostmarkTrackingWebhookView", "webhook_secret"),
    "sendgrid": ("SendGridTrackingWebhookView", "tracking_webhook_verification_key"),
}
"""Whose events are read: by which of anymail's views, and which secret proves that they come from there."""
MEANS = {
    EventType.BOUNCED: BOUNCED,
    EventType.REJECTED: BOUNCED,
    EventType.FAILED: BOUNCED,
    EventType.DEFERRED: DELAYED,
    EventType.DELIVERED: DELIVERED,
}

log = structlog.get_logger(__name__)


@csrf_exempt
@open_to(Who.ANYONE)
@require_POST
def mail_events(request: HttpRequest) -> HttpResponse:
    """Note each event once; 404 where no provider is set, 400 for what is not signed by it or cannot be read."""
    if not settings.MAIL_EVENTS_PROVIDER:
        raise Http404
    try:
        told = _events(request)
    except (SuspiciousOperation, ValueError, LookupError, TypeError, AttributeError) as error:
        log.warning("mail_events_refused", error=repr(error)[:500])
        return HttpResponseBadRequest()
    for event in told:
        if event.event_type in MEANS:
            note_report(report=_report(event), by=None, now=request.now)  # type: ignore[attr-defined]
    return HttpResponse()


def _events(request: HttpRequest) -> list[AnymailTrackingEvent]:
    name, secret = PROVIDERS[settings.MAIL_EVENTS_PROVIDER]
    view: Any = getattr(import_module(f"anymail.webhooks.{settings.MAIL_EVENTS_PROVIDER}"), name)
    hearing = view(**{secret: settings.MAIL_EVENTS_SECRET})
    hearing.run_validators(request)
    return list(hearing.parse_events(request))


def _report(event: AnymailTrackingEvent) -> Report:
    message_id = event.message_id or ""
    known_by = event.event_id or f"{message_id}:{event.event_type}:{event.timestamp}"
    return Report(
        kind=MEANS[event.event_type],
        message_id=message_id,
        came_back_to=(),
        recipient=event.recipient or "",
        host=settings.MAIL_EVENTS_PROVIDER,
        diagnostic=" ".join((event.mta_response or event.description or event.reject_reason or "").split())[:1000],
        at=event.timestamp,
        source=f"{settings.MAIL_EVENTS_PROVIDER}:{known_by}"[:300],
        signed=True,
    )
