"""Redis stopped, silent and wiped (P4, P5, P6); PostgreSQL stopped for a while (P7)."""

from __future__ import annotations

import time

from tests.chaos import clockwork, deeds, state
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage

LETTERS_ONLY = {"RUNG": "letters", "RINGS": "1"}
MOST_SECONDS = 15.0
"""P5 wants five on a quiet machine: the report says how many it took. This is where a waiting for Redis could not be explained by load."""
TIMES_SLOWER = 10.0
QUEUED = 1_000
WORDS_OF_500 = "a receipt with a reference and a time is the proof that we have"


@scenario("redis", promises=["P4", "P5", "P6"])
def redis(stage: Stage) -> Told:
    """Redis is stopped, then silent, while customers send; then wiped with a thousand rings in it, while everything due is still to be done"""
    drafts = stage.world.drafts
    thirds = [deeds.claims(drafts[n::3]) for n in range(3)]
    asked = deeds.reports(stage.world, seed=stage.bench.seed, n=6)
    expected = clockwork.expected_of(stage, [one for third in thirds for one in third] + asked)
    stage.extra |= LETTERS_ONLY
    stage.start("web", "worker", "beat")
    told = Told()
    usual = _send(stage, thirds[0] + asked[0::3], "with Redis", told, None)
    stage.bench.valkey.stop()
    _send(stage, thirds[1] + asked[1::3], "with Redis stopped", told, usual)
    stage.bench.valkey.start()
    stage.valkey.set("black-hole")
    _send(stage, thirds[2] + asked[2::3], "with Redis silent", told, usual)
    stage.valkey.set("pass")
    stage.stop("worker", "beat")
    for _ in range(QUEUED):
        stage.ring("sla.tasks.sweep")
    waiting = int(stage.redis(b"LLEN makegood:celery").strip().lstrip(b":"))
    due, all_due = clockwork.undone(stage), len(stage.world.due)
    if waiting < QUEUED or due < all_due:
        told.differences.append(
            f"only {waiting:,} rings and {due} of {all_due} that were due waited when Redis was wiped, so this shows nothing"
        )
    stage.wipe()
    before, begun = clockwork.turns(), time.monotonic()
    stage.extra |= clockwork.CLOCK
    stage.start("worker", "beat")
    stage.until(lambda: clockwork.turns() > before and not clockwork.undone(stage), "the clock turns again")
    told.recovery = time.monotonic() - begun
    stage.stop("worker", "beat")
    clockwork.to_its_end(stage)
    found = state.end_state(stage.world.base)
    told.done.append(
        f"until here nobody rang for a turn of the clock: {due} drafts were due; worker and beat stopped, {waiting:,} rings for a turn put "
        "into Redis, all wiped, worker and beat started"
    )
    told.compared.append(f"the same end ({state.rows(found)} rows), whatever was in Redis")
    told.differences += [*state.differences(expected, found), *clockwork.doubles(stage)]
    told.twin("in which what was due hangs on its message", _trusting_messages(stage))
    return told


def _trusting_messages(stage: Stage) -> list[str]:
    """The same wiping of Redis, with a clock that has put what is due into messages, and does what they say: what is not done by it."""
    from sla.models import Claim
    from tests.chaos.doorbell import TRUSTED

    stage.begin_again()
    *lost, told = stage.world.due
    for one in lost:
        stage.ring(TRUSTED, one)
    stage.wipe()
    stage.ring(TRUSTED, told)
    stage.start("worker")
    stage.until(lambda: not Claim.objects.filter(reference=told, state="draft").exists(), "what came later is done")
    stage.stop("worker")
    left = Claim.objects.filter(reference__in=lost, state="draft").values_list("reference", flat=True)
    return [f"{one} was due, and nobody comes back to it" for one in left]


def _send(stage: Stage, sent: list[deeds.Deed], how: str, told: Told, usual: float | None) -> float:
    """Send these; note what was not taken at once. The longest answer, in seconds."""
    with deeds.Customers(stage.port, sent) as customers:
        stage.until(lambda: customers.all_told, f"all is taken {how}", seconds=deeds.LONGEST)
    longest = max((one.longest for one in customers.acknowledged), default=0.0)
    told.done.append(f"{len(sent)} claims and reports sent over HTTP {how}: the longest answer took {longest:.1f} s")
    told.differences += [*customers.broken, *deeds.not_stored(customers.acknowledged)]
    told.differences += [f"{how}: {one.status} {one.where_to}" for one in customers.others]
    if usual is not None and longest > max(MOST_SECONDS, TIMES_SLOWER * usual):
        told.differences.append(f"{how} an answer took {longest:.1f} s, and {usual:.1f} s before")
    return longest


@scenario("postgres-stopped", promises=["P7", "P1"])
def postgres_stopped(stage: Stage) -> Told:
    """PostgreSQL is stopped while customers send and the clock works, and started again; nothing else is"""
    sent = deeds.claims(stage.world.drafts) + deeds.reports(stage.world, seed=stage.bench.seed, n=4)
    expected = clockwork.expected_of(stage, sent)
    stage.extra |= LETTERS_ONLY  # so that the turn of the clock is under way just when it is stopped
    stage.start("web", "worker", "beat")
    lived = _lives(stage)
    told = Told()
    with deeds.Customers(stage.port, sent) as customers:
        stage.until(lambda: customers.acknowledged, "somebody is told")
        stage.ring("sla.tasks.sweep")
        stage.until(lambda: clockwork.under_way() or not clockwork.undone(stage), "a turn of the clock is under way")
        left = clockwork.undone(stage)
        stage.stop_postgres("fast")
        stage.until(lambda: len(customers.others) >= 2 * deeds.AT_ONCE, "everybody was told that it is not there")
        pages = [one for one in customers.others if one.status]
        alive = customers.browsers[sent[0].by].get("/healthz")
        ready = customers.browsers[sent[0].by].get("/readyz")
        stage.bench.postgres.start()
        begun = time.monotonic()
        stage.ring("sla.tasks.sweep")
        stage.until(lambda: customers.all_told, "all is taken", seconds=deeds.LONGEST)
    stage.until(lambda: not clockwork.undone(stage), "what was due is done")
    told.recovery = time.monotonic() - begun
    if lived != _lives(stage):
        told.differences.append("a process had to be started again")
    stage.stop("worker", "beat", "web")
    clockwork.to_its_end(stage)
    found = state.end_state(stage.world.base)
    silent = [one for one in pages if WORDS_OF_500 not in one.text]
    told.differences += [f"a page said {one.status} and not what became of what was sent" for one in silent[:3]]
    if not left:
        told.differences.append("nothing that was due was left when it was stopped, so this shows nothing of the clock")
    if not pages:
        told.differences.append("no page said that something is wrong")
    if alive.status != 200 or ready.status != 503 or "the database does not answer" not in ready.text:
        told.differences.append(f"/healthz {alive.status}, /readyz {ready.status}: {ready.text}")
    told.differences += [
        *customers.broken,
        *deeds.not_stored(customers.acknowledged),
        *state.differences(expected, found),
    ]
    told.differences += clockwork.doubles(stage)
    told.done = [
        f"{customers.wanted} claims and reports on their way, and {left} matters before a turn of the clock that had begun; PostgreSQL stopped until {len(customers.others)} had been answered that it "
        f"failed ({len(pages)} pages, the longest after {max(one.seconds for one in customers.others):.1f} s), then started"
    ]
    told.compared = [
        "each such page says what became of what was sent; /healthz stays up, /readyz names the database; no process was started again",
        f"each acknowledged is stored; the same end ({state.rows(found)} rows)",
    ]
    return told


def _lives(stage: Stage) -> dict[str, int]:
    return {name: child.restarts for name, child in stage.processes.items()}
