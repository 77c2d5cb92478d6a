"""S5 (B): a reported late alert meets the logs: what they have counts, beside what the customer states."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.rules.spans import Span
from sla.assessment import assess
from sla.evidence.reported import MEANT_WITHIN, match
from sla.models import Claim, Recomputation
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, NOW
from tests.shared import shared
from tests.sla.evidence.logs import MINUTE, Line, log_file, tables
from tests.sla.evidence.test_desk_alerts import told

pytestmark = pytest.mark.django_db

BEGAN = NOW - DAY
LATER = NOW + timedelta(hours=1)


@shared
def claim():
    """A claim of a late call about INC-7, which by its report came after 40 minutes."""
    contract = make.contract()
    failure = make.failure(
        contract=contract, kind="B", began=BEGAN, minutes=40, incident=" inc-7", channel="phone", responder_country="US"
    )
    return make.sent_claim(draft=make.draft(failure=failure, complete=True))


def logged(claim, *alerts, incident="INC-7"):
    source = log_file(NOW, claim.opened_by)
    tables([Line(n, claim.contract.customer_id, incident, one, source.pk) for n, one in enumerate(alerts, start=2)])


def assessed(claim, **kwargs):
    return assess(Claim.objects.get(pk=claim.pk), now=LATER, **kwargs)


def test_it_counts_as_the_logs_have_it(claim):
    logged(claim, told(BEGAN + 2 * MINUTE, 20))

    found = assessed(claim)

    assert found.union.counted.spans == (Span(BEGAN + 7 * MINUTE, BEGAN + 22 * MINUTE),)
    assert assessed(claim, as_stated=True).union.counted.spans == found.union.counted.spans
    assert "documented" not in [refusal.code for refusal in found.obstacles]


def test_its_deadline_is_never_earlier_than_the_one_that_was_told(claim):
    """S13"""
    logged(claim, told(BEGAN + 2 * MINUTE, 20), told(BEGAN + 2 * DAY, 9))

    first, second = assessed(claim).union.counted.failures

    assert first.deadline == claim.failures.get().closes_at
    assert second.deadline == first.deadline + 2 * DAY


def test_one_that_the_logs_have_in_time_counts_for_nobody(claim):
    logged(claim, told(BEGAN, 5))

    assert assessed(claim).figures is None
    assert assessed(claim, as_stated=True).figures is None


def test_without_a_line_the_customers_own_times_count_for_the_customer_alone(claim):
    logged(claim)

    assert assessed(claim).figures is None
    assert assessed(claim, as_stated=True).union.counted.spans == (Span(BEGAN + 5 * MINUTE, BEGAN + 40 * MINUTE),)


def test_one_that_still_waits_stands_in_the_way_of_an_approval(claim):
    logged(claim, told(BEGAN, None))

    found = assessed(claim)

    assert found.union.counted.spans == (Span(BEGAN + 5 * MINUTE, LATER),)
    assert ("S2", "open") in [(one.clause, one.code) for one in found.obstacles]


def test_one_in_an_outage_has_no_period_of_its_own(claim):
    """S8: presumed so."""
    logged(claim, told(BEGAN, 20))
    make.outage(customer=claim.contract.customer, start=BEGAN + 10 * MINUTE, minutes=60)

    (failure,) = assessed(claim).union.counted.failures

    assert (failure.caused_by_outage, failure.remedy) == (True, ())


def test_an_outage_that_is_recorded_later_leaves_a_line_on_the_claim(claim):
    """S8, S19"""
    logged(claim, told(BEGAN, 20))

    make.outage(customer=claim.contract.customer, start=BEGAN + 10 * MINUTE, minutes=60, now=LATER)

    kept = Recomputation.objects.get(claim=claim)
    assert (kept.remedy_before, kept.remedy_after) == (15 * MINUTE, timedelta())


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({}, 1),
        ({"channel": "sms"}, 0),
        ({"received": BEGAN - MEANT_WITHIN}, 1),
        ({"received": BEGAN - MEANT_WITHIN - MINUTE}, 0),
        ({"received": BEGAN + MEANT_WITHIN}, 0),
    ],
)
def test_the_incident_is_found_by_its_channel_and_near_its_time(claim, facts, found):
    received = facts.pop("received", BEGAN)
    logged(claim, told(received, 20, **facts))

    matched = match(claim.failures.get(), LATER)

    assert len(matched.found) == found
    assert ("no notification of incident" in matched.why_none) is not bool(found)


def test_what_can_be_a_failure_is_looked_at_before_repeats_and_only_what_is_late_asks_the_volume(claim, monkeypatch):
    """S4, S7"""
    monkeypatch.setattr("sla.evidence.reported.MOST", 4)
    repeats = [told(BEGAN - n * MINUTE, 2, first_responder=False) for n in range(1, 5)]
    logged(claim, *repeats, told(BEGAN, 20))

    with CaptureQueriesContext(connection) as asked:
        matched = match(claim.failures.get(), LATER)

    assert [one.verdict for one in matched.found] == [*["out_of_scope"] * 3, "failure"]
    assert matched.unseen
    assert sum("sla_alertquarter" in one["sql"] for one in asked) == 1


def test_the_volume_is_asked_once_for_all_that_are_late(claim):
    """S7"""
    logged(claim, *(told(BEGAN + n * 20 * MINUTE, 20) for n in range(3)))

    with CaptureQueriesContext(connection) as asked:
        matched = match(claim.failures.get(), LATER)

    assert ([one.volume.volume for one in matched.found], matched.unseen) == ([1, 1, 1], False)
    assert sum("sla_alertquarter" in one["sql"] for one in asked) == 1


def test_another_incident_or_none_is_not_guessed(claim):
    logged(claim, told(BEGAN, 20), incident="INC-8")
    failure = claim.failures.get()

    other = match(failure, LATER)
    failure.incident = " "
    none = match(failure, LATER)

    assert (other.found, none.found) == ((), ())
    assert "names no incident" in none.why_none


def test_the_claims_page_has_both_and_marks_what_differs(claim, monkeypatch):
    at(monkeypatch, LATER)
    logged(claim, told(BEGAN + 2 * MINUTE, 20, located="CA", delay=MINUTE))

    page = signed_in(make.manager()).get(reverse("admin:claim", args=[claim.reference]))

    (one,) = page.context["alerts"]
    (found,) = one["found"]
    assert {row.what: row.differs for row in found["rows"]} == {
        "Trigger received": True,
        "Delivered or attempted": True,
        "Channel": False,
        "Configured delay": True,
        "Country": True,
    }
    assert f'href="{found["address"]}"' in page.content.decode()
    assert "A delivery failure: its delivery period is 19 min" in page.content.decode()


def test_the_claims_page_says_that_nothing_was_found(claim, monkeypatch):
    at(monkeypatch, LATER)

    page = signed_in(make.manager()).get(reverse("admin:claim", args=[claim.reference])).content.decode()

    assert "The alert logs have no notification of incident" in page
