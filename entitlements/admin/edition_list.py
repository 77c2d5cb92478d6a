"""The editions of a document as a list: state, first day, and who brought each this far."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.admin.base import DeskAdmin, named
from entitlements.models.editions import Edition, EditionState
from entitlements.templatetags.makegood import status

_IN_STATE = {
    EditionState.DRAFT: Q(proposed_at__isnull=True, published_at__isnull=True),
    EditionState.PROPOSED: Q(proposed_at__isnull=False, published_at__isnull=True),
    EditionState.PUBLISHED: Q(published_at__isnull=False),
}


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in EditionState]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state = self.value()
        return queryset.filter(_IN_STATE[EditionState(state)]) if state in EditionState.values else queryset


class EditionAdmin(DeskAdmin):
    """Each edition opens its own page; a document's list says which."""

    page_name: str
    list_display = ("page", "how_it_stands", "valid", "drafted_by", "proposed_by", "published_by")
    list_display_links = None
    list_select_related = ("drafted_by", "proposed_by", "published_by")
    list_filter = (StateFilter,)
    search_fields = ("name",)
    search_help_text = "Name of the edition"
    fields = ("page", "how_it_stands", "valid", "drafted_by", "proposed_by", "published_by")

    @admin.display(description="edition", ordering="name")
    def page(self, edition: Edition) -> SafeString:
        return named(self.page_name, edition.pk, edition.name)

    @admin.display(description="state")
    def how_it_stands(self, edition: Edition) -> SafeString:
        return status(edition)

    @admin.display(description="valid from", ordering="valid_from")
    def valid(self, edition: Edition) -> str:
        return wording.day_in_words(edition.valid_from)
