"""S1, E3: by which zone and which edition alerts are judged, stretch by stretch."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.models import Customer
from entitlements.rules.days import first_instant
from entitlements.rules.spans import Span
from sla.evidence.agreements import agreements_of
from sla.evidence.circumstances import circumstances_of
from sla.evidence.ground import ground_of
from sla.models import TermsEdition
from tests import factories as make
from tests.factories import DAY, NOW
from tests.sla.rules.given import NEW_YORK

pytestmark = pytest.mark.django_db

JUNE = Span(NOW - 5 * DAY, NOW)


def test_a_customer_is_judged_in_its_contracts_zone_and_without_one_in_the_vendors(settings):
    settings.VENDOR_ZONE = "America/Denver"
    contract, without = make.contract(zone="Asia/Kolkata"), make.customer()

    found = ground_of(agreements_of([contract.customer_id, without.pk]), JUNE)

    assert [(one.customer, one.during, one.zone.key) for one in found] == [
        (contract.customer_id, JUNE, "Asia/Kolkata"),
        (without.pk, JUNE, "America/Denver"),
    ]


def test_another_zone_counts_from_its_first_midnight():
    """E3: the earlier zone holds until the midnight that ends its last day there."""
    contract = make.contract(zone="America/New_York")
    contract.zones.all().delete()
    since = NOW.date() - 2 * DAY
    contract.zones.create(zone="America/New_York", days=DateRange(contract.first_day, since))
    contract.zones.create(zone="Europe/London", days=DateRange(since, contract.term.upper))
    type(contract).objects.filter(pk=contract.pk).update(zone="Europe/London")

    before, after = ground_of(agreements_of([contract.customer_id]), JUNE)

    assert before.during.end == after.during.start == first_instant(since, NEW_YORK)
    assert (before.zone.key, after.zone.key) == ("America/New_York", "Europe/London")


def test_the_contract_that_runs_counts_and_between_two_the_earlier_one():
    customer = make.customer()
    today = NOW.date()
    make.contract(customer=customer, zone="America/Chicago", first=date(2025, 1, 1), last=today - 4 * DAY, fees=False)
    make.contract(customer=customer, zone="Asia/Tokyo", first=today - DAY, last=date(2027, 1, 1), fees=False)

    found = ground_of(agreements_of([customer.pk]), Span(NOW - 9 * DAY, NOW))

    assert [one.zone.key for one in found] == ["America/Chicago", "Asia/Tokyo"]


def test_an_edition_counts_from_its_day_in_the_contracts_zone():
    contract = make.contract(zone="Asia/Kolkata")
    first = TermsEdition.objects.get()
    since = date(2026, 6, 8)
    # A published edition never changes: this one is not saved, only read.
    later = TermsEdition(**{**first.figures, "valid_from": since, "delivery_limit_minutes": 3}, name="Later")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sla.models.terms._PUBLISHED", lambda: [first, later])
        before, after = ground_of(agreements_of([contract.customer_id]), JUNE)

    assert after.during.start == first_instant(since, contract.tz)
    assert [one.terms.delivery_limit_minutes for one in (before, after)] == [5, 3]


def test_the_outages_are_those_that_an_alert_of_the_span_can_lie_in():
    """S2, S8: one that ended before it is none of them; one that begins later may meet an alert that still waits."""
    contract = make.contract()
    customer = contract.customer
    starts = [JUNE.start - DAY, JUNE.start + timedelta(hours=1), NOW - timedelta(hours=2)]
    for start in starts:
        make.outage(customer=customer, start=start, minutes=40)

    found = circumstances_of([customer.pk], Span(JUNE.start, JUNE.start + DAY), NOW)

    assert [one.start for one in found.outages[customer.pk]] == starts[1:]
    assert found.at(customer.pk, JUNE.start).zone == contract.tz
    with pytest.raises(LookupError):
        found.at(customer.pk, datetime(2020, 1, 1, tzinfo=NOW.tzinfo))


def test_an_interval_that_was_withdrawn_is_presumed_the_cause_of_nothing():
    contract = make.contract()
    outage = make.outage(customer=contract.customer, start=NOW - DAY, minutes=60)
    outage.downtimes.update(withdrawn_at=NOW, withdrawn_by=make.manager())

    assert circumstances_of([contract.customer_id], JUNE, NOW).outages == {}


def test_all_of_it_is_a_handful_of_questions_however_many_customers_there_are(django_assert_num_queries):
    customers = [make.contract().customer_id for _ in range(3)]

    for asked in (customers[:1], customers):
        with django_assert_num_queries(3):  # what there is, the contracts, the editions
            circumstances_of(asked, JUNE, NOW)
    for one in customers:
        make.outage(customer=Customer.objects.get(pk=one), start=NOW - DAY, minutes=60)
    for asked in (customers[:1], customers):
        with django_assert_num_queries(4):
            circumstances_of(asked, JUNE, NOW)
