"""S2, S11–S13, N24: a published outage opens the way to a claim, once, for everyone whom it hit for long enough."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils.html import strip_tags

from entitlements.actions.refused import Refused
from entitlements.models import Letter
from sla.actions import publishing
from sla.actions.claims import start_claim
from sla.actions.corrections import correct_downtime
from sla.actions.outages import LoggedInterval, end_outage, record_outage
from sla.actions.publishing import open_the_way, publish_outage
from sla.assessment import assess
from sla.exposure import opened_by, sums
from sla.models import CreditEntry, Failure, Opening
from sla.outage_letters import no_longer_true
from sla.sweep import sweep
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
BEGAN = NOW - DAY


@shared
def contract():
    made = make.contract()
    make.one_of(made.customer, "claims")
    return made


def publish(outage, now=NOW):
    publish_outage(outage=outage, by=make.manager(), now=now)
    for opening in Opening.objects.due(now):
        open_the_way(opening=opening, now=now)


def letters(kind="outage_published"):
    return Letter.objects.filter(kind=kind)


class TestWhatItOpens:
    def test_a_failure_on_record_with_the_deadline_of_its_occurrence(self, contract):
        outage = make.outage(customer=contract.customer, start=BEGAN, minutes=30)

        publish(outage)

        failure = Failure.objects.get()
        assert (failure.contract, failure.outage, failure.cause) == (contract, outage, outage.cause)
        assert (failure.occurred_at, failure.found_by_us) == (BEGAN + 30 * MINUTE, True)
        assert failure.closes_at == make.failure(contract=contract).closes_at
        assert letters().filter(matter=failure.reference, deadline=failure.closes_at).count() == 1
        assert not CreditEntry.objects.exists()

    def test_nothing_a_second_too_short(self, contract):
        outage = make.outage(customer=contract.customer, start=BEGAN, minutes=30 - 1 / 60)

        publish(outage)

        assert not Failure.objects.exists()
        assert not letters().exists()

    def test_nothing_on_standard_terms_and_nothing_whose_window_has_ended(self):
        standard = make.contract(enterprise=False)
        outage = make.outage(customers=[standard.customer], start=BEGAN)
        old = make.outage(customer=make.contract().customer, start=NOW - 20 * DAY)

        publish(outage), publish(old)

        assert not Failure.objects.exists()
        assert [one.contracts[0].refusal.clause for one in (*opened_by(outage, NOW), *opened_by(old, NOW))] == [
            "S1",
            "S13",
        ]

    def test_a_claim_that_holds_our_log_when_the_customer_begins_it(self, contract):
        publish(make.outage(customer=contract.customer, start=BEGAN, minutes=40))
        failure = Failure.objects.get()

        claim = start_claim(failure=failure, by=make.one_of(contract.customer, "claims"), now=NOW)

        assert (claim.cause, claim.closes_at) == (failure.cause, failure.closes_at)
        assert (failure.began_at, failure.ended_at) == (BEGAN, BEGAN + 40 * MINUTE)

    def test_another_product_opens_nothing(self, contract):
        with pytest.raises(Refused, match="not the Service"):
            publish(make.outage(customer=contract.customer, component="aiops"))


class TestOneThatIsTooShort:
    """N24: no way is opened; whoever wants such letters hears of it while it lasts and when it is over."""

    def points(self):
        return [one.point.partition("/")[0] for one in letters("outage_short").order_by("pk")]

    def test_is_told_once_when_it_is_over(self, contract):
        outage = make.outage(customer=contract.customer, start=BEGAN, minutes=20)

        publish(outage)
        Opening.objects.update(opened_at=None)
        publish(outage, NOW + HOUR)

        assert self.points() == ["over"]

    def test_is_told_while_it_lasts_and_that_is_not_sent_once_it_counts(self, contract):
        outage = make.outage(customer=contract.customer, start=NOW - 10 * MINUTE, minutes=None)
        publish(outage)
        began = letters("outage_short").get()
        assert no_longer_true([began], NOW + MINUTE) == set()

        open_the_way(opening=Opening.objects.get(), now=NOW + 20 * MINUTE)

        assert (self.points(), letters().count()) == (["began"], 1)
        assert no_longer_true([began], NOW + 21 * MINUTE) == {began.pk}

    def test_is_not_told_to_those_whose_terms_know_no_such_thing(self):
        standard = make.contract(enterprise=False)
        make.one_of(standard.customer, "claims")

        publish(make.outage(customer=standard.customer, start=BEGAN, minutes=20))

        assert not letters("outage_short").exists()


class TestOnce:
    def test_published_twice_it_does_nothing_twice(self, contract):
        outage = make.outage(customer=contract.customer, start=BEGAN)

        publish(outage), publish(outage, NOW + HOUR)

        assert Failure.objects.count() == Opening.objects.count() == letters().count() == 1
        outage.refresh_from_db()
        assert outage.published_at == NOW

    def test_worked_off_again_it_does_nothing_again(self, contract):
        outage = make.outage(customer=contract.customer, start=BEGAN)
        publish(outage)

        Opening.objects.update(opened_at=None)
        publish(outage, NOW + HOUR)

        assert Failure.objects.count() == letters().count() == 1
        assert not letters("outage_longer").exists()

    def test_their_own_report_is_matched_not_doubled(self, contract):
        reported = make.failure(contract=contract, began=BEGAN)
        stated = (reported.began_at, reported.ended_at, reported.closes_at)

        publish(reported.outage)

        failure = Failure.objects.get()
        assert (failure.found_by_us, failure.began_at, failure.ended_at, failure.closes_at) == (False, *stated)
        assert letters().get().matter == reported.reference

    def test_one_that_came_before_the_logs_is_matched_too(self, contract):
        reported = make.failure(contract=contract, began=BEGAN + 2 * MINUTE, logged=False)
        outage = make.outage(customer=contract.customer, start=BEGAN)

        publish(outage)

        assert Failure.objects.get().outage == outage
        assert Failure.objects.get() == reported

    def test_the_clock_works_it_off(self, contract):
        outage = make.outage(customer=contract.customer, start=BEGAN)
        publish_outage(outage=outage, by=make.manager(), now=NOW)

        for _ in range(2):
            run = sweep(now=NOW, application_now=NOW)

        assert Failure.objects.count() == 1
        assert run.done.get("customers told of outages", 0) == 0
        assert Opening.objects.get().opened_at == NOW


class TestWhatChangesAfterwards:
    def correct(self, outage, minutes):
        log = outage.downtimes.get()
        end = BEGAN + minutes * MINUTE
        correct_downtime(downtime=log, start=BEGAN, end=end, reason="x", by=make.manager(), now=NOW + HOUR)
        publish(outage, NOW + HOUR)

    def test_longer_is_told(self, contract):
        outage = make.outage(customer=contract.customer, start=BEGAN, minutes=40)
        publish(outage)

        self.correct(outage, 50)

        assert letters("outage_longer").count() == 1
        assert Failure.objects.get().ended_at == BEGAN + 50 * MINUTE

    def test_shorter_is_not_and_no_deadline_comes_nearer(self, contract):
        outage = make.outage(customer=contract.customer, start=BEGAN, minutes=40)
        publish(outage)
        told = Failure.objects.get().closes_at

        self.correct(outage, 35)

        assert not letters("outage_longer").exists()
        assert Failure.objects.get().closes_at == told

    def test_short_that_turns_out_long_is_opened_then(self, contract):
        outage = make.outage(customer=contract.customer, start=BEGAN, minutes=20)
        publish(outage)

        self.correct(outage, 30)

        assert Failure.objects.get().occurred_at == BEGAN + 30 * MINUTE
        assert letters().count() == 1

    def test_the_end_of_one_that_lasted_is_told(self, contract):
        outage = make.outage(customer=contract.customer, start=BEGAN, minutes=None)
        publish(outage)
        assert Failure.objects.get().ended_at is None

        end_outage(outage=outage, ended_at=NOW, by=make.manager(), now=NOW)
        publish(outage)

        assert Failure.objects.get().ended_at == NOW
        assert letters("outage_longer").count() == 1

    def test_each_contract_is_told(self, contract):
        make.contract(customer=contract.customer)
        outage = make.outage(customer=contract.customer, start=BEGAN, minutes=40)
        publish(outage)

        self.correct(outage, 50)

        assert letters("outage_longer").values("matter").distinct().count() == 2

    def test_a_window_that_ended_meanwhile_is_not_written_of(self, contract):
        outage = make.outage(customer=contract.customer, start=BEGAN)
        publish(outage)
        Failure.objects.update(closes_at=NOW + HOUR)

        self.correct(outage, 90)

        assert not letters("outage_longer").exists()


class TestWhatHappensMeanwhile:
    def test_a_claim_that_is_begun_stays_begun(self, contract, monkeypatch):
        person = make.one_of(contract.customer, "claims")
        publish(make.outage(customer=contract.customer, start=BEGAN))
        Opening.objects.update(opened_at=None)
        recorded = publishing.record

        def begin_meanwhile(verb, **facts):
            recorded(verb, **facts)
            if verb == "failure.matched":
                start_claim(failure=Failure.objects.get(), by=person, now=NOW)

        monkeypatch.setattr(publishing, "record", begin_meanwhile)
        open_the_way(opening=Opening.objects.get(), now=NOW)

        assert Failure.objects.get().state == "claimed"

    def test_a_late_clock_opens_what_one_on_time_would_have(self, contract):
        outage = make.outage(customer=contract.customer, start=NOW - 15 * DAY)
        publish_outage(outage=outage, by=make.manager(), now=NOW)

        open_the_way(opening=Opening.objects.get(), now=NOW + 3 * DAY)

        assert Failure.objects.get().reported_at == NOW
        assert not letters().exists()
        sweep(now=NOW + 3 * DAY, application_now=NOW + 3 * DAY)
        assert (Failure.objects.get().state, Failure.objects.get().closed_at) == (
            "closed",
            Failure.objects.get().closes_at,
        )

    def test_one_that_runs_and_is_too_short_yet_is_looked_at_when_it_counts(self, contract):
        publish(make.outage(customer=contract.customer, start=NOW - 20 * MINUTE, minutes=None))
        assert not Failure.objects.exists()

        for minutes in (9, 10):
            sweep(now=NOW + minutes * MINUTE, application_now=NOW + minutes * MINUTE)

            assert Failure.objects.count() == letters().count() == minutes - 9
        assert not Opening.objects.waiting().exists()


class TestPiecesOutsideTheTerm:
    """S1: each piece is judged at its own occurrence."""

    def outage(self, contract, now, *spans):
        logged = [LoggedInterval(contract.customer, start, end) for start, end in spans]
        return record_outage(title="Two pieces", intervals=logged, source="probe", by=make.manager(), now=now)

    def test_one_before_it_takes_nothing_from_a_later_one(self):
        contract = make.contract(first=date(2026, 1, 10), last=date(2027, 1, 9))
        now, midnight = datetime(2026, 1, 12, 12, tzinfo=UTC), datetime(2026, 1, 10, 5, tzinfo=UTC)
        spans = (midnight - 3 * HOUR, midnight - 2 * HOUR), (midnight + HOUR, midnight + 5 * HOUR)
        outage = self.outage(contract, now, *spans)

        publish(outage, now)

        assert Failure.objects.get().occurred_at == midnight + HOUR + 30 * MINUTE
        ((opened,),) = [one.contracts for one in opened_by(outage, now)]
        assert [refusal.code for _, refusal in opened.dropped] == ["outside_term"]

    def test_one_after_it_is_not_counted_and_shown_with_its_reason(self):
        contract = make.contract(first=date(2025, 6, 1), last=date(2026, 6, 9))
        midnight = datetime(2026, 6, 10, 4, tzinfo=UTC)
        spans = (midnight - 2 * HOUR, midnight - HOUR), (midnight + HOUR, midnight + 3 * HOUR)
        publish(self.outage(contract, NOW, *spans))

        found = assess(make.draft(failure=Failure.objects.get()), now=NOW)

        assert found.union.counted.time == 50 * MINUTE
        assert [(one.clause, one.result) for one in found.dropped] == [
            ("S1", "This occurred outside the term of the contract.")
        ]


class TestWhatItCanCost:
    """S11: 120 seats at 41.00 are 59,040.00 a year, five times that 295,200.00 for each customer."""

    def test_each_customer_counts_once_within_both_caps(self, contract):
        other = make.contract(customer=contract.customer)
        outage = make.outage(customers=[contract.customer, make.contract().customer], start=BEGAN)

        found = opened_by(outage, NOW)

        assert other.customer == contract.customer
        assert sums(found) == {"USD": Decimal("590400.00")}

    def test_a_cause_that_is_credited_costs_nothing_more(self):
        credited = make.decided()

        assert sums(opened_by(credited.failures.get().outage, NOW)) == {}

    def test_without_fees_it_is_not_known_and_said_so(self):
        bare = make.contract(fees=False)

        (found,) = opened_by(make.outage(customer=bare.customer, start=BEGAN), NOW)

        assert found.cannot_be_computed

    def test_asking_for_many_is_as_many_questions_as_for_one(self, django_assert_max_num_queries):
        outage = make.outage(customers=[make.contract().customer for _ in range(4)], start=BEGAN)

        with django_assert_max_num_queries(18):
            opened_by(outage, NOW)

    def test_the_page_shows_it_before_and_how_far_it_is_after(self, contract, monkeypatch):
        at(monkeypatch, NOW)
        outage = make.outage(customer=contract.customer, start=BEGAN)
        desk, address = signed_in(make.manager()), f"/admin/outages/{outage.reference}/publish/"

        assert "USD 295,200.00" in desk.get(address).content.decode()
        assert not Opening.objects.exists()
        assert "worked off 0 of 1 customer" in desk.post(address, follow=True).content.decode()
        assert "Letters cannot be taken back" not in desk.get(address).content.decode()

    def test_once_it_is_credited_the_page_still_says_what_was_opened(self, contract, clock, monkeypatch):
        outage = make.outage(customer=contract.customer, start=BEGAN)
        publish(outage)
        failure = Failure.objects.get()
        make.decided(proposal=make.proposal(claim=make.sent_claim(failure=failure)))

        at(monkeypatch, NOW + 3 * DAY)
        page = signed_in(make.manager()).get(f"/admin/outages/{outage.reference}/publish/").content.decode()
        said = " ".join(strip_tags(page).split())
        assert f"{failure.reference}, on record already; nothing more: The cause is credited already." in said
        assert "0 of 1 customer can still come to a credit for it." in said


def test_the_customer_reads_that_it_is_on_record_by_our_logs(contract, clock, signed_in):
    publish(make.outage(customer=contract.customer, start=BEGAN))
    person = make.one_of(contract.customer, "claims")

    page = signed_in(person).get(f"/failures/{Failure.objects.get().reference}/").content.decode()

    assert "by our logs" in page
    assert "Start the claim now" in page


def test_the_desk_does_not_take_our_log_for_what_the_customer_says(contract, clock, signed_in):
    publish(make.outage(customer=contract.customer, start=BEGAN))
    claim = make.sent_claim(failure=Failure.objects.get())

    page = signed_in(make.manager()).get(f"/admin/claims/{claim.reference}/").content.decode()

    assert "Put on record by us</th>" in page
    assert "The customer says</th>" not in page
