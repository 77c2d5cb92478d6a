"""People: who may sign in, who works at the desk, who may approve; a customer's people; engineers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from entitlements import access
from entitlements.admin.base import DeskAdmin
from entitlements.models import Engineer, Membership, Role, User


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

    has_add_permission = has_change_permission = has_view_permission

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
        """S19: nobody gives themselves the desk or the second signature, and only approvers give them to others."""
        if obj == request.user or not access.may_approve(request.user):
            return ("is_staff", "may_approve")
        return ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.email = obj.email.strip().lower()
        if not change:
            obj.set_unusable_password()  # signs in with a code sent by e-mail
        super().save_model(request, obj, form, change)


@admin.register(Engineer)
class EngineerAdmin(DeskAdmin):
    editable = True
    list_display = ("user", "zone", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")
    search_help_text = "Name or e-mail address"
    fields = ("user", "zone", "skills", "is_active")
    autocomplete_fields = ("user",)
    why_empty = "No engineer is on record, so nothing can be scheduled. Add one."

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, widget=forms.CheckboxSelectMultiple, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Engineer]:
        return super().get_queryset(request).order_by("user__name")
