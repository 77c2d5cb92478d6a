"""X11: every list of the desk as CSV and XLSX, exactly the rows that its search, filters and order leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from html import unescape
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.db.models import AutoField, Field, Model
from django.http import HttpRequest, HttpResponseBase
from django.utils.html import strip_tags

from entitlements.exports import FORMATS, Cell, Row, as_file

AT_ONCE = 1_000
NOTHING = ("–", "-")  # what a page shows in an empty cell
Value = Callable[[Model], Cell]


class Exported:
    """A list that can be had as a file. A column that is sorted by a day, an instant or a number is that value there; the others
    are the text of the page. `exported` names the field of a column, where that is another one; "" leaves the column out.
    `exported_besides` are fields that only the file has.
    """

    exported: Mapping[str, str] = {}
    exported_besides: Sequence[str] = ()

    def asked_as_file(self, request: HttpRequest) -> str:
        """The kind of file that is asked for, taken out of the question, or nothing."""
        kind = request.GET.get("format", "")
        if "format" in request.GET:
            rest = request.GET.copy()
            del rest["format"]
            request.GET = rest  # type: ignore[assignment]
        return kind if kind in FORMATS else ""

    def as_file(self, request: HttpRequest, changes: ChangeList, kind: str) -> HttpResponseBase:
        own: Any = self
        columns = [str(name) for name in changes.list_display if self.exported.get(str(name)) != ""]
        heads = [str(label_for_field(name, changes.model, own)) for name in columns]
        heads += [_head(path) for path in self.exported_besides]
        values = [self._value(name, changes.model) for name in columns]
        values += [partial(_at, path) for path in self.exported_besides]
        name = str(changes.opts.verbose_name_plural).replace(" ", "-")
        return as_file(kind, name, heads, _rows(changes, values), request.now)  # type: ignore[attr-defined]

    def _value(self, column: str, model: type[Model]) -> Value:
        path = self.exported.get(column) or getattr(getattr(self, column, None), "admin_order_field", None)
        if column in self.exported or _is_exact(model, path):
            return partial(_at, str(path))
        return partial(self._text, column)

    def _text(self, column: str, one: Model) -> Cell:
        field, _, value = lookup_field(column, one, self)  # type: ignore[arg-type]
        if isinstance(value, bool | int | Decimal | date) and not isinstance(field, AutoField):
            return value
        if field is not None and getattr(field, "flatchoices", None):
            value = dict(field.flatchoices).get(value, value)
        text = "" if value is None else " ".join(unescape(strip_tags(str(value))).split())
        return "" if text in NOTHING else text


def _head(path: str) -> str:
    """What a field is called; another row's reference by what that row is, since the list has one of its own."""
    *others, name = path.split("__")
    return (others[-1] if others and name == "reference" else name).replace("_", " ")


def _rows(changes: ChangeList, values: list[Value]) -> Iterator[Row]:
    for one in changes.queryset.iterator(chunk_size=AT_ONCE):
        yield [value(one) for value in values]


def _is_exact(model: type[Model], path: str | None) -> bool:
    """Whether the path leads to a day, an instant or a number, not to a key or a word."""
    field: Any = None
    for name in (path or "").removeprefix("-").split("__"):
        known = {one.name: one for one in model._meta.get_fields()} if model else {}
        field = known.get(name)
        model = getattr(field, "related_model", None)  # type: ignore[assignment]
    exact = ("DateField", "DateTimeField", "DecimalField", "IntegerField", "PositiveIntegerField")
    return isinstance(field, Field) and not field.is_relation and field.get_internal_type() in exact


def _at(path: str, one: Any) -> Cell:
    for name in path.removeprefix("-").split("__"):
        one = getattr(one, name, None)
    return one
