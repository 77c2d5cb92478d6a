"""The first phase: the file goes into tables of its own, batch by batch with a commit each, so that whoever takes it over goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection, transaction
from django.db.models import F
from psycopg import sql

from entitlements.models import Customer
from sla.alerts.cells import BadCell, Reader
from sla.alerts.columns import STORED
from sla.alerts.files import BLOCK, Block, Shape, blocks, opened, records, shape_of
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
    """What a batch came to: where it ends, and what was refused."""

    position: int
    line: int
    rows: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    told: list[Refused] = field(default_factory=list)


def load(source: AlertImport, *, renew: Renew, time_is_up: Callable[[], bool], now: datetime) -> bool:
    """Load what is left of the file, as of a moment (UTC). Rows that cannot come in are told with their reason. Whether it is done."""
    with opened(source) as file:
        shape = shape_of(file, source.kind)
        loading = _Loading(source, file, Plain(rows_of(source, now), shape), renew)
        position, line = source.position or shape.begins, source.line or shape.line
        loading.go_to(position, line)
        while not time_is_up():
            if not (done := loading.batch(position, line)):
                return True
            position, line = done.position, done.line
    return False


def rows_of(source: AlertImport, now: datetime) -> Rows:
    """How the rows of a file read whose columns are named."""
    customers = dict(Customer.objects.values_list("external_id", "pk"))
    zone = ZoneInfo(source.zone) if source.zone else None
    dropped = frozenset(AlertMonth.objects.filter(dropped_at__isnull=False).values_list("month", flat=True))
    reader = Reader(customers, zone, source.repeated, source.delay_unit)
    return Rows(source.columns, reader, now, dropped)


class _Loading:
    """A file on its way in. It is read on where it is, and gone back in only where a batch has to be done again."""

    def __init__(self, source: AlertImport, file: Any, plain: Plain, renew: Renew) -> None:
        self.source, self.file, self.plain, self.renew = source, file, plain, renew

    def go_to(self, position: int, line: int) -> None:
        self.ahead = blocks(self.file, self.plain.shape, position, line)

    def batch(self, position: int, line: int) -> Batch | None:
        """The batch at a place, committed with how far it is: the plain way, or else row by row. None at the end of the file."""
        try:
            return self._loaded(self.plain)
        except NOT_AS_READ:
            self.go_to(position, line)
            return self._loaded(None)

    @transaction.atomic
    def _loaded(self, way: Plain | None) -> Batch | None:
        batch = _Copying(self.source, self.plain.rows, self.plain.shape).batch(self.ahead, way)
        if batch:
            _tell(self.source, batch.told)
            refused = sum(batch.refused.values())
            counts = {"rows": batch.rows, "refused": refused, "good": batch.rows - refused}
            self.renew(position=batch.position, line=batch.line, **{name: F(name) + n for name, n in counts.items()})
        return batch


class _Copying:
    """The tables of an import, filled by COPY: one at a time, changed when another month comes."""

    def __init__(self, source: AlertImport, rows: Rows, shape: Shape) -> None:
        self.source, self.rows, self.shape = source, rows, shape
        self.month: date | None = None

    def batch(self, ahead: Iterator[Block], plain: Plain | None) -> Batch | None:
        """Load the next blocks, as much as a batch is. None where there are none."""
        done: Batch | None = None
        read = 0
        with ExitStack() as self.open, connection.cursor() as self.cursor:
            self.cursor.execute("SET LOCAL datestyle = 'ISO, YMD'")
            for block in ahead:
                done = done or Batch(0, 0)
                self._block(block, plain, done)
                done.position, done.line = block.end, block.first + max(block.data.count(b"\n"), len(block.rows))
                read += len(block.data) or BLOCK
                if read >= BATCH:
                    break
        return done

    def _block(self, block: Block, plain: Plain | None, done: Batch) -> None:
        if plain:
            try:
                rows, parts = plain.stored(block)
            except NotPlain:
                pass
            else:
                done.rows += rows
                for month, lines in parts:
                    self._write(month, lines)
                return
        self._one_by_one(block, done)

    def _one_by_one(self, block: Block, done: Batch) -> None:
        found: dict[date, list[list[str]]] = {}
        for line, as_read, cells in records(block, self.shape):
            done.rows += 1
            try:
                if isinstance(cells, BadCell):
                    raise cells
                month, row = self.rows.stored(line, cells)
                found.setdefault(month, []).append(row)
            except BadCell as bad:
                done.refused[bad.code] += 1
                column = bad.column if isinstance(bad, BadCellIn) else ""
                done.told.append(Refused(line, column, bad.code, str(bad), as_read))
        for month, rows in found.items():
            self._write(month, as_csv(rows))

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
            column=one.column[:60],
            code=one.code,
            sentence=one.sentence[:300],
            as_read=one.as_read,
        )
        for one in told[: max(left, 0)]
    )
