"""Everything that happened to one customer, in one line of time, narrowed by kind, person and days (M2.2, M2.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse

from entitlements.acts_in_words import act_in_words, note_in_words
from entitlements.admin.queues import vendor_zone
from entitlements.models import Contract, Customer, Engagement, Event
from entitlements.rules.days import first_instant
from sla.models import Claim, Failure

PAGE = 50
KINDS = {
    "engagement": "Engagements",
    "outcome": "Outcomes",
    "failure": "Failures",
    "claim": "Claims",
    "evidence": "Documents",
    "contract": "Contracts",
    "customer": "Seen as the customer",
}


class TimelineFilter(forms.Form):
    """What part of the timeline is shown. What cannot be read narrows nothing, and says so."""

    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "All"), *KINDS.items()])
    person = forms.CharField(label="By whom", required=False, max_length=100, help_text="Part of a name.")
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def narrow(self, events: QuerySet[Event]) -> QuerySet[Event]:
        given = self.cleaned_data if self.is_valid() else {}
        if given.get("kind"):
            events = events.filter(verb__startswith=f"{given['kind']}.")
        if given.get("person"):
            events = events.filter(actor__name__icontains=given["person"])
        if given.get("since"):
            events = events.filter(happened_at__gte=first_instant(given["since"], vendor_zone()))
        if given.get("until"):
            events = events.filter(happened_at__lt=first_instant(given["until"] + timedelta(days=1), vendor_zone()))
        return events


def events_of(customer: Customer) -> QuerySet[Event]:
    """The acts in the log for anything of a customer, the latest first; those of the clock with the sweep that did them."""
    of_contracts = {"contract__customer": customer}
    references = [
        Contract.objects.filter(customer=customer).values("order_form"),
        *(model.objects.filter(**of_contracts).values("reference") for model in (Engagement, Failure, Claim)),
        Customer.objects.filter(pk=customer.pk).values("external_id"),
    ]
    matters = references[0].order_by().union(*(one.order_by() for one in references[1:]), all=True)
    acts = Event.objects.filter(matter__in=matters, table="").exclude(matter="")
    return acts.select_related("actor").order_by("-id")


def happenings(events: Iterable[Any]) -> list[dict[str, Any]]:
    """The lines as `includes/timeline.html` shows them, each with the page of its matter."""
    return [
        {
            "title": act_in_words(event.verb),
            "at": event.happened_at,
            "by": str(event.actor) if event.actor else _by_the_clock(event),
            "note": note_in_words(event.verb, event.note),
            "matter": event.matter,
            "url": reverse("admin:find", query={"q": event.matter}),
        }
        for event in events
    ]


def _by_the_clock(event: Event) -> str:
    return f"automatically, sweep {event.sweep}" if event.sweep else "automatically"
