"""People: who may sign in, who works at the desk, who may approve; a customer's people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString

from entitlements.addresses import cut_off
from entitlements.admin.base import DeskAdmin, ReadOnlyInline, named
from entitlements.models import Membership, User


class MembershipInline(ReadOnlyInline):
    """Which customer a person belongs to, and what they may do there (C12.1): changed on the page of the customer's people, where
    an owner stays and a reason is given.
    """

    model = Membership
    fk_name = "user"
    fields = ("people", "roles", "left_at")
    readonly_fields = ("people",)
    verbose_name_plural = "belongs to"

    @admin.display(description="changed among the people of")
    def people(self, membership: Membership) -> SafeString:
        return named("admin:customer_people", membership.customer_id, membership.customer)


@admin.register(User)
class PersonAdmin(DeskAdmin):
    editable = True
    list_display = ("name", "email", "is_active", "is_staff", "may_approve")
    list_filter = ("is_staff", "may_approve", "is_active")
    search_fields = ("name", "email")
    search_help_text = "Name or e-mail address"
    ordering = ("name",)
    fields = ("name", "email", "is_active", "is_staff", "may_approve")
    inlines = (MembershipInline,)
    why_empty = "Nobody is on record."

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """S19: desk and second signature are not given here, and whoever has them is not taken over: `manage.py staff` does it.

        C12.1: whoever belongs to a customer is taken out there, where an owner stays; until then they may sign in.
        """
        if isinstance(obj, User) and (obj.is_staff or obj.may_approve):
            return ("name", "email", "is_active", "is_staff", "may_approve")
        if isinstance(obj, User) and obj.is_active and obj.memberships.filter(left_at__isnull=True).exists():
            return ("is_active", "is_staff", "may_approve")
        return ("is_staff", "may_approve")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.email = obj.email.strip().lower()
        if not change or "email" in form.changed_data:
            cut_off(obj)  # signs in with a code sent by e-mail, to this address
        super().save_model(request, obj, form, change)
