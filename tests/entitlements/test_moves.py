"""To move a request or what is scheduled: a removal and a new booking in one step."""

from __future__ import annotations

from datetime import date

import pytest

from entitlements.actions.engagements import PlannedSession, decline_engagement
from entitlements.actions.moves import move_engagement, move_request, move_sessions
from entitlements.actions.refused import Refused
from entitlements.models import Engagement, Event, Letter
from entitlements.notices import send_due
from tests import factories as make
from tests.factories import DAY, HOUR, NOW, TODAY

pytestmark = pytest.mark.django_db


def move(engagement, **to):
    return move_engagement(**{"engagement": engagement, "by": make.manager(), "now": NOW} | to)


def refused(engagement, **to):
    with pytest.raises(Refused) as refusal:
        move(engagement, **to)
    return refusal.value.refusals[0].code


def ledger(engagement):
    return list(engagement.usage.values_list("kind", "places", "year__n", "day"))


class TestMovingARequest:
    """E5"""

    def test_it_gets_a_new_wished_day(self, requested):
        move(requested, day=TODAY + 20 * DAY)

        requested.refresh_from_db()
        assert requested.day == requested.wished_day == TODAY + 20 * DAY
        assert ledger(requested)[1:] == [("move", 0, 1, TODAY + 20 * DAY)]

    def test_to_another_year_it_takes_its_place_there(self, requested):
        move(requested, day=date(2027, 1, 2))

        assert [line[:3] for line in ledger(requested)] == [("hold", 1, 1), ("release", -1, 1), ("hold", 1, 2)]

    def test_a_full_year_still_has_room_for_a_move_within_it(self):
        contract = make.contract(level="premium")
        engagement = make.request(contract=contract, activity="maturity")

        assert move(engagement, day=TODAY + 30 * DAY).day == TODAY + 30 * DAY

    def test_refused_it_leaves_the_old_day(self):
        contract = make.contract(level="premium")
        make.request(contract=contract, activity="maturity", day=date(2027, 3, 1))
        engagement = make.request(contract=contract, activity="maturity", day=TODAY)

        assert refused(engagement, day=date(2027, 5, 1)) == "cap_used_up"

        engagement.refresh_from_db()
        assert (engagement.day, engagement.year.n, len(ledger(engagement))) == (TODAY, 1, 1)

    @pytest.mark.parametrize(
        ("day", "code"),
        [(TODAY - DAY, "in_the_past"), (date(2028, 1, 1), "outside_term"), (date(2025, 12, 31), "outside_term")],
    )
    def test_it_is_refused_where_a_new_one_would_be(self, day, code, requested):
        assert refused(requested, day=day) == code

    def test_it_must_still_wait(self, requested):
        decline_engagement(engagement=requested, reason="No engineer.", by=make.manager(), now=NOW)

        assert refused(requested, day=TODAY + 30 * DAY) == "already_moved_on"

    def test_it_is_one_line_in_the_log_that_says_from_when_to_when(self, requested):
        move(requested, day=TODAY + DAY)

        line = Event.objects.get(matter=requested.reference, verb="engagement.moved")
        assert line.note == "From June 24, 2026 to June 11, 2026"


class TestWhatTheLogSaysOfAMove:
    """E5: the hours, also where the day stays."""

    def note(self, engagement):
        return Event.objects.get(matter=engagement.reference, verb="engagement.moved").note

    def test_a_wished_hour(self, requested):
        move_request(engagement=requested, day=TODAY + DAY, start=NOW + DAY, by=make.manager(), now=NOW)

        assert self.note(requested) == "From June 24, 2026 to Thu Jun 11, 2026, 10:00 a.m. EDT"

    @pytest.mark.parametrize(
        ("change", "note"),
        [
            (
                {"start": NOW + 14 * DAY + HOUR},
                "Session from Wed Jun 24, 2026, 10:00 a.m. EDT to Wed Jun 24, 2026, 11:00 a.m. EDT",
            ),
            ({"meet_at": "Room 4"}, "Session: where to meet"),
        ],
    )
    def test_a_session(self, scheduled, change, note):
        booked = scheduled.sessions.get()
        planned = PlannedSession(**({"start": booked.during.lower, "engineer": booked.engineer} | change))

        move_sessions(engagement=scheduled, sessions=[planned], by=make.manager(), now=NOW, reason="Their wish.")

        assert self.note(scheduled) == f"{note}. Their wish."
        assert [one.pk for one in scheduled.sessions.without_moved()] == [scheduled.sessions.latest("pk").pk]


class TestMovingWhatIsScheduled:
    """E5, E10, E15"""

    START = NOW + 14 * DAY

    def test_it_counts_on_the_day_of_the_new_time(self, scheduled, engineer):
        moved = move(scheduled, sessions=[PlannedSession(self.START + 3 * DAY, engineer)])

        assert moved.day == (self.START + 3 * DAY).date()
        assert moved.wished_day == self.START.date()

    def test_the_old_time_is_free_again(self, gold, scheduled):
        engineer = scheduled.sessions.get().engineer

        move(scheduled, sessions=[PlannedSession(self.START + DAY, engineer)])

        assert make.scheduled(contract=gold, start=self.START, engineer=engineer)

    def test_it_may_overlap_its_own_old_time(self, scheduled):
        engineer = scheduled.sessions.get().engineer

        assert move(scheduled, sessions=[PlannedSession(self.START + HOUR / 4, engineer)])

    def test_the_letter_replaces_the_event_in_the_calendar(self, scheduled, engineer):
        """N4, M4: the same UID and a raised SEQUENCE, each time."""
        for n in (1, 2):
            move(scheduled, sessions=[PlannedSession(self.START + n * DAY, engineer)])

        first, second = Letter.objects.filter(kind="session_moved", addressee=scheduled.requested_by.email).order_by(
            "pk"
        )
        booked = Letter.objects.filter(kind="session_booked").first()
        texts = [letter.attachments[0][2] for letter in (booked, first, second)]
        assert len({line for text in texts for line in text.splitlines() if line.startswith("UID:")}) == 1
        assert [f"SEQUENCE:{n}" in text for n, text in enumerate(texts)] == [True, True, True]

    def test_moved_back_and_forth_there_is_a_letter_each_time(self, scheduled, engineer):
        for start in (self.START + DAY, self.START, self.START + DAY):
            move(scheduled, sessions=[PlannedSession(start, engineer)])

        assert Letter.objects.filter(kind="session_moved", addressee=scheduled.requested_by.email).count() == 3

    def test_an_engineer_who_is_taken_leaves_all_as_it_was(self, gold, scheduled, engineer):
        make.scheduled(contract=gold, start=self.START + DAY, engineer=engineer)

        assert refused(scheduled, sessions=[PlannedSession(self.START + DAY, engineer)]) == "engineer_taken"

        (session,) = scheduled.sessions.filter(released_at__isnull=True)
        assert (session.during.lower, session.calendar_sequence) == (self.START, 0)

    def test_a_time_that_is_over_is_refused(self, scheduled):
        assert refused(scheduled, sessions=[PlannedSession(NOW - HOUR, make.engineer())]) == "in_the_past"

    def test_a_session_not_named_stays_and_still_comes_after(self, assessment, engineer):
        """E10"""
        assert refused(assessment, sessions=[PlannedSession(self.START + 20 * DAY, engineer)]) == "out_of_order"
        move(assessment, sessions=[PlannedSession(self.START + DAY, engineer)])

        live = assessment.sessions.filter(released_at__isnull=True).order_by("part")
        assert [session.during.lower for session in live] == [self.START + DAY, self.START + 14 * DAY]

    def test_once_the_first_was_held_only_the_follow_up_moves_and_the_day_stays(self, half_held, engineer):
        """E5, E10"""
        to = self.START.replace(year=2027)

        moved = move(half_held, sessions=[PlannedSession(to, engineer)], now=self.START + 3 * HOUR)

        assert (moved.day, moved.year.n) == (self.START.date(), 1)
        assert half_held.sessions.get(part=2, released_at__isnull=True).during.lower == to

    def test_what_is_neither_a_day_nor_a_time_is_no_move(self, requested):
        with pytest.raises(ValueError, match="a wished day or the times"):
            move(requested)


def test_the_letter_says_from_when_to_when(smtp_backend, scheduled):
    """N4"""
    Letter.objects.all().update(due_at=NOW + DAY)
    move(scheduled, sessions=[PlannedSession(NOW + 15 * DAY, make.engineer())])

    send_due(clock=lambda: NOW)

    text = smtp_backend.messages[0].get_body(("plain",)).get_content()
    assert "Thursday, June 25, 2026, 10:00 a.m. Eastern Time" in text
    assert "It was: Wednesday, June 24, 2026, 10:00 a.m. Eastern Time" in text


def test_professional_services_move_without_a_place():
    """E7: not counted, but within E14 and E15."""
    contract = make.contract(level="none")
    engagement = make.request(contract=contract, activity="integration")
    Engagement.objects.filter(pk=engagement.pk).update(ps_reference="PS-1")

    assert move(engagement, day=date(2027, 2, 1)).year.n == 2
    assert [line[:2] for line in ledger(engagement)[1:]] == [("release", 0), ("hold", 0)]
