"""What the doorbell does for deadlines: one turn of the sweep, the same as `manage.py sweep`."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task

from entitlements import alarms, pages_watched
from entitlements.actions.standstills import note_standstill
from entitlements.clock import database_now, ticking
from entitlements.models import SweepRun
from entitlements.seals import seal_log
from sla import digest
from sla import sweep as clockwork
from sla.actions.business_days import ask_for_checks
from sla.actions.reconciling import reconcile_once_a_day
from sla.alerts.work import work
from sla.ended_windows import ended_between, ended_meanwhile
from sla.proofs import prove
from sla.scan_work import scan_what_waits


@shared_task
def sweep() -> str:
    """T3: do what is due by now. Run late, twice, or at once with others, the outcome is the same."""
    now = database_now()
    note_standstill(windows=ended_between, now=now)
    run = clockwork.sweep(now=now, application_now=datetime.now(UTC), rung_by=SweepRun.Bell.BEAT)
    pages_watched.look(windows=ended_meanwhile, now=now)
    return f"{run.done} {run.alarm}".strip()


@shared_task(soft_time_limit=840, time_limit=870)
def import_alerts() -> list[str]:
    """M9.5: go on with the files of alert logs that are to be checked or imported; a turn that ends goes on with the next ring. A step
    that cannot be cut in two (ten million rows compared, or attached) may take longer, but not as long as the broker waits for it."""
    return work(clock=ticking())


@shared_task
def scan_documents() -> int:
    """P29: ask the scanner about the documents that wait for it. Apart from the sweep, which waits for nobody."""
    return scan_what_waits(clock=ticking())


@shared_task(soft_time_limit=840, time_limit=870)
def compare() -> str:
    """T3: once a day, what the clock did beside what is worked out anew. Rung every hour, since a ring may be missed."""
    made = reconcile_once_a_day(now=database_now())
    return f"{made.differing} differ" if made else "done already"


@shared_task
def keep_books() -> str:
    """S19, P22: the event log comes under seal; once a day the ledger is added up, and the seals are looked at."""
    sealed = seal_log()
    proof = prove(now=database_now())
    return f"{sealed} lines sealed" + (f", {proof.entries} entries proved" if proof else "")


@shared_task
def tell_managers() -> str:
    """T1: raise and end alarms, ask for the yearly check of the calendar (S15), and write the letters of the morning. Apart from the
    sweep, so that it speaks when that is dead."""
    now = database_now()
    try:
        changed = alarms.watch(now=now)
        ask_for_checks(now=now)
    finally:
        written = digest.write_digests(now=now)
    return f"{changed} alarms, {written} letters of the morning"
