"""People: who may sign in, who works at the desk, who may approve; a customer's people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from entitlements import access
from entitlements.addresses import cut_off
from entitlements.admin.base import DeskAdmin
from entitlements.models import Membership, Role, User


class MembershipForm(forms.ModelForm):
    roles = forms.MultipleChoiceField(
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Owner may do everything; the others only what they name.",
    )


class MembershipInline(admin.StackedInline):
    """Which customer a person belongs to, and what they may do there. Nobody is taken out of it: leaving is noted."""

    model = Membership
    form = MembershipForm
    fk_name = "user"
    fields = ("customer", "roles", "left_at")
    readonly_fields = ("left_at",)
    autocomplete_fields = ("customer",)
    extra = 0
    verbose_name_plural = "belongs to"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may_manage(request.user)

    has_change_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """S19: whoever works at the desk is no customer's."""
        return access.may_manage(request.user) and not (obj and obj.is_staff)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
        """S19: desk and second signature are not given here, and whoever has them is not taken over: `manage.py staff` does it."""
        if isinstance(obj, User) and (obj.is_staff or obj.may_approve):
            return ("name", "email", "is_active", "is_staff", "may_approve")
        return ("is_staff", "may_approve")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.email = obj.email.strip().lower()
        if not change or "email" in form.changed_data:
            cut_off(obj)  # signs in with a code sent by e-mail, to this address
        super().save_model(request, obj, form, change)
