"""S2, S3, S8: the list, the alert's page and the claim look at the same outages, though each asks about another span."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.refused import Refused
from entitlements.rules.days import first_instant
from entitlements.rules.spans import Span
from sla.actions.causes import merge_causes
from sla.actions.maintenance_records import Told
from sla.actions.maintenance_runs import record_maintenance
from sla.actions.presumptions import find_otherwise, take_finding_back
from sla.admin.alert_page import address_of
from sla.evidence import lists
from sla.evidence.agreements import agreements_of
from sla.evidence.circumstances import circumstances_of
from sla.evidence.one_alert import examine
from sla.evidence.questions import Verdict
from sla.evidence.reported import match
from sla.evidence.standing import off_terms_of
from sla.models import Downtime, FoundOtherwise, Notification, Recomputation, TermsEdition
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, HOUR, NOW
from tests.sla.evidence.logs import MINUTE, Line, log_file, tables
from tests.sla.evidence.test_desk_alerts import told
from tests.sla.rules.given import alert

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


def test_where_two_causes_touch_an_alert_is_late_in_what_counts_as_an_outage_and_in_nothing_else():
    """S2, S8, S12: twenty minutes of either are no Availability Outage, so that no failure stands for the alert's own."""
    contract = make.contract()
    start = NOW - DAY
    for began in (start, start + 20 * MINUTE):
        make.outage(customer=contract.customer, start=began, minutes=20)

    assert set(verdicts(contract, start + 5 * MINUTE)) == {Verdict.FAILURE}


def test_maintenance_of_the_month_before_cuts_an_outage_that_reaches_into_the_span():
    """S2, S3: with it two short pieces are left, without it an hour and a quarter."""
    contract = make.contract(first=date(2026, 1, 1))
    july = datetime(2026, 7, 1, tzinfo=UTC)
    make.outage(customer=contract.customer, start=july - 60 * MINUTE, minutes=75, now=july + DAY)
    record_maintenance(
        told=Told(title="A leak", customers=(contract.customer,)),
        started_at=july - 40 * MINUTE,
        ended_at=july - MINUTE,
        emergency_reason="The rack was on fire.",
        by=make.manager(),
        now=july - MINUTE,
    )

    received = july + 5 * MINUTE
    customer = contract.customer
    tables([Line(2, customer.pk, "INC-7", told(received, 30), log_file(NOW, make.manager()).pk)])
    known = circumstances_of([customer.pk], Span(july, july + DAY), july + DAY)

    assert known.outages == {customer.pk: ()}
    (page,) = examine(Notification.objects.all(), july + DAY)
    assert page.verdict is Verdict.FAILURE


class TestTwoEditions:
    """S1: each time is judged by the edition in force then, also what cuts it and the outages."""

    @pytest.fixture
    def editions(self, monkeypatch):
        """From June 8 on an outage takes an hour, and no maintenance is allowed."""
        first = TermsEdition.objects.get()
        figures = {"outage_minutes": 60, "maintenance_minutes_a_month": 0, "valid_from": date(2026, 6, 8)}
        later = TermsEdition(**{**first.figures, **figures}, name="Later")
        monkeypatch.setattr("sla.models.terms._PUBLISHED", lambda: [first, later])

    def test_an_outage_by_the_one_in_force_when_it_began(self, editions):
        contract = make.contract()
        starts = [NOW - 5 * DAY, NOW - DAY]
        for start in starts:
            make.outage(customer=contract.customer, start=start, minutes=40)

        known = circumstances_of([contract.customer_id], Span(NOW - 6 * DAY, NOW), NOW)

        assert [one.start for one in known.outages[contract.customer_id]] == starts[:1]

    def test_maintenance_cuts_by_the_one_in_force_while_it_ran(self, editions):
        contract = make.contract()
        starts = [NOW - 5 * DAY, NOW - DAY]
        for start in starts:
            record_maintenance(
                told=Told(title="A leak", customers=(contract.customer,)),
                started_at=start,
                ended_at=start + 10 * MINUTE,
                emergency_reason="The rack was on fire.",
                by=make.manager(),
                now=start + 10 * MINUTE,
            )

        known = circumstances_of([contract.customer_id], Span(NOW - 6 * DAY, NOW), NOW)

        assert [one.during for one in known.cuts] == [Span(starts[0], starts[0] + 10 * MINUTE)]


class TestOffEnterpriseTerms:
    """S1: the instant of occurrence decides; on the list and on the page it is no failure that can be claimed."""

    @pytest.mark.parametrize(("minutes", "verdict"), [(-6, Verdict.OFF_TERMS), (-5, Verdict.FAILURE)])
    def test_by_the_instant_of_occurrence(self, minutes, verdict):
        midnight = datetime(2026, 6, 9, 4, tzinfo=UTC)  # in New York
        contract = make.contract(first=date(2026, 6, 9))
        received = midnight + minutes * MINUTE
        tables([Line(2, contract.customer_id, "INC-7", told(received, 30), log_file(NOW, make.manager()).pk)])
        during = Span(midnight - DAY, midnight + DAY)
        known = circumstances_of([contract.customer_id], during, NOW)

        (listed,) = lists.page_of(known, lists.Narrowed(customer=contract.customer_id, during=during), 50)
        (page,) = examine(Notification.objects.all(), NOW)

        assert (listed.verdict, page.verdict) == (verdict, verdict)

    def test_one_contract_of_several_is_enough_and_none_is_said(self):
        standard = make.contract(enterprise=False)
        both = make.contract(customer=make.contract(enterprise=False).customer)
        bare = make.customer()
        customers = [standard.customer_id, both.customer_id, bare.pk]

        found = {one.customer: one.refusal.code for one in off_terms_of(agreements_of(customers), Span(NOW - DAY, NOW))}

        assert found == {standard.customer_id: "standard", bare.pk: "no_contract"}

    def test_a_suspension_is_off_for_its_days(self):
        contract = make.contract()
        day = NOW.date() - DAY
        contract.suspensions.create(days=DateRange(day, day + DAY), reason="Unpaid")

        (found,) = off_terms_of(agreements_of([contract.customer_id]), Span(NOW - 9 * DAY, NOW))

        assert (found.during, found.refusal.code) == (
            Span(first_instant(day, contract.tz), first_instant(day + DAY, contract.tz)),
            "suspended",
        )


class TestAFindingAgainstThePresumedCause:
    """S8: a reviewer finds otherwise, with a reason: the alert has a period of its own, on every page and in the claim."""

    @pytest.fixture
    def alert(self):
        contract = make.contract()
        received = NOW - DAY
        make.outage(customer=contract.customer, start=received + 10 * MINUTE, minutes=60)
        source = log_file(NOW, make.manager())
        tables([Line(2, contract.customer_id, "INC-7", told(received, 30), source.pk)])
        return Notification.objects.select_related("source", "customer").get()

    def find(self, alert):
        return find_otherwise(alert=alert, reason="The carrier's own log.", by=make.manager(), now=NOW)

    def test_it_counts_and_is_taken_back(self, alert):
        during = Span(NOW - 2 * DAY, NOW)
        narrowed = lists.Narrowed(customer=alert.customer_id, during=during)

        def verdicts():
            known = circumstances_of([alert.customer_id], during, NOW)
            return lists.page_of(known, narrowed, 50)[0].verdict, examine([alert], NOW)[0].verdict

        assert verdicts() == (Verdict.IN_OUTAGE, Verdict.IN_OUTAGE)
        assert self.find(alert) == self.find(alert)
        assert verdicts() == (Verdict.FAILURE, Verdict.FAILURE)
        take_finding_back(alert=alert, by=make.manager(), now=NOW)
        assert verdicts() == (Verdict.IN_OUTAGE, Verdict.IN_OUTAGE)

    def test_a_claim_says_what_it_changed(self, alert):
        contract = alert.customer.contracts.get()
        failure = make.failure(contract=contract, kind="B", began=alert.received_at, minutes=40, incident="INC-7")
        claim = make.sent_claim(draft=make.draft(failure=failure, complete=True))

        self.find(alert)

        kept = Recomputation.objects.get(claim=claim)
        assert (kept.remedy_before, kept.remedy_after) == (timedelta(), 25 * MINUTE)

    def test_where_nothing_is_presumed_it_is_refused(self, alert):
        Downtime.objects.update(withdrawn_at=NOW, withdrawn_by=make.manager())

        with pytest.raises(Refused, match="No outage is presumed"):
            self.find(alert)

    def test_the_page_asks_for_the_reason_and_shows_it(self, alert, monkeypatch):
        at(monkeypatch, NOW)
        desk, page = signed_in(make.manager()), address_of(alert)

        assert "There is a problem" in desk.post(f"{page}otherwise/", {"reason": ""}).content.decode()
        desk.post(f"{page}otherwise/", {"reason": "The carrier's own log."})
        shown = desk.get(page).content.decode()
        assert "The carrier&#x27;s own log." in shown
        assert "Take the finding back" in shown
        desk.post(f"{page}presumed/")
        assert FoundOtherwise.objects.standing().count() == 0


def test_an_outage_that_comes_on_record_recomputes_a_claim_about_an_alert_that_waited_for_days():
    """S4, S8, S19: never attempted, it waited until its incident was acknowledged, whatever its report states."""
    contract = make.contract()
    received = NOW - 6 * DAY
    waited = replace(alert(logged=None), received=received, acknowledged=NOW - DAY + 2 * HOUR)
    tables([Line(2, contract.customer_id, "INC-7", waited, log_file(NOW, make.manager()).pk)])
    report = make.failure(contract=contract, kind="B", began=received, minutes=40, incident="INC-7", channel="phone")
    claim = make.sent_claim(draft=make.draft(failure=report, complete=True))

    make.outage(customer=contract.customer, start=NOW - DAY, now=NOW + HOUR)

    (changed,) = Recomputation.objects.filter(claim=claim)
    assert (changed.remedy_before, changed.remedy_after) == (5 * DAY + 2 * HOUR - 5 * MINUTE, timedelta())


def test_a_merge_of_two_causes_that_touch_recomputes_a_claim_about_an_alert_in_them():
    """S2, S8, S12, S19: as one cause they are an outage of forty minutes, which the alert was late in."""
    contract = make.contract()
    start = NOW - DAY
    one, other = (make.outage(customer=contract.customer, start=start + n * MINUTE, minutes=20) for n in (0, 20))
    tables([Line(2, contract.customer_id, "INC-7", told(start, 30), log_file(NOW, make.manager()).pk)])
    report = make.failure(contract=contract, kind="B", began=start, minutes=30, incident="INC-7", channel="phone")
    claim = make.sent_claim(draft=make.draft(failure=report, complete=True))

    merge_causes(kept=one.cause, merged=other.cause, reason="One switch.", by=make.manager(), now=NOW + HOUR)

    (changed,) = Recomputation.objects.filter(claim=claim)
    assert (changed.remedy_before, changed.remedy_after) == (25 * MINUTE, timedelta())
