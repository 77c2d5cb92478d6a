"""Whoever rings, however often, or nobody but cron (P9, P10); one row that cannot be done (P19); senders that meet (P9, P16)."""

from __future__ import annotations

import html
import threading
import time
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import psycopg

from tests.chaos import clockwork, state, twins
from tests.chaos.day import Errand, in_a_process, together
from tests.chaos.report import Told, scenario
from tests.chaos.scenarios.e_health import as_if_it_had_been
from tests.chaos.stage import Stage

SWEEPS, SENDERS = 3, 3
LATE, TOLD = "no sweep in the last", "no sweep has begun for nearly two minutes"


@scenario("doorbells", promises=["P9"], short=True)
def doorbells(stage: Stage) -> Told:
    """Two beats, two workers and three sweeps by hand at once do what one clock does"""
    from entitlements.models import SweepRun

    expected = clockwork.expected_of(stage, [])
    stage.extra |= clockwork.CLOCK
    begun = time.monotonic()
    stage.start("worker", "worker-2", "beat", "beat-2")
    codes: list[int] = []
    hands = [threading.Thread(target=_ring_until_done, args=(stage, codes)) for _ in range(SWEEPS)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    rung = Counter(SweepRun.objects.values_list("rung_by", flat=True))
    recovery = stage.until(lambda: not clockwork.undone(stage), "what was due is done") + time.monotonic() - begun
    stage.until(lambda: SweepRun.objects.filter(rung_by="beat").count() >= SWEEPS, "the beats ring too")
    stage.stop("worker", "worker-2", "beat", "beat-2")
    met = _met()
    clockwork.to_its_end(stage)
    found = state.end_state(stage.world.base)
    told = Told(
        done=[
            f"beat and worker twice, each beat ringing every second, and {SWEEPS} times `manage.py sweep` at once, again and again: "
            + ", ".join(f"{n} turns by {bell}" for bell, n in sorted(rung.items()))
            + f"; {met} of them began before the one before had ended",
        ],
        compared=[
            f"the same end as of one clock ({state.rows(found)} rows, but for what the clock says of itself and of the books); no letter went twice"
        ],
        recovery=recovery,
        differences=[
            *state.differences(state.without(expected, *state.OF_THE_CLOCK), state.without(found, *state.OF_THE_CLOCK)),
            *clockwork.doubles(stage),
        ],
    )
    told.differences += [] if met else ["no turn began before the one before had ended, so this shows nothing"]
    told.differences += [] if not any(codes) and len(codes) >= SWEEPS else [f"`manage.py sweep` ended with {codes}"]
    stage.begin_again()
    assert together(twins.sweeps_without_a_lock, stage.errand(), n=2) == [0, 0]
    clockwork.to_its_end(stage)
    wrong = state.differences(expected, state.end_state(stage.world.base))
    told.twin("in which two turns lock nothing", [one for one in wrong if "claim.lapsed" in one])
    return told


def _ring_until_done(stage: Stage, codes: list[int]) -> None:
    """`codes`: with what each ring ended."""
    from django.db import connections

    try:
        while True:
            codes.append(stage.manage("sweep").returncode)
            if not clockwork.undone(stage):
                return
    finally:
        connections.close_all()


def _met() -> int:
    """How many turns of the clock began before the one before them had ended."""
    from entitlements.models import SweepRun

    turns = list(SweepRun.objects.order_by("started_at").values_list("started_at", "ended_at"))
    return sum(before[1] is None or after[0] < before[1] for before, after in pairwise(turns))


@scenario("no-beat", promises=["P10"], short=True, small=True)
def no_beat(stage: Stage) -> Told:
    """Neither beat nor worker: it is named, and cron's `manage.py sweep` alone does everything"""
    from entitlements.models import User

    expected = clockwork.expected_of(stage, [])
    stage.start("web")
    desk, told = stage.browser(User.objects.get(pk=stage.world.manager)), Told()

    def named(words: str) -> bool:
        return words in desk.get("/readyz").text

    told.differences += [] if named(LATE) else ["/readyz does not name a clock that has never turned"]
    begun, rings = time.monotonic(), 0
    while clockwork.undone(stage) or clockwork.letters_queued():
        done = stage.manage("sweep")
        rings += 1
        assert done.returncode == 0, done.stderr
        assert rings < 20, done.stderr
    told.recovery = time.monotonic() - begun
    told.differences += [f"after the ring /readyz still says: {words}" for words in (LATE, TOLD) if named(words)]
    as_if_it_had_been(stage, timedelta(seconds=60))
    told.differences += ["it was named before its time"] if named(TOLD) else []
    as_if_it_had_been(stage, timedelta(seconds=45))
    took = stage.until(lambda: named(TOLD), "/readyz names it that nobody rings")
    said = "Since then none has begun." in html.unescape(desk.get("/admin/").text)
    told.differences += [] if said else ["the desk's first page does not say that nobody rings"]
    assert stage.manage("sweep").returncode == 0
    told.differences += [f"after the next ring /readyz still says: {TOLD}"] if named(TOLD) else []
    found = state.end_state(stage.world.base)
    told.done = [
        f"only the web runs; `manage.py sweep` as cron rings it, {rings} times, does all that was due and sends the letters",
        f"then nobody rings: named after {took:.1f} s more than 105 (those were passed by moving the row of the last turn); cron rings again",
    ]
    told.compared = [
        f"the same end ({state.rows(found)} rows), but for what the desk is told of the clock; /readyz and the desk's first page name a clock "
        "that does not turn, and no longer once it has turned",
    ]  # fmt: skip
    told.differences += state.differences(
        state.without(expected, *state.OF_THE_CLOCK), state.without(found, *state.OF_THE_CLOCK)
    )
    return told


@scenario("poisoned", promises=["P19"], short=True)
def poisoned(stage: Stage) -> Told:
    """One draft and one report that the database refuses to touch stop nothing else, are named, and are done once mended"""
    from entitlements.actions.quarantine import release_from_quarantine
    from entitlements.clock import database_now
    from entitlements.models import Quarantine, SweepRun, User
    from sla.models import Claim, Failure

    draft = stage.world.due[len(stage.world.due) // 2]
    report = Failure.objects.filter(state="reported", closes_at__lt=stage.world.base).order_by("pk")[1].reference
    expected = clockwork.expected_of(stage, [])
    told = Told()

    def others() -> int:
        open_reports = Failure.objects.filter(state="reported", closes_at__lt=stage.world.base)
        drafts = Claim.objects.filter(reference__in=stage.world.due, state="draft")
        return drafts.exclude(reference=draft).count() + open_reports.exclude(reference=report).count()

    _poison(stage, draft, report)
    stage.extra |= clockwork.CLOCK
    stage.start("web", "worker", "beat")
    desk = stage.browser(User.objects.get(pk=stage.world.manager))
    stage.until(lambda: not others() and Quarantine.objects.count() == 2, "all others are done, these are set aside")
    stage.until(lambda: "the last sweep could not do everything" in desk.get("/readyz").text, "/readyz names it")
    in_quarantine = "2 matters from before in quarantine"  # from the turn on that follows the one which set them aside
    stage.until(
        lambda: in_quarantine in desk.get("/admin/").text, "the desk's first page says that two are in quarantine"
    )
    listed = desk.get("/admin/entitlements/quarantine/").text
    told.differences += [f"the desk's list does not name {one}" for one in (draft, report) if one not in listed]
    first = SweepRun.objects.filter(alarm__contains=draft).first()
    told.differences += [] if first else ["no turn of the clock says what it could not do"]
    aside = set(Quarantine.objects.standing().values_list("job", "matter"))
    if aside != {("drafts lapsed", draft), ("windows ended", report)}:
        told.differences.append(f"set aside is {aside}")
    _mend(stage)
    begun = time.monotonic()
    for entry in Quarantine.objects.standing():
        by = User.objects.get(pk=stage.world.manager)
        release_from_quarantine(entry=entry, reason="Mended.", by=by, now=database_now())
    stage.until(
        lambda: not clockwork.undone(stage) and not Quarantine.objects.standing().exists(), "these are done too"
    )
    told.recovery = time.monotonic() - begun
    stage.stop("web", "worker", "beat")
    clockwork.to_its_end(stage)
    found = state.without(state.end_state(stage.world.base), "uarantine")
    told.done = [
        f"{len(stage.world.due)} drafts and the reports due at once, of which the database refuses every change of one draft and one report; worker "
        "and beat ring every second; then it is mended, and a manager ends the pause of both",
    ]  # fmt: skip
    told.compared = [
        f"all others are done, these two stand aside by name, in the alarm of the turn and in the desk's list; /readyz and the desk's first page say so; after it was mended the same end "
        f"({state.rows(found)} rows) but for the lines about the quarantine",
    ]  # fmt: skip
    told.differences += [*state.differences(state.without(expected, "uarantine"), found), *clockwork.doubles(stage)]
    stage.begin_again()
    _poison(stage, draft, report)
    assert in_a_process(twins.sweep_without_halving, stage.errand()) == 0
    told.twin("in which a batch with such a row is given up", [f"{others()} others are not done"] if others() else [])
    return told


REFUSES = (
    "CREATE OR REPLACE FUNCTION poisoned() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN RAISE EXCEPTION 'This page of the disk cannot be read'; END $$"
)


def _poison(stage: Stage, draft: str, report: str) -> None:
    """The database refuses to change these two."""
    _as_superuser(
        stage,
        REFUSES,
        *(
            f"CREATE TRIGGER poisoned BEFORE UPDATE ON {table} FOR EACH ROW WHEN (OLD.reference = '{one}') EXECUTE FUNCTION poisoned()"
            for table, one in (("sla_claim", draft), ("sla_failure", report))
        ),
    )


def _mend(stage: Stage) -> None:
    """Without a lock on either table: the clock goes on turning."""
    _as_superuser(stage, REFUSES.replace("RAISE EXCEPTION 'This page of the disk cannot be read';", "RETURN NEW;"))


def _as_superuser(stage: Stage, *statements: str) -> None:
    with psycopg.connect(stage.bench.postgres.url("postgres", stage.database), autocommit=True) as connection:
        for one in statements:
            connection.execute(one)


@scenario("two-senders", promises=["P9", "P16"], short=True, small=True)
def two_senders(stage: Stage) -> Told:
    """Three senders at once send each letter once, since each is leased by one of them"""
    expected = clockwork.expected_of(stage, [])
    told = Told()
    _letters_wait(stage)
    assert together(_send, stage.errand(), n=SENDERS) == [0] * SENDERS
    written, at_once = len(stage.post.taken), _senders_at_once(stage)
    waiting = clockwork.letters_queued()
    clockwork.to_its_end(stage)
    found = state.end_state(stage.world.base)
    told.done.append(
        f"the clock turns; {SENDERS} senders at once, each with few in its hands, send its {written} letters by a mail server "
        f"that takes its time; {at_once} of them sent while another did"
    )
    told.compared.append(f"each letter went once, and none is left; the same end ({state.rows(found)} rows)")
    told.differences += [*state.differences(expected, found), *clockwork.doubles(stage)]
    told.differences += [f"{key} went {n} times" for key, n in stage.post.copies().items() if n > 1]
    told.differences += [] if at_once > 1 else ["no two senders sent at the same time, so this shows nothing"]
    told.differences += [f"{waiting} letters were left by all senders"] if waiting else []
    _letters_wait(stage)
    assert together(twins.send_without_a_lease, stage.errand(), n=2) == [0, 0]
    told.twin("in which no lease is taken", clockwork.doubles(stage))
    return told


def _letters_wait(stage: Stage) -> None:
    """Begin again: the clock has turned, and nothing is sent."""
    stage.begin_again()
    stage.post.set("slow", seconds=0.05)
    assert in_a_process(_turn_only, stage.errand()) == 0


def _turn_only(errand: Errand) -> None:
    from entitlements.clock import database_now
    from sla.sweep import sweep

    now = database_now()
    sweep(now=now, application_now=now)


def _senders_at_once(stage: Stage) -> int:
    """How many senders had letters taken between the first and the last of another's."""
    lines: dict[tuple[str, int], list[float]] = {}
    for one in stage.post.taken:
        lines.setdefault(one.line, []).append(one.at)
    spans = [(min(at), max(at)) for at in lines.values()]
    return sum(any(other is not one and other[0] < one[1] and one[0] < other[1] for other in spans) for one in spans)


def _send(errand: Errand, *, meet: object) -> None:
    """Two at a time, so that a few letters are enough for all senders."""
    from entitlements import notices
    from entitlements.clock import ticking
    from entitlements.notices import sending

    sending.BATCH = 2
    meet.wait()  # type: ignore[attr-defined]
    notices.send_all(clock=ticking())
