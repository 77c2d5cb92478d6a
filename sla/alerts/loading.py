"""The first phase: the file goes into tables of its own, batch by batch with a commit each, so that whoever takes it over goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection, transaction
from django.db.models import F
from psycopg import sql

from entitlements.models import Customer
from entitlements.uploads import RefusedFile
from sla.alerts.cells import Reader, presentable
from sla.alerts.columns import MOST_COLUMNS, STORED
from sla.alerts.files import BLOCK, IS_BROKEN, UNPACKABLE, Block, blocks, opened, read_of, shape_of, whole_of
from sla.alerts.rows import MOST_TOLD, Refused, Rows
from sla.models import AlertImport, AlertMonth, AlertRefusal

if TYPE_CHECKING:
    from sla.alerts.converting import Converted

BATCH = 8 * BLOCK
"""So much is loaded by one transaction: what a killed worker has to do again."""

CONVERTED_AHEAD = 2
"""So many blocks are converted while one is sent: converting takes somewhat longer than what the server does."""

HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
"""What stands before and behind the rows of a COPY in its binary form."""

Renew = Callable[..., None]
"""Write down how far it is, and hold the import for some more minutes. Raises if somebody else has taken it over."""


@dataclass(frozen=True)
class Portion:
    """A block, how much of the file is read with it, and what it comes to."""

    block: Block
    share: float
    converted: Converted


@dataclass
class Batch:
    """What the portions of a batch come to; by its first line each head that is not the file's."""

    rows: int = 0
    refused: int = 0
    told: list[Refused] = field(default_factory=list)
    heads: dict[str, int] = field(default_factory=dict)

    def add(self, more: Converted) -> None:
        self.rows += more.rows
        self.refused += more.refused
        self.told += more.told[: MOST_TOLD - len(self.told)]
        self.heads = {**more.heads, **self.heads}


def load(source: AlertImport, *, renew: Renew, time_is_up: Callable[[], bool], now: datetime) -> bool:
    """Load what is left of the file, as of a moment (UTC). Rows that cannot come in are told with their reason. Whether it is done.
    Raises RefusedFile where it cannot be unpacked."""
    with opened(source) as file, closing(_portions(source, file, now)) as portions:
        try:
            while not time_is_up():
                if not _load(source, portions, renew):
                    return True
        except UNPACKABLE as broken:
            raise RefusedFile(f"From line {max(source.line, 1):,} on the file {IS_BROKEN}") from broken
    return False


def _portions(source: AlertImport, file: IO[bytes], now: datetime) -> Generator[Portion]:
    """What is left of the file, in its order. While one is sent, the next are converted."""
    from sla.alerts.converting import Converter  # large and slow to load

    shape, whole = shape_of(file, source.kind), max(whole_of(file, source), 1)
    converter = Converter(rows_of(source, now), shape)
    following = blocks(file, shape, source.position or shape.begins, source.line or shape.line)

    with ThreadPoolExecutor(CONVERTED_AHEAD) as others:

        def begun(block: Block) -> Future[Portion]:
            share = min(read_of(file, source, block.end) / whole, 1.0)
            return others.submit(lambda: Portion(block, share, converter.block(block)))

        ahead = deque(map(begun, islice(following, CONVERTED_AHEAD)))
        while ahead:
            one = ahead.popleft().result()
            ahead.extend(map(begun, islice(following, 1)))
            yield one


def _as_much_as_a_batch(portions: Iterator[Portion]) -> Iterator[Portion]:
    read = 0
    while read < BATCH and (one := next(portions, None)):
        read += one.block.weight
        yield one


def rows_of(source: AlertImport, now: datetime) -> Rows:
    """How the rows of a file read whose columns are named."""
    customers = dict(Customer.objects.values_list("external_id", "pk"))
    zone = ZoneInfo(source.zone) if source.zone else None
    dropped = frozenset(AlertMonth.objects.filter(dropped_at__isnull=False).values_list("month", flat=True))
    reader = Reader(customers, zone, source.repeated, source.delay_unit)
    return Rows(source.columns, reader, now, dropped)


@transaction.atomic
def _load(source: AlertImport, portions: Iterator[Portion], renew: Renew) -> bool:
    """Put the next batch into the tables of an import, and note how far it is. Whether there was one. What goes wrong in a COPY is raised
    as Django's errors, as all else of the database: a lost connection is nothing against the file."""
    done, last = Batch(), None
    with connection.wrap_database_errors, _Copying(source) as copying:
        for last in _as_much_as_a_batch(portions):
            copying.write(last.converted)
            done.add(last.converted)
    if not last:
        return False
    _tell(source, done.told)
    counts = {"rows": done.rows, "refused": done.refused, "good": done.rows - done.refused}
    heads = dict(islice({**done.heads, **source.later_heads}.items(), MOST_COLUMNS))
    further = {"later_heads": heads} if heads != source.later_heads else {}
    place = {"position": last.block.end, "line": last.block.behind, "share": last.share}
    renew(**place, **further, **{name: F(name) + n for name, n in counts.items()})
    return True


class _Copying:
    """The tables of an import, filled by COPY: one at a time, changed when another month comes."""

    def __init__(self, source: AlertImport) -> None:
        self.source = source
        self.month: date | None = None

    def __enter__(self) -> Self:
        self.open = ExitStack()
        self.cursor = connection.cursor()
        return self

    def __exit__(self, *raised: Any) -> None:
        with self.cursor:
            self.open.__exit__(*raised)

    def write(self, converted: Converted) -> None:
        for month, rows in converted.parts:
            if month != self.month:
                self.open.close()
                self.cursor.execute("SELECT make_alert_table(%s, %s)", [self.source.pk, month])
                self.copy = self.open.enter_context(self._into(month))
                self.month = month
            self.copy.write(rows)

    @contextmanager
    def _into(self, month: date) -> Iterator[psycopg.Copy]:
        into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
            table_of(self.source, month), sql.SQL(", ").join(map(sql.Identifier, STORED))
        )
        with self.cursor.copy(into) as copy:
            copy.write(HEADER)
            yield copy
            copy.write(TRAILER)


def table_of(source: AlertImport, month: date) -> sql.Identifier:
    return sql.Identifier(f"sla_notification_{source.pk}_{month:%Y%m}")


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
