"""S2, S12: what the vendor's records say of outages and their causes."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entitlements.actions.refused import Refused
from entitlements.models import Event
from sla.actions.causes import record_fix
from sla.models import Cause, Downtime
from tests import factories as make
from tests.factories import DAY, HOUR, NOW

pytestmark = pytest.mark.django_db


class TestRecordingAnOutage:
    """S2: an interval for each customer that was hit; under a cause of its own, or one that is known (S12)."""

    def test_it_is_under_a_cause_of_its_own(self):
        by = make.manager()

        outage = make.outage(by=by)

        assert (outage.recorded_at, outage.recorded_by) == (NOW, by)
        assert (outage.cause.title, outage.cause.opened_by, outage.cause.fixed_at) == (outage.title, by, None)
        assert Event.objects.get(verb="outage.recorded").matter == outage.reference

    def test_a_known_cause_takes_it_in(self):
        cause = make.outage().cause

        assert make.outage(cause=cause, start=NOW - 3 * HOUR).cause == cause
        assert Cause.objects.count() == 1

    def test_each_customer_has_an_interval_of_its_own(self):
        here, there = make.customer(), make.customer()

        outage = make.outage(customers=[here, there])

        assert Downtime.objects.of(here).get().outage == Downtime.objects.of(there).get().outage == outage

    def test_where_nothing_was_reported_no_claim_is_looked_for(self):
        with CaptureQueriesContext(connection) as asked:
            make.outage()

        assert [one["sql"] for one in asked if "sla_claim" in one["sql"]] == []

    def test_one_that_goes_on_has_no_end(self):
        (downtime,) = make.outage(minutes=None).downtimes.all()

        assert downtime.during.upper is None

    @pytest.mark.parametrize(
        ("start", "end", "touched"),
        [
            (NOW - DAY - HOUR, NOW - DAY, False),
            (NOW - DAY - HOUR, NOW - DAY + timedelta(microseconds=1), True),
            (NOW - DAY + timedelta(minutes=95), NOW, False),
            (NOW - DAY + timedelta(minutes=94), None, True),
        ],
        ids=["up to its start", "an instant into it", "from its end", "an open one"],
    )
    def test_intervals_are_half_open(self, start, end, touched):
        make.outage(start=NOW - DAY, minutes=95)

        assert Downtime.objects.touching(start, end).exists() == touched


class TestACause:
    """S8, S12: what begins after the fix is a recurrence, and no minute is under two causes."""

    def test_what_begins_at_the_fix_or_later_is_not_taken_in(self):
        cause = make.outage().cause
        record_fix(cause=cause, by=make.manager(), now=NOW)

        with pytest.raises(Refused, match="recurrence"):
            make.outage(cause=cause, start=NOW, minutes=5, now=NOW + HOUR)

    def test_what_began_before_the_fix_is(self):
        cause = make.outage().cause
        record_fix(cause=cause, by=make.manager(), now=NOW)

        assert make.outage(cause=cause, start=NOW - timedelta(seconds=1), minutes=5, now=NOW + HOUR).cause == cause

    @pytest.mark.parametrize(("minutes", "refused"), [(60, False), (61, True), (None, True)])
    def test_no_minute_of_a_customer_is_under_two(self, minutes, refused):
        hit = make.customer()
        make.outage(customer=hit, start=NOW - DAY)

        with pytest.raises(Refused, match="another cause") if refused else nullcontext():
            make.outage(customer=hit, start=NOW - DAY - HOUR, minutes=minutes)

    def test_another_product_takes_no_minute_from_the_service(self):
        hit = make.customer()
        make.outage(customer=hit, component="aiops")

        assert make.outage(customer=hit).downtimes.of(hit).count() == 1

    def test_asking_for_many_customers_is_one_question(self, django_assert_max_num_queries):
        hit = [make.customer() for _ in range(5)]

        with django_assert_max_num_queries(20):
            make.outage(customers=hit, by=make.manager())


class TestRecordingAFix:
    """S12: a cause is closed when its fix is recorded."""

    def test_it_closes_the_cause(self):
        cause, by = make.outage().cause, make.manager()

        record_fix(cause=cause, by=by, now=NOW + HOUR)

        cause.refresh_from_db()
        assert (cause.fixed_at, cause.fixed_by) == (NOW + HOUR, by)
        assert Event.objects.get(verb="cause.fixed").matter == cause.reference
