from datetime import timedelta

import pytest

from sla.rules.delivery import delivery
from sla.rules.exclusions import Side
from sla.rules.outages import availability_outages
from sla.rules.remedy import (
    Failure,
    claim_union,
    failure_of_alert,
    failure_of_outage,
    presumed_cause,
    remedy_union,
)
from tests.sla.rules.given import MICROSECOND, NEW_YORK, TERMS, alert, at, down, spans


def outage(key, start, end, **facts):
    (found,) = availability_outages([down(start, end)], [], TERMS, None)
    return failure_of_outage(key, found, **facts)


def late_alert(key, received, logged, caused_by_outage=False, **facts):
    late = delivery(alert(received, logged), TERMS, None)
    return failure_of_alert(key, late, caused_by_outage=caused_by_outage, **facts)


class TestAFailureOfAClaim:
    """S5, S8"""

    def test_may_be_an_outage(self):
        assert outage("o", "10:00", "11:00", deadline=at("12:00")) == Failure(
            key="o",
            side=Side.AVAILABILITY,
            event=at("10:00"),
            occurrence=at("10:30"),
            remedy=spans(("10:10", "11:00")),
            caused_by_outage=False,
            deadline=at("12:00"),
        )

    def test_may_be_a_late_alert(self):
        assert late_alert("b", "10:00", "10:20", deadline=at("12:00")) == Failure(
            key="b",
            side=Side.DELIVERY,
            event=at("10:00"),
            occurrence=at("10:05"),
            remedy=spans(("10:05", "10:20")),
            caused_by_outage=False,
            deadline=at("12:00"),
        )

    def test_has_no_remedy_period_of_its_own_if_an_outage_caused_it(self):
        failure = late_alert("b", "10:00", "10:20", caused_by_outage=True)

        assert (failure.remedy, failure.caused_by_outage) == ((), True)
        assert failure.occurrence == at("10:05")

    def test_is_none_if_the_alert_was_in_time(self):
        assert late_alert("b", "10:00", "10:05") is None

    def test_keeps_its_stored_deadline(self):
        failure = outage("o", "10:00", "11:00", deadline=at("2026-06-30 00:00"))

        assert failure.closes_at(NEW_YORK, TERMS) == at("2026-06-30 00:00")
        assert outage("o", "10:00", "11:00").closes_at(NEW_YORK, TERMS) == at("2026-05-28 04:00")


class TestTheUnionOfRemedyPeriods:
    """S8"""

    def test_pays_no_minute_twice(self):
        found = remedy_union([outage("o", "10:00", "11:00"), late_alert("b", "10:50", "11:10")])

        assert found.spans == spans(("10:10", "11:10"))
        assert found.time == timedelta(minutes=60)

    def test_keeps_gaps(self):
        found = remedy_union([late_alert("b", "12:00", "12:10"), late_alert("a", "10:00", "10:10")])

        assert found.spans == spans(("10:05", "10:10"), ("12:05", "12:10"))

    def test_of_nothing_is_nothing(self):
        found = remedy_union([])

        assert (found.spans, found.time, found.first_event, found.first_occurrence) == ((), timedelta(), None, None)

    def test_knows_the_earliest_failure(self):
        found = remedy_union([outage("o", "10:00", "11:00"), late_alert("b", "10:10", "10:20")])

        assert found.first_event == at("10:00")
        assert found.first_occurrence == at("10:15")

    def test_shows_each_failure(self):
        failure = late_alert("b", "10:00", "10:10", deadline=at("12:00"))
        working = remedy_union([failure]).working

        assert working.result == spans(("10:05", "10:10"))
        assert dict(working.inputs) == {"time": timedelta(minutes=5)}
        assert working.steps[0].result == failure.remedy
        assert dict(working.steps[0].inputs) == {
            "key": "b",
            "side": "B",
            "event": at("10:00"),
            "occurrence": at("10:05"),
            "caused_by_outage": False,
            "deadline": at("12:00"),
        }


class TestThePresumptionOfCause:
    """S8"""

    OUTAGES = availability_outages([down("12:00", "13:00"), down("10:00", "11:00")], [], TERMS, None)

    @pytest.mark.parametrize(
        ("received", "logged", "overlapped"),
        [
            ("09:50", "10:00", ()),
            ("09:50", "10:00:00.000001", spans(("10:00", "11:00"))),
            ("10:59:59", "11:20", spans(("10:00", "11:00"))),
            ("11:00", "11:20", ()),
            ("10:50", "12:10", spans(("10:00", "11:00"), ("12:00", "13:00"))),
        ],
    )
    def test_holds_where_the_time_to_the_log_overlaps_an_outage(self, received, logged, overlapped):
        found = presumed_cause(delivery(alert(received, logged), TERMS, None), self.OUTAGES)

        assert (found.outages, found.caused_by_outage) == (overlapped, bool(overlapped))

    def test_counts_from_the_moment_the_alert_was_due(self):
        late = delivery(alert("10:50", "11:20", delay=timedelta(minutes=10)), TERMS, None)

        assert not presumed_cause(late, self.OUTAGES).caused_by_outage

    def test_counts_an_open_alert_to_the_moment_asked(self):
        late = delivery(alert("09:50", None), TERMS, at("10:01"))

        assert presumed_cause(late, self.OUTAGES).caused_by_outage

    @pytest.mark.parametrize("facts", [{"logged": "10:10", "delay": timedelta(minutes=10)}, {"logged": None}])
    def test_does_not_hold_for_an_alert_that_took_no_time(self, facts):
        in_time = delivery(alert("10:00", **facts, located="MX"), TERMS, None)
        found = presumed_cause(in_time, self.OUTAGES)

        assert (found.caused_by_outage, found.late) == (False, None)

    def test_shows_what_overlaps(self):
        working = presumed_cause(delivery(alert("10:50", "11:20"), TERMS, None), self.OUTAGES).working

        assert working.result is True
        assert dict(working.inputs) == {"late": spans(("10:50", "11:20"))[0], "outages": spans(("10:00", "11:00"))}


class TestTheFailuresOfAClaim:
    """S13"""

    FAILURES = [  # the windows end on 28 and 29 May, 00:00 in New York
        late_alert("one", "2026-05-13 03:50", "2026-05-13 03:58"),
        late_alert("two", "2026-05-13 03:56", "2026-05-13 04:10"),
    ]
    FIRST, SECOND = at("2026-05-28 04:00"), at("2026-05-29 04:00")

    @pytest.mark.parametrize(
        ("committed", "late"),
        [
            (FIRST - MICROSECOND, []),
            (FIRST, ["one"]),
            (SECOND - MICROSECOND, ["one"]),
            (SECOND, ["one", "two"]),
        ],
    )
    def test_drop_out_one_by_one_when_their_window_has_ended(self, committed, late):
        found = claim_union(self.FAILURES, committed, NEW_YORK, TERMS)

        assert [failure.key for failure, _ in found.late] == late
        assert [failure.key for failure in found.counted.failures] == [key for key in ("one", "two") if key not in late]

    def test_drop_out_with_the_date(self):
        found = claim_union(self.FAILURES, self.SECOND, NEW_YORK, TERMS)

        assert [closed for _, closed in found.late] == [self.FIRST, self.SECOND]
        assert found.counted.spans == ()

    def test_give_the_claim_the_last_of_their_windows(self):
        assert claim_union(self.FAILURES, self.FIRST, NEW_YORK, TERMS).closes_at == self.SECOND
        assert claim_union([], self.FIRST, NEW_YORK, TERMS).closes_at is None

    def test_show_which_counted_and_which_did_not(self):
        found = claim_union(self.FAILURES, self.FIRST, NEW_YORK, TERMS)

        assert found.working.result == spans(("2026-05-13 04:01", "2026-05-13 04:10"))
        assert dict(found.working.inputs) == {
            "committed": self.FIRST,
            "zone": "America/New_York",
            "closes_at": self.SECOND,
            "late": (("one", self.FIRST),),
        }
        assert found.working.steps == (found.counted.working, self.FAILURES[0].working)
