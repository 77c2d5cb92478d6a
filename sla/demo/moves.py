"""What became of engagements that did not go as planned: no-shows of both sides, one moved, one given back, one beyond the cap;
and those of the last working day, of which nobody has said yet what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import NamedTuple

from entitlements.actions import engagements as book
from entitlements.actions import moves, no_shows
from entitlements.free_time import free_times
from entitlements.models import Activity, Engagement, PolicyEdition
from entitlements.rules.spans import Span
from sla.demo.cast import Cast
from sla.demo.scene import Scene, moment


class ToldMove(NamedTuple):
    """An engagement scheduled so many days ago (negative: ahead) at an hour (UTC), and what became of it."""

    firm: str
    activity: str
    planned: int
    hour: int
    became: str
    ps_reference: str = ""


BOTH_PARTS = "both parts not noted yet"
MOVES = (
    ToldMove("outfitters", "integration", 12, 14, "customer stayed away"),
    ToldMove("copper", "maturity", 9, 14, "counted"),
    ToldMove("lakeside", "roadmap", 7, 16, "we stayed away"),
    ToldMove("maple", "product_feature", 16, 14, "given back"),
    ToldMove("alpenbahn", "roadmap", -6, 14, "moved"),
    ToldMove("thames", "roadmap", -8, 16, "scheduled", "PS-2207"),
    ToldMove("sagar", "product_feature", 1, 14, "not noted yet"),
    ToldMove("kiwi", "product_feature", 1, 15, "not noted yet"),
    ToldMove("orchid", "automation_ideation", 1, 16, "not noted yet"),
    ToldMove("lakeside", "incident_lifecycle", 1, 17, "not noted yet"),
    ToldMove("maple", "incident_lifecycle", 1, 13, BOTH_PARTS),
)


def scenes(cast: Cast, now: datetime) -> Iterator[Scene]:
    for told in MOVES:
        yield from _Story(cast, now, told).scenes()


@dataclass
class _Story:
    cast: Cast
    now: datetime
    told: ToldMove
    engagement: Engagement | None = None

    @property
    def planned(self) -> datetime:
        day = self.now.date() - timedelta(days=self.told.planned)
        return datetime.combine(_working_day(day, back=self.told.planned > 0), time(self.told.hour), self.now.tzinfo)

    def scenes(self) -> Iterator[Scene]:
        asked = moment(self.now, max(self.told.planned, 0) + 14)
        booked = asked + timedelta(hours=6)
        yield Scene(asked, partial(self.request, asked))
        yield Scene(booked, partial(self.schedule, booked))
        after = booked + timedelta(hours=1) if self.told.planned < 0 else self.planned + timedelta(hours=2)
        for n, act in enumerate(self.acts()):
            at = after + n * timedelta(hours=1)
            yield Scene(at, partial(act, at))

    def acts(self) -> list[Callable[[datetime], object]]:
        acts: dict[str, list[Callable[[datetime], object]]] = {
            "customer stayed away": [partial(self.stay_away, "customer")],
            "counted": [partial(self.stay_away, "customer"), self.count],
            "we stayed away": [partial(self.stay_away, "vendor")],
            "given back": [self.hold, self.give_back],
            "moved": [self.move],
            "scheduled": [],
            "not noted yet": [],
            BOTH_PARTS: [],
        }
        return acts[self.told.became]

    def request(self, at: datetime) -> None:
        self.engagement = book.request_engagement(
            contract=self.cast.contracts[self.told.firm],
            activity=Activity.objects.get(pk=self.told.activity),
            wished_day=self.planned.astimezone(self.cast.contracts[self.told.firm].tz).date(),
            topic="Agreed by telephone.",
            advice_wording=PolicyEdition.objects.published().latest("valid_from").advice_wording,
            ps_reference=self.told.ps_reference,
            accepted_by=self.cast.owners[self.told.firm],
            by=self.cast.manager,
            now=at,
        )

    def schedule(self, at: datetime) -> None:
        starts = [self.planned, self.planned + timedelta(hours=2)] if self.told.became == BOTH_PARTS else [self.planned]
        sessions = [self._with_who_is_free(start) for start in starts]
        book.schedule_engagement(engagement=self.it, sessions=sessions, by=self.cast.manager, now=at)

    def stay_away(self, side: str, at: datetime) -> None:
        note = "Nobody was in the room." if side == "customer" else "Our engineer missed the train."
        no_shows.note_no_show(engagement=self.it, side=side, note=note, by=self.cast.manager, now=at)

    def count(self, at: datetime) -> None:
        reason = "The third time without a word."
        no_shows.count_no_show(engagement=self.it, reason=reason, by=self.cast.approver, now=at)

    def hold(self, at: datetime) -> None:
        book.hold_session(session=self.it.sessions.get(), by=self.cast.manager, now=at)

    def give_back(self, at: datetime) -> None:
        reason = "The line was so bad that half of it was lost."
        no_shows.give_back(engagement=self.it, reason=reason, by=self.cast.approver, now=at)

    def move(self, at: datetime) -> None:
        later = self.planned + timedelta(days=2)
        session = self._with_who_is_free(datetime.combine(_working_day(later.date()), later.timetz()))
        reason = "The customer's change freeze."
        moves.move_sessions(engagement=self.it, sessions=[session], reason=reason, by=self.cast.manager, now=at)

    def _with_who_is_free(self, start: datetime) -> book.PlannedSession:
        span = Span(start, start + timedelta(hours=1))
        return book.PlannedSession(
            start, free_times(self.told.activity, length=span.length, within=span)[0].engineers[0]
        )

    @property
    def it(self) -> Engagement:
        assert self.engagement is not None
        return self.engagement


def _working_day(day: date, *, back: bool = False) -> date:
    """The day, or where it is of a weekend the nearest working day before or after it."""
    while day.weekday() >= 5:
        day += timedelta(days=-1 if back else 1)
    return day
