"""An engagement as a manager's page finds it: what is booked, what is next, and what may be done with it (E5, E10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
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


@dataclass(frozen=True)
class Standing:
    """An engagement, and the moment (UTC) at which it is looked at."""

    engagement: Engagement
    now: datetime

    @classmethod
    def of(cls, reference: str, reader: Visitor, now: datetime) -> Standing:
        """The engagement of a reference, as far as the reader may see it; else 404."""
        related = ("contract__customer", "activity", "year", "requested_by", "decided_by", "ended_by", "counted_by")
        found = engagements_visible_to(reader).select_related(*related, "given_back_by", "advice_accepted_by")
        facts = ("contract__levels", "contract__overrides", "contract__engagements")
        return cls(get_object_or_404(found.prefetch_related(*facts), reference=reference), now)

    @property
    def zone(self) -> ZoneInfo:
        return self.engagement.contract.tz

    @cached_property
    def parts(self) -> list[Part]:
        edition = edition_for(PolicyEdition.objects.facts(), self.engagement.year.first_day)
        rows = SessionLength.objects.filter(edition__name=edition.name, activity=self.engagement.activity_id)
        return [Part(*row) for row in rows.order_by("part").values_list("part", "name", "minutes")]

    @cached_property
    def sessions(self) -> list[BookedSession]:
        """What is booked or was held, in order."""
        live = self.engagement.sessions.filter(released_at__isnull=True).select_related("engineer__user")
        return list(live.order_by("part"))

    @property
    def ahead(self) -> list[BookedSession]:
        """What is booked and was not held yet."""
        return [one for one in self.sessions if one.held_at is None] if self.is_scheduled else []

    @property
    def unbooked(self) -> list[Part]:
        """The parts that have no time yet."""
        return self.parts[len(self.sessions) :] if self.is_scheduled else []

    @property
    def is_requested(self) -> bool:
        return self.engagement.state == State.REQUESTED and self.now < self.engagement.year.ends_at

    @property
    def is_scheduled(self) -> bool:
        return self.engagement.state == State.SCHEDULED

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
