"""Thousands of letters where only so many may go a minute (P18)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

from tests.chaos.post import Taken
from tests.chaos.report import Told, scenario
from tests.chaos.stage import Stage

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

MOST = 5_000
SHARE_URGENT = 5
FREELY = 500
"""So many go without a pace first, to see how many this machine sends."""
SLOWER = 2
"""So many times slower than that the pace is, so that it holds although the machine grows slower meanwhile."""
HELD = 0.9
"""This share of what may go in a minute has to go in one: then it was the pace that kept them back."""
TWIN = 1.25
"""So many minutes' worth go without a pace in the end."""
MINUTES = 2.5
AT_ONCE, SENDERS = 50, 2
"""So many letters a sender has in hand, and how many senders there are."""
PEOPLE = 25
_matters = count()


@scenario("flood", promises=["P18", "P2"], small=True)
def flood(stage: Stage) -> Told:
    """As many letters as go in minutes, by two senders under a pace; those that state a deadline go first"""
    dice, told = Random(stage.bench.seed), Told()
    _write(FREELY, 0, dice)
    freely = _sent(stage, 0)
    freely_a_minute = 60 * FREELY / (freely[-1].at - freely[0].at)
    a_minute = int(min(MOST / MINUTES, freely_a_minute / SLOWER))
    letters = int(MINUTES * a_minute) // 500 * 500 or 500
    early = _write(letters - letters // SHARE_URGENT, letters // (2 * SHARE_URGENT), dice)
    late: list[set[str]] = []
    taken = _sent(stage, a_minute, lambda: late.append(_write(0, letters // (2 * SHARE_URGENT), dice)))
    most = _most_in_a_minute(stage, taken)
    told.differences += _too_many(most, a_minute)
    if most < HELD * a_minute:
        told.differences.append(
            f"no more than {most:,} went within a minute: the pace of {a_minute:,} was not what held them"
        )
    in_the_twin = len(_write(0, int(TWIN * a_minute), dice))
    most_of_twin = _most_in_a_minute(stage, _sent(stage, 0))
    told.twin(f"in which {in_the_twin:,} more go, without a pace", list(_too_many(most_of_twin, a_minute)))
    told.differences += _not_once(stage, FREELY + letters + in_the_twin)
    since = next((n for n, one in enumerate(taken) if one.message_id in late[0]), 0)
    told.differences += _out_of_turn(taken, early, late[0], "written before the others began to go")
    told.differences += _out_of_turn(taken[since:], late[0], early, "written while the others went")
    told.done = [
        f"{FREELY} letters without a pace: {freely_a_minute:,.0f} a minute on this machine; then {letters:,}, of which every fifth states a deadline, half of "
        f"these written while the others went; {SENDERS} senders, {a_minute:,} a minute allowed: {taken[-1].at - taken[0].at:,.0f} s",
    ]  # fmt: skip
    told.compared += [
        f"within any minute no more than {a_minute:,} were handed over, and in one at least {HELD:.0%} of them (the most: {most:,}); "
        "each was taken just once",
        f"those that state a deadline went before all others, but for what the senders had in hand ({SENDERS} × {AT_ONCE})",
    ]  # fmt: skip
    return told


def _sent(stage: Stage, a_minute: int, meanwhile: Any = None) -> list[Taken]:
    """What the mail server took until nothing waited, in its order; `a_minute` 0: without a pace. `meanwhile` is done after a while."""
    from entitlements.models import Letter

    stage.extra |= {"RUNG": "letters", "RINGS": "1", "LETTERS_A_MINUTE": str(a_minute)}
    begun = len(stage.post.taken)
    stage.start("worker", "beat")
    if meanwhile:
        stage.until(lambda: len(stage.post.taken) > begun + FREELY // 2, "some have gone")
        meanwhile()
    stage.until(lambda: not Letter.objects.filter(state="queued").exists(), "all have gone", seconds=900)
    stage.stop("worker", "beat")
    return stage.post.taken[begun:]


def _most_in_a_minute(stage: Stage, taken: list[Taken]) -> int:
    """The most of these that were handed over within any minute, by the database's clock."""
    from entitlements.models import LetterEvent

    of = [one.message_id for one in taken]
    given = LetterEvent.objects.filter(kind="handed_over", at__gte=stage.world.base, letter__message_id__in=of)
    moments, begin, most = sorted(given.values_list("at", flat=True)), 0, 0
    for n, moment in enumerate(moments):
        while moment - moments[begin] >= MINUTE:
            begin += 1
        most = max(most, n - begin + 1)
    return most


def _too_many(most: int, a_minute: int) -> Iterator[str]:
    if most > a_minute:
        yield f"{most:,} were handed over within a minute, where {a_minute:,} may"


def _not_once(stage: Stage, written: int) -> Iterator[str]:
    from entitlements.models import Letter

    copies = stage.post.copies()
    keys = set(Letter.objects.filter(matter__startswith="flood").values_list("message_id", flat=True))
    if len(keys) != written or keys - copies.keys():
        yield f"of {written:,} letters {len(keys):,} were written, and {len(keys - copies.keys()):,} never arrived"
    if twice := [key for key, n in copies.items() if n > 1]:
        yield f"{len(twice)} went twice"


def _write(ordinary: int, urgent: int, dice: Random) -> set[str]:
    """Letters of which each is true for ever. The Message-IDs of those that state a deadline."""
    from django.db import transaction

    from entitlements import notices
    from entitlements.clock import database_now
    from entitlements.models import Letter
    from entitlements.notices import thawed
    from tests import factories as make

    like = Letter.objects.filter(kind="failure_reported").order_by("pk")[0]
    people, now = [make.person() for _ in range(PEOPLE)], database_now()
    matters = [(f"flood-{next(_matters)}", n * PEOPLE < ordinary) for n in range((ordinary + urgent) // PEOPLE)]
    for matter, is_ordinary in matters:
        with transaction.atomic():
            deadline = None if is_ordinary else now + DAY + dice.random() * 30 * DAY
            how: dict[str, Any] = {"deadline": deadline, "urgent": not is_ordinary, "now": now}
            notices.write(like.kind, matter=matter, to=people, context=thawed(like.context), **how)
    told = [matter for matter, is_ordinary in matters if not is_ordinary]
    return set(Letter.objects.filter(matter__in=told).values_list("message_id", flat=True))


def _out_of_turn(taken: list[Taken], these: set[str], also_urgent: set[str], what: str) -> Iterator[str]:
    """Whether more of those that state no deadline went before the last of these than the senders had in hand."""
    last = max((n for n, one in enumerate(taken) if one.message_id in these), default=0)
    others = sum(one.message_id not in these | also_urgent for one in taken[:last])
    if others > SENDERS * AT_ONCE:
        yield f"{others} others went before those that state a deadline, {what}"
