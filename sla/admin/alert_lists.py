"""Alerts as the rules judge them: a day's of all customers, and a customer's over a span (S4, S5, S7, S8; PL6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.exports import FORMATS, Row, as_file
from entitlements.models import Customer
from entitlements.rules.days import first_instant, first_of_month, local_day
from entitlements.rules.spans import Span
from entitlements.views.lists import rows_in_words
from entitlements.wording import number_in_words
from sla.admin.alert_forms import AlertsForm, DayForm, list_address
from sla.admin.alert_page import address_of, alert
from sla.evidence import lists
from sla.evidence.agreements import agreements_of
from sla.evidence.circumstances import Circumstances, circumstances_of
from sla.evidence.ground import ground_of
from sla.evidence.plots import edges_with
from sla.evidence.questions import NOTHING_LATE, Assessed, Verdict, late_by_customer
from sla.evidence.summaries import Summary
from sla.evidence.wording import REASONS, VERDICTS, channel_in_words, seconds_of
from sla.models import AlertImport, AlertMonth

DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
PAGE = 50


@open_to(Who.MANAGERS)
def of_day(request: DeskRequest) -> HttpResponseBase:
    """One line a customer: what the alerts whose triggers were received on a day come to."""
    zone = vendor_zone()
    through = imported_through()
    form = DayForm(request.GET or None, initial={"day": local_day(through or request.now, zone)})
    day, text = form.told(local_day(through or request.now, zone))
    customers = Customer.objects.filter(name__icontains=text) if text else Customer.objects.all()
    names = dict(customers.values_list("pk", "name"))
    during = Span(first_instant(day, zone), first_instant(day + DAY, zone))
    found = lists.by_customer(circumstances_of(names, during, request.now)) if names else []
    found.sort(key=lambda one: (-one.failures, -one.late, names[one.customer].casefold()))
    if kind := _kind(request):
        heads = [
            "customer",
            "notifications",
            "in scope",
            "late",
            "excluded",
            "failures",
            "in an outage",
            "remedy seconds",
        ]
        return as_file(
            kind, f"alerts-of-{day}", heads, (_day_row(names[one.customer], one) for one in found), request.now
        )
    return page(
        request,
        "admin/alerts_of_day.html",
        title="Alerts of a day",
        zone=zone,
        through=through,
        form=form,
        day=day,
        before=day - DAY,
        after=day + DAY,
        lines=[(names[one.customer], one, list_address(one.customer, day, day)) for one in found],
        rows=rows_in_words(len(found), "customer"),
        gone=months_gone(during),
        failures=sum(one.failures for one in found),
        notifications=sum(one.notifications for one in found),
    )


@open_to(Who.MANAGERS)
def of_customer(request: DeskRequest, *, pk: int) -> HttpResponseBase:
    """A customer's notifications over some days, each with its verdict, and what they come to."""
    customer = get_object_or_404(Customer, pk=pk)
    through = imported_through()
    zone = _zone_of(customer, through or request.now)
    form = AlertsForm(request.GET or None, last=local_day(through or request.now, zone), of=zone, channels=())
    during = form.span
    known = circumstances_of([customer.pk], during, request.now)
    narrowed = lists.Narrowed(
        customer=customer.pk,
        during=during,
        group=form.asked("group"),
        channel=form.asked("channel"),
        covered=form.asked("places") != "all",
        text=form.asked("q").strip(),
    )
    if kind := _kind(request):
        rows = (_row(one) for one in lists.all_of(known, narrowed))
        return as_file(kind, f"alerts-of-{customer.external_id}", HEADS, rows, request.now)
    return page(
        request,
        "admin/alerts_of_customer.html",
        title=f"Alerts of {customer}",
        customer=customer,
        zone=zone,
        through=through,
        form=form,
        days=form.days,
        gone=months_gone(during),
        **_listed(request, known, lists.looked_up(known, narrowed)),
        **_summed(known, narrowed, whole=bool(request.GET.get("whole"))),
    )


def imported_through() -> datetime | None:
    """X10: up to which receipt the alert logs are on record."""
    standing = AlertImport.objects.imported()
    last: datetime | None = standing.aggregate(last=Max("last_received"))["last"]
    return last


def months_gone(during: Span) -> list[AlertMonth]:
    """Retention: the months (UTC) of a span whose logs are not kept any more."""
    first, last = during.start.astimezone(UTC).date(), (during.end - MICROSECOND).astimezone(UTC).date()
    return list(AlertMonth.objects.filter(dropped_at__isnull=False, month__range=(first_of_month(first), last)))


def _zone_of(customer: Customer, at: datetime) -> ZoneInfo:
    (ground,) = ground_of(agreements_of([customer.pk]), Span(at, at + MICROSECOND))
    return ground.zone


def _listed(request: DeskRequest, known: Circumstances, narrowed: lists.Narrowed) -> dict[str, Any]:
    after = lists.Place.of(request.GET.get("after", ""))
    found = lists.page_of(known, narrowed, PAGE + 1, after)
    last = found[PAGE - 1] if len(found) > PAGE else None
    is_all = after is None and last is None
    return {
        "found": [
            (one, VERDICTS[one.verdict], _why(one), channel_in_words(one.channel), address_of(one))
            for one in found[:PAGE]
        ],
        "rows": rows_in_words(len(found) if is_all else lists.how_many(known, narrowed), "notification"),
        "more": lists.Place(last.received, last.source, last.line) if last else None,
        "first_page": after is None,
    }


def _summed(known: Circumstances, narrowed: lists.Narrowed, *, whole: bool) -> dict[str, Any]:
    """PL6, and what all notifications of the span come to; of a long one only what is late, unless the whole is asked for."""
    limits = tuple(dict.fromkeys(one.delivery_limit for one in known.terms))
    late = late_by_customer(known).get(narrowed.customer, NOTHING_LATE)
    if not whole and lists.is_long(narrowed):
        return {"late": late, "limits": limits, "most": lists.MOST_SUMMED, "has_any": True}
    span = lists.Narrowed(customer=narrowed.customer, during=narrowed.during)
    groups = lists.groups_of(known, edges_with(limits), span)
    summary = Summary(tuple(groups), everywhere=not narrowed.covered, limits=limits, remedy=late.remedy)
    return {"summary": summary, "plot": summary.plot, "has_any": summary.notifications > 0}


def _why(one: Assessed) -> str:
    """What is out of scope, by each reason; what volume excludes, by its median."""
    if one.verdict == Verdict.BY_VOLUME and one.median is not None:
        return f"the median is {number_in_words(one.median)}"
    return "; ".join(REASONS[why] for why in one.out_of_scope)


HEADS = [
    "incident",
    "channel",
    "received",
    "due",
    "ended",
    "attempted",
    "delivery period seconds",
    "verdict",
    "why",
    "occurred",
    "remedy from",
    "remedy to",
    "import",
    "line",
]


def _row(one: Assessed) -> Row:
    remedy = (one.remedy[0].start, one.remedy[-1].end) if one.remedy else (None, None)
    return [
        one.incident,
        one.channel,
        one.received,
        one.due,
        one.ended,
        one.attempted,
        seconds_of(one.period),
        VERDICTS[one.verdict],
        _why(one),
        one.occurrence,
        *remedy,
        one.source,
        one.line,
    ]


def _day_row(name: str, one: lists.OfCustomer) -> Row:
    figures = (one.notifications, one.in_scope, one.late, one.excluded, one.failures, one.in_outage)
    return [name, *figures, seconds_of(one.remedy)]


def _kind(request: DeskRequest) -> str:
    kind = request.GET.get("format", "")
    return kind if kind in FORMATS else ""


pages: list[tuple[str, Any, str]] = [
    ("alerts/", of_day, "alerts_of_day"),
    ("alerts/<int:pk>/", of_customer, "alerts_of_customer"),
    ("alerts/<int:pk>/<int:at>/<int:source>/<int:line>/", alert, "alert"),
]
