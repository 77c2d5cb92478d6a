"""Sessions that have to go to colleagues, and who is free for each (E15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entitlements.free_time import time_of, with_time
from entitlements.models import BookedSession, Engineer
from entitlements.rules.free_slots import EngineerTime, refusals_against
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span


@dataclass(frozen=True, slots=True)
class HandOver:
    """A session, the colleagues who are free for it, and what stands against the stand-in, if one was named."""

    session: BookedSession
    free: tuple[Engineer, ...]
    stand_in: Engineer | None
    against: tuple[Refusal, ...]

    @property
    def suggested(self) -> int | None:
        """The stand-in, if free."""
        return self.stand_in.pk if self.stand_in and self.stand_in in self.free else None


def hand_overs(engineer: Engineer, sessions: Sequence[BookedSession], stand_in: Engineer | None) -> list[HandOver]:
    """Who could take over each session; a constant number of queries."""
    if not sessions:
        return []
    whole = Span(min(one.during.lower for one in sessions), max(one.during.upper for one in sessions))
    colleagues = with_time(Engineer.objects.taking().exclude(pk=engineer.pk), whole)
    times = [(one, time_of(one)) for one in colleagues]
    return [_hand_over(session, times, stand_in) for session in sessions]


def _hand_over(
    session: BookedSession, times: Sequence[tuple[Engineer, EngineerTime]], stand_in: Engineer | None
) -> HandOver:
    span = Span(session.during.lower, session.during.upper)
    against = {one: refusals_against(time, activity=session.engagement.activity_id, span=span) for one, time in times}
    free = tuple(one for one in against if not against[one])
    return HandOver(session, free, stand_in, against.get(stand_in, ()) if stand_in else ())
