"""What the scenarios with real processes ask of the clock's work, and how they see it to its end."""

from __future__ import annotations

from datetime import timedelta

from tests.chaos import deeds, state
from tests.chaos.day import Errand, in_a_process, turn
from tests.chaos.stage import Stage

LATER = timedelta(minutes=6)

CLOCK = {"RUNG": "sweep,letters", "RINGS": "1"}
"""What beat rings for here: the sweep and the letters alone, each second."""


def undone(stage: Stage) -> int:
    """How many of the matters that were due have not been done."""
    from sla.models import Claim

    return Claim.objects.filter(reference__in=stage.world.due, state="draft").count()


def under_way() -> int | None:
    """The key of the newest turn of the clock, if it has begun and not ended."""
    from entitlements.models import SweepRun

    newest = SweepRun.objects.order_by("-pk").first()
    return newest.pk if newest and newest.ended_at is None else None


def turns() -> int:
    """How many turns of the clock have ended."""
    from entitlements.models import SweepRun

    return SweepRun.objects.filter(ended_at__isnull=False).count()


def letters_queued() -> int:
    from entitlements.models import Letter

    return Letter.objects.filter(state="queued").count()


def to_its_end(stage: Stage) -> None:
    """The business clock goes on until the leases of dead senders, and the pauses after their failures, are over: what is left is done."""
    for n in range(1, 8):
        assert in_a_process(turn_later, stage.errand(), later=n * LATER) == 0
        if not letters_queued() and not undone(stage):
            return


def turn_later(errand: Errand, *, later: timedelta) -> None:
    from entitlements.clock import database_now

    turn(errand, database_now() + later)


def undisturbed(errand: Errand, *, sent: list[deeds.Deed]) -> None:
    """The same day, in which nothing goes wrong."""
    deeds.sent_here(sent)
    turn_later(errand, later=timedelta())


def expected_of(stage: Stage, sent: list[deeds.Deed]) -> state.State:
    """The end of an undisturbed run of the stage's ground; the stage begins again after it."""
    assert in_a_process(undisturbed, stage.errand(), sent=sent) == 0
    to_its_end(stage)
    found = state.end_state(stage.world.base)
    stage.begin_again()
    return found


def doubles(stage: Stage) -> list[str]:
    """Letters that the mail server has twice and that are not marked, or never, though they count as accepted."""
    from entitlements.models import Letter

    copies = stage.post.copies()
    marked = set(Letter.objects.filter(may_have_gone_twice=True).values_list("message_id", flat=True))
    written = Letter.objects.filter(written_at__gte=stage.world.base, state="accepted")
    accepted = set(written.values_list("message_id", flat=True))
    wrong = [f"{key} went {n} times, and is not marked" for key, n in copies.items() if n > 1 and key not in marked]
    return wrong + [f"{key} counts as accepted, and the mail server has not got it" for key in accepted - copies.keys()]
