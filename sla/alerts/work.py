"""What the background does for alert logs: it finds files to check and to import in the database, and whoever takes one over goes on.

A worker holds an import by a lease that it renews with each commit; one that was killed lets it run out. The steps are numbered, and
each commits with the number of the next.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q

from entitlements.actions.log import record
from entitlements.uploads import RefusedFile
from sla import alert_letters
from sla.alerts import matching, quarters
from sla.alerts.loading import load
from sla.models import AlertImport, AlertImportState, AlertMonth

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
    """The next file that nobody holds, held for this worker. One at a time: the rest of the background is for deadlines."""
    now = mine.clock()
    free = AlertImport.objects.at_work().filter(Q(lease_until=None) | Q(lease_until__lte=now))
    if not only and AlertImport.objects.at_work().filter(lease_until__gt=now).exists():
        return None
    with transaction.atomic():
        wanted = free.filter(pk=only.pk) if only else free
        source = wanted.order_by("pk").select_for_update(skip_locked=True, of=("self",)).first()
        if source:
            _hold(source, mine, worker=mine.name)
    return source


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
        if source.state == AlertImportState.IMPORTING:
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
        _give_up(
            source, mine, f"It could not be done ({type(error).__name__}). Nothing was imported; the log has more."
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
    _compare(source, mine)
    return True


@transaction.atomic
def _prepare(source: AlertImport, mine: Turn) -> None:
    """Begin anew, whatever an earlier check has left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT drop_alert_tables(%s)", [source.pk])
    source.refusals.all().delete()
    source.rests_on.clear()
    zero = dict.fromkeys(("position", "line", "rows", "good", "refused", "known"), 0)
    _hold(source, mine, phase=LOAD, left_out={}, **zero)


@transaction.atomic
def _compare(source: AlertImport, mine: Turn) -> None:
    """M9.2: what the file has twice, and what is on record already. Then its counts add up, and somebody can decide."""
    matching.one_import_at_a_time()
    current = AlertImport.objects.select_for_update().get(pk=source.pk)
    now = mine.clock()
    record("alerts.checked", matter=current.reference, by=None, now=now)
    same, contrary = matching.index(current)
    matching.measure(current)
    known, others = matching.leave_out_known(current)
    current.left_out = {"": same, **known} if same else known
    current.known = same + sum(known.values())
    current.refused += contrary + others
    _checked(current, now, "")
    _hold(source, mine, lease_until=None)
    if now - (current.begun_at or now) > LONG:
        alert_letters.checked(current, now=now)


def _checked(current: AlertImport, now: datetime, trouble: str) -> None:
    matching.measure(current)
    current.good = current.rows - current.refused - current.known
    current.state, current.checked_at, current.trouble = AlertImportState.CHECKED, now, trouble
    current.phase, current.without_refused = PREPARE, False
    current.confirmed_at = current.confirmed_by = None
    current.save()


@transaction.atomic
def _import(source: AlertImport, mine: Turn) -> None:
    """M9.3: all of it at once: the quarter hours, the tables below their months, and that it stands."""
    matching.one_import_at_a_time()
    current = AlertImport.objects.select_for_update().get(pk=source.pk)
    if current.worker != mine.name:
        raise TakenOver
    _refuse_months_let_go(current)
    now = mine.clock()
    if _something_came_between(current):
        known, others = matching.leave_out_known(current)
        if known or others:
            _show_again(current, known, others, now)
            return
    record("alerts.imported", matter=current.reference, by=current.confirmed_by, now=now)
    quarters.count(current)
    with connection.cursor() as cursor:
        cursor.execute("SELECT attach_alert_tables(%s)", [current.pk])
    current.state, current.imported_at, current.lease_until = AlertImportState.IMPORTED, now, None
    current.save()
    alert_letters.imported(current, now=now)


def _refuse_months_let_go(current: AlertImport) -> None:
    """A month that was let go since the check does not come back. Raises RefusedFile."""
    gone = AlertMonth.objects.filter(dropped_at__isnull=False, month__in=current.parts.values("month"))
    if one := gone.order_by("month").first():
        raise RefusedFile(
            f"The logs of {one.month:%Y-%m} are not kept any more since this file was checked. Check it anew: its rows of that"
            " month are refused, and the rest can come in."
        )


def _something_came_between(current: AlertImport) -> bool:
    return AlertImport.objects.imported().filter(imported_at__gte=current.checked_at).exists()


def _show_again(current: AlertImport, known: dict[str, int], others: int, now: datetime) -> None:
    """What was confirmed is not what would come in now."""
    record("alerts.checked", matter=current.reference, by=None, now=now, note=CAME_BETWEEN)
    current.left_out = {name: current.left_out.get(name, 0) + known.get(name, 0) for name in current.left_out | known}
    current.known += sum(known.values())
    current.refused += others
    current.lease_until = None
    _checked(current, now, CAME_BETWEEN)
    alert_letters.checked(current, now=now)


def _give_up(source: AlertImport, mine: Turn, why: str) -> None:
    """It cannot be done: back to where somebody can do something about it, who is told."""
    with transaction.atomic():
        current = AlertImport.objects.select_for_update().get(pk=source.pk)
        if current.worker != mine.name:
            raise TakenOver
        record("alerts.failed", matter=current.reference, by=None, now=mine.clock(), note=why)
        is_importing = current.state == AlertImportState.IMPORTING
        current.state = AlertImportState.CHECKED if is_importing else AlertImportState.MAPPING
        current.trouble, current.lease_until, current.phase = why, None, PREPARE
        current.confirmed_at = current.confirmed_by = None
        current.save()
        alert_letters.failed(current, now=mine.clock())
