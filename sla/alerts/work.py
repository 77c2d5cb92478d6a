"""What the background does for alert logs: it finds files to check and to import in the database, and whoever takes one over goes on.

A worker holds an import by a lease that it renews with each commit; one that was killed lets it run out. The steps are numbered, and
each commits with the number of the next.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from entitlements.actions.log import record
from entitlements.models import User
from entitlements.uploads import RefusedFile
from sla import alert_letters
from sla.actions.alert_effects import rows_begin_to_count, rows_count_no_more
from sla.actions.alerts import reason_not_undone
from sla.alerts import matching, quarters
from sla.alerts.loading import load
from sla.models import AlertImport, AlertImportState, AlertMonth, AlertPart

LEASE = timedelta(minutes=5)
TURN = timedelta(seconds=45)
"""A worker that is rung for has deadlines to look after, too: the next ring goes on."""

LONG = timedelta(minutes=1)
"""A check that took longer is told by letter: nobody waits before the page for it."""

PREPARE, LOAD, COMPARE, IMPORT = range(4)
CAME_BETWEEN = (
    "Another file was imported since this one was checked, and has some of its rows. These are the counts now."
)

Clock = Callable[[], datetime]
Tell = Callable[[AlertImport], object]
"""Is told of each step, to show how far it is."""

log = structlog.get_logger(__name__)


class TakenOver(Exception):
    """Somebody else does it by now; whatever is not committed is theirs to do."""


@dataclass
class Turn:
    """One worker's turn."""

    clock: Clock
    until: datetime | None
    name: str
    tell: Tell

    def time_is_up(self) -> bool:
        return self.until is not None and self.clock() >= self.until


def work(*, clock: Clock, turn: timedelta | None = TURN, only: AlertImport | None = None, tell: Tell = id) -> list[str]:
    """Do what is to be done for alert logs, for some minutes at most. The references of what was dealt with.

    `only`: nothing but this one, for a command in which somebody waits for it.
    """
    mine = Turn(clock, clock() + turn if turn else None, str(uuid.uuid4()), tell)
    dealt = []
    while not mine.time_is_up() and (source := _take(mine, only)):
        dealt.append(source.reference)
        try:
            _go_on(source, mine)
        except TakenOver:
            log.info("alert_import_taken_over", reference=source.reference)
    return dealt


def _take(mine: Turn, only: AlertImport | None) -> AlertImport | None:
    """The next file, held for this worker; none while somebody holds one by a lease, or by a step that takes longer than its lease.
    One at a time: the rest of the background is for deadlines."""
    now, at_work = mine.clock(), AlertImport.objects.at_work()
    wanted = at_work.filter(pk=only.pk) if only else at_work
    with transaction.atomic():
        unlocked = list(wanted.order_by("pk").select_for_update(skip_locked=True, of=("self",)))
        free = [one for one in unlocked if one.lease_until is None or one.lease_until <= now]
        if not free or len(free) < wanted.count():
            return None
        _hold(free[0], mine, worker=mine.name, waited=free[0].waited + _left_alone(free[0], now))
    return free[0]


def _left_alone(source: AlertImport, now: datetime) -> timedelta:
    """How long nobody had the file in hand: since the last commit of a worker whose lease ran out, or before any began."""
    if source.lease_until:
        return now - held_since(source.lease_until)
    begun = source.state == AlertImportState.CHECKING and source.phase == PREPARE and source.begun_at
    return now - begun if begun else timedelta()


def held_since(lease_until: datetime) -> datetime:
    """When a lease was last renewed."""
    return lease_until - LEASE


def _hold(source: AlertImport, mine: Turn, **fields: Any) -> None:
    """Write down how far it is, and renew the lease. Raises TakenOver."""
    fields = {"lease_until": mine.clock() + LEASE, **fields}
    held = AlertImport.objects.filter(pk=source.pk, worker=source.worker)
    if not held.update(**fields):
        raise TakenOver
    source.refresh_from_db(fields=list(fields))
    mine.tell(source)


def _go_on(source: AlertImport, mine: Turn) -> None:
    try:
        if source.is_being_undone:
            _undo(source, mine)
        elif source.state == AlertImportState.IMPORTING:
            _import(source, mine)
        elif _check(source, mine):
            return
        else:
            _hold(source, mine, lease_until=None)
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded, TakenOver):
        raise  # nothing against the file: the lease runs out, and the next goes on
    except RefusedFile as refused:
        _give_up(source, mine, str(refused))
    except Exception as error:
        log.exception("alert_import_failed", reference=source.reference)
        nothing = "undone" if source.is_being_undone else "imported"
        _give_up(
            source, mine, f"It could not be done ({type(error).__name__}). Nothing was {nothing}; the log has more."
        )


def _check(source: AlertImport, mine: Turn) -> bool:
    """Load the file and compare it. Whether it is done."""
    if source.phase == PREPARE:
        _prepare(source, mine)
    if source.phase == LOAD:
        if not load(
            source,
            renew=lambda **fields: _hold(source, mine, **fields),
            time_is_up=mine.time_is_up,
            now=source.begun_at or mine.clock(),
        ):
            return False
        _hold(source, mine, phase=COMPARE)
    for part in source.parts.all():
        _index(source, part, mine)
    _compare(source, mine)
    return True


@transaction.atomic
def _prepare(source: AlertImport, mine: Turn) -> None:
    """Begin anew, whatever an earlier check has left."""
    matching.drop(source)
    source.refusals.all().delete()
    source.rests_on.clear()
    zero = dict.fromkeys(("position", "line", "share", "rows", "good", "refused", "known"), 0)
    _hold(source, mine, phase=LOAD, left_out={}, **zero)


@transaction.atomic
def _index(source: AlertImport, part: AlertPart, mine: Turn) -> None:
    """What a month of the file has twice. An indexed one is done at once."""
    same, contrary = matching.index(source, part)
    left_out = {**source.left_out, "": source.left_out.get("", 0) + same} if same else source.left_out
    _hold(source, mine, left_out=left_out, known=F("known") + same, refused=F("refused") + contrary)


@transaction.atomic
def _compare(source: AlertImport, mine: Turn) -> None:
    """M9.2: what is on record already. Then its counts add up, and somebody can decide."""
    matching.one_import_at_a_time()
    current = AlertImport.objects.select_for_update().get(pk=source.pk)
    now = mine.clock()
    record("alerts.checked", matter=current.reference, by=None, now=now)
    matching.measure(current)
    matching.analyze(current)
    known, others = matching.leave_out_known(current, of=AlertImport.objects.imported())
    current.left_out = {**current.left_out, **known}
    current.known += sum(known.values())
    current.refused += others
    if known or others:
        matching.measure(current)
    _checked(current, now, "")
    _hold(source, mine, lease_until=None)
    if now - (current.begun_at or now) > LONG:
        alert_letters.checked(current, now=now)


def _checked(current: AlertImport, now: datetime, trouble: str) -> None:
    current.good = current.rows - current.refused - current.known
    current.state, current.checked_at, current.trouble = AlertImportState.CHECKED, now, trouble
    current.phase, current.without_refused = PREPARE, False
    current.confirmed_at = current.confirmed_by = None
    current.save()


@transaction.atomic
def _import(source: AlertImport, mine: Turn) -> None:
    """M9.3, M9.6: all of it at once: the quarter hours, the tables below their months, that it stands, and what that changed."""
    matching.one_import_at_a_time()
    current = _held(source, mine)
    _refuse_months_let_go(current)
    now = mine.clock()
    between = AlertImport.objects.imported().filter(imported_at__gt=current.checked_at)
    if between.exists():
        known, others = matching.leave_out_known(current, of=between)
        if known or others:
            _show_again(current, known, others, now)
            return
    by = cast(User, current.confirmed_by)
    record("alerts.imported", matter=current.reference, by=by, now=now)
    with rows_begin_to_count(current, by=by, now=now):
        quarters.count(current)
        with connection.cursor() as cursor:
            cursor.execute("SELECT attach_alert_tables(%s)", [current.pk])
        current.state, current.imported_at, current.lease_until = AlertImportState.IMPORTED, now, None
        current.save()
    alert_letters.imported(current, now=now)


@transaction.atomic
def _undo(source: AlertImport, mine: Turn) -> None:
    """M9.3: all of it at once: that it does not stand, the quarter hours, its tables, and what that changed. Raises RefusedFile where
    another file has come to rest on it since it was asked for."""
    matching.one_import_at_a_time()
    current = _held(source, mine)
    if refusal := reason_not_undone(current):
        raise RefusedFile(str(refusal))
    by, now = cast(User, current.undo_asked_by), mine.clock()
    record("alerts.undone", matter=current.reference, by=by, now=now)
    current.state, current.undone_at, current.undone_by = AlertImportState.UNDONE, now, by
    current.lease_until = None
    with rows_count_no_more(current, by=by, now=now):
        current.save()
        quarters.forget(current)
        matching.drop(current)


def _held(source: AlertImport, mine: Turn) -> AlertImport:
    """The import, locked; what is found about a row of it meanwhile need not wait. Raises TakenOver if somebody else does it by now."""
    current = AlertImport.objects.select_for_update(no_key=True).get(pk=source.pk)
    if current.worker != mine.name:
        raise TakenOver
    return current


def _refuse_months_let_go(current: AlertImport) -> None:
    """A month that was let go since the check does not come back. Raises RefusedFile."""
    gone = AlertMonth.objects.filter(dropped_at__isnull=False, month__in=current.parts.values("month"))
    if one := gone.order_by("month").first():
        raise RefusedFile(
            f"The logs of {one.month:%Y-%m} are not kept any more since this file was checked. Check it anew: its rows of that"
            " month are refused, and the rest can come in."
        )


def _show_again(current: AlertImport, known: dict[str, int], others: int, now: datetime) -> None:
    """What was confirmed is not what would come in now."""
    record("alerts.checked", matter=current.reference, by=None, now=now, note=CAME_BETWEEN)
    current.left_out = {name: current.left_out.get(name, 0) + known.get(name, 0) for name in current.left_out | known}
    current.known += sum(known.values())
    current.refused += others
    matching.measure(current)
    current.lease_until = None
    _checked(current, now, CAME_BETWEEN)
    alert_letters.checked(current, now=now)


def _give_up(source: AlertImport, mine: Turn, why: str) -> None:
    """It cannot be done: back to where somebody can do something about it, who is told."""
    with transaction.atomic():
        current = _held(source, mine)
        record("alerts.failed", matter=current.reference, by=None, now=mine.clock(), note=why)
        current.trouble, current.lease_until, current.phase = why, None, PREPARE
        if current.is_being_undone:
            alert_letters.stays(current, now=mine.clock())
            current.undo_asked_at = current.undo_asked_by = None
        else:
            is_importing = current.state == AlertImportState.IMPORTING
            current.state = AlertImportState.CHECKED if is_importing else AlertImportState.MAPPING
            current.confirmed_at = current.confirmed_by = None
            alert_letters.failed(current, now=mine.clock())
        current.save()
