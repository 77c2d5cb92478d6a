"""Questions that are put into words once in a process, for the pages: to make SQL of a queryset takes longer than to be answered.

What is asked is written as a queryset, by a function of plain values. Its words are found at several invented places, and what differs
there shows where a value goes: the value itself, or a moment or day at the same distance from it. A question that tells more of its
values than that, such as a local day, is put into words each time, and answers the same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice
from types import NoneType
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection, connections
from django.db.models import AutoField, BigIntegerField, F, Model, Prefetch, QuerySet, Value, Window
from django.db.models.functions import Cast, RowNumber
from django.db.models.sql.compiler import SQLCompiler
from psycopg.sql import Literal
from psycopg.types.range import Range

from entitlements.models import many, prepared

Words = tuple[str, Sequence[Any]]
Place = Callable[[Sequence[Any]], Any]
"""A parameter, from the values of the question."""

BEGINNINGS = [
    (date(1999, 8, 5), 83),
    (date(1996, 2, 29), 1461),
    (date(2031, 11, 9), 7),
    (date(2043, 12, 31), 367),
    (date(2011, 6, 17), 29),
]
"""At each turn the first day, and how many days are between one value and the next: before and after now, summer and winter, leap days."""
TIME = timedelta(hours=7, minutes=17, seconds=13, microseconds=170_003)
INVENTED: dict[type, Callable[[int, int], Any]] = {
    int: lambda turn, n: 0 if n == turn else (-1) ** turn * (1_999_000_000 // 40 ** (turn % len(BEGINNINGS)) + n),
    str: lambda turn, n: "" if n == turn else f" \x01 Invented {turn} {n} ",
    datetime: lambda turn, n: datetime.combine(_day(turn, n), time(), UTC) + TIME * (turn + 1) * (n + 1) % timedelta(1),
    date: lambda turn, n: _day(turn, n),
    NoneType: lambda turn, n: None,
}
"""Values of each kind that nobody would write down, by the turn and the place among the values; each is once 0 or empty. No key or text
comes twice at a turn, as a list would name it once. Moments come one after another, as those of a period have to; no two of them keep
their distance from turn to turn, and none comes again at the same time of the day."""
MOST = 20


def _day(turn: int, n: int) -> date:
    first, apart = BEGINNINGS[turn % len(BEGINNINGS)]
    return first + timedelta(apart * n)


@dataclass
class Worded:
    """A question: `ask` makes its queryset from values. Values of another kind than INVENTED has, or more of them than MOST,
    are told each time. `planned_once`: for a connection, since one plan is right for all values and takes longer than the answer."""

    ask: Callable[..., QuerySet[Any]]
    planned_once: bool = False
    _known: dict[tuple[type, ...], _Shape | None] = field(default_factory=dict)

    def __call__(self, *values: Any) -> list[Any]:
        """Its rows."""
        shape = self.shape(values)
        return list(shape.asked(values, self.planned_once) if shape else self.ask(*values))

    def one(self, *values: Any) -> Any:
        """Its first row, or None."""
        return next(iter(self(*values)), None)

    def words(self, *values: Any) -> Words:
        """The SQL with its parameters."""
        shape = self.shape(values)
        return shape.words(values) if shape else self.ask(*values).query.sql_with_params()

    def shape(self, values: Sequence[Any]) -> _Shape | None:
        """Its words for values of these kinds; None where they depend on more than where the values go."""
        kinds = tuple(map(type, values))
        if len(kinds) > MOST:
            return None
        if kinds not in self._known:
            self._known[kinds] = _shape_of(self.ask, kinds) if INVENTED.keys() >= set(kinds) else None
        return self._known[kinds]


def first_of_each(questions: Iterable[Worded], *values: Any) -> list[Any]:
    """The row of each of these questions, which have one at most, all asked in one; None for one that has none."""
    shapes = [_known_shape(question, values) for question in questions]
    words = [shape.words(values) for shape in shapes]
    each = " ".join(
        f"LEFT JOIN (SELECT TRUE, one.* FROM ({sql}) AS one) AS of_{n} ON TRUE"  # noqa: S608 - the ORM's own SQL
        for n, (sql, _) in enumerate(words)
    )
    with connection.cursor() as cursor:
        of_all = [one for _, params in words for one in params]
        cursor.execute(f"SELECT * FROM (SELECT) AS nothing {each}", of_all)  # noqa: S608
        columns = iter(cursor.fetchone())
    found = [(next(columns), tuple(islice(columns, len(shape.compiler.select)))) for shape in shapes]
    return [
        next(iter(shape.made_of([row]))) if there else None for shape, (there, row) in zip(shapes, found, strict=True)
    ]


def rows_of(row: Model, relation: str, *related: str) -> list[Any]:
    """What belongs to a row by a relation, in the order of its model: what was read with it already, or asked for now, with what is
    `related` to each."""
    if relation in (read := row.__dict__.get(_READ, {})):
        return list(read[relation])
    if (known := getattr(row, "_prefetched_objects_cache", {}).get(relation)) is not None:
        return list(known)
    field, asked = _related(type(row), relation, *related)
    found = asked(row.pk)
    for one in found:
        field.set_cached_value(one, row)
    return found


def read_with(rows: Iterable[Model], *relations: str) -> None:
    """Read what belongs to these rows of one model, all relations by one question, for `rows_of`; what is read already stays. For the
    manager of a relation use `prefetch_related`, which makes a queryset for each row."""
    by_key = {row.pk: row for row in rows if not set(relations) <= row.__dict__.setdefault(_READ, {}).keys()}
    for row in by_key.values():
        row.__dict__[_READ].update({relation: [] for relation in relations})
    if not by_key:
        return
    lists, asked = _together(type(next(iter(by_key.values()))), relations)
    for n, _, *values in asked(many.array_of_keys(by_key)):
        of = lists[n]
        one = of.lead.model.from_db(connection.alias, of.columns, [values[place] for place in of.places])
        row = by_key[getattr(one, of.lead.attname)]
        of.lead.set_cached_value(one, row)
        row.__dict__[_READ][relations[n]].append(one)


def known_empty(row: Model, *relations: str) -> None:
    """Of these relations it is known that nothing belongs to the row, so that `rows_of` need not ask."""
    row.__dict__.setdefault(_READ, {}).update({relation: [] for relation in relations})


@dataclass(frozen=True)
class _List:
    """Rows among others of one question: the field that leads back, and where their columns stand."""

    lead: Any
    columns: list[str]
    places: list[int]


@cache
def _together(model: type[Model], relations: tuple[str, ...]) -> tuple[list[_List], Worded]:
    leads: list[Any] = [model._meta.get_field(relation).field for relation in relations]  # type: ignore[union-attr]
    fields = [(n, field) for n, lead in enumerate(leads) for field in lead.model._meta.concrete_fields]
    lists = []
    for n, lead in enumerate(leads):
        places = [place for place, (of, _) in enumerate(fields) if of == n]
        lists.append(_List(lead, [fields[place][1].attname for place in places], places))
    return lists, Worded(lambda keys: _one_under_the_other(leads, fields, keys))


def _one_under_the_other(leads: Sequence[Any], fields: Sequence[tuple[int, Any]], keys: str) -> QuerySet[Any]:
    """Each list in the order of its model. A row has the columns of all lists, and nothing in those of the others."""
    lists = []
    for n, lead in enumerate(leads):
        columns = {
            f"column_{place}": F(field.attname) if of == n else Cast(Value(None), _bare(field))
            for place, (of, field) in enumerate(fields)
        }
        rows = lead.model._default_manager.order_by().filter(**{f"{lead.name}__in": many.of_keys(keys)})
        order = Window(RowNumber(), order_by=list(lead.model._meta.ordering))
        lists.append(rows.annotate(list=Value(n), place=order, **columns).values_list("list", "place", *columns))
    return lists[0].union(*lists[1:], all=True).order_by("list", "place")


def _bare(field: Any) -> Any:
    """A field of the same kind of value: a column that makes or leads to nothing itself."""
    while field.remote_field:
        field = field.target_field
    return BigIntegerField() if isinstance(field, AutoField) else field


_READ = "_read_with_it"


@cache
def _related(model: type[Model], relation: str, *related: str) -> tuple[Any, Worded]:
    """The field that leads back to the model, and the question for the rows of some of its keys."""
    backwards: Any = model._meta.get_field(relation)
    rows, of_these = backwards.related_model._default_manager, f"{backwards.field.name}__in"
    with_these = rows.select_related(*related) if related else rows.all()
    return backwards.field, Worded(lambda *keys: with_these.filter(**{of_these: keys}))


@dataclass(frozen=True)
class _Shape:
    queryset: QuerySet[Any]
    compiler: SQLCompiler
    sql: str
    places: Sequence[Place]

    def words(self, values: Sequence[Any]) -> Words:
        return self.sql, tuple(place(values) for place in self.places)

    def asked(self, values: Sequence[Any], planned_once: bool) -> QuerySet[Any]:
        """The queryset, to be read as it is and not to be narrowed: whatever it makes of its rows it makes as always."""
        if planned_once:
            return self.made_of(prepared.rows_for_a_page(*self.words(values)))
        return self._with(as_sql=lambda *_, **__: self.words(values))

    def made_of(self, rows: list[Any]) -> QuerySet[Any]:
        """The same of rows as the database answered them."""
        return self._with(execute_sql=lambda *_, **__: [rows])

    def _with(self, **own: Callable[..., Any]) -> QuerySet[Any]:
        compiler: Any = copy.copy(self.compiler)
        compiler.connection = connections[compiler.using]  # each thread has its own
        vars(compiler).update(own)
        queryset = self.queryset.all()
        queryset.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return queryset


def _known_shape(question: Worded, values: Sequence[Any]) -> _Shape:
    if (shape := question.shape(values)) is None:
        raise ValueError("what is asked together with others has to be in words")
    return shape


def _shape_of(ask: Callable[..., QuerySet[Any]], kinds: Sequence[type]) -> _Shape | None:
    turns = range(max(len(BEGINNINGS), len(kinds)))
    invented = [[INVENTED[kind](turn, n) for n, kind in enumerate(kinds)] for turn in turns]
    try:
        querysets = [ask(*values) for values in invented]
        compilers = [one.query.get_compiler(one.db) for one in querysets]
        worded = [compiler.as_sql() for compiler in compilers]
    except (ArithmeticError, EmptyResultSet, TypeError, ValidationError, ValueError):
        return None  # what cannot be asked of some values
    if len({sql for sql, _ in worded}) > 1 or querysets[0].query.select_for_update or _keeps_more(querysets[0]):
        return None
    places = [_place(found, invented) for found in zip(*(params for _, params in worded), strict=True)]
    if any(place is None for place in places):
        return None
    sql = _with_constants(worded[0][0], places)
    return _Shape(querysets[0], compilers[0], sql, [one for one in places if one and not isinstance(one, _Constant)])


def _keeps_more(queryset: Any) -> bool:
    """Whether it keeps of its values what its words do not show: a question for what is read beside its rows, or a row that they are of."""
    beside = [one for one in queryset._prefetch_related_lookups if isinstance(one, Prefetch)]
    return any(one.queryset is not None for one in beside) or bool(queryset._known_related_objects)


@dataclass(frozen=True)
class _Constant:
    """What stands there whatever the values."""

    value: Any

    def __call__(self, values: Sequence[Any]) -> Any:
        return self.value


def _with_constants(sql: str, places: Sequence[Place | None]) -> str:
    """What is always the same stands in the text itself: an index of some rows only can be chosen before the values are known."""
    connection.ensure_connection()
    told = [
        Literal(one.value).as_string(connection.connection).replace("%", "%%") if isinstance(one, _Constant) else "%s"
        for one in places
    ]
    first, *others = sql.split("%s")
    return first + "".join(f"{one}{other}" for one, other in zip(told, others, strict=True))


def _place(found: Sequence[Any], invented: Sequence[Sequence[Any]]) -> Place | None:
    """How a parameter comes of the values, from what it was at each turn; None if that does not show."""
    first = found[0]
    if all(one == first for one in found):
        return _Constant(first)
    if isinstance(first, Range):
        ends = [_place([getattr(one, end) for one in found], invented) for end in ("lower", "upper")]
        lower, upper = ends
        kind, bounds = type(first), first.bounds
        if isinstance(lower, _Constant) and isinstance(upper, _Constant):
            return _Constant(first)
        return (lambda values: kind(lower(values), upper(values), bounds)) if lower and upper else None
    places = [
        place for n in range(len(invented[0])) if (place := _of_the_value(n, found, [one[n] for one in invented]))
    ]
    return places[0] if len(places) == 1 else None


def _of_the_value(n: int, found: Sequence[Any], invented: Sequence[Any]) -> Place | None:
    if list(found) == list(invented):
        return lambda values: values[n]
    if isinstance(found[0], date) and type(found[0]) is type(invented[0]):
        [later, *others] = {one - value for one, value in zip(found, invented, strict=True)}
        return None if others else lambda values: values[n] + later
    return None
