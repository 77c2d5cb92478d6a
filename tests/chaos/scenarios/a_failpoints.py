"""A process dies at each named place in turn (P2), and what is found there is gone on with."""

from __future__ import annotations

import time
from datetime import timedelta

from entitlements.failpoints import POINTS
from tests.chaos import state
from tests.chaos.day import DIED, in_a_process, whole_day
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage

OFTEN = ("sweep.claimed", "sweep.done", "sweep.committed", "letter.made", "letter.going", "letter.sent", "letter.noted")
DEATHS = [*POINTS, *(f"{point}:2" for point in OFTEN)]

LATER = timedelta(minutes=6)
"""By then the lease of a sender that died is over (entitlements/notices/sending.py)."""


@scenario("fail-points", promises=["P2", "P16"], short=True, small=True)
def fail_points(stage: Stage) -> Told:
    """A process dies as by kill -9 at each named place in turn, and another goes on"""
    deaths = DEATHS[: len(POINTS)] if stage.bench.short else DEATHS
    expected, copies = _played(stage, "")
    told = Told(
        done=[
            f"{len(deaths)} deaths at {len(POINTS)} places, those of the clock and of letters also the second time that one is come to: a process sends claims by their page, "
            "approves a credit and a line of the ledger, asks for sessions and books them, turns the clock and sends the letters, and dies "
            "there (exit code 137); another does all of it again, six minutes later",
        ],
        compared=[f"the same end each time ({state.rows(expected)} rows); each letter taken once by the mail server, but for the one that "
                  "was on its way when the sender died: that is marked in its row, and has the same Message-ID"],
    )  # fmt: skip
    assert all(n == 1 for n in copies.values())
    longest = 0.0
    for death in deaths:
        begun = time.monotonic()
        found, copies = _played(stage, death)
        longest = max(longest, time.monotonic() - begun)
        told.differences += [f"{death}: {one}" for one in state.differences(expected, found)]
        told.differences += [f"{death}: {one}" for one in _of_letters(copies, death)]
    told.recovery = longest
    return told


def _played(stage: Stage, failpoint: str) -> tuple[state.State, dict[str, int]]:
    """The end of a day in which the first process died there, and how often the mail server took each letter."""
    stage.begin_again()
    code = in_a_process(whole_day, stage.errand(), failpoint=failpoint)
    assert code == (DIED if failpoint else 0), f"{failpoint}: exit code {code}"
    assert in_a_process(whole_day, stage.errand(), later=LATER) == 0
    return state.end_state(stage.world.base), stage.post.copies()


def _of_letters(copies: dict[str, int], death: str) -> list[str]:
    """What is wrong with how often the mail server took each."""
    from entitlements.models import Letter

    twice = {key for key, n in copies.items() if n > 1}
    marked = set(Letter.objects.filter(may_have_gone_twice=True).values_list("message_id", flat=True))
    wrong = [f"{key} went twice, and is not marked" for key in twice - marked]
    if twice and not death.startswith("letter.sent"):
        wrong.append(f"{len(twice)} letters went twice, though the mail server's answer was on record")
    if len(marked) > 1:
        wrong.append(f"{len(marked)} letters are marked as gone twice, and one sender died")
    return wrong
