"""One turn of the clock: everything that is due by now is done as of the instant at which it fell due (T3, T4).

Any number of turns may run at once and any number may be missed. How a job is worked off, batch by batch, is in `batches.py`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from time import monotonic
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from entitlements.actions.lapses import lapse_requests
from entitlements.actions.letters import tell_others
from entitlements.actions.passing_on import end_account
from entitlements.actions.quarantine import end_quarantine
from entitlements.actions.year_ends import close_year
from entitlements.failpoints import failpoint
from entitlements.health import MOST_APART
from entitlements.models import BookedSession, ContractYear, Engagement, Engineer, Letter, Quarantine, SweepRun
from entitlements.models.events import SWEEP_SETTING
from entitlements.notices.answers import OTHERS_TOLD
from entitlements.reminders import note_untold, remind_of_session, remind_of_year
from entitlements.wording import counted
from sla.actions.claims import lapse_claim
from sla.actions.election_effects import decide_election
from sla.actions.elections import end_with_contract, note_arrival, remind_of_election
from sla.actions.information import end_unanswered
from sla.actions.lapses import close_reports, lapse_drafts
from sla.actions.publishing import open_the_way
from sla.actions.sendings import send_by_themselves
from sla.batches import BATCH, FEW, Job, Question, Tally, due_of, in_a_line, one_by_one, question_of, work_off
from sla.elections import may_have_reached
from sla.ended_windows import hidden
from sla.information import remind_of_request
from sla.models import Claim, Election, Failure, InformationRequest, Opening
from sla.reminders import remind_of_draft, remind_of_failure

MARGIN = timedelta(minutes=5)
"""S13: longer than the longest request, so that whatever was received before a deadline is committed when its lapse is decided."""

BUDGET = timedelta(minutes=2)
"""How long a turn goes on taking batches: it ends by itself, long before Celery would end it, and the next one goes on."""

MOST_NAMED = 5

A_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
"""Any, for which the questions are put into words."""


def sweep(
    *,
    now: datetime,
    application_now: datetime,
    as_of: datetime | None = None,
    rung_by: str = SweepRun.Bell.COMMAND,
    budget: timedelta = BUDGET,
) -> SweepRun:
    """Do what is due by `now` (the database's clock, UTC), and keep a record of the run.

    `application_now` is this machine's clock: if the two differ too much nothing is done and the run carries an alarm. `as_of`, in
    the demo only, is a later instant to act for. After `budget` no further batch is begun, and the run says what it has left.
    """
    begun = monotonic()
    offset = application_now.astimezone(UTC) - now
    run = SweepRun.objects.create(
        rung_by=rung_by,
        started_at=now,
        as_of=as_of or now,
        clock_offset_ms=round(offset / timedelta(milliseconds=1)),
    )
    failpoint("sweep.begun")
    tally = Tally()
    try:
        if abs(offset) > MOST_APART:
            run.alarm = f"The clocks of the application and the database are {abs(offset)} apart. Nothing was done. Set them right."
        else:
            _turn(run, tally, lambda: monotonic() - begun >= budget.total_seconds())
            run.alarm = _alarm(tally)
    except Exception as error:
        run.alarm = f"It broke off: {in_a_line(error)}. The next turn goes on."
        raise
    finally:
        run.done, run.left = dict(tally.done), tally.left
        run.latest_by_seconds = int(tally.latest.total_seconds())
        run.ended_at = now + timedelta(seconds=monotonic() - begun)
        run.save()
    return run


def what_is_due(now: datetime) -> dict[str, int]:
    """How many matters each job would be about at `now` (UTC), of those that have any. Nothing is done."""
    counts = {job.name: due_of(job, now).count() for job in _jobs(now)}
    return {name: count for name, count in counts.items() if count}


def _turn(run: SweepRun, tally: Tally, time_is_up: Callable[[], bool]) -> None:
    with _named_in_the_log(run), _nothing_searched_twice():
        jobs = _named(run.as_of)
        for question in _questions():
            work_off(question, jobs, tally, now=run.as_of, time_is_up=time_is_up)
        if Quarantine.objects.standing().exists():
            worked_off = {name: jobs(name).due for name in tally.worked_off}
            end_quarantine(jobs=worked_off, by=None, now=run.as_of)


def _named(now: datetime) -> Callable[[str], Job]:
    """The jobs of a turn by their names; put together as far as one of them has something to do."""
    others, found = iter(_jobs(now)), dict[str, Job]()

    def named(name: str) -> Job:
        while name not in found:
            job = next(others)
            found[job.name] = job
        return found[name]

    return named


@cache
def _questions() -> Sequence[Question]:
    """What each turn asks, in its order."""
    return [question_of(job, A_MOMENT) for job in _jobs(A_MOMENT)]


@contextmanager
def _named_in_the_log(run: SweepRun) -> Iterator[None]:
    """Whatever is logged on this connection meanwhile says that this run did it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [SWEEP_SETTING, str(run.pk)])
        try:
            yield
        finally:
            cursor.execute("SELECT set_config(%s, '', false)", [SWEEP_SETTING])


@contextmanager
def _nothing_searched_twice() -> Iterator[None]:
    """What the process held before stays: each batch makes so many objects that Python would look through all of it again and again."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _jobs(now: datetime) -> Iterable[Job]:
    """What can be due, in the order in which it has to be done: a complete draft sends itself before any draft lapses."""
    ended = now - MARGIN
    drafts = Claim.objects.drafts().light()
    failures = Failure.objects.open().light()

    def few(name: str, due: QuerySet[Any], deadline: str, act: Callable[..., bool], **how: Any) -> Job:
        return Job(name, due, deadline, one_by_one(act), FEW, **how)

    sending = drafts.filter(sends_itself_at__lte=ended)
    yield Job("sent themselves", sending, "sends_itself_at", send_by_themselves, BATCH)
    over = drafts.filter(closes_at__lte=ended)
    yield Job("drafts lapsed", over.filter(sends_itself_at__isnull=True), "closes_at", lapse_drafts, BATCH)
    yield few("complete drafts settled", over.filter(sends_itself_at__isnull=False), "closes_at", lapse_claim)
    yield Job("windows ended", failures.filter(closes_at__lte=ended), "closes_at", close_reports, BATCH)
    failures, drafts = failures.filter(closes_at__gt=now), drafts.filter(closes_at__gt=now)
    opening = Opening.objects.due(now).select_related("outage__cause", "customer", "asked_by")
    yield few("customers told of outages", opening, "look_at", open_the_way, called="outage.reference")
    yield few("reminders of reports", failures.filter(remind_at__lte=now), "remind_at", remind_of_failure)
    yield few("reminders of drafts", drafts.filter(remind_at__lte=now), "remind_at", remind_of_draft)
    asked = InformationRequest.objects.open().select_related("claim__contract__customer")
    of_claim: dict[str, Any] = {"called": "claim.reference", "claims": False}
    yield few("requests unanswered", asked.filter(answer_by__lte=ended), "answer_by", end_unanswered, **of_claim)
    asked = asked.filter(answer_by__gt=now, remind_at__lte=now)
    yield few("reminders of requests", asked, "remind_at", remind_of_request, **of_claim)
    sessions = BookedSession.objects.to_be_told_of(now).select_related("engagement")
    yield few("reminders of sessions", sessions, "remind_at", remind_of_session, called="engagement.reference")
    begun = BookedSession.objects.begun_untold(now).select_related("engagement")
    yield few("sessions begun untold", begun, "remind_at", note_untold, called="engagement.reference")
    years, called = ContractYear.objects.select_related("contract"), "contract.order_form"
    with_requests = Exists(Engagement.objects.waiting().filter(year=OuterRef("pk")))
    ended_years = years.over(ended)
    yield Job("requests lapsed", ended_years.filter(with_requests), "ends_at", lapse_requests, BATCH, called)
    yield few("years ended", ended_years.exclude(with_requests), "ends_at", close_year, called=called)
    yield few(
        "reminders of unused", years.running(now), "look_at", remind_of_year, late_since="remind_at", called=called
    )
    aside = Quarantine.objects.standing().filter(job=OTHERS_TOLD).values("row")
    yield few(OTHERS_TOLD, Letter.objects.filter(pk__in=aside), "written_at", tell_others, called="matter")
    leavers = Engineer.objects.filter(user__is_active=True).select_related("user")
    yield from _elections(now, ended)
    yield Job(
        "accounts ended",
        leavers.filter(leaves_at__lte=now),
        "leaves_at",
        one_by_one(end_account),
        at_once=1,
        called="matter",
        claims=False,
    )


def _elections(now: datetime, ended: datetime) -> Iterable[Job]:
    """S16: what has arrived opens before anything is decided, so that a turn that comes late finds what one in time would have. What
    ended while we stood still waits for the decision about that (T4)."""
    related = Election.objects.select_related("contract__customer", "withdrawal", "terms")
    arrived = Exists(Letter.objects.filter(may_have_reached(), matter=OuterRef("reference")))
    waiting = related.on_its_way()
    gone = related.ended_with_their_contracts(ended)
    over = related.open().filter(~hidden("deadline", now), deadline__lte=ended)
    ahead = related.open().filter(deadline__gt=now, remind_at__lte=now)
    yield Job("notices arrived", waiting.filter(arrived), "noticed_at", one_by_one(note_arrival), FEW)
    yield Job("elections void", gone, "contract_ends_at", one_by_one(end_with_contract), FEW)
    yield Job("elections decided", over, "deadline", one_by_one(decide_election), FEW)
    yield Job("reminders of elections", ahead, "remind_at", one_by_one(remind_of_election), FEW)


def _alarm(tally: Tally) -> str:
    """All that a turn could not do, the first few by name; what stands in quarantine from before; what it has left."""
    sentences = []
    if failed := tally.failed:
        more = [f"and {len(failed) - MOST_NAMED} more"] if len(failed) > MOST_NAMED else []
        sentences.append(f"{'; '.join([*failed[:MOST_NAMED], *more])}. The others were.")
    if aside := Quarantine.objects.standing().count() - tally.done["failed"]:
        sentences.append(f"{counted(aside, 'matter')} from before in quarantine.")
    return " ".join(sentences)
