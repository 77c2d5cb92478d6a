from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from entitlements.rules.reminders import LADDERS, due_reminder
from tests.entitlements.rules.builders import HAVANA, NEW_YORK, utc

MICROSECOND = timedelta(microseconds=1)
DEADLINE = utc("2026-06-17T04:00:00")  # midnight in New York
OPENED = utc("2026-06-01T15:00:00")


def ask(now, matter="claim", deadline=DEADLINE, zone=NEW_YORK, opened=OPENED, sent=(), active=True):
    now = utc(now) if isinstance(now, str) else now
    return due_reminder(matter, deadline, zone, now, opened, sent, active)


class TestWhatWasMissed:
    """T1, T3: the points that a late clock passed over, with the instants at which they were due."""

    SEVEN, THREE = ("7d", utc("2026-06-10T04:00:00")), ("3d", utc("2026-06-14T04:00:00"))
    ONE, HOURS = ("1d", utc("2026-06-16T04:00:00")), ("4h", utc("2026-06-17T00:00:00"))

    def test_on_time_is_nothing(self):
        assert ask("2026-06-10T03:59:59").missed == ask("2026-06-10T04:00:00").missed == ()

    def test_is_what_a_later_point_skips(self):
        late = ask("2026-06-16T05:00:00")

        assert (late.send, late.missed) == ("1d", (self.SEVEN, self.THREE))

    def test_is_nothing_that_was_sent(self):
        assert ask("2026-06-16T05:00:00", sent=["3d"]).missed == (self.SEVEN,)

    @pytest.mark.parametrize(("opened", "missed"), [(0, (THREE,)), (1, ())])
    def test_is_nothing_from_before_the_matter_was_opened(self, opened, missed):
        opened = self.THREE[1] + opened * MICROSECOND

        assert ask("2026-06-16T05:00:00", opened=opened).missed == missed

    def test_has_its_instants_by_the_clock_of_the_contract(self):
        """In New York the clocks are set back between the point and the deadline."""
        late = ask("2026-11-03T06:00:00", deadline=utc("2026-11-04T05:00:00"), opened=utc("2026-10-30T00:00:00"))

        assert late.missed == (("3d", utc("2026-11-01T04:00:00")),)

    def test_at_the_deadline_is_all_that_was_not_sent(self):
        assert ask(DEADLINE).missed == (self.SEVEN, self.THREE, self.ONE, self.HOURS)

    def test_of_a_matter_opened_at_its_deadline_is_nothing(self):
        assert ask(DEADLINE, "election", opened=DEADLINE).missed == ()


class TestTheLadder:
    """T1"""

    @pytest.mark.parametrize(
        ("matter", "names"),
        [
            ("claim", ["7d", "3d", "1d", "4h"]),
            ("election", ["at_once", "3d", "1d", "4h"]),
            ("unused", ["60d", "30d"]),
            ("session", ["1d"]),
            ("information", ["3d", "1d", "4h"]),
        ],
    )
    def test_of_a_matter(self, matter, names):
        assert [point.name for point in LADDERS[matter]] == names

    @pytest.mark.parametrize(
        ("point", "at"),
        [
            ("7d", "2026-06-10T04:00:00"),
            ("3d", "2026-06-14T04:00:00"),
            ("1d", "2026-06-16T04:00:00"),
            ("4h", "2026-06-17T00:00:00"),
        ],
    )
    def test_is_reached_at_its_instant_and_not_before(self, point, at):
        earlier = [name for name in ("7d", "3d", "1d", "4h") if name < point or point == "4h"]
        before = ["7d", "3d", "1d", "4h"][: ["7d", "3d", "1d", "4h"].index(point)]

        assert ask(utc(at), sent=before).send == point, earlier
        assert ask(utc(at) - MICROSECOND, sent=before).send is None
        assert ask(utc(at) - MICROSECOND, sent=before).next_at == utc(at)

    def test_of_unused_sessions_has_two_points(self):
        year_end, begun = utc("2027-01-01T05:00:00"), utc("2026-01-01T05:00:00")

        first = ask("2026-11-02T05:00:00", "unused", year_end, opened=begun)
        second = ask("2026-12-02T05:00:00", "unused", year_end, opened=begun, sent=["60d"])

        assert (first.send, first.next_at) == ("60d", utc("2026-12-02T05:00:00"))
        assert (second.send, second.next_at) == ("30d", None)

    def test_of_a_session_has_the_day_before_at_the_same_clock_time(self):
        session = utc("2026-03-08T18:00:00")  # 14:00 in New York, the day of the change

        assert ask("2026-03-07T19:00:00", "session", session, opened=utc("2026-02-01T00:00:00")).send == "1d"
        assert ask("2026-03-07T18:59:59", "session", session, opened=utc("2026-02-01T00:00:00")).send is None

    def test_counts_hours_as_elapsed_over_a_change(self):
        deadline = utc("2026-11-01T10:00:00")  # 05:00 in New York, four hours of which one comes twice

        answer = ask("2026-11-01T06:00:00", deadline=deadline, opened=utc("2026-10-30T00:00:00"))

        assert answer.send == "4h"


class TestAPointBeforeTheOpening:
    """T1"""

    def test_is_never_due(self):
        late = utc("2026-06-15T00:00:00")

        answer = ask("2026-06-15T01:00:00", opened=late)

        assert (answer.send, answer.skipped, answer.next_at) == (None, (), utc("2026-06-16T04:00:00"))
        assert ask("2026-06-16T04:00:00", opened=late).skipped == ()

    def test_is_due_if_it_is_the_opening_itself(self):
        assert ask("2026-06-14T04:00:00", opened=utc("2026-06-14T04:00:00")).send == "3d"


class TestOfThePointsReached:
    """T1"""

    def test_only_the_latest_is_due_and_it_skips_the_earlier_ones(self):
        answer = ask("2026-06-16T12:00:00")

        assert (answer.send, answer.skipped) == ("1d", ("7d", "3d"))

    def test_those_sent_are_not_skipped(self):
        assert ask("2026-06-16T12:00:00", sent=["7d"]).skipped == ("3d",)

    def test_none_before_one_that_was_sent_is_due_any_more(self):
        answer = ask("2026-06-16T12:00:00", sent=["1d"])

        assert (answer.send, answer.skipped, answer.next_at) == (None, (), utc("2026-06-17T00:00:00"))

    def test_none_is_due_if_a_later_one_went_out_before_the_clock_was_set_back(self):
        assert ask("2026-06-12T00:00:00", sent=["1d"]).send is None

    def test_the_one_at_once_is_due_from_the_acceptance_on(self):
        deadline = utc("2026-06-09T04:00:00")

        assert ask(OPENED, "election", deadline).send == "at_once"
        assert ask(OPENED - MICROSECOND, "election", deadline).send is None
        assert ask(OPENED - MICROSECOND, "election", deadline).next_at == OPENED
        assert ask("2026-06-06T04:00:00", "election", deadline).skipped == ("at_once",)

    def test_none_is_due_at_the_deadline(self):
        assert ask(DEADLINE - MICROSECOND).send == "4h"
        assert ask(DEADLINE).send is None
        assert ask(DEADLINE).next_at is None
        assert ask(DEADLINE).skipped == ()

    def test_none_is_due_in_a_matter_that_is_closed(self):
        answer = ask("2026-06-16T12:00:00", active=False)

        assert (answer.send, answer.skipped, answer.next_at) == (None, (), None)

    def test_none_is_due_at_a_deadline_that_a_skipped_day_moved_it_to(self):
        apia = ZoneInfo("Pacific/Apia")
        deadline = utc("2011-12-30T10:00:00")  # 31 December, which followed the 29th

        answer = ask(deadline - timedelta(hours=1), deadline=deadline, zone=apia, opened=utc("2011-12-01T00:00:00"))

        assert (answer.send, answer.skipped, answer.next_at) == ("4h", ("7d", "3d"), None)
        assert [step.note for step in answer.working.steps] == ["passed", "passed", "due", "never due", ""]

    def test_the_later_rung_is_due_of_two_at_one_instant(self):
        accepted = utc("2026-06-14T04:00:00")

        answer = ask(accepted, "election", opened=accepted)

        assert (answer.send, answer.skipped) == ("3d", ("at_once",))

    def test_one_whose_midnight_does_not_exist_is_due_after_the_gap(self):
        answer = ask(
            "2026-03-08T04:59:59", deadline=utc("2026-03-11T04:00:00"), zone=HAVANA, opened=utc("2026-02-20T00:00:00")
        )

        assert (answer.send, answer.next_at) == ("7d", utc("2026-03-08T05:00:00"))


class TestTheQuestion:
    """T1"""

    def test_is_refused_if_it_cannot_be_meant(self):
        with pytest.raises(ValueError, match="not a matter"):
            ask("2026-06-16T12:00:00", "birthday")
        with pytest.raises(ValueError, match="no such reminder of claim: \\['60d'\\]"):
            ask("2026-06-16T12:00:00", sent=["60d"])
        for one in ("now", "deadline", "opened"):
            with pytest.raises(ValueError, match=r"^a reminder needs instants with a zone"):
                ask(**{"now": "2026-06-16T12:00:00", one: datetime(2026, 6, 16)})  # noqa: DTZ001

    def test_is_answered_in_utc(self):
        local = DEADLINE.astimezone(NEW_YORK)

        answer = ask("2026-06-16T12:00:00", deadline=local)

        assert answer.next_at.tzinfo is UTC
        election = ask(OPENED - MICROSECOND, "election", opened=OPENED.astimezone(NEW_YORK))
        assert election.next_at.tzinfo is UTC

    def test_its_working_names_the_clause_in_every_step(self):
        working = ask("2026-06-14T12:00:00", sent=["7d"], opened=utc("2026-06-11T00:00:00")).working

        assert {step.clause for _, step in working.walk()} == {"T1"}
        assert [step.name for step in working.steps][-1] == "next point"
        assert working.steps[-1].result is not None

    def test_its_working_has_the_point_at_which_an_election_is_opened(self):
        steps = ask(OPENED, "election", opened=OPENED).working.steps

        assert (steps[0].result, steps[0].note) == (OPENED, "due")

    def test_is_answered_with_its_working(self):
        working = ask("2026-06-14T12:00:00", sent=["7d"], opened=utc("2026-06-11T00:00:00")).working

        assert (working.name, working.clause, working.result) == ("reminder due", "T1", "3d")
        assert dict(working.inputs) == {
            "matter": "claim",
            "deadline": DEADLINE,
            "zone": "America/New_York",
            "now": utc("2026-06-14T12:00:00"),
            "opened": utc("2026-06-11T00:00:00"),
            "sent": ("7d",),
            "active": True,
        }
        assert [(step.name, step.result, step.note) for step in working.steps] == [
            ("7d", utc("2026-06-10T04:00:00"), "sent"),
            ("3d", utc("2026-06-14T04:00:00"), "due"),
            ("1d", utc("2026-06-16T04:00:00"), "not reached"),
            ("4h", utc("2026-06-17T00:00:00"), "not reached"),
            ("next point", utc("2026-06-16T04:00:00"), ""),
        ]
        fates = [step.note for step in ask("2026-06-16T12:00:00", opened=utc("2026-06-11T00:00:00")).working.steps]
        assert fates == ["never due", "passed", "due", "not reached", ""]
        at_the_point = ask("2026-06-14T04:00:00", opened=utc("2026-06-10T04:00:00")).working.steps
        assert [step.note for step in at_the_point] == ["passed", "due", "not reached", "not reached", ""]


matters = st.sampled_from(["claim", "election", "unused"])
zones = st.sampled_from(["America/New_York", "America/Havana", "Asia/Kolkata", "Pacific/Apia", "UTC"]).map(ZoneInfo)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def naive_points(matter, deadline, zone, opened):
    """Every point of a matter that can become due, by stepping back through the calendar one day at a time."""
    ladder = {"claim": "7d 3d 1d 4h", "election": "at_once 3d 1d 4h", "unused": "60d 30d"}[matter].split()
    local = deadline.astimezone(zone)
    points = {}
    for name in ladder:
        if name == "at_once":
            points[name] = opened
        elif name == "4h":
            points[name] = deadline - timedelta(hours=4)
        else:
            clock = local.replace(tzinfo=None, fold=0)
            for _ in range(int(name[:-1])):
                clock -= timedelta(days=1)
            points[name] = clock.replace(tzinfo=zone).astimezone(UTC)
    return {name: at for name, at in points.items() if opened <= at < deadline}


class TestAgainstANaiveModel:
    """T1, T3"""

    @settings(max_examples=120)
    @given(matters, zones, instants, st.timedeltas(timedelta(), timedelta(days=90)), st.data())
    def test_the_one_due_is_the_latest_reached_unless_it_or_a_later_one_was_sent(self, matter, zone, end, span, data):
        opened = end - span
        now = opened + data.draw(st.timedeltas(timedelta(days=-2), span + timedelta(days=2)))
        points = naive_points(matter, end, zone, opened)
        sent = data.draw(st.sets(st.sampled_from(sorted(points)), max_size=2)) if points else set()
        assume(len(set(points.values())) == len(points))
        reached = sorted((at, name) for name, at in points.items() if at <= now < end)
        last_sent = max((points[name] for name in sent), default=datetime.min.replace(tzinfo=UTC))

        answer = due_reminder(matter, end, zone, now, opened, sent)

        expected = reached[-1][1] if reached and reached[-1][0] > last_sent else None
        assert answer.send == expected
        assert list(answer.skipped) == (
            [name for at, name in reached[:-1] if at > last_sent] if expected is not None else []
        )
        ahead = [at for at in points.values() if at > max(now, last_sent)] if now < end else []
        assert answer.next_at == min(ahead, default=None)

    @settings(max_examples=60)
    @given(matters, zones, instants, st.timedeltas(timedelta(), timedelta(days=90)))
    def test_a_sweep_that_comes_at_next_at_sends_every_point_in_order(self, matter, zone, end, span):
        opened = end - span
        points = naive_points(matter, end, zone, opened)
        assume(len(set(points.values())) == len(points))
        now, sent = opened - MICROSECOND, []
        while (now := due_reminder(matter, end, zone, now, opened, sent).next_at) is not None:
            sent.append(due_reminder(matter, end, zone, now, opened, sent).send)

        assert sent == sorted(points, key=points.get)

    @settings(max_examples=60)
    @given(matters, zones, instants, st.timedeltas(timedelta(), timedelta(days=90)), st.data())
    def test_a_clock_that_misses_beats_or_runs_twice_sends_no_point_twice_and_none_late(
        self, matter, zone, end, span, data
    ):
        opened = end - span
        beats = data.draw(st.lists(st.timedeltas(timedelta(days=-1), span + timedelta(days=1)), max_size=12))
        points, sent = naive_points(matter, end, zone, opened), []
        for beat in sorted(beats) + sorted(beats)[-2:]:
            answer = due_reminder(matter, end, zone, opened + beat, opened, sent)
            if answer.send:
                assert points[answer.send] <= opened + beat < end
                sent.append(answer.send)

        assert [points[name] for name in sent] == sorted({points[name] for name in sent})
