"""S2, S3, S8: the list, the alert's page and the claim look at the same outages, though each asks about another span."""

from __future__ import annotations

import pytest

from entitlements.rules.spans import Span
from sla.evidence import lists
from sla.evidence.circumstances import circumstances_of
from sla.evidence.one_alert import examine
from sla.evidence.questions import Verdict
from sla.evidence.reported import match
from sla.models import Notification
from tests import factories as make
from tests.factories import DAY, NOW
from tests.sla.evidence.logs import MINUTE, Line, log_file, tables
from tests.sla.evidence.test_desk_alerts import told

pytestmark = pytest.mark.django_db


def verdicts(contract, received):
    """Of an alert that came late: as its list of three days has it, as its page has it, and as a claim counts it."""
    customer = contract.customer
    tables([Line(2, customer.pk, "INC-7", told(received, 30), log_file(NOW, make.manager()).pk)])
    during = Span(received - DAY, received + 2 * DAY)
    known = circumstances_of([customer.pk], during, NOW)
    (listed,) = lists.page_of(known, lists.Narrowed(customer=customer.pk, during=during), 50)
    (page,) = examine(Notification.objects.all(), NOW)
    failure = make.failure(contract=contract, kind="B", began=received, minutes=40, incident="INC-7", channel="phone")
    (counted,) = match(failure, NOW).counted()
    return listed.verdict, page.verdict, Verdict.IN_OUTAGE if counted.caused_by_outage else Verdict.FAILURE


def test_log_intervals_that_touch_are_one_outage_also_where_the_first_was_over():
    """S2: 25 minutes and 20 more without a gap."""
    contract = make.contract()
    start = NOW - DAY
    first = make.outage(customer=contract.customer, start=start, minutes=25).downtimes.get()
    first.pk, first.during = None, (start + 25 * MINUTE, start + 45 * MINUTE)
    first.save()

    assert set(verdicts(contract, start + 28 * MINUTE)) == {Verdict.IN_OUTAGE}
