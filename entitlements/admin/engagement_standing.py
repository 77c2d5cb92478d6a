"""An engagement as a manager's page finds it: what is booked, what is next, and what may be done with it (E5, E10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.shortcuts import get_object_or_404

from entitlements.access import Visitor, engagements_visible_to
from entitlements.models import BookedSession, Engagement, EngagementState, PolicyEdition, SessionLength
from entitlements.rules.editions import edition_for

State = EngagementState


class Part(NamedTuple):
    """E10: a session of the activity, by the edition that governs the engagement's year."""

    n: int
    name: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Standing:
    """An engagement with its parts and with what is booked or was held, in order, at the moment (UTC) at which it is looked at."""

    engagement: Engagement
    parts: Sequence[Part]
    sessions: Sequence[BookedSession]
    now: datetime

    @classmethod
    def of(cls, reference: str, reader: Visitor, now: datetime) -> Standing:
        """The engagement of a reference, as far as the reader may see it; else 404."""
        related = ("contract__customer", "activity", "year", "requested_by", "decided_by", "ended_by", "counted_by")
        found = engagements_visible_to(reader).select_related(*related, "given_back_by", "advice_accepted_by")
        facts = ("contract__levels", "contract__overrides", "contract__engagements")
        engagement = get_object_or_404(found.prefetch_related(*facts), reference=reference)
        live = engagement.sessions.filter(released_at__isnull=True).select_related("engineer__user")
        parts = known_parts(activity=engagement.activity_id)
        return cls(engagement, parts[edition_of(engagement), engagement.activity_id], list(live.order_by("part")), now)

    @property
    def zone(self) -> ZoneInfo:
        return self.engagement.contract.tz

    @property
    def shown(self) -> dict[str, Any]:
        """What every page about it shows of it, whatever else."""
        engagement = self.engagement
        return {
            "engagement": engagement,
            "contract": engagement.contract,
            "zone": self.zone,
            "reference": engagement.reference,
            "sessions": self.sessions,
        }

    @property
    def ahead(self) -> list[BookedSession]:
        """What is booked and was not held yet."""
        return [one for one in self.sessions if one.held_at is None] if self.is_scheduled else []

    @property
    def unbooked(self) -> Sequence[Part]:
        """The parts that have no time yet."""
        return self.parts[len(self.sessions) :] if self.is_scheduled else []

    @property
    def is_requested(self) -> bool:
        return self.engagement.state == State.REQUESTED and self.now < self.engagement.year.ends_at

    @property
    def is_scheduled(self) -> bool:
        return self.engagement.state == State.SCHEDULED

    @property
    def let_go(self) -> Sequence[BookedSession]:
        """What was booked when it ended."""
        if not self.engagement.came_to_nothing:
            return []
        booked = self.engagement.sessions.without_moved().select_related("engineer__user")
        return [one for one in booked if one.released_at]

    @property
    def next_is_over(self) -> bool:
        return bool(self.ahead) and self.ahead[0].during.upper <= self.now

    @property
    def next_has_begun(self) -> bool:
        return bool(self.ahead) and self.ahead[0].during.lower <= self.now

    @property
    def can_be_counted(self) -> bool:
        """E5: a no-show of the customer that holds no place."""
        stayed_away = self.engagement.state == State.NO_SHOW and self.engagement.ended_side == Engagement.Side.CUSTOMER
        return stayed_away and not self.engagement.counts and not self.engagement.given_back_at

    @property
    def can_be_given_back(self) -> bool:
        """E5: it holds a place by a session that was held, or by a manager's count."""
        engagement = self.engagement
        return engagement.counts and bool(engagement.first_session_held_at or engagement.counted_at)


def edition_of(engagement: Engagement) -> str:
    """E2: the name of the edition that governs the engagement's year."""
    return edition_for(PolicyEdition.objects.facts(), engagement.year.first_day).name


def known_parts(**of: str) -> dict[tuple[str, str], list[Part]]:
    """E10: the sessions of each activity (or of one), by the edition's name and the activity."""
    parts = defaultdict(list)
    rows = SessionLength.objects.filter(**of).order_by("part")
    for edition, activity, n, name, minutes in rows.values_list("edition__name", "activity", "part", "name", "minutes"):
        parts[edition, activity].append(Part(n, name, minutes))
    return parts
