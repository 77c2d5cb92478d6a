"""E15: what the database holds of an engineer's time, whoever books, and what the refusals say."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.refused import Refused
from entitlements.free_time import free_times, next_free_times, time_of, times_of
from entitlements.models import BookedSession, Engineer, Leave, WorkingHours
from entitlements.rules.free_slots import is_free
from entitlements.rules.spans import Span
from entitlements.server_zones import SAME_CLOCK
from tests import factories as make
from tests.factories import DAY, HOUR, NOW, OFFICE

pytestmark = pytest.mark.django_db
HALF = timedelta(minutes=30)
ALWAYS = date(2020, 1, 1)


def at_the_end_of_the_transaction():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def works_through(engineer, span):
    with connection.cursor() as cursor:
        cursor.execute("SELECT works_through(%s, tstzrange(%s, %s))", [engineer.pk, span.start, span.end])
        return cursor.fetchone()[0]


def random_hours(dice, engineer, weekday, night):
    """From any minute to any later one, early rather than late, and for ever or to a day of the times asked."""
    begins, length = dice.randrange(600), dice.randrange(300, 840)
    last = dice.choice([None, night.date() + 2 * DAY])
    return WorkingHours(
        engineer=engineer, days=DateRange(ALWAYS, last), weekday=weekday, minutes=(begins, begins + length)
    )


def random_span(dice, night):
    start = night + timedelta(minutes=dice.randrange(2 * 1440), seconds=dice.choice([0, 0, 30]))
    return Span(start, start + dice.choice([timedelta(seconds=30), HALF, HOUR, 3 * HOUR]))


def refusal_of(**booking):
    with pytest.raises(Refused) as refused:
        make.scheduled(**booking)
    return refused.value.refusals[0]


class TestWhatTheDatabaseRefuses:
    """Past every action: a row that breaks E15 does not come in, and nothing takes the time from under one that is there."""

    def test_a_session_outside_working_hours(self):
        with pytest.raises(IntegrityError, match="no_session_outside_working_hours"):
            row(make.engineer(week=[OFFICE]), NOW + 12 * HOUR)

    def test_a_session_that_runs_over_the_end_of_the_hours(self):
        with pytest.raises(IntegrityError, match="no_session_outside_working_hours"):
            row(make.engineer(week=[OFFICE]), NOW + 7 * HOUR - timedelta(minutes=29))

    def test_a_session_on_leave(self, engineer):
        make.leave(engineer=engineer, start=NOW + DAY + HALF - timedelta(seconds=1))

        with pytest.raises(IntegrityError, match="no_session_on_leave"):
            row(engineer, NOW + DAY)

    def test_a_session_moved_into_leave(self, engineer):
        session = row(engineer, NOW)
        make.leave(engineer=engineer)

        with pytest.raises(IntegrityError, match="no_session_on_leave"):
            BookedSession.objects.filter(pk=session.pk).update(during=(NOW + 2 * DAY, NOW + 2 * DAY + HOUR))

    def test_a_session_taken_up_again(self, engineer):
        session = row(engineer, NOW + 2 * DAY, released_at=NOW)
        make.leave(engineer=engineer)

        with pytest.raises(IntegrityError, match="no_session_on_leave"):
            BookedSession.objects.filter(pk=session.pk).update(released_at=None)

    def test_leave_over_a_session(self, engineer):
        row(engineer, NOW + 2 * DAY)

        with pytest.raises(IntegrityError, match="no_leave_over_booked_sessions"):
            make.leave(engineer=engineer)

    def test_hours_taken_from_under_a_session(self, engineer):
        row(engineer, NOW + 2 * DAY)
        engineer.hours.all().delete()

        with pytest.raises(IntegrityError, match="no_session_outside_working_hours"):
            at_the_end_of_the_transaction()

    def test_a_zone_in_which_a_session_lies_at_night(self):
        engineer = make.engineer(week=[OFFICE])
        row(engineer, NOW)
        Engineer.objects.filter(pk=engineer.pk).update(zone="Asia/Tokyo")

        with pytest.raises(IntegrityError, match="no_session_outside_working_hours"):
            at_the_end_of_the_transaction()


class TestWhatTheDatabaseLetsThrough:
    def test_sessions_that_touch_leave_and_the_ends_of_the_hours(self):
        engineer = make.engineer(week=[OFFICE])
        make.leave(engineer=engineer, start=NOW, length=HOUR)

        for start in (NOW - HOUR, NOW - HALF, NOW + HOUR, NOW + 7 * HOUR - HALF):
            row(engineer, start)

        assert engineer.sessions.count() == 4

    def test_leave_over_what_was_held_or_released(self, engineer):
        row(engineer, NOW + 2 * DAY, held_at=NOW)
        row(engineer, NOW + 3 * DAY, released_at=NOW)

        make.leave(engineer=engineer)

        assert engineer.leaves.standing().count() == 1

    def test_a_booking_where_leave_was_taken_back(self, engineer):
        leave = make.leave(engineer=engineer)
        Leave.objects.filter(pk=leave.pk).update(taken_back_at=NOW, taken_back_by=make.manager())

        row(engineer, NOW + 2 * DAY)

        assert engineer.sessions.count() == 1

    def test_hours_exchanged_within_one_transaction(self, engineer):
        row(engineer, NOW + 2 * DAY)
        engineer.hours.all().delete()
        WorkingHours.objects.create(engineer=engineer, days=(ALWAYS, None), weekday=4, minutes=(600, 720))

        at_the_end_of_the_transaction()

        assert engineer.hours.count() == engineer.sessions.count() == 1

    def test_a_session_is_marked_as_held_whatever_the_hours_are_by_now(self, engineer):
        session = row(engineer, NOW, held_at=NOW)
        engineer.hours.all().delete()

        session.save()
        at_the_end_of_the_transaction()

        assert not engineer.hours.exists()
        assert engineer.sessions.get().held_at == NOW


class TestRowsThatCannotBe:
    @pytest.mark.parametrize(
        ("fields", "constraint"),
        [
            ({"minutes": (60, 120)}, "no_working_hours_twice_at_one_time"),
            ({"minutes": (600, 1441)}, "working_hours_lie_within_a_day"),
            ({"minutes": (600, None)}, "working_hours_lie_within_a_day"),
            ({"minutes": (600, 600)}, "working_hours_lie_within_a_day"),
            ({"days": (None, date(2026, 1, 1))}, "working_hours_have_a_first_day"),
            ({"weekday": 7}, "a_week_has_seven_days"),
        ],
    )
    def test_of_working_hours(self, fields, constraint):
        engineer = make.engineer(week=[([0], 0, 2)])

        with pytest.raises(IntegrityError, match=constraint):
            engineer.hours.create(**{"days": (ALWAYS, None), "weekday": 0, "minutes": (600, 660)} | fields)

    @pytest.mark.parametrize(
        ("fields", "constraint"),
        [
            ({"start": NOW + 2 * DAY}, "no_engineer_is_on_leave_twice_at_one_time"),
            ({"reason": ""}, "a_leave_says_why"),
            ({"length": timedelta()}, "a_leave_begins_and_ends"),
        ],
    )
    def test_of_leave(self, fields, constraint, engineer):
        make.leave(engineer=engineer)

        with pytest.raises(IntegrityError, match=constraint):
            make.leave(engineer=engineer, **{"start": NOW + 30 * DAY} | fields)

    def test_nobody_stands_in_for_themselves(self, engineer):
        with pytest.raises(IntegrityError, match="nobody_stands_in_for_themselves"):
            make.leave(engineer=engineer, stand_in=engineer)


class TestWhatARefusalSays:
    """Why, and what to do: with the engineer's next free time in the contract's zone."""

    def test_outside_working_hours(self):
        refusal = refusal_of(engineer=make.engineer(name="Lars Holm", week=[OFFICE]), start=NOW + 10 * HOUR)

        assert (refusal.clause, refusal.code) == ("E15", "outside_working_hours")
        assert str(refusal) == (
            "Lars Holm does not work at that time. Choose another time or another engineer. "
            "Lars Holm is free on Thursday, June 11, 2026, 9:00 a.m. Eastern Time (EDT, UTC−4)."
        )

    def test_on_leave(self):
        engineer = make.engineer(name="Lars Holm")
        make.leave(engineer=engineer, length=DAY)

        refusal = refusal_of(engineer=engineer, start=NOW + DAY + HOUR)

        assert refusal.code == "on_leave"
        assert "Lars Holm is free on Friday, June 12, 2026, 10:00 a.m." in refusal.what_helps

    def test_taken_and_never_free_again(self):
        engineer = make.engineer(week=[([3], 9, 17)])
        engineer.hours.update(days=(ALWAYS, date(2026, 6, 12)))
        make.scheduled(engineer=engineer, start=NOW + DAY + 6.5 * HOUR)

        refusal = refusal_of(engineer=engineer, start=NOW + DAY + 6.5 * HOUR)

        assert (refusal.code, refusal.what_helps) == ("engineer_taken", "Choose another time or another engineer.")

    def test_without_the_skill(self):
        assert refusal_of(engineer=make.engineer(skills=["roadmap"])).code == "lacks_the_skill"

    def test_who_takes_no_more(self, engineer):
        Engineer.objects.update(is_active=False)

        assert refusal_of(engineer=engineer).code == "takes_no_more"


class TestTheDatabaseAndTheRule:
    """The trigger's working hours are the rule's."""

    NIGHTS = (
        ("America/New_York", datetime(2026, 3, 8, 4, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 1, 3, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 12, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 6, 7, 16, tzinfo=UTC)),
        *((name, datetime(2026, 6, 7, 20, tzinfo=UTC)) for name in SAME_CLOCK),
    )

    @pytest.mark.parametrize(("zone", "night"), NIGHTS)
    def test_agree_over_every_night(self, zone, night):
        engineer = make.engineer(zone=zone, week=[(range(7), 1, 2), ([6], 2, 5), ([0, 5], 22, 24)])
        spans = [
            Span(night + n * HALF, night + n * HALF + length) for n in range(24) for length in (HALF, HOUR, 4 * HOUR)
        ]

        (facts,) = times_of(Engineer.objects.all(), Span(night - DAY, night + 3 * DAY))

        allowed = [is_free(facts, activity="integration", span=span) for span in spans]
        assert allowed == [works_through(engineer, span) for span in spans]
        assert 0 < sum(allowed) < len(allowed)

    @pytest.mark.parametrize("seed", range(4))
    def test_agree_on_random_hours_and_times(self, seed):
        """Also where a time begins within a minute, and where hours have a last day."""
        dice = random.Random(seed)
        zone, night = dice.choice(self.NIGHTS)
        engineer = make.engineer(zone=zone, week=())
        WorkingHours.objects.bulk_create(random_hours(dice, engineer, weekday, night) for weekday in range(7))
        spans = [random_span(dice, night) for _ in range(80)]

        (facts,) = times_of(Engineer.objects.all(), Span(night - DAY, night + 4 * DAY))

        allowed = [is_free(facts, activity="integration", span=span) for span in spans]
        assert allowed == [works_through(engineer, span) for span in spans]
        assert 0 < sum(allowed) < len(allowed)


class TestFreeTimes:
    def test_are_of_everybody_who_can_and_takes_engagements(self):
        anna, bert = make.engineer(name="Anna", week=[OFFICE]), make.engineer(name="Bert", week=[OFFICE])
        make.engineer(skills=["roadmap"])
        gone = make.engineer()
        Engineer.objects.filter(pk=gone.pk).update(is_active=False)
        make.scheduled(engineer=bert, start=NOW + DAY)

        found = next_free_times("integration", length=HALF, after=NOW + DAY, count=2)

        assert [(one.start, one.engineers) for one in found] == [(NOW + DAY, (anna,)), (NOW + DAY + HALF, (anna, bert))]

    def test_are_those_of_the_named_engineers(self):
        anna, _ = make.engineer(), make.engineer()

        (first,) = next_free_times(
            "integration", length=HOUR, after=NOW, count=1, engineers=Engineer.objects.filter(pk=anna.pk)
        )

        assert first.engineers == (anna,)

    def test_see_all_that_touches_the_span(self, engineer):
        make.leave(engineer=engineer, start=NOW - DAY, length=DAY + HOUR)
        make.scheduled(engineer=engineer, start=NOW + 2 * HOUR - timedelta(minutes=15))

        found = free_times("integration", length=HALF, within=Span(NOW, NOW + 3 * HOUR))

        assert [one.start - NOW for one in found] == [HOUR, 2.5 * HOUR]

    def test_ask_a_constant_number_of_queries(self, django_assert_num_queries):
        for n in range(4):
            engineer = make.engineer(week=[OFFICE])
            make.scheduled(engineer=engineer, start=NOW + DAY)
            make.leave(engineer=engineer, start=NOW + 3 * DAY + n * HOUR)

        with django_assert_num_queries(5):
            free_times("integration", length=HALF, within=Span(NOW, NOW + 20 * DAY))

    def test_an_engineer_alone_is_read_whole(self):
        engineer = make.engineer(zone="Asia/Tokyo", skills=["roadmap"], week=[OFFICE])
        make.leave(engineer=engineer)

        facts = time_of(engineer)

        assert (facts.zone, facts.skills) == (ZoneInfo("Asia/Tokyo"), {"roadmap"})
        assert (len(facts.hours), facts.leave) == (5, (Span(NOW + DAY, NOW + 8 * DAY),))


def row(engineer, start, **fields):
    """A session of half an hour as a row, past all actions."""
    with transaction.atomic():
        return BookedSession.objects.create(
            engagement=make.request(), engineer=engineer, during=(start, start + HALF), calendar_uid="x", **fields
        )
