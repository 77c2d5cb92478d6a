"""To choose other times: for a request that waits, or for the sessions that are booked (E5, E10, E15)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from entitlements.forms.times import TimesForm, another_day_field, instant_of, time_field
from entitlements.free_time import FreeTime, free_times
from entitlements.models import BookedSession, Engagement
from entitlements.offers import NOTICE, next_starts
from entitlements.rules.days import local_day
from entitlements.rules.spans import Span
from entitlements.wording import moment_in_words


class MoveForm(TimesForm):
    """The times that are free for an engagement, from tomorrow on."""

    def __init__(self, *args: Any, engagement: Engagement, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, own_zone=engagement.contract.tz, earliest=now + NOTICE, **kwargs)
        self.engagement = engagement

    def list_times(self, name: str, length: timedelta, otherwise: str) -> None:
        """Make a field a list of the next free times of this length, and keep the one that was chosen."""
        starts = next_starts(self.engagement.activity_id, length, self.start_of_list, self.read_in, self.part)
        chosen = self.chosen(name)
        self.offer_times(name, [*starts, *([chosen] if chosen else [])], otherwise)

    def free_at(self, name: str, length: timedelta) -> FreeTime | None:
        """The free time chosen in a field; an error that names it if it has gone, None if none was chosen."""
        start = instant_of(self.cleaned_data.get(name) or "")
        if start is None:
            return None
        span = Span(start, start + length)
        found = free_times(self.engagement.activity_id, length=length, within=span, limit=1)
        if not found:
            self.has_gone(name, start)
        return found[0] if found else None


class MoveRequestForm(MoveForm):
    """E5: another time or day for a request that waits."""

    wished_start = time_field("The next free times")
    wished_day = another_day_field()

    def __init__(self, *args: Any, length: timedelta, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.length = length
        self.list_times("wished_start", length, "None of these")

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        found = self.free_at("wished_start", self.length)
        answers["wished_start"] = found.start if found else None
        if found:
            answers["wished_day"] = local_day(found.start, self.own_zone)
        elif not answers.get("wished_day") and not self.errors:
            self.add_error("wished_day", "Choose a time, or give the day that you wish for, such as 2026-11-30.")
        return answers


class MoveSessionsForm(MoveForm):
    """E10, E15: other times for the sessions that lie ahead; each may stay where it is."""

    def __init__(self, *args: Any, sessions: Sequence[BookedSession], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sessions = sessions
        for session in sessions:
            name = f"part_{session.part}"
            stays = f"Stays: {moment_in_words(session.during.lower, self.read_in, seconds=False)}"
            self.fields[name] = time_field(
                f"Part {session.part}: another time" if len(sessions) > 1 else "Another time"
            )
            self.list_times(name, session.during.upper - session.during.lower, stays)
        self.chosen_times: dict[int, FreeTime] = {}

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        for session in self.sessions:
            found = self.free_at(f"part_{session.part}", session.during.upper - session.during.lower)
            if found:
                self.chosen_times[session.part] = found
        if not self.chosen_times and not self.errors:
            self.add_error(f"part_{self.sessions[0].part}", "Choose another time, or go back to keep the one you have.")
        return answers
