"""S5, S13: the report of a failure, its receipt, and the stored end of its claim window."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from entitlements.actions.refused import Refused
from entitlements.models import Event, Letter
from sla.actions.claims import start_claim
from sla.actions.failures import close_failure
from sla.models import Failure
from tests import factories as make
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db

MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)


def utc(*moment):
    return datetime(*moment, tzinfo=UTC)


class TestAReport:
    """S13: its receipt is the moment that is handed in; nothing else is asked."""

    def test_it_is_received_now_and_by_whom(self, gold):
        by = make.one_of(gold.customer, "claims")

        failure = make.failure(contract=gold, by=by)

        assert (failure.reported_at, failure.reported_by, failure.state) == (NOW, by, "reported")
        assert Event.objects.get(verb="failure.reported").matter == failure.reference

    def test_its_receipt_goes_to_the_reporter_and_the_customers_people(self, reported):
        owner = make.member(customer=reported.contract.customer)
        second = make.failure(contract=reported.contract)

        letters = Letter.objects.filter(matter=second.reference, kind="failure_reported")

        assert set(letters.values_list("addressee", flat=True)) == {second.reported_by.email, owner.email}
        assert [name for name, *_ in letters[0].attachments] == [f"{second.reference}-deadline.ics"]

    def test_sent_twice_it_reports_once(self, gold):
        key = uuid.uuid4()

        first, second = (make.failure(contract=gold, form_key=key, now=NOW + n * HOUR) for n in range(2))

        assert first == second
        assert second.reported_at == NOW

    @pytest.mark.parametrize(
        ("began", "minutes", "code"),
        [(NOW + TICK, None, "not_yet"), (NOW - DAY, 0, "ended_before"), (NOW - HOUR, 61, "not_over")],
    )
    def test_times_that_cannot_be_are_refused(self, began, minutes, code, gold):
        with pytest.raises(Refused) as refused:
            make.failure(contract=gold, began=began, minutes=minutes, logged=False)

        assert [(one.clause, one.code) for one in refused.value.refusals] == [("S13", code)]
        assert not Failure.objects.exists()

    @pytest.mark.parametrize(
        ("after", "late"), [(DAY - TICK, False), (DAY, False), (DAY + TICK, True), (30 * DAY, True)]
    )
    def test_a_late_one_is_flagged_and_not_refused(self, after, late, gold):
        occurred = NOW - DAY + 30 * MINUTE

        assert make.failure(contract=gold, began=NOW - DAY, now=occurred + after).reported_late == late


@shared
def claimed(gold):
    """A draft for an outage of ninety minutes."""
    return make.draft(failure=make.failure(contract=gold, began=NOW - 5 * HOUR, minutes=90))


class TestItsOccurrence:
    """S5: the instant at which it became a failure; from our logs where they know it, else by the customer's times."""

    def test_by_the_customers_times_it_is_thirty_minutes_into_an_outage(self, gold):
        failure = make.failure(contract=gold, began=NOW - DAY, logged=False)

        assert (failure.occurred_at, failure.outage) == (NOW - DAY + 30 * MINUTE, None)

    def test_by_the_customers_times_it_is_five_minutes_after_an_alert_was_due(self, gold):
        told = {"configured_delay_minutes": 10, "incident": "Q1"}
        failure = make.failure(contract=gold, kind="B", began=NOW - HOUR, minutes=20, **told)

        assert failure.occurred_at == NOW - HOUR + 15 * MINUTE

    def test_our_logs_go_before_the_customers_memory(self, gold):
        outage = make.outage(customer=gold.customer, start=NOW - 5 * HOUR, minutes=90)

        failure = make.failure(contract=gold, began=NOW - 4 * HOUR, minutes=60)

        assert (failure.outage, failure.cause) == (outage, outage.cause)
        assert failure.occurred_at == NOW - 5 * HOUR + 30 * MINUTE

    def test_another_customers_outage_is_not_this_customers(self, gold):
        make.outage(customer=make.customer(), start=NOW - 5 * HOUR, minutes=90)

        assert make.failure(contract=gold, began=NOW - 4 * HOUR, minutes=60, logged=False).outage is None

    @pytest.mark.parametrize(("minutes", "known"), [(29, False), (30, True)])
    def test_downtime_of_less_than_thirty_minutes_is_no_outage(self, minutes, known, gold):
        """S2"""
        make.outage(customer=gold.customer, start=NOW - 5 * HOUR, minutes=minutes)

        assert (make.failure(contract=gold, began=NOW - 5 * HOUR).outage is not None) == known

    @pytest.mark.parametrize(
        ("began", "late", "presumed"),
        [(30, 20, True), (-15, 15, False), (-15, 16, True), (84, 20, True), (85, 20, False)],
        ids=["in it", "logged before it", "logged in it", "due in it", "due after it"],
    )
    def test_an_alert_that_was_late_in_an_outage_is_of_its_cause_and_of_its_claim(self, began, late, presumed, claimed):
        """S8, S12: so many minutes from the start of an outage of ninety, with a configured delay of five."""
        alert = make.failure(
            contract=claimed.contract,
            kind="B",
            began=NOW - 5 * HOUR + began * MINUTE,
            minutes=late,
            configured_delay_minutes=5,
            incident="Q1",
        )

        assert (alert.cause, alert.outage) == (claimed.cause if presumed else None, None)
        assert (start_claim(failure=alert, by=claimed.opened_by, now=NOW) == claimed) == presumed

    def test_one_that_goes_on_is_known_as_soon_as_it_is_one(self, gold):
        outage = make.outage(customer=gold.customer, start=NOW - HOUR, minutes=None)

        failure = make.failure(contract=gold, began=NOW - 50 * MINUTE, minutes=None)

        assert (failure.outage, failure.occurred_at) == (outage, NOW - 30 * MINUTE)


DEADLINES = [
    # zone, occurrence, the first instant that is too late: fifteen local days after the local day of the occurrence
    ("America/New_York", utc(2026, 6, 9, 14, 30), utc(2026, 6, 25, 4)),
    ("Pacific/Auckland", utc(2026, 6, 9, 14, 30), utc(2026, 6, 25, 12)),
    ("Asia/Kolkata", utc(2026, 6, 9, 14, 30), utc(2026, 6, 24, 18, 30)),
    ("Asia/Kolkata", utc(2026, 6, 9, 18, 30), utc(2026, 6, 25, 18, 30)),  # midnight there: the next day
    ("America/Havana", utc(2026, 2, 20, 14, 30), utc(2026, 3, 8, 5)),  # March 8 begins at one o'clock
    ("America/Havana", utc(2026, 10, 16, 14, 30), utc(2026, 11, 1, 4)),  # November 1 has two midnights: the first
    ("America/Havana", utc(2026, 10, 17, 14, 30), utc(2026, 11, 2, 5)),
]


class TestItsWindow:
    """S13: within fifteen days of the local day of the occurrence in the contract's zone, stored as an instant."""

    @pytest.mark.parametrize(("zone", "occurrence", "deadline"), DEADLINES)
    def test_it_is_stored_as_the_first_instant_that_is_too_late(self, zone, occurrence, deadline):
        began = occurrence - 30 * MINUTE

        failure = make.failure(contract=make.contract(zone=zone), began=began, now=began + 3 * HOUR)

        assert (failure.occurred_at, failure.closes_at) == (occurrence, deadline)

    @pytest.mark.parametrize(("late", "closed"), [(-TICK, False), (timedelta(), True), (30 * DAY, True)])
    def test_without_a_claim_it_is_closed_as_of_its_end(self, late, closed, reported):
        assert close_failure(failure=reported, now=reported.closes_at + late) == closed

        reported.refresh_from_db()
        assert (reported.state == "closed") == closed
        assert reported.closed_at == (reported.closes_at if closed else None)
        assert Letter.objects.filter(kind="window_ended").count() == closed

    def test_with_a_claim_begun_it_is_the_claims(self, reported):
        make.draft(failure=reported)

        assert not close_failure(failure=reported, now=reported.closes_at)

    def test_the_event_says_the_end_and_not_when_the_clock_came(self, reported):
        close_failure(failure=reported, now=reported.closes_at + 30 * DAY)

        assert Event.objects.get(verb="failure.window_ended").happened_at == reported.closes_at
