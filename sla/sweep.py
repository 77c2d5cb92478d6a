"""One turn of the clock: everything that is due by now is done as of the instant at which it fell due (T3, T4).

Any number of sweeps may run at once and any number may be missed. Each matter is an action of its own transaction that looks again
under its lock; one that fails is noted and passed by, and does not stop the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.db.models import F, QuerySet

from entitlements.actions.engagements import lapse_engagement
from entitlements.actions.passing_on import end_account
from entitlements.actions.year_ends import close_year
from entitlements.health import MOST_APART
from entitlements.models import BookedSession, ContractYear, Engagement, Engineer, SweepRun
from entitlements.models.events import SWEEP_SETTING
from entitlements.reminders import remind_of_session, remind_of_year
from sla.actions.claims import lapse_claim, submit_by_itself
from sla.actions.failures import close_failure
from sla.models import Claim, Failure
from sla.reminders import remind_of_draft, remind_of_failure

MARGIN = timedelta(minutes=5)
"""S13: longer than the longest request, so that whatever was received before a deadline is committed when its lapse is decided."""

BATCH = 1_000
MOST_NAMED = 5

log = structlog.get_logger(__name__)
Job = tuple[str, "QuerySet[Any]", Callable[..., bool], str]


def sweep(*, now: datetime, application_now: datetime, as_of: datetime | None = None) -> SweepRun:
    """Do what is due by `now` (the database's clock, UTC), and keep a record of the run.

    `application_now` is this machine's clock: if the two differ too much nothing is done and the run carries an alarm. `as_of`, in
    the demo only, is a later instant to act for.
    """
    moment = as_of or now
    offset = application_now.astimezone(UTC) - now
    run = SweepRun.objects.create(
        started_at=now, as_of=moment, clock_offset_ms=round(offset / timedelta(milliseconds=1))
    )
    if abs(offset) > MOST_APART:
        run.alarm = (
            f"The clocks of the application and the database are {abs(offset)} apart. Nothing was done. Set them right."
        )
        run.ended_at = now
        run.save()
        return run
    done: Counter[str] = Counter()
    failed: list[str] = []
    with _named_in_the_log(run):
        for name, due, act, deadline in _jobs(moment):
            _do(run, name, due, act, deadline, moment, done, failed)
    run.alarm = _alarm(failed)
    run.done = dict(done)
    run.ended_at = now
    run.save()
    return run


@contextmanager
def _named_in_the_log(run: SweepRun) -> Iterator[None]:
    """Whatever is logged on this connection meanwhile says that this run did it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [SWEEP_SETTING, str(run.pk)])
        try:
            yield
        finally:
            cursor.execute("SELECT set_config(%s, '', false)", [SWEEP_SETTING])


def _jobs(now: datetime) -> Iterable[Job]:
    """What can be due, in the order in which it has to be done: a complete draft sends itself before any draft lapses."""
    ended = now - MARGIN
    contract = "contract__customer"
    drafts = Claim.objects.drafts().select_related(contract)
    failures = Failure.objects.open().select_related(contract)
    requests = Engagement.objects.waiting().select_related(contract, "year")
    yield "sent themselves", drafts.filter(sends_itself_at__lte=now), submit_by_itself, "sends_itself_at"
    yield "drafts lapsed", drafts.filter(closes_at__lte=ended), lapse_claim, "closes_at"
    yield "windows ended", failures.filter(closes_at__lte=ended), close_failure, "closes_at"
    yield "reminders of reports", failures.filter(remind_at__lte=now, closes_at__gt=now), remind_of_failure, "remind_at"
    yield "reminders of drafts", drafts.filter(remind_at__lte=now, closes_at__gt=now), remind_of_draft, "remind_at"
    sessions = BookedSession.objects.to_be_told_of(now).select_related("engagement")
    years = ContractYear.objects.select_related("contract")
    yield "reminders of sessions", sessions, remind_of_session, "remind_at"
    yield "requests lapsed", requests.filter(year__ends_at__lte=ended), lapse_engagement, "year__ends_at"
    yield "years ended", years.over(ended), close_year, "ends_at"
    yield "reminders of unused", years.running(now), remind_of_year, "look_at"
    leavers = Engineer.objects.filter(user__is_active=True).select_related("user")
    yield "accounts ended", leavers.filter(leaves_at__lte=now), end_account, "leaves_at"


def _do(
    run: SweepRun,
    name: str,
    due: QuerySet[Any],
    act: Callable[..., bool],
    deadline: str,
    now: datetime,
    done: Counter[str],
    failed: list[str],
) -> None:
    for matter in due.annotate(fell_due=F(deadline)).order_by("fell_due", "pk")[:BATCH]:
        try:
            if act(**{type(matter).__name__.lower(): matter}, now=now):
                done[name] += 1
                run.latest_by_seconds = max(run.latest_by_seconds, int((now - matter.fell_due).total_seconds()))
        except SoftTimeLimitExceeded:
            raise  # the run has to end; the row is not to blame
        except Exception as error:
            # T3: one poisoned row must not stop the rest; the run says which it was.
            log.exception("sweep_failed", job=name, matter=str(matter))
            failed.append(f"{name}: {matter} could not be done ({error!r})")
            done["failed"] += 1


def _alarm(failed: list[str]) -> str:
    """All that a run could not do; the first few by name."""
    if not failed:
        return ""
    more = [f"and {len(failed) - MOST_NAMED} more"] if len(failed) > MOST_NAMED else []
    return f"{'; '.join([*failed[:MOST_NAMED], *more])}. The others were."
