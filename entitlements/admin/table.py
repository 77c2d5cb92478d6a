"""The table of a list: what a column is, is found out once for all rows. Django's own asks it for each cell, which was half of the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin.utils import display_for_field, display_for_value, quote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, Field, ForeignKey
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from entitlements.links import path_of

Shown = Callable[[Any], Any]
"""What stands in a column for a row."""


def rows(changes: ChangeList) -> SafeString:
    """The rows of the page as HTML, with the cells that Django's own table has."""
    cells = [_cell(changes, str(name)) for name in changes.list_display]
    lines = ("".join([cell(one) for cell in cells]) for one in changes.result_list)
    return mark_safe("".join(f"<tr>{line}</tr>\n" for line in lines))  # noqa: S308 -- each cell escapes what it shows


def _cell(changes: ChangeList, name: str) -> Callable[[Any], str]:
    field = _field(changes, name)
    kind = f"field-{name} nowrap" if isinstance(field, DateField | ForeignKey) else f"field-{name}"
    shown = _of_field(changes, field) if field else _of_method(changes, name)
    if name not in (changes.list_display_links or ()):
        return lambda one: f'<td class="{kind}">{conditional_escape(shown(one))}</td>'
    page = f"admin:{changes.opts.app_label}_{changes.opts.model_name}_change"
    back = conditional_escape(f"?{changes.preserved_filters}" if changes.preserved_filters else "")
    return lambda one: (
        f'<th class="{kind}"><a href="{path_of(page, quote(one.pk))}{back}">{conditional_escape(shown(one))}</a></th>'
    )


def _field(changes: ChangeList, name: str) -> Field[Any, Any] | None:
    """A column of the model itself; a relation that leads here from elsewhere is none."""
    try:
        field = changes.opts.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) else None


def _of_field(changes: ChangeList, field: Field[Any, Any]) -> Shown:
    empty = changes.model_admin.get_empty_value_display()
    if isinstance(field, ForeignKey):
        return lambda one: empty if (other := getattr(one, field.name)) is None else other
    return lambda one: display_for_field(getattr(one, field.name), field, empty)


def _of_method(changes: ChangeList, name: str) -> Shown:
    value, empty = getattr(changes.model_admin, name), changes.model_admin.get_empty_value_display()
    is_mark = getattr(value, "boolean", False)
    return lambda one: display_for_value(value(one), empty, is_mark)
