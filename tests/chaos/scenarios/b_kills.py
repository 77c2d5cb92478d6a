"""kill -9 of whatever runs, in the middle of what it does; and PostgreSQL stopped at once (P1, P3, P9)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from tests.chaos import clockwork, deeds, state
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage

SWEEP_ONLY = {"RUNG": "sweep", "RINGS": "1"}
WORKERS, STOPPED = "workers of the web killed", "PostgreSQL stopped at once"
IN_A_TURN, WHILE_LETTERS_GO = "in a turn of the clock", "while letters go"


@scenario("kill-the-web", promises=["P1"])
def kill_the_web(stage: Stage) -> Told:
    """The web's workers are killed, and PostgreSQL stopped at once, while customers send claims and reports"""
    sent = deeds.claims(stage.world.drafts) + deeds.reports(stage.world, seed=stage.bench.seed, n=20)
    expected = clockwork.expected_of(stage, sent)
    told, killed, rounds = Told(), Counter[str](), 0
    while not rounds or (killed.total() < stage.bench.kills and not told.differences):
        if rounds:
            stage.begin_again()
        rounds += 1
        customers = _under_kills(stage, sent, killed)
        last = time.monotonic()
        stage.stop("web")
        clockwork.to_its_end(stage)
        found = state.end_state(stage.world.base)
        told.recovery = time.monotonic() - last
        again = sum(one.tries > 1 for one in customers.acknowledged)
        told.done.append(
            f"{customers.wanted} claims and reports sent over HTTP by {deeds.AT_ONCE} people at once, each until it is acknowledged; "
            f"{again} had to be sent more than once: the answer was {_list(Counter(_word(one) for one in customers.others))}"
        )
        told.compared.append(
            f"each of {len(customers.acknowledged)} acknowledged is stored, received while it was sent; the same end ({state.rows(found)} rows)"
        )
        told.differences += [
            *customers.broken,
            *deeds.not_stored(customers.acknowledged),
            *state.differences(expected, found),
        ]
    told.done.append(f"in all: {_list(killed)}")
    told.differences += [f"no {one}, so this shows nothing" for one in (WORKERS, STOPPED) if not killed[one]]
    return told


def _under_kills(stage: Stage, sent: list[deeds.Deed], killed: Counter[str]) -> deeds.Customers:
    """Customers send all of this, while something is killed again and again; between two of them somebody has to be told."""
    stage.start("web")
    stops, left = 0, max(1, stage.bench.kills - killed.total())
    step = max(1, len(sent) * 3 // (4 * left))
    with deeds.Customers(stage.port, sent) as customers:
        while not customers.all_told:
            before = len(customers.acknowledged)
            stage.until(lambda n=before + step: customers.all_told or len(customers.acknowledged) >= n, "some are told")
            if customers.all_told:
                break
            if len(customers.acknowledged) * 4 > customers.wanted * (1 + stops):
                stage.stop_postgres("immediate")
                stage.bench.postgres.start()
                stops += 1
                killed[STOPPED] += 1
            elif stage.kill_child("web", killed.total()):
                killed[WORKERS] += 1
    return customers


@scenario("kill-the-clock", promises=["P3", "P9"])
def kill_the_clock(stage: Stage) -> Told:
    """The worker, its children and beat are killed in the middle of turns of the clock and of sending letters"""
    expected = clockwork.expected_of(stage, [])
    stage.extra |= SWEEP_ONLY  # so that letters wait for the second half
    stage.start("worker", "beat")
    killed: Counter[str] = Counter()
    ways: list[tuple[str, Callable[[], object]]] = [
        ("worker", lambda: stage.kill("worker")),
        ("child of the worker", lambda: stage.kill_child("worker", sum(killed.values()))),
        ("beat", lambda: stage.kill("beat")),
        ("child of the worker", lambda: stage.kill_child("worker", sum(killed.values()))),
    ]
    for name, kill in ways:
        stage.until(lambda: clockwork.under_way() or not clockwork.undone(stage), "a turn of the clock is under way")
        turn = clockwork.under_way()
        kill()
        in_a_turn = turn is not None and clockwork.under_way() == turn
        killed[f"{name}, {IN_A_TURN}" if in_a_turn else name] += 1
    recovery = stage.until(lambda: not clockwork.undone(stage), "what was due is done")
    stage.stop("worker", "beat")
    stage.extra |= clockwork.CLOCK
    stage.start("worker", "beat")
    for name, kill in ways * 2:
        before = len(stage.post.taken)
        if not clockwork.letters_queued():
            break
        stage.until(
            lambda n=before: len(stage.post.taken) > n + 3 or not _due_letters(), "letters go", seconds=PATIENCE
        )
        kill()
        killed[f"{name}, {WHILE_LETTERS_GO}"] += 1
    stage.stop("worker", "beat")
    clockwork.to_its_end(stage)
    found = state.end_state(stage.world.base)
    twice = sum(n > 1 for n in stage.post.copies().values())
    floor = () if stage.bench.short else (IN_A_TURN, WHILE_LETTERS_GO)
    missed = [when for when in floor if not any(when in name for name in killed)]
    return Told(
        done=[f"worker and beat as processes, beat rings every second; killed: {_list(killed)}"],
        compared=[
            f"the same end ({state.rows(found)} rows): each matter lapsed once; of {len(stage.post.copies())} letters {twice} reached the mail "
            "server twice, each marked and under its one Message-ID, none is missing",
            "letters that a dead sender had leased wait five minutes by the business clock, which goes on by hand",
        ],
        recovery=recovery,
        differences=[
            *(f"nothing was killed {when}, so this shows nothing" for when in missed),
            *state.differences(expected, found),
            *clockwork.doubles(stage),
        ],
    )


PATIENCE = 120.0


def _due_letters() -> bool:
    """Whether a letter can be sent just now: those in dead hands cannot."""
    from entitlements.clock import database_now
    from entitlements.models import Letter

    return Letter.objects.due(database_now()).exists()


def _word(answer: object) -> str:
    status = getattr(answer, "status", 0)
    return f"{status}" if status else "none"


def _list(counted: Counter[str]) -> str:
    return "; ".join(f"{name} {number}×" for name, number in counted.items()) or "nothing"
