"""Many values in one question: as one array, where `__in` makes a parameter of each, and of thousands a long text to read."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Func, TextField, Value


def keys(values: Iterable[int]) -> Func:
    """For `filter(pk__in=keys(...))`."""
    return _unnested(list(values), BigIntegerField())


def words(values: Iterable[str]) -> Func:
    """The same for texts, such as references."""
    return _unnested(list(values), TextField())


def _unnested(values: list[int] | list[str], field: BigIntegerField | TextField) -> Func:
    return Func(Value(values, ArrayField(field)), template="(SELECT unnest(%(expressions)s))", output_field=field)
