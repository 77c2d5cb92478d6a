from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from sla.models import Cause, Outage
from tests import factories as make
from tests.desk import at, signed_in

pytestmark = pytest.mark.django_db
RECORD = "/admin/outages/record/"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, make.NOW)


def typed(**more):
    return {
        "title": "Alerts were late",
        "zone": "UTC",
        "source": "availability.log, lines 3 to 9",
        "start_day": "2026-06-09",
        "start_time": "10:00:00",
        "end_day": "2026-06-09",
        "end_time": "10:29:59",
        **more,
    }


def record(**more):
    return signed_in(make.manager()).post(RECORD, typed(**more))


class TestRecordingAnOutage:
    """S2, S12"""

    def test_puts_it_on_record_for_each_customer_that_is_named(self):
        one, other = make.customer(), make.customer()
        make.customer()

        record(customers=f"{one.external_id}\n{other.name}")

        outage = Outage.objects.get()
        assert {downtime.customer for downtime in outage.downtimes.all()} == {one, other}

    def test_says_whether_it_is_an_availability_outage(self):
        record(customers=make.customer().name)

        page = signed_in(make.manager()).get(reverse("admin:outage", args=[Outage.objects.get().reference]))

        assert "29 min 59 s: not an Availability Outage" in page.content.decode()

    def test_takes_times_in_the_vendors_zone(self):
        record(customers=make.customer().name, zone="America/Los_Angeles")

        (downtime,) = Outage.objects.get().downtimes.all()
        assert downtime.during.lower == datetime(2026, 6, 9, 17, tzinfo=UTC)

    def test_takes_all_customers_with_a_contract_on_that_day(self, gold):
        running = gold.customer
        make.customer()

        record(everybody="on")

        assert [downtime.customer for downtime in Outage.objects.get().downtimes.all()] == [running]

    def test_goes_under_a_cause_that_is_not_fixed_yet(self):
        cause = make.outage().cause

        record(customers=make.customer().name, cause=cause.pk)

        assert Outage.objects.latest("pk").cause == cause

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"customers": ""}, "Name at least one customer, or tick all of them."),
            ({"customers": "Nobody Ltd"}, "No customer has this number or name: Nobody Ltd."),
            ({"end_time": "09:00:00"}, "It cannot have ended before it began."),
            ({"end_time": ""}, "Fill in both the day and the time of the end, or neither."),
            ({"start_day": "2026-06-11", "end_day": "", "end_time": ""}, "It cannot have begun after now."),
            ({"end_day": "2026-06-11"}, "It cannot have ended after now."),
            ({"start_day": ""}, "Fill in: Began on"),
        ],
    )
    def test_says_what_is_wrong(self, wrong, said):
        make.customer(name="Acme")

        answer = record(**{"customers": "Acme", **wrong})

        assert said in answer.content.decode()
        assert not Outage.objects.exists()


class TestEndingIt:
    """S2, S12"""

    def end(self, outage, **given):
        typed = {"end-end_day": "2026-06-10", "end-end_time": "09:00:00", "end-zone": "UTC", **given}
        return signed_in(make.manager()).post(reverse("admin:end_outage", args=[outage.reference]), typed)

    def test_an_open_outage_ends_for_everybody(self):
        outage = make.outage(customers=[make.customer(), make.customer()], minutes=None)

        self.end(outage)

        ends = {downtime.during.upper for downtime in outage.downtimes.all()}
        assert ends == {datetime(2026, 6, 10, 9, tzinfo=UTC)}

    @pytest.mark.parametrize(
        ("given", "code"), [({"end-end_day": "2026-06-11"}, "not_yet"), ({"end-end_day": "2026-06-01"}, "ended_before")]
    )
    def test_an_end_that_cannot_be_is_refused(self, given, code):
        outage = make.outage(minutes=None)

        answer = self.end(outage, **given)

        assert f'data-code="{code}"' in answer.content.decode()
        assert outage.downtimes.get().during.upper is None

    def test_what_has_ended_does_not_end_again(self):
        assert b'data-code="ended"' in self.end(make.outage()).content

    def test_the_first_fix_of_a_cause_stands(self, monkeypatch):
        outage = make.outage()
        address = reverse("admin:fix_cause", args=[outage.reference])

        signed_in(make.manager()).post(address)
        at(monkeypatch, make.NOW + timedelta(days=1))
        signed_in(make.manager()).post(address)

        assert Cause.objects.get().fixed_at == make.NOW
