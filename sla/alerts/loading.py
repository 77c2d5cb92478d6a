"""The first phase: the file goes into tables of its own, batch by batch with a commit each, so that whoever takes it over goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, Self
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection, transaction
from django.db.models import F
from psycopg import sql

from entitlements.models import Customer
from entitlements.uploads import RefusedFile
from sla.alerts.cells import BadCell, Reader, presentable
from sla.alerts.columns import MOST_COLUMNS, STORED
from sla.alerts.files import (
    BLOCK,
    IS_BROKEN,
    UNPACKABLE,
    Block,
    blocks,
    opened,
    pieces,
    read_of,
    records,
    shape_of,
    whole_of,
)
from sla.alerts.plain import NotPlain, Plain
from sla.alerts.rows import BadCellIn, Refused, Rows, as_csv
from sla.models import AlertImport, AlertMonth, AlertRefusal

BATCH = 64 * BLOCK
"""So much is loaded by one transaction: what a killed worker has to do again."""

MOST_TOLD = 10_000
"""So many refused rows are kept with their reasons; the rest are counted."""

NOT_AS_READ = (psycopg.DataError, psycopg.errors.CheckViolation)
"""The database took something in a plain row for no value, or not for one of its month."""

Renew = Callable[..., None]
"""Write down how far it is, and hold the import for some more minutes. Raises if somebody else has taken it over."""


@dataclass
class Batch:
    """What a batch came to: how many rows it has, what was refused of them, and by its first line each head that is not the file's."""

    rows: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    told: list[Refused] = field(default_factory=list)
    heads: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: Batch) -> Batch:
        told, heads = (self.told + other.told)[:MOST_TOLD], {**other.heads, **self.heads}
        return Batch(self.rows + other.rows, self.refused + other.refused, told, heads)


def load(source: AlertImport, *, renew: Renew, time_is_up: Callable[[], bool], now: datetime) -> bool:
    """Load what is left of the file, as of a moment (UTC). Rows that cannot come in are told with their reason. Whether it is done.
    Raises RefusedFile where it cannot be unpacked."""
    with opened(source) as file:
        shape = shape_of(file, source.kind)
        plain, whole = Plain(rows_of(source, now), shape), max(whole_of(file, source), 1)
        ahead = blocks(file, shape, source.position or shape.begins, source.line or shape.line)
        try:
            while not time_is_up():
                if not _load(source, ahead, plain, renew, lambda end: min(read_of(file, source, end) / whole, 1.0)):
                    return True
        except UNPACKABLE as broken:
            raise RefusedFile(f"From line {max(source.line, 1):,} on the file {IS_BROKEN}") from broken
    return False


def _as_much_as_a_batch(ahead: Iterator[Block], batch: list[Block]) -> Iterator[Block]:
    """Each block when its turn has come, and from then on in the batch."""
    read = 0
    while read < BATCH and (block := next(ahead, None)):
        read += block.weight
        batch.append(block)
        yield block


def rows_of(source: AlertImport, now: datetime) -> Rows:
    """How the rows of a file read whose columns are named."""
    customers = dict(Customer.objects.values_list("external_id", "pk"))
    zone = ZoneInfo(source.zone) if source.zone else None
    dropped = frozenset(AlertMonth.objects.filter(dropped_at__isnull=False).values_list("month", flat=True))
    reader = Reader(customers, zone, source.repeated, source.delay_unit)
    return Rows(source.columns, reader, now, dropped)


@transaction.atomic
def _load(
    source: AlertImport, ahead: Iterator[Block], plain: Plain, renew: Renew, share: Callable[[int], float]
) -> bool:
    """Put the next batch into the tables of an import, and note how far it is. Whether there was one. `share`: how much of the file is
    read up to a place in it."""
    batch, done = _put_next(source, ahead, plain)
    if not batch:
        return False
    _tell(source, done.told)
    refused = sum(done.refused.values())
    counts = {"rows": done.rows, "refused": refused, "good": done.rows - refused}
    heads = dict(islice({**done.heads, **source.later_heads}.items(), MOST_COLUMNS))
    further = {"later_heads": heads} if heads != source.later_heads else {}
    place = {"position": batch[-1].end, "line": batch[-1].behind, "share": share(batch[-1].end)}
    renew(**place, **further, **{name: F(name) + n for name, n in counts.items()})
    return True


def _put_next(source: AlertImport, ahead: Iterator[Block], plain: Plain) -> tuple[list[Block], Batch]:
    """A batch, read while the server is at work on what it has of it, and what it came to. It ends with the block at which the server is
    seen to refuse something."""
    batch: list[Block] = []
    try:
        with transaction.atomic(), _Copying(source, plain) as copying:
            return batch, sum(map(copying.block, _as_much_as_a_batch(ahead, batch)), Batch())
    except NOT_AS_READ:
        return batch, sum((_put(source, block, plain) for block in batch), Batch())


def _put(source: AlertImport, block: Block, plain: Plain) -> Batch:
    """The plain way if it goes, else row by row."""
    try:
        with transaction.atomic(), _Copying(source, plain) as copying:
            return copying.block(block)
    except NOT_AS_READ:
        with _Copying(source, plain) as copying:
            return copying.row_by_row(block)


class _Copying:
    """The tables of an import, filled by COPY: one at a time, changed when another month comes."""

    def __init__(self, source: AlertImport, plain: Plain) -> None:
        self.source, self.plain, self.heads = source, plain, frozenset(plain.shape.heads)
        self.month: date | None = None

    def __enter__(self) -> Self:
        self.open = ExitStack()
        self.cursor = connection.cursor()
        self.cursor.execute("SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC'")
        return self

    def __exit__(self, *raised: Any) -> None:
        with self.cursor:
            self.open.__exit__(*raised)

    def block(self, block: Block) -> Batch:
        """The plain way. A block that is not plain is cut in pieces once, since it may be so for a single row."""
        try:
            return self._plainly(block)
        except NotPlain:
            return sum(map(self._piece, pieces(block) if self.plain.can else [block]), Batch())

    def _piece(self, piece: Block) -> Batch:
        try:
            return self._plainly(piece)
        except NotPlain:
            return self.row_by_row(piece)

    def _plainly(self, block: Block) -> Batch:
        rows, parts = self.plain.stored(block)
        for month, lines in parts:
            self._write(month, lines)
        return Batch(rows)

    def row_by_row(self, block: Block) -> Batch:
        """What comes in of a block, each row for itself, and why the others do not."""
        done = Batch()
        found: dict[date, list[list[str]]] = {}
        for line, as_read, cells in records(block, self.plain.shape):
            done.rows += 1
            try:
                if isinstance(cells, BadCell):
                    raise cells
                for head in cells.keys() - self.heads:
                    done.heads.setdefault(head, line)
                month, row = self.plain.rows.stored(line, cells)
                found.setdefault(month, []).append(row)
            except BadCell as bad:
                done.refused[bad.code] += 1
                column = bad.column if isinstance(bad, BadCellIn) else ""
                done.told.append(Refused(line, column, bad.code, str(bad), as_read))
        for month, rows in found.items():
            self._write(month, as_csv(rows))
        return done

    def _write(self, month: date, lines: bytes) -> None:
        if month != self.month:
            self.open.close()
            self.cursor.execute("SELECT make_alert_table(%s, %s)", [self.source.pk, month])
            self.copy = self.open.enter_context(self.cursor.copy(_into(self.source, month)))
            self.month = month
        self.copy.write(lines)


def table_of(source: AlertImport, month: date) -> sql.Identifier:
    return sql.Identifier(f"sla_notification_{source.pk}_{month:%Y%m}")


def _into(source: AlertImport, month: date) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL (responder, provider_reference))").format(
        table_of(source, month), sql.SQL(", ").join(map(sql.Identifier, STORED))
    )


def _tell(source: AlertImport, told: list[Refused]) -> None:
    if not told:
        return
    left = MOST_TOLD - source.refusals.count()
    AlertRefusal.objects.bulk_create(
        AlertRefusal(
            source=source,
            line=one.line,
            column=presentable(one.column)[:60],
            code=one.code,
            sentence=presentable(one.sentence)[:300],
            as_read=presentable(one.as_read),
        )
        for one in told[: max(left, 0)]
    )
