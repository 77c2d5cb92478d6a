"""Many values in one question: as one array, where `__in` makes a parameter of each, and of thousands a long text to read."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import BigIntegerField, Func, TextField, Value


def keys(values: Iterable[int]) -> Func:
    """For `filter(pk__in=keys(...))`."""
    return of_keys(array_of_keys(values))


def of_keys(values: str) -> Func:
    """The same for what `array_of_keys` made of them: one text, however many they are."""
    return _unnested(values, "bigint", BigIntegerField())


def array_of_keys(values: Iterable[int]) -> str:
    return _array(map(str, values))


def words(values: Iterable[str]) -> Func:
    """The same for texts, such as references."""
    return of_array(array(values))


def of_array(values: str) -> Func:
    """The same for what `array` made of them."""
    return _unnested(values, "text", TextField())


def array(values: Iterable[str]) -> str:
    """Texts as the one text that the database reads as an array (`%s::text[]`): a list would be put together value by value."""
    values = list(values)
    plain = '","'.join(values)
    if "\\" in plain or plain.count('"') != 2 * max(len(values) - 1, 0):
        return _array(map(_quoted, values))
    return f'{{"{plain}"}}' if values else "{}"


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _array(values: Iterable[str]) -> str:
    return f"{{{','.join(values)}}}"


def _unnested(values: str, of: str, field: BigIntegerField | TextField) -> Func:
    return Func(Value(values, TextField()), template=f"(SELECT unnest(%(expressions)s::{of}[]))", output_field=field)
