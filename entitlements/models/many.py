"""Many values in one question: as one array, where `__in` makes a parameter of each, and of thousands a long text to read."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import BigIntegerField, Func, TextField, Value


def keys(values: Iterable[int]) -> Func:
    """For `filter(pk__in=keys(...))`."""
    return _unnested(map(str, values), "bigint", BigIntegerField())


def words(values: Iterable[str]) -> Func:
    """The same for texts, such as references."""
    return _unnested((f'"{_escaped(one)}"' for one in values), "text", TextField())


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"')


def _unnested(values: Iterable[str], of: str, field: BigIntegerField | TextField) -> Func:
    """As one text, that the database reads: a list would be put together value by value."""
    array = Value(f"{{{','.join(values)}}}", TextField())
    return Func(array, template=f"(SELECT unnest(%(expressions)s::{of}[]))", output_field=field)
