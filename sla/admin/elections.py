"""Withdrawals and elections as lists; what is done with one is done on its page. The list of elections as a file is finance's table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import CharField, Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat, LPad
from django.http import HttpRequest
from django.utils.safestring import SafeString

from entitlements.admin.base import DeskAdmin, linked, local
from entitlements.admin.queues import vendor_zone
from entitlements.wording import deadline_in_short, state_of
from sla.admin.queues import ELECTIONS, WITHDRAWALS
from sla.elections_listed import as_shown
from sla.models import Election, ElectionChoice, ElectionState, ShiftMemo, Withdrawal

_STANDING = {
    "prepared": Q(state=ElectionState.PREPARED),
    "notice_on_its_way": Q(state=ElectionState.SENT, shown=""),
    "notice_not_given": Q(shown="notice_not_given"),
    "election_open": Q(shown="election_open"),
    "election_over": Q(shown="election_over"),
    "chosen_shift": Q(choice="shift", decided_by="customer"),
    "chosen_stay": Q(choice="stay", decided_by="customer"),
    "defaulted_shift": Q(choice="shift", decided_by="vendor"),
    "defaulted_stay": Q(choice="stay", decided_by="vendor"),
    "void": Q(shown="void") | Q(state=ElectionState.VOID),
    "cancelled": Q(state=ElectionState.CANCELLED),
}


class StandingFilter(admin.SimpleListFilter):
    """By the words of the column: by what stands now, not by what the clock has written down (T3)."""

    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, state_of(key).word) for key in _STANDING]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Election]) -> QuerySet[Election]:
        asked = _STANDING.get(self.value() or "")
        return queryset if asked is None else queryset.filter(asked)


@admin.register(Withdrawal)
class WithdrawalAdmin(DeskAdmin):
    list_display = ("page", "title", "contracts", "state", "prepared", "prepared_by", "released")
    list_display_links = None
    list_filter = ("state",)
    list_select_related = ("prepared_by",)
    search_fields = ("reference", "title", "elections__contract__order_form", "elections__contract__customer__name")
    search_help_text = "Reference, title, customer, order form"
    queues = WITHDRAWALS
    fields = ("page", "title", "why", "state", "prepared", "prepared_by", "released")
    why_empty = "No withdrawal is on record. Prepare one here: nobody is told before a second person releases it."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Withdrawal]:
        return super().get_queryset(request).annotate(parts=Count("elections", distinct=True))

    @admin.display(description="reference", ordering="reference")
    def page(self, one: Withdrawal) -> SafeString:
        return linked("admin:withdrawal", one.reference)

    @admin.display(description="contracts", ordering="parts")
    def contracts(self, one: Withdrawal) -> int:
        return int(one.parts)  # type: ignore[attr-defined]

    @admin.display(description="prepared", ordering="prepared_at")
    def prepared(self, one: Withdrawal) -> str:
        return local(one.prepared_at, vendor_zone())

    @admin.display(description="released", ordering="released_at")
    def released(self, one: Withdrawal) -> str:
        return local(one.released_at, vendor_zone())


@admin.register(Election)
class ElectionAdmin(DeskAdmin):
    list_display = (
        "page",
        "customer",
        "order_form",
        "standing",
        "reached",
        "ends",
        "effect_day",
        "credit",
        "lasts_until",
    )
    list_display_links = None
    list_filter = (StandingFilter, "choice", "decided_by", "withdrawal")
    list_select_related = ("contract__customer", "withdrawal")
    search_fields = (
        *("reference", "withdrawal__reference", "contract__order_form"),
        *("contract__customer__name", "contract__customer__external_id"),
    )
    search_help_text = "Reference, withdrawal, order form, customer"
    queues = ELECTIONS
    exported = {"reached": "reached", "ends": "ends"}
    exported_besides = (
        *("withdrawal__reference", "contract__customer__external_id", "contract__currency", "plan", "to_plan"),
        *(
            "discount_percent",
            "fee",
            "billing_period",
            "prepaid",
            "choice",
            "decided_by",
            "signed",
            "new_fee",
            "unused",
            "memo_numbers",
        ),
    )
    fields = ("page", "withdrawal", "contract", "standing", "reached", "ends", "effect_day", "credit", "lasts_until")
    why_empty = "No contract is part of a withdrawal."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Election]:
        made = ElectionChoice.objects.filter(election=OuterRef("pk"), received_at__gte=OuterRef("reached_at"))
        last = made.order_by("-received_at", "-pk").values("signer")[:1]
        number = Concat(Value("SM-"), LPad(Cast("number", CharField()), 6, Value("0")))
        memos = ShiftMemo.objects.filter(election=OuterRef("pk")).order_by().values("election")
        numbers = Subquery(memos.annotate(all=StringAgg(number, ", ", order_by="number")).values("all"))
        found = as_shown(Election.objects.all(), request.now)  # type: ignore[attr-defined]
        # Ordered once the clock is there: a queue is ordered by it.
        return found.annotate(signed=Subquery(last), memo_numbers=numbers).order_by(*self.get_ordering(request))

    @admin.display(description="reference", ordering="reference")
    def page(self, one: Election) -> SafeString:
        return linked("admin:election", one.reference)

    @admin.display(description="customer", ordering="contract__customer__name")
    def customer(self, one: Election) -> str:
        return one.contract.customer.name

    @admin.display(description="order form", ordering="contract__order_form")
    def order_form(self, one: Election) -> str:
        return one.contract.order_form

    @admin.display(description="state", ordering="state")
    def standing(self, one: Election) -> str:
        return state_of(one.shown or one.standing).word  # type: ignore[attr-defined]  # annotated, as the clock is

    @admin.display(description="notice reached", ordering="reached")
    def reached(self, one: Election) -> str:
        return local(one.reached, one.tz)  # type: ignore[attr-defined]

    @admin.display(description="choose by", ordering="ends")
    def ends(self, one: Election) -> str:
        ends: datetime | None = one.ends  # type: ignore[attr-defined]
        return deadline_in_short(ends, one.tz) if ends else "–"
