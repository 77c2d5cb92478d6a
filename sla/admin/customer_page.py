"""The page of one customer: both halves of what the vendor owes them, their people, and one timeline across all (M2)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from entitlements import seen_as
from entitlements.access import Who, open_to
from entitlements.actions.seen_as import see_as as see_as_person
from entitlements.admin.pages import DeskRequest, page, posted_to
from entitlements.admin.queues import vendor_zone
from entitlements.models import Customer, Membership
from sla.admin import customer_facts as facts
from sla.admin.customer_timeline import PAGE as EVENTS_SHOWN
from sla.admin.customer_timeline import TimelineFilter, events_of, happenings

PAGE = "admin:customer"
SECTIONS = ("summary", "usage", "engagements", "failures", "credits", "files", "contacts", "notices", "timeline")


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, pk: int) -> HttpResponse:
    """Everything that is on record for the customer, each with the way to all of it."""
    customer = get_object_or_404(Customer, pk=pk)
    entries, sums = facts.credits_of(customer)
    deadline = facts.next_deadline(customer, request.now)
    return page(
        request,
        "admin/customer.html",
        title=customer.name,
        customer=customer,
        sections=SECTIONS,
        zone=vendor_zone(),
        running=facts.running_contracts(customer, request.now),
        contracts=customer.contracts.prefetch_related("levels").order_by("-term"),
        duties=facts.duties(customer),
        deadline=deadline,
        engagements=facts.engagements_of(customer),
        failures=facts.failures_of(customer),
        claims=facts.claims_of(customer),
        entries=entries,
        sums=sums,
        files=facts.files_of(customer),
        people=facts.people_of(customer),
        letters=facts.letters_of(customer),
        **_timeline(request, customer),
    )


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def see_as(request: DeskRequest, *, pk: int, membership: int) -> HttpResponse:
    """M2.4: from now on the portal shows what this person sees, to look at only. It is on record."""
    person = get_object_or_404(Membership, pk=membership, customer=pk, left_at__isnull=True)
    see_as_person(membership=person, by=request.user, now=request.now)
    seen_as.begin(request, person)
    return redirect("home")


@open_to(Who.MANAGERS)
def stop_seeing_as(request: DeskRequest) -> HttpResponse:
    """Back to one's own eyes."""
    customer = seen_as.end(request) if request.method == "POST" else None
    return redirect(PAGE, customer) if customer else redirect("admin:index")


def _timeline(request: DeskRequest, customer: Customer) -> dict[str, Any]:
    narrowed = TimelineFilter(request.GET or None)
    before = request.GET.get("before", "")
    events = narrowed.narrow(events_of(customer))
    if before.isdecimal():
        events = events.filter(pk__lt=int(before))
    found = list(events[: EVENTS_SHOWN + 1])
    older = found[EVENTS_SHOWN - 1].pk if len(found) > EVENTS_SHOWN else None
    return {"timeline": narrowed, "events": happenings(found[:EVENTS_SHOWN]), "older": older}


pages: list[tuple[str, Any, str]] = [
    ("customers/<int:pk>/", detail, "customer"),
    ("customers/<int:pk>/see-as/<int:membership>/", see_as, "see_as_customer"),
    ("customers/seen/stop/", stop_seeing_as, "stop_seeing_as"),
]
