"""S2, S8–S13: the facts on record, handed to the rules; the customer's figures and the reviewer's are one answer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements.rules.spans import Span
from sla.actions.decisions import strike_line
from sla.actions.drafts import add_transactions, declare
from sla.assessment import assess
from sla.live_figures import in_brief
from sla.models import Claim, LostTransaction
from sla.rules.losses import realized_loss
from sla.stated import TransactionLine
from tests import factories as make
from tests.factories import DAY, HOUR, NOW, TODAY

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)
BEGAN = NOW - DAY  # the default outage, 95 minutes long


def assessed(claim, now=NOW + HOUR):
    return assess(Claim.objects.get(pk=claim.pk), now=now)


def codes(found):
    return [(one.clause, one.code) for one in found.obstacles]


class TestInSums:
    """S9: lines that are judged alike, taken as one, give every figure that the lines one by one give."""

    def test_no_figure_differs(self, gold):
        make.outage(customer=gold.customer, start=BEGAN)
        draft = make.draft(failure=make.failure(contract=gold, began=BEGAN), complete=True)
        sums = [("7.01", "0"), ("3", "9.995"), ("5", "5"), ("0.005", "0"), ("1e3", "999.999999")]
        lines = [
            TransactionLine(at, f"{at} {n}", Decimal(revenue), Decimal(expenses))
            for at in (BEGAN + 10 * MINUTE - TICK, BEGAN + 10 * MINUTE, BEGAN + 95 * MINUTE - TICK, BEGAN + 95 * MINUTE)
            for n, (revenue, expenses) in enumerate(sums)
        ]
        add_transactions(claim=draft, lines=lines, by=draft.opened_by, now=NOW)
        declare(claim=draft, by=draft.opened_by, now=NOW)
        claim = make.sent_claim(draft=draft)
        for line in claim.transactions.filter(line__in=(4, 11, 18)):
            strike_line(line=line, reason=line.Strike.COMPLETED, note="Seen.", by=make.manager(), now=NOW + HOUR)
        claim = Claim.objects.get(pk=claim.pk)

        one_by_one, summed = (assess(claim, now=NOW + HOUR, in_sums=in_sums) for in_sums in (False, True))

        assert one_by_one.claimed == summed.claimed == Decimal("2000.08")
        assert one_by_one.figures.loss.exact == summed.figures.loss.exact != 0
        assert one_by_one.figures.loss.without_netting == summed.figures.loss.without_netting != summed.assessed
        assert one_by_one.figures.credit == summed.figures.credit
        assert in_brief(one_by_one) == in_brief(summed)
        assert len(summed.figures.loss.lines) < len(one_by_one.figures.loss.lines) == 22

    def test_nor_where_no_failure_is_on_record(self, unlogged):
        assert assess(unlogged, now=NOW + HOUR, in_sums=True).claimed == Decimal("2000.00")


class TestTheRemedyPeriod:
    """S8: of an outage from ten minutes after its start to its end."""

    def test_it_is_that_of_our_logs(self, sent_claim):
        found = assessed(sent_claim)

        assert found.union.counted.spans == (Span(BEGAN + 10 * MINUTE, BEGAN + 95 * MINUTE),)

    def test_the_customers_own_times_do_not_lengthen_it(self, gold):
        make.outage(customer=gold.customer, start=BEGAN, minutes=40)

        found = assessed(make.sent_claim(failure=make.failure(contract=gold, began=BEGAN, minutes=300)))

        assert found.union.counted.spans == (Span(BEGAN + 10 * MINUTE, BEGAN + 40 * MINUTE),)

    def test_intervals_that_touch_are_one_and_a_gap_separates(self, gold):
        """S2: 20 and 20 minutes that touch are an outage; another 20 after a gap are none."""
        outage = make.outage(customer=gold.customer, start=BEGAN, minutes=20)
        for first, last in ((20, 40), (41, 61)):
            outage.downtimes.create(
                customer=gold.customer,
                during=DateTimeTZRange(BEGAN + first * MINUTE, BEGAN + last * MINUTE),
                source="log",
                recorded_at=NOW,
                recorded_by=outage.recorded_by,
            )

        found = assessed(make.sent_claim(failure=make.failure(contract=gold, began=BEGAN, minutes=61)))

        assert found.union.counted.spans == (Span(BEGAN + 10 * MINUTE, BEGAN + 40 * MINUTE),)

    def test_one_that_goes_on_grows_and_stands_in_the_way_of_an_approval(self, gold):
        claim = make.sent_claim(failure=make.failure(contract=gold, minutes=None))

        early, late = assessed(claim, now=NOW + HOUR), assessed(claim, now=NOW + 2 * HOUR)

        assert late.union.counted.spans[0].end - early.union.counted.spans[0].end == HOUR
        assert ("S2", "open") in codes(late)

    def test_without_an_outage_on_record_there_are_no_figures(self, unlogged):
        found = assessed(unlogged)

        assert (found.figures, found.assessed, found.capped) == (None, Decimal("0.00"), None)
        assert ("S19", "no_failure") in codes(found)


class TestTheLoss:
    """S9: the lines that count; what was struck out keeps its reason."""

    @pytest.mark.parametrize(
        ("minute", "counts"),
        [(9, False), (10, True), (94, True), (95, False)],
        ids=["before", "first", "last", "after"],
    )
    def test_only_attempts_inside_the_remedy_period_count(self, minute, counts, complete_draft):
        make.restate(complete_draft, attempted_at=BEGAN + minute * MINUTE)

        assert assessed(complete_draft).assessed == (Decimal("2000.00") if counts else Decimal("0.00"))

    @pytest.mark.parametrize("reason", LostTransaction.Strike.values)
    def test_each_reason_of_a_reviewer_strikes_the_line(self, reason):
        line = LostTransaction(
            line=1, attempted_at=NOW, revenue=Decimal(100), expenses=Decimal(0), struck=reason, struck_note="x"
        )

        loss = realized_loss([line.facts()], [Span(NOW - HOUR, NOW + HOUR)])

        assert loss.amount == Decimal("0.00")

    def test_claimed_assessed_and_capped_stay_three_figures(self, complete_draft):
        """S19"""
        make.restate(complete_draft, only=1, revenue=Decimal(400_000))
        make.restate(complete_draft, only=2, attempted_at=BEGAN)

        found = assessed(complete_draft)

        assert (found.claimed, found.assessed, found.capped) == (
            Decimal("400800.00"),
            Decimal("399800.00"),
            Decimal("295200.00"),
        )


class TestTheFees:
    """S11: the three calendar months before the month of occurrence, of those on record."""

    def test_months_further_back_are_not_drawn_in(self, sent_claim):
        sent_claim.contract.fee_months.filter(month__month__in=[3, 4, 5]).delete()

        assert ("S11", "no_fees") in codes(assessed(sent_claim))

    def test_a_contract_that_began_in_the_meantime_has_fewer(self):
        claim = make.sent_claim(contract=make.contract(first=TODAY.replace(month=4, day=15)))

        assert assessed(claim).figures.fees.months == (TODAY.replace(month=5, day=1),)


class TestTheStanding:
    """S1: the instant of occurrence decides which terms; today's do not."""

    def test_terms_that_changed_afterwards_do_not_matter(self, sent_claim):
        make.standard_terms(contract=sent_claim.contract, first=TODAY)

        assert assessed(sent_claim).standing.refusal is None

    def test_a_draft_is_judged_as_if_it_were_sent_now(self, complete_draft):
        """S13: past its window its failure drops out."""
        before, after = (assessed(complete_draft, now=complete_draft.closes_at + n * MINUTE) for n in (-1, 0))

        assert (before.figures is None, after.figures is None) == (False, True)


class TestTheWorking:
    """The whole way from the logs to the credit is one tree, and it is the same however often it is asked for."""

    def test_each_clause_stands_in_it(self, sent_claim):
        def clauses(step):
            return {step.clause}.union(*map(clauses, step.steps))

        assert clauses(assessed(sent_claim).working) >= {"S1", "S8", "S9", "S11", "S13"}

    def test_asked_again_it_is_the_same(self, sent_claim):
        assert assessed(sent_claim).working.as_json() == assessed(sent_claim, now=NOW + 9 * DAY).working.as_json()
