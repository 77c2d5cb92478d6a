"""The page of one alert: why it is a delivery failure or not, down to the line of the log (S4, S5, S7, S8; PL7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.rules.refusals import Refusal
from entitlements.wording import number_in_words
from sla.admin.alert_forms import OtherwiseForm
from sla.checklists import of_alert
from sla.evidence.circumstances import EPOCH
from sla.evidence.one_alert import Examined, examine
from sla.evidence.plots import volume_plot
from sla.evidence.questions import Assessed
from sla.evidence.wording import (
    REASONS,
    VERDICTS,
    channel_in_words,
    log_in_words,
    reading_in_words,
    verdict_in_words,
    volume_in_words,
)
from sla.models import AlertImportState, AlertRestated, Failure, FoundOtherwise, Notification
from sla.models.notifications import NotificationQuerySet
from sla.rules.volume import VolumeExclusion

_MICROSECOND = timedelta(microseconds=1)


def address_of(one: Notification | Assessed) -> str:
    """The page of a notification. It is found by customer and receipt, as its index is, and among these by import and line."""
    if isinstance(one, Notification):
        keys: dict[str, int] = {"pk": one.customer_id, "source": one.source_id, "line": one.line}
        received = one.received_at
    else:
        keys, received = {"pk": one.customer, "source": one.source, "line": one.line}, one.received
    return reverse("admin:alert", kwargs={**keys, "at": (received - EPOCH) // _MICROSECOND})


@open_to(Who.MANAGERS)
def alert(request: DeskRequest, *, pk: int, at: int, source: int, line: int) -> HttpResponse:
    """S4, S5: its facts, its log line, and the working of every rule that decided it."""
    return page_of(request, asked_for(pk=pk, at=at, source=source, line=line))


def asked_for(*, pk: int, at: int, source: int, line: int) -> Notification:
    """The notification at an address. Raises Http404 if there is none."""
    found = Notification.objects.select_related("source", "customer")
    return get_object_or_404(found, customer=pk, received_at=_instant(at), source=source, line=line)


def page_of(
    request: DeskRequest, one: Notification, form: OtherwiseForm | None = None, refusals: Sequence[Refusal] = ()
) -> HttpResponse:
    """The page, with what was typed of a finding against the presumed cause and what stands against it (S8)."""
    (examined,) = examine([one], request.now)
    standing = AlertRestated.objects.filter(by__state=AlertImportState.IMPORTED)
    finding = FoundOtherwise.objects.standing().filter(source=one.source_id, line=one.line).select_related("found_by")
    later = _versions(
        one, [(link.by_id, link.by_line) for link in standing.filter(source=one.source_id, line=one.line)]
    )
    return page(
        request,
        "admin/alert.html",
        title=f"Alert of incident {one.incident}",
        alert=one,
        address=address_of(one),
        channel=channel_in_words(one.channel),
        logs=[(log_in_words(kind), at) for kind, at in one.logs],
        examined=examined,
        verdict=VERDICTS[examined.verdict],
        sentence=verdict_in_words(examined),
        reasons=[(refusal, REASONS[why]) for refusal, why in zip(*_reasons(examined), strict=True)],
        checklist=of_alert(examined) if examined.is_late else [],
        zone=examined.ground.zone,
        later=later,
        earlier=_versions(
            one, [(link.source_id, link.line) for link in standing.filter(by=one.source_id, by_line=one.line)]
        ),
        others=[(other, channel_in_words(other.channel), address_of(other)) for other in _others(one, later)],
        reports=Failure.objects.filter(contract__customer=one.customer_id, incident__iexact=one.incident).exclude(
            incident=""
        ),
        finding=finding.first(),
        form=form or OtherwiseForm(),
        refusals=refusals,
        **(_volume(examined, examined.volume) if examined.volume else {}),
    )


def _instant(microseconds: int) -> datetime:
    try:
        return EPOCH + microseconds * _MICROSECOND
    except OverflowError as beyond:
        raise Http404 from beyond


def _reasons(examined: Examined) -> tuple[Any, Any]:
    return examined.delivery.refusals, examined.delivery.out_of_scope


def _others(one: Notification, later: Iterable[tuple[Notification, str]]) -> Iterator[Notification]:
    """The other notifications of the same trigger, which are not this one said anew: each is judged for itself."""
    its_own = {one.pk, *(other.pk for other, _ in later)}
    same = _of_its_instant(one).that_count().filter(incident=one.incident)
    return (other for other in same.order_by("source", "line") if other.pk not in its_own)


def _versions(one: Notification, places: Iterable[tuple[int, int]]) -> list[tuple[Notification, str]]:
    """The same notification as other logs have it, by import and line, each with its page."""
    found = _of_its_instant(one).select_related("source").filter(pk__in=list(places))
    return [(other, address_of(other)) for other in found]


def _of_its_instant(one: Notification) -> NotificationQuerySet:
    return Notification.objects.filter(customer=one.customer_id, received_at=one.received_at)


def _volume(examined: Examined, test: VolumeExclusion) -> dict[str, Any]:
    """PL7"""
    terms = examined.ground.terms
    return {
        "volume": test,
        "volume_sentence": volume_in_words(test),
        "reading": reading_in_words(terms),
        "plot": volume_plot(test, examined.quarters, terms.quarter, examined.waited),
        "median": number_in_words(test.median or 0),
        "limit": number_in_words(test.limit or 0),
    }
