"""Versions of the product with one guard off, each in a process of its own: what they do has to be seen to be wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from typing import Any

from tests.chaos.clockwork import turn_later
from tests.chaos.day import Errand


def sweeps_without_a_lock(errand: Errand, *, meet: Barrier) -> None:
    """P9: each turn of the clock reads what is due without locking it, and does not look whether another has done it meanwhile."""
    from sla import batches
    from sla.actions import lapses

    def read(job: batches.Job, due: Any) -> list[Any]:
        return list(due[: job.at_once])

    batches._locked = _once_all_have(meet, read, when=lambda job, due: job.name == "drafts lapsed")
    lapses._expect = lambda read, changed: None
    turn_later(errand, later=timedelta())


def sweep_without_halving(errand: Errand) -> None:
    """P19: a batch of which a row cannot be done is given up."""
    from sla import batches

    def give_up(turn: Any, failure: Exception) -> None:
        raise failure

    batches._Turn._apart = give_up  # type: ignore[assignment]
    turn_later(errand, later=timedelta())


def send_without_a_lease(errand: Errand, *, meet: Barrier) -> None:
    """P16: each sender takes what is due without taking it from the others, and asks nobody whether a letter is still its own."""
    from entitlements import notices
    from entitlements.clock import database_now
    from entitlements.models import Letter
    from entitlements.models.letters import IN_TURN
    from entitlements.notices import sending
    from entitlements.notices.notes import Noted

    def not_taken(now: Any, until: Any, limit: int) -> list[Letter]:
        return list(Letter.objects.due(now).select_related("person").order_by(*IN_TURN)[:limit])

    note = sending.note
    sending._lease = _once_all_have(meet, not_taken)
    sending.note = lambda one, going, host: note(one, None, host) if one else Noted(True, None)  # type: ignore[assignment]
    sending._Turn._make = _made_and_not_kept  # type: ignore[method-assign]
    notices.send_due(clock=database_now)


def _made_and_not_kept(turn: Any, letter: Any) -> None:
    from entitlements.notices import rendering

    rendering.make(letter, turn.now)


def _once_all_have(
    meet: Barrier, read: Callable[..., Sequence[Any]], when: Callable[..., bool] = lambda *given: True
) -> Callable[..., Any]:
    """Whoever has read waits, the first time that there is anything, until all have."""
    waited = False

    def reading(*given: Any) -> Sequence[Any]:
        nonlocal waited
        found = read(*given)
        if found and not waited and when(*given):
            waited = True
            meet.wait()
        return found

    return reading
