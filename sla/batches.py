"""How the clock works off a job: due rows in batches, a commit each, and what cannot be done aside (T3, P9, P19).

A batch is claimed in the order of its deadlines, past rows that another turn of the clock holds at this moment. One that fails is
halved until what is poisoned stands alone, and goes into quarantine. One that has to wait for a lock is halved too, and what cannot
be done without it is left to the next turn.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection, transaction
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from psycopg.errors import LockNotAvailable

from entitlements.actions.quarantine import put_in_quarantine
from entitlements.failpoints import failpoint
from entitlements.models import Quarantine

BATCH = 1_000
"""Of a job that is done to many rows by one statement. Far below the 10,000 at which PostgreSQL leaves the index for the table."""

FEW = 50
"""Of a job that decides row by row: so many rows are locked until all of them are done."""

MOST_POISONED = 100
"""So many failures in one turn are not about rows: the job is left to the next turn."""

MOST_COUNTED = 10_000

PATIENCE = timedelta(seconds=1)
"""How long a batch waits for a lock that somebody holds."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """One line of the clock's work.

    `due` are the rows that are due, `deadline` the column that says since when, by which they are taken; `do` does it to the rows
    of a batch, at a moment, and returns what it was done to. `called` is where a row has its reference. `claims` is False
    where `do` takes all locks itself, since there are others to be taken before that of the row.
    """

    name: str
    due: QuerySet[Any]
    deadline: str
    do: Callable[[Sequence[Any], datetime], Sequence[Any]]
    at_once: int
    called: str = "reference"
    late_since: str = "fell_due"
    claims: bool = True


@dataclass(frozen=True)
class Question:
    """Whether anything of a job is due. It is asked at each turn, nearly always in vain, so it is put into words once in a process: the
    instants in it stand at a distance from the moment for which that was done."""

    job: str
    words: str
    values: Sequence[Any]
    moment: datetime

    def is_yes(self, now: datetime) -> bool:
        """At another moment (UTC)."""
        with connection.cursor() as cursor:
            cursor.execute(self.words, self.at(now))
            return cursor.fetchone() is not None

    def at(self, now: datetime) -> list[Any]:
        """Its values at that moment."""
        later = now - self.moment
        return [value + later if isinstance(value, datetime) else value for value in self.values]


def question_of(job: Job, moment: datetime) -> Question:
    """Of a job as it is at that moment: the first of what is due, by its key and in the order of deadlines, as the index has them."""
    words, values = due_of(job, moment).values_list("pk")[:1].query.sql_with_params()
    return Question(job.name, words, values, moment)


@dataclass
class Tally:
    """What a turn of the clock has done, could not do, and left."""

    done: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    worked_off: list[str] = field(default_factory=list)
    latest: timedelta = timedelta()


class Poisoned(Exception):
    """These rows could not be done together."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.rows = rows


class Held(Poisoned):
    """Something that these rows need is locked by somebody."""


def one_by_one(act: Callable[..., bool]) -> Callable[[Sequence[Any], datetime], Sequence[Any]]:
    """For a job that decides row by row: the action, called with each (`claim=`) at the moment (`now=`)."""

    def do(rows: Sequence[Any], now: datetime) -> Sequence[Any]:
        return [row for row in rows if act(**{type(row).__name__.lower(): row}, now=now)]

    return do


def work_off(
    asked: Question, job: Callable[[str], Job], tally: Tally, *, now: datetime, time_is_up: Callable[[], bool]
) -> None:
    """If anything is due at `now` (UTC), do to all of it what the job of that name says, until nothing is left or the time is up."""
    try:
        if asked.is_yes(now):
            _Turn(job(asked.job), tally, now, time_is_up).work()
        else:
            tally.worked_off.append(asked.job)
    except SoftTimeLimitExceeded:
        raise  # the run has to end; no row is to blame
    except Exception as error:
        # The server is busy or gone, or the question itself is wrong: no row is to blame, and none is lost.
        log.error("sweep_interrupted", job=asked.job, error=in_a_line(error), at=place_of(error))
        tally.failed.append(f"{asked.job}: interrupted ({in_a_line(error)})")


@dataclass
class _Turn:
    """A job of which something is due, at one turn of the clock."""

    job: Job
    tally: Tally
    now: datetime
    time_is_up: Callable[[], bool]
    poisoned: int = 0
    cut_short: bool = False

    def __post_init__(self) -> None:
        self.due = due_of(self.job, self.now)

    def work(self) -> None:
        ahead, more = self.due, True
        while more and not self._has_to_stop():
            taken, last = self._batch(ahead)
            more = taken == self.job.at_once
            ahead = _after(self.due, self.job.deadline, last) if more else ahead
        if not more and not self.cut_short:
            self.tally.worked_off.append(self.job.name)
        elif left := self.due[: MOST_COUNTED + 1].count():
            self.tally.left[self.job.name] = left

    def _has_to_stop(self) -> bool:
        return self.poisoned >= MOST_POISONED or self.time_is_up()

    def _batch(self, ahead: QuerySet[Any]) -> tuple[int, Any]:
        """Do the next batch: how many rows it had, done or not, and the last; of the others none is kept."""
        try:
            rows = self._do(ahead)
        except Poisoned as failure:
            self._apart(failure)
            rows = failure.rows
        return len(rows), rows[-1] if rows else None

    def _apart(self, failure: Poisoned) -> None:
        """Halve until what is poisoned stands alone."""
        rows = failure.rows
        if len(rows) == 1 and isinstance(failure, Held):
            log.info("sweep_held", job=self.job.name, matter=self._called(rows[0]))
            return
        if len(rows) == 1:
            self._set_aside(rows[0], failure.__cause__)
            return
        for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
            if self._has_to_stop():
                self.cut_short = True
                return
            try:
                self._do(self.due.filter(pk__in=[row.pk for row in half]))
            except Poisoned as again:
                self._apart(again)

    def _do(self, due: QuerySet[Any]) -> Sequence[Any]:
        """One transaction: lock the first of these rows, and do to them what is to be done, all or nothing."""
        rows: Sequence[Any] = ()
        try:
            with transaction.atomic():
                _lose_patience_soon()
                rows = _locked(self.job, due)
                failpoint("sweep.claimed")
                done = self.job.do(rows, self.now) if rows else ()
                failpoint("sweep.done")
        except SoftTimeLimitExceeded:
            raise
        except OperationalError as error:
            if rows and isinstance(error.__cause__, LockNotAvailable):
                raise Held(rows) from error
            raise
        except Exception as error:
            if not rows:
                raise
            raise Poisoned(rows) from error
        failpoint("sweep.committed")
        self._count(done)
        return rows

    def _count(self, done: Sequence[Any]) -> None:
        if done:
            self.tally.done[self.job.name] += len(done)
            since = (getattr(row, self.job.late_since) or self.now for row in done)
            self.tally.latest = max(self.tally.latest, self.now - min(since))

    def _set_aside(self, row: Model, error: BaseException | None) -> None:
        self.poisoned += 1
        self.tally.done["failed"] += 1
        matter, why = self._called(row), in_a_line(error)
        log.error("sweep_failed", job=self.job.name, matter=matter, error=why, at=place_of(error))
        self.tally.failed.append(f"{self.job.name}: {matter} could not be done ({why})")
        put_in_quarantine(job=self.job.name, row=row.pk, matter=matter, error=why, by=None, now=self.now)

    def _called(self, row: Model) -> str:
        return str(attrgetter(self.job.called)(row))[:60]


def in_a_line(error: BaseException | None) -> str:
    """What it was, without the row that the database quotes below: its people's names do not belong in the log."""
    said = str(error).replace("\x00", "").splitlines() or [""]
    return f"{type(error).__name__}: {said[0][:500]}"


def place_of(error: BaseException | None) -> str:
    """Where in our code it was raised: of a traceback the database's own words, which quote the row, would be part."""
    frames = traceback.extract_tb(error.__traceback__ if error else None)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    return f"{ours[-1].filename}:{ours[-1].lineno} in {ours[-1].name}" if ours else ""


def due_of(job: Job, now: datetime) -> QuerySet[Any]:
    """What is due of a job at a moment and does not stand in quarantine, in the order of its deadline."""
    aside = Quarantine.objects.standing().filter(job=job.name, row=OuterRef("pk"), try_again_at__gt=now)
    return job.due.filter(~Exists(aside)).annotate(fell_due=F(job.deadline)).order_by("fell_due", "pk")


def _after(due: QuerySet[Any], deadline: str, row: Any) -> QuerySet[Any]:
    """What is due behind a row: past the rows that were left as they are, and past the dead entries of those that were not."""
    behind = Q(**{f"{deadline}__gt": row.fell_due}) | Q(pk__gt=row.pk)
    return due.filter(behind, **{f"{deadline}__gte": row.fell_due})


def _locked(job: Job, due: QuerySet[Any]) -> Sequence[Any]:
    """The first of what is due; locked, without those that are locked by somebody at this moment, if the job claims them."""
    if job.claims:
        due = due.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return list(due[: job.at_once])


def _lose_patience_soon() -> None:
    """In this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, true)", [str(round(PATIENCE / timedelta(milliseconds=1)))]
        )
