"""S2, S12: what the vendor's records say of outages and their causes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.models import Event
from sla.actions.outages import record_fix
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


class TestRecordingAFix:
    """S12: a cause is closed when its fix is recorded."""

    def test_it_closes_the_cause(self):
        cause, by = make.outage().cause, make.manager()

        record_fix(cause=cause, by=by, now=NOW + HOUR)

        cause.refresh_from_db()
        assert (cause.fixed_at, cause.fixed_by) == (NOW + HOUR, by)
        assert Event.objects.get(verb="cause.fixed").matter == cause.reference
