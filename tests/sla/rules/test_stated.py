"""S5, S8: a failure by its customer's own times; logs that say the same give the same."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sla.rules.delivery import delivery
from sla.rules.exclusions import Side
from sla.rules.outages import availability_outages
from sla.rules.remedy import failure_of_alert, failure_of_outage
from sla.rules.stated import Stated
from tests.sla.rules.given import TERMS, alert, at, span

A, B = Side.AVAILABILITY, Side.DELIVERY
MINUTE, NOW = timedelta(minutes=1), at("18:00")
DEADLINE = at("2026-05-28 04:00")


def stated(side, ended, delay=0):
    return Stated(side=side, began=at("10:00"), ended=ended and at(ended), delay=delay * MINUTE)


def failures(one, now=NOW):
    return one.failures("F", TERMS, now, occurrence=one.occurrence(TERMS), deadline=DEADLINE)


class TestWhenItOccurred:
    """S5"""

    def test_an_outage_thirty_minutes_after_it_began(self):
        assert stated(A, None).occurrence(TERMS) == at("10:30")

    def test_an_alert_five_minutes_after_it_was_due(self):
        assert stated(B, None, delay=10).occurrence(TERMS) == at("10:15")


class TestItsRemedyPeriod:
    """S8"""

    def test_begins_ten_minutes_after_an_outage_did(self):
        assert stated(A, None).remedy_begins(TERMS) == at("10:10") == failures(stated(A, "11:00"))[0].remedy[0].start

    def test_begins_when_an_alert_has_become_late(self):
        assert stated(B, None, delay=10).remedy_begins(TERMS) == at("10:15")


class TestWhatItCounts:
    """S8"""

    def test_an_outage_from_ten_minutes_after_its_beginning_and_with_the_deadline_on_record(self):
        (found,) = failures(stated(A, "11:00"))

        assert (found.key, found.side, found.event, found.occurrence) == ("F", A, at("10:00"), at("10:30"))
        assert (found.remedy, found.deadline) == ((span("10:10", "11:00"),), DEADLINE)

    def test_an_outage_that_was_too_short_counts_nothing(self):
        assert failures(stated(A, "10:29")) == ()

    def test_an_alert_from_its_occurrence_on_record(self):
        """It stands even if the terms are others by now."""
        (found,) = stated(B, "11:00").failures("F", TERMS, NOW, occurrence=at("10:07"), deadline=DEADLINE)

        assert (found.key, found.side, found.event, found.occurrence) == ("F", B, at("10:00"), at("10:07"))
        assert (found.remedy, found.deadline) == ((span("10:07", "11:00"),), DEADLINE)

    def test_an_alert_in_time_has_no_remedy_period(self):
        assert [one.remedy for one in failures(stated(B, "10:05"))] == [()]

    def test_without_an_end_it_lasts_until_now(self):
        ends = [failures(stated(side, None), now=at("12:00"))[0].remedy[-1].end for side in (A, B)]

        assert ends == [at("12:00")] * 2

    def test_at_the_moment_of_its_beginning_it_counts_nothing_yet(self):
        assert failures(stated(A, None), now=at("10:00")) == ()


@given(minutes=st.integers(1, 90), delay=st.integers(0, 20))
def test_it_is_what_logs_that_say_the_same_give(minutes, delay):
    began, ended = at("10:00"), at("10:00") + minutes * MINUTE
    outage = Stated(side=A, began=began, ended=ended)
    late = Stated(side=B, began=began, ended=ended, delay=delay * MINUTE)
    logged = alert("10:00", None, delay=delay * MINUTE, logs=(("provider_api_call", ended),))
    by_log = failure_of_alert("F", delivery(logged, TERMS, NOW), caused_by_outage=False, deadline=DEADLINE)
    pieces = availability_outages([(began, ended)], (), TERMS, NOW)

    assert failures(outage) == tuple(failure_of_outage("F", one, deadline=DEADLINE) for one in pieces)
    assert [one for one in failures(late) if one.remedy] == ([by_log] if by_log else [])
