"""Rows of which only a few columns are read, by the thousand: the clock's batches."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db.models.base import Model, ModelState


class ReadInPart(Model):
    """A model whose rows come cheaply from `only()`: they are given what was read, and no field is asked whether it was among it, which
    for a table of forty columns takes three times as long as all the rest."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **how: Any) -> Self:
        if how or len(values) == len(cls._meta.concrete_fields):
            return super().from_db(db, field_names, values, **how)
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        row.__dict__.update(zip(field_names, values, strict=True))
        return row
