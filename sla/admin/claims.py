"""Failures, claims and proposals as lists; what is done with a claim is done on its page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import DateTimeField, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from entitlements import missed, wording
from entitlements.admin.base import DeskAdmin, linked, local
from entitlements.templatetags.makegood import deadline_short, status
from sla.admin.queues import CLAIMS, FAILURES, PROPOSALS
from sla.claim_ages import AGES
from sla.models import TO_DECIDE, Claim, Failure, Proposal


@admin.register(Failure)
class FailureAdmin(DeskAdmin):
    list_display = ("reference", "customer", "kind", "how_it_stands", "occurred", "reported", "until", "outage")
    list_filter = ("state", "kind", "reported_late")
    list_select_related = ("contract__customer", "outage")
    narrowed_by = ("contract__customer",)
    search_fields = ("reference", "contract__customer__name", "incident")
    search_help_text = "Reference, customer, incident"
    queues = FAILURES
    fields = (
        *("reference", "contract", "kind", "how_it_stands", "began", "ended", "description", "incident", "channel"),
        *("responder_country", "configured_delay_minutes", "reported", "reported_by", "reported_late"),
        *("occurred", "until", "outage", "cause"),
    )
    why_empty = "Customers report failures in the portal; each report is shown here at once."

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the reminders of it that were missed (T1)."""
        failure = self.get_object(request, object_id)
        shown = {**(extra_context or {})}
        if failure:
            now = request.now  # type: ignore[attr-defined]
            shown |= {"missed": missed.of([failure.reference], now), "zone": failure.contract.tz}
        return super().change_view(request, object_id, form_url, shown)

    @admin.display(description="customer", ordering="contract__customer__name")
    def customer(self, failure: Failure) -> str:
        return failure.contract.customer.name

    @admin.display(description="state", ordering="state")
    def how_it_stands(self, failure: Failure) -> SafeString:
        return status(failure)

    @admin.display(description="began, as the customer says", ordering="began_at")
    def began(self, failure: Failure) -> str:
        return local(failure.began_at, failure.contract.tz)

    @admin.display(description="ended, as the customer says")
    def ended(self, failure: Failure) -> str:
        return local(failure.ended_at, failure.contract.tz)

    @admin.display(description="occurred (S5)", ordering="occurred_at")
    def occurred(self, failure: Failure) -> str:
        return local(failure.occurred_at, failure.contract.tz)

    @admin.display(description="reported", ordering="reported_at")
    def reported(self, failure: Failure) -> str:
        return wording.moment_in_short(failure.reported_at, failure.contract.tz, seconds=True)

    @admin.display(description="claim until (S13)", ordering="closes_at")
    def until(self, failure: Failure) -> SafeString:
        return deadline_short(failure.closes_at, failure.contract.tz)


class Mine(admin.SimpleListFilter):
    """Whose claims: a list of all people would grow without end."""

    title = "who has it"
    parameter_name = "with"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("me", "Mine"), ("nobody", "Nobody's yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        match self.value():
            case "me":
                return queryset.filter(taken_by=request.user.pk)
            case "nobody":
                return queryset.filter(taken_by__isnull=True)
        return queryset


class Aged(admin.SimpleListFilter):
    """PL2: how many days ago it was received."""

    title = "age"
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(age.key, age.title) for age in AGES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        now = request.now  # type: ignore[attr-defined]
        return next((queryset.filter(age.of(now)) for age in AGES if age.key == self.value()), queryset)


@admin.register(Claim)
class ClaimAdmin(DeskAdmin):
    list_display = ("page", "customer", "how_it_stands", "received", "waits", "until", "taken_by")
    list_display_links = None
    list_filter = (Mine, Aged, "state")
    list_select_related = ("contract__customer", "taken_by")
    narrowed_by = ("contract__customer",)
    list_only = (
        *("reference", "state", "received_at", "closes_at", "contract__zone", "contract__customer__name"),
        *("taken_by__name", "taken_by__email"),
    )
    search_fields = ("reference", "contract__customer__name", "contract__order_form", "cause__reference")
    search_help_text = "Reference, customer, order form, cause"
    queues = CLAIMS
    exported = {"waits": ""}
    fields = (
        *("page", "contract", "cause", "how_it_stands", "method", "opened", "opened_by", "until", "received"),
        *("received_by_the_clock", "submitted_by", "taken_by"),
    )
    why_empty = "Customers make claims in the portal; each is shown here at once, drafts too."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        """With the moment of the page, from which it is counted how long a claim waits."""
        now = Value(request.now, DateTimeField())  # type: ignore[attr-defined]
        return super().get_queryset(request).annotate(as_of=now)

    @admin.display(description="reference", ordering="reference")
    def page(self, claim: Claim) -> SafeString:
        return linked("admin:claim", claim.reference)

    @admin.display(description="customer", ordering="contract__customer__name")
    def customer(self, claim: Claim) -> str:
        return claim.contract.customer.name

    @admin.display(description="state", ordering="state")
    def how_it_stands(self, claim: Claim) -> SafeString:
        return status(claim)

    @admin.display(description="begun")
    def opened(self, claim: Claim) -> str:
        return local(claim.opened_at, claim.contract.tz)

    @admin.display(description="received", ordering="received_at")
    def received(self, claim: Claim) -> str:
        return local(claim.received_at, claim.contract.tz)

    @admin.display(description="waits", ordering="received_at")
    def waits(self, claim: Claim) -> str:
        """How long a claim that is still to be decided has been here."""
        if claim.state not in TO_DECIDE or claim.received_at is None:
            return "–"
        as_of = claim.as_of  # type: ignore[attr-defined]
        return wording.roughly_in_words(as_of - claim.received_at)

    @admin.display(description="window ends (S13)", ordering="closes_at")
    def until(self, claim: Claim) -> SafeString:
        return deadline_short(claim.closes_at, claim.contract.tz)


@admin.register(Proposal)
class ProposalAdmin(DeskAdmin):
    list_display = ("page", "customer", "outcome", "credit_in_words", "proposed", "proposed_by", "settled")
    list_display_links = None
    list_filter = ("outcome",)
    list_select_related = ("claim__contract__customer", "proposed_by", "approved_by", "returned_by")
    search_fields = ("claim__reference", "claim__contract__customer__name", "proposed_by__name")
    search_help_text = "Claim, customer, who proposed"
    queues = PROPOSALS
    exported = {"credit_in_words": "credited", "proposed": "proposed_at"}
    exported_besides = ("claim__contract__currency",)
    fields = (
        *("page", "claim", "outcome", "grounds", "claimed", "assessed", "capped", "credited", "bound", "edition"),
        *("cause", "proposed", "proposed_by", "settled", "return_reason"),
    )
    why_empty = "A decision is proposed on the claim's page and waits here for a second person."

    @admin.display(description="proposal for", ordering="claim__reference")
    def page(self, proposal: Proposal) -> SafeString:
        return linked("admin:proposal", proposal.pk, proposal.claim.reference)

    @admin.display(description="customer", ordering="claim__contract__customer__name")
    def customer(self, proposal: Proposal) -> str:
        return proposal.claim.contract.customer.name

    @admin.display(description="credit", ordering="credited")
    def credit_in_words(self, proposal: Proposal) -> str:
        if proposal.credited is None:
            return "none"
        return wording.money_in_words(proposal.credited, proposal.claim.contract.currency)

    @admin.display(description="proposed", ordering="proposed_at")
    def proposed(self, proposal: Proposal) -> str:
        return local(proposal.proposed_at, proposal.claim.contract.tz)

    @admin.display(description="settled")
    def settled(self, proposal: Proposal) -> str:
        if proposal.approved_by:
            return f"Approved by {proposal.approved_by}"
        return f"Returned by {proposal.returned_by}" if proposal.returned_by else "Waits"
