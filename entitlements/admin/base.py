"""What every list of the desk has in common: managers may look, nobody may delete, and what is changed here is logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from entitlements import access, wording
from entitlements.actions.log import record
from entitlements.admin.exported import Exported
from entitlements.admin.paging import FoundOnce, KeysFirst, Listed
from entitlements.admin.queues import Queue, QueueFilter, vendor_zone
from entitlements.links import path_of
from entitlements.models import User


class HappenedFilter(admin.EmptyFieldListFilter):
    """Whether something has happened, by the field of its time: fixed_at is narrowed to "Yes" or "Not yet"."""

    WORDS = {"Not empty": "Yes", "Empty": "Not yet"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = str(self.title).removesuffix(" at")

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for one in super().choices(changelist):
            words, *counted = str(one["display"]).split(" (")
            yield {**one, "display": " (".join((self.WORDS.get(words, words), *counted))}


class Permissions:
    """Managers see everything. A list can be added to or edited only where it says so; superusers have no more than others."""

    editable = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return access.may_manage(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may_manage(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.editable and access.may_manage(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.editable and access.may_manage(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DeskAdmin(Exported, Permissions, admin.ModelAdmin):
    """A list of records. Whatever a manager decides is done on a page of its own, never here."""

    actions = None
    show_full_result_count = False
    list_per_page = 50
    list_only: tuple[str, ...] = ()
    """The columns that the list is read with, where a row has many more; none named: all."""
    queues: tuple[Queue, ...] = ()
    why_empty = ""
    narrowed_by: tuple[str, ...] = ()
    """Where a link of another page narrows the list by what stands beside the row, and no filter does."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in self.narrowed_by or super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[Any]:
        """What cannot be done has no address either."""
        gone = ("_delete",) if self.editable else ("_delete", "_add")
        return [one for one in super().get_urls() if not (one.name or "").endswith(gone)]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Listed]:
        return Listed

    def get_paginator(self, request: HttpRequest, queryset: QuerySet[Any], per_page: int, *rest: Any) -> KeysFirst:
        return (FoundOnce if request.GET.get(SEARCH_VAR) else KeysFirst)(queryset, per_page, *rest)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        own = list(super().get_list_filter(request))
        return [type("Work", (QueueFilter,), {"queues": self.queues}), *own] if self.queues else own

    def get_ordering(self, request: HttpRequest) -> Any:
        """A queue has its own order: what is due first stands first."""
        chosen = request.GET.get(QueueFilter.parameter_name)
        order = next((queue.order for queue in self.queues if queue.key == chosen), ())
        return order or super().get_ordering(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, or with `?format=csv` exactly its rows as a file."""
        if kind := self.asked_as_file(request):
            try:
                return self.as_file(request, self.get_changelist_instance(request), kind)
            except IncorrectLookupParameters:
                pass  # Django's own answer says so
        title = capfirst(str(self.opts.verbose_name_plural))
        context = {"title": title, "why_empty": self.why_empty, "zone": vendor_zone()}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().change_view(request, object_id, form_url, {"zone": vendor_zone(), **(extra_context or {})})

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """M10.6: the history of a record is what the event log says of its row."""
        return redirect(list_of("entitlements_event", table=self.opts.db_table, row_id=object_id))

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool) -> None:
        """M10: the event log names who changed what; the triggers add each row."""
        verb = f"{self.opts.model_name}.{'changed' if change else 'added'}"
        assert isinstance(request.user, User)
        record(verb, matter=str(obj.pk or ""), by=request.user, now=request.now)  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)


class ReadOnlyInline(Permissions, admin.TabularInline):
    """Rows that belong to a record, to be read there."""

    template = "admin/read_only_inline.html"
    extra = 0


def local(instant: datetime | None, zone: ZoneInfo) -> str:
    """An instant in a list, in the zone that counts for the row."""
    return wording.moment_in_short(instant, zone) if instant else "–"


def linked(page: str, key: Any, text: Any = "") -> SafeString:
    """A reference that opens its page."""
    return format_html('<a class="ref" href="{}">{}</a>', path_of(page, key), text or key)


def named(page: str, key: Any, text: Any) -> SafeString:
    """A name that opens its page."""
    return format_html('<a href="{}">{}</a>', path_of(page, key), text)


def links(pairs: Iterable[tuple[str, str]]) -> SafeString:
    """Several links in a row."""
    return format_html_join(" · ", '<a href="{}">{}</a>', pairs)


def list_of(name: str, **query: Any) -> str:
    """The address of a list, filtered: `list_of("sla_claim", contract__customer=7)`."""
    return reverse(f"admin:{name}_changelist", query=query or None)
