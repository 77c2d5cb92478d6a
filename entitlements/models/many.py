"""Many values in one question: as one array, where `__in` makes a parameter of each, and of thousands a long text to read."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import BigIntegerField, Func, TextField, Value


def keys(values: Iterable[int]) -> Func:
    """For `filter(pk__in=keys(...))`."""
    return _unnested(map(str, values), "bigint", BigIntegerField())


def words(values: Iterable[str]) -> Func:
    """The same for texts, such as references."""
    return _unnested(map(_quoted, values), "text", TextField())


def array(values: Iterable[str]) -> str:
    """Texts as the one text that the database reads as an array (`%s::text[]`): a list would be put together value by value."""
    return _array(map(_quoted, values))


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _array(values: Iterable[str]) -> str:
    return f"{{{','.join(values)}}}"


def _unnested(values: Iterable[str], of: str, field: BigIntegerField | TextField) -> Func:
    array = Value(_array(values), TextField())
    return Func(array, template=f"(SELECT unnest(%(expressions)s::{of}[]))", output_field=field)
