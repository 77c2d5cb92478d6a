"""S11, S12, S19: what one person proposes another approves, on the facts that it was made on, once for a cause."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from entitlements.actions.refused import Refused
from entitlements.models import Contract, Event, Letter, Membership
from sla.actions.claims import withdraw_claim
from sla.actions.decisions import (
    approve_proposal,
    assign_outage,
    keep_line,
    propose_decision,
    return_proposal,
    strike_line,
    take_claim,
)
from sla.assessment import assess
from sla.models import Claim, ClaimFailure, Credit, CreditEntry, Downtime, Failure, Proposal
from tests import credit_factories as ledger
from tests import factories as make
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db

LATER = NOW + 2 * DAY


def refusals(action, **handed_in):
    with pytest.raises(Refused) as refused:
        action(**handed_in)
    return [(one.clause, one.code) for one in refused.value.refusals]


def approve(proposal, by=None, now=LATER):
    return approve_proposal(proposal=proposal, by=by or make.approver(), now=now)


class TestReviewing:
    """S9, S12, S19: a claim is taken; its outage is named; its lines are judged."""

    def test_taken_it_is_in_review_and_says_by_whom(self, sent_claim):
        by = make.manager()

        claim = take_claim(claim=sent_claim, by=by, now=LATER)

        assert (claim.state, claim.taken_at, claim.taken_by) == ("in_review", LATER, by)

    def test_a_draft_is_not_the_desks_yet(self, draft):
        assert refusals(take_claim, claim=draft, by=make.manager(), now=NOW) == [("S19", "already_moved_on")]

    def test_the_named_outage_gives_the_claim_its_cause(self, unlogged):
        outage = make.outage(customer=unlogged.contract.customer)

        assigned = assign_outage(claim=unlogged, outage=outage, by=make.manager(), now=LATER)

        assert assigned.cause == outage.cause
        assert set(unlogged.failures.values_list("outage", "cause")) == {(outage.pk, outage.cause_id)}

    def test_what_has_no_outage_of_its_own_goes_with_it(self, sent_claim):
        """S12: a claim is for the failures of one cause."""
        alert = make.failure(contract=sent_claim.contract, kind="B", began=NOW - HOUR, minutes=None)
        Failure.objects.filter(pk=alert.pk).update(cause=sent_claim.cause)
        ClaimFailure.objects.create(claim=sent_claim, failure=alert)
        outage = make.outage(customer=sent_claim.contract.customer, start=NOW - 10 * HOUR)

        assign_outage(claim=sent_claim, outage=outage, by=make.manager(), now=LATER)

        assert set(sent_claim.failures.values_list("cause", flat=True)) == {outage.cause_id}

    def test_failures_of_two_causes_have_no_single_credit(self, sent_claim):
        other = make.outage(customer=sent_claim.contract.customer, start=NOW - 10 * HOUR).cause
        Claim.objects.filter(pk=sent_claim.pk).update(cause=other)

        assert refusals(make.proposal, claim=sent_claim) == [("S12", "two_causes")]

    def test_an_outage_that_the_customer_did_not_have_is_refused(self, sent_claim):
        somebody_elses = make.outage()

        assert refusals(assign_outage, claim=sent_claim, outage=somebody_elses, by=make.manager(), now=LATER) == [
            ("S2", "not_theirs")
        ]
        sent_claim.refresh_from_db()
        assert sent_claim.cause != somebody_elses.cause

    def test_a_line_is_struck_out_with_its_reason_and_kept_again(self, sent_claim):
        by = make.manager()
        line = sent_claim.transactions.first()

        strike_line(line=line, reason="completed", note="It went through at 10:40.", by=by, now=LATER)
        assert make.proposal(claim=sent_claim).assessed == Decimal("1000.00")
        return_proposal(proposal=Proposal.objects.get(), reason="See line 1.", by=by, now=LATER)
        keep_line(line=line, by=by, now=LATER)

        assert make.proposal(claim=sent_claim).assessed == Decimal("2000.00")


class TestAProposal:
    """S11, S19: the four figures, their working and their edition are frozen with it."""

    def test_the_four_figures_stay_four(self, proposal):
        figures = (proposal.claimed, proposal.assessed, proposal.capped, proposal.credited)
        assert figures == (Decimal("2000.00"),) * 4
        assert proposal.bound == "remedy"
        assert proposal.working["name"] == "claim"
        assert (proposal.claim.state, proposal.claim.taken_by) == ("in_review", proposal.proposed_by)

    @pytest.mark.parametrize(
        "change",
        [{"credited": 1}, {"assessed": 1}, {"working": {}}, {"grounds": "x"}, {"proposed_at": NOW}],
        ids=lambda change: next(iter(change)),
    )
    def test_its_figures_stay_whoever_writes(self, change, proposal):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Proposal.objects.filter(pk=proposal.pk).update(**change)

        assert return_proposal(proposal=proposal, reason="Look again.", by=make.manager(), now=LATER).returned_at

    def test_a_denial_credits_nothing(self, sent_claim):
        proposal = make.proposal(claim=sent_claim, outcome="deny")

        assert (proposal.credited, proposal.capped) == (None, Decimal("2000.00"))

    def test_a_denial_names_a_clause(self, sent_claim):
        given = {"claim": sent_claim, "outcome": "deny", "grounds": "Not convincing."}

        assert refusals(make.proposal, **given) == [("S19", "no_grounds")]

    def test_a_second_one_waits_for_the_first(self, proposal):
        assert refusals(make.proposal, claim=proposal.claim) == [("S19", "one_waits")]

    def test_an_approval_names_each_thing_that_stands_against_it(self, unlogged):
        self.only_a_denial(unlogged, [("S19", "no_failure"), ("S12", "no_cause")])

    def test_and_that_the_outage_is_not_over(self, gold):
        self.only_a_denial(make.sent_claim(failure=make.failure(contract=gold, minutes=None)), [("S2", "open")])

    @pytest.mark.parametrize(
        ("made", "expected"),
        [({"fees": False}, [("S11", "no_fees")]), ({"currency": "EUR"}, [("S11", "no_cap")])],
        ids=["no fees", "no cap in EUR"],
    )
    def test_and_what_its_contract_lacks(self, made, expected):
        self.only_a_denial(make.sent_claim(contract=make.contract(**made)), expected)

    def test_and_that_the_contract_is_on_standard_terms(self, sent_claim):
        make.standard_terms(contract=sent_claim.contract)

        self.only_a_denial(sent_claim, [("S1", "standard")])

    def test_and_that_no_line_is_left(self, sent_claim):
        for line in sent_claim.transactions.all():
            strike_line(line=line, reason="no_document", note="None came.", by=make.manager(), now=NOW + 2 * HOUR)

        self.only_a_denial(sent_claim, [("S19", "no_amount")])

    def test_and_that_its_cause_is_credited_already(self, decided_claim):
        self.only_a_denial(make.sent_claim(failure=another_of(decided_claim)), [("S12", "one_cause")])

    def only_a_denial(self, claim, against):
        assert refusals(make.proposal, claim=claim) == against
        assert make.proposal(claim=claim, outcome="deny").outcome == "deny"

    @pytest.mark.parametrize(
        ("change", "codes"),
        [
            ({"document": None}, [("S9", "names_no_document")]),
            ({"document": None, "attempted_at": NOW}, [("S19", "no_amount")]),
            ({"document": None, "struck": "completed", "struck_note": "x", "struck_at": NOW}, [("S19", "no_amount")]),
        ],
        ids=["that counts", "outside the period", "struck out"],
    )
    def test_each_amount_that_counts_names_its_document(self, change, codes, complete_draft):
        by = make.manager()
        struck = {"struck_by": by} if "struck" in change else {}
        make.restate(complete_draft, **change | struck)
        told = {"outcome": "approve", "grounds": "", "by": by, "now": LATER}

        assert refusals(propose_decision, claim=make.sent_claim(draft=complete_draft), **told) == codes

    def test_nor_is_one_enough_in_which_a_virus_was_found(self, sent_claim):
        sent_claim.evidence.update(scan="refused", scanned_at=NOW)

        told = {"outcome": "approve", "grounds": "", "by": make.manager(), "now": LATER}
        assert refusals(propose_decision, claim=sent_claim, **told) == [("S9", "names_no_document")]

    def test_a_draft_is_not_decided(self, draft):
        assert refusals(make.proposal, claim=draft) == [("S19", "already_moved_on")]

    def test_a_decided_claim_is_not_decided_again(self, decided_claim):
        assert refusals(make.proposal, claim=decided_claim) == [("S19", "already_moved_on")]


def another_of(claim):
    """A second failure of the same customer, in the same outage, on another contract of theirs."""
    contract = make.contract(customer=claim.contract.customer)
    return make.failure(contract=contract)


class TestAnApproval:
    """S12, S19: by a second person; the credit is posted at once, and the customer is told of both."""

    def test_a_credit_is_posted_in_both_names(self, proposal):
        by = make.approver()

        claim = make.decided(proposal=proposal, by=by)

        entry = CreditEntry.objects.get()
        assert (claim.state, claim.closed_at) == ("credited", LATER)
        assert (entry.amount, entry.currency, entry.kind, entry.posted_at) == (
            Decimal("2000.00"),
            "USD",
            "grant",
            LATER,
        )
        assert (entry.proposed_by, entry.approved_by) == (proposal.proposed_by, by)
        assert (entry.credit.cause, entry.customer) == (claim.cause, claim.contract.customer)
        assert set(Letter.objects.filter(matter=claim.reference).values_list("kind", flat=True)) == {
            "claim_received",
            "claim_decided",
            "credit_posted",
            "approval_decided",
        }
        assert set(Event.objects.filter(matter=claim.reference, part_of=None).values_list("verb", flat=True)) >= {
            "claim.decision_proposed",
            "claim.approved",
            "claim.credited",
        }

    def test_a_denial_is_told_and_credits_nothing(self, sent_claim):
        denial = make.proposal(claim=sent_claim, outcome="deny", grounds="No outage is on record (S2).")
        claim = make.decided(proposal=denial)

        assert claim.state == "denied"
        assert not Credit.objects.exists()
        assert Letter.objects.filter(matter=claim.reference, kind="claim_decided").exists()
        assert not Letter.objects.filter(kind="credit_posted").exists()

    def test_whoever_proposed_cannot_approve(self, sent_claim):
        by = make.approver()
        proposal = make.proposal(claim=sent_claim, by=by)

        assert refusals(approve, proposal=proposal, by=by) == [("S19", "second_person")]

    @pytest.mark.parametrize(
        "by",
        [make.manager, make.member, lambda: make.approver(is_active=False), lambda: make.person(may_approve=True)],
        ids=["a manager", "a customer", "somebody switched off", "somebody who is not staff"],
    )
    def test_who_may_not_approve_cannot(self, by, proposal):
        assert refusals(approve, proposal=proposal, by=by()) == [("S19", "may_not_approve")]

    @pytest.mark.parametrize("part", ["was a member", "opened", "declared", "submitted"])
    def test_nobody_decides_a_claim_that_is_their_own(self, part, complete_draft):
        own = make.approver()
        if part in ("opened", "declared"):
            Claim.objects.filter(pk=complete_draft.pk).update(**{f"{part}_by": own})
        by = own if part == "submitted" else make.one_of(complete_draft.contract.customer, "claims")
        sent_claim = make.sent_claim(draft=complete_draft, by=by)
        if part == "was a member":
            left = {"left_at": NOW, "left_by": own}
            Membership.objects.create(user=own, customer=sent_claim.contract.customer, roles=["owner"], **left)

        told = {"by": own, "now": LATER}
        acts = [
            (make.proposal, {"claim": sent_claim, "by": own}),
            (take_claim, {"claim": sent_claim, **told}),
            (assign_outage, {"claim": sent_claim, "outage": sent_claim.cause.outages.get(), **told}),
            (strike_line, {"line": sent_claim.transactions.first(), "reason": "completed", "note": "x", **told}),
            (keep_line, {"line": sent_claim.transactions.first(), **told}),
        ]
        assert {act.__name__: refusals(act, **given) for act, given in acts} == {
            act.__name__: [("S19", "own_claim")] for act, _ in acts
        }
        assert refusals(approve, proposal=make.proposal(claim=sent_claim), by=own) == [("S19", "own_claim")]

    def test_twice_is_refused(self, proposal):
        approve(proposal)

        assert refusals(approve, proposal=proposal) == [("S19", "already_moved_on")]
        assert CreditEntry.objects.count() == 1

    def test_what_it_was_proposed_on_stays_while_it_waits(self, proposal):
        claim, told = proposal.claim, {"by": make.manager(), "now": LATER}
        waits = [("S19", "one_waits")]

        assert refusals(assign_outage, claim=claim, outage=claim.cause.outages.get(), **told) == waits
        line = claim.transactions.first()
        assert refusals(strike_line, line=line, reason="completed", note="x", **told) == waits
        assert refusals(keep_line, line=line, **told) == waits

    def test_what_was_returned_cannot_be_approved(self, proposal):
        return_proposal(proposal=proposal, reason="Look at line 2.", by=proposal.proposed_by, now=LATER)

        assert refusals(approve, proposal=proposal) == [("S19", "settled")]
        assert make.proposal(claim=proposal.claim) != proposal

    def test_what_the_customer_took_back_cannot_be_approved(self, proposal):
        withdraw_claim(claim=proposal.claim, by=proposal.claim.opened_by, now=LATER)

        assert refusals(approve, proposal=proposal) == [("S19", "already_moved_on")]
        proposal.refresh_from_db()
        assert (proposal.waits, proposal.return_reason) == (False, "The customer took the claim back.")

    @pytest.mark.parametrize(
        "change",
        [
            lambda claim: claim.transactions.filter(line=1).update(
                struck="completed", struck_note="x", struck_by=make.manager(), struck_at=LATER
            ),
            lambda claim: Downtime.objects.update(during=DateTimeTZRange(NOW - DAY, NOW - DAY + timedelta(minutes=40))),
            lambda claim: claim.contract.fee_months.update(paid_seats=1),
            lambda claim: make.standard_terms(contract=claim.contract),
            lambda claim: Claim.objects.filter(pk=claim.pk).update(cause=make.outage(start=NOW - 3 * DAY).cause),
        ],
        ids=["a line struck", "another end of the outage", "other fees", "other terms", "another cause"],
    )
    def test_facts_that_changed_since_are_told_and_stop_it(self, change, proposal):
        change(proposal.claim)

        assert refusals(approve, proposal=proposal) == [("S19", "facts_changed")]
        assert not Credit.objects.exists()

    def test_time_that_passed_is_no_changed_fact(self, gold):
        """A denial proposed while the outage goes on is approved a day later."""
        going_on = make.failure(contract=gold, minutes=None)
        proposal = make.proposal(claim=make.sent_claim(failure=going_on), outcome="deny")

        assert approve(proposal, now=LATER + DAY).claim.state == "denied"
        proposal.claim.refresh_from_db()
        assert proposal.claim.state == "denied"

    def test_a_second_credit_of_the_cause_is_refused_in_words(self, proposal):
        """S12: both were proposed before either was approved."""
        second = make.proposal(claim=make.sent_claim(failure=another_of(proposal.claim)))
        approve(proposal)

        assert refusals(approve, proposal=second) in ([("S12", "one_cause")], [("S19", "facts_changed")])
        second.claim.refresh_from_db()
        assert second.claim.state == "in_review"
        assert Credit.objects.count() == 1

    def test_the_credit_is_never_above_five_times_the_annual_fees(self, complete_draft):
        """S11: 120 seats at 41.00, twelve months, five times."""
        make.restate(complete_draft, revenue=Decimal("1000000"))

        proposal = make.proposal(claim=make.sent_claim(draft=complete_draft))

        assert (proposal.bound, proposal.credited) == ("fees", Decimal("295200.00"))
        assert proposal.claimed == proposal.assessed == Decimal("1999600.00")
        make.decided(proposal=proposal)
        assert CreditEntry.objects.get().amount == Decimal("295200.00")


@shared
def two(decided_claim):
    """A credit of 2,000.00, and a claim of another cause of the same customer."""
    other = make.failure(contract=decided_claim.contract, began=NOW - 10 * HOUR)
    return Credit.objects.get(claim=decided_claim), make.sent_claim(failure=other)


class TestWhatOtherCausesWereCredited:
    """S11: it feeds one of the other readings of the cap, and nothing else."""

    def test_what_went_into_an_invoice_stays_credited(self, two):
        credit, claim = two

        ledger.posted(ledger.application(of=credit, amount="2000.00"))

        assert assess(claim, now=LATER).figures.credit.credited_before == 2000

    def test_it_stands_in_the_way_of_no_approval_where_no_reading_is_another(self, two):
        credit, claim = two
        proposal = make.proposal(claim=claim)

        ledger.posted(ledger.correction(of=credit.entries.get(), amount="1500.00"))

        assert approve(proposal, now=LATER + DAY).credited == Decimal("2000.00")

    def test_but_where_one_is(self, two, monkeypatch):
        credit, claim = two
        monkeypatch.setattr("sla.assessment.cap_of", lambda *_: Decimal(3000))
        proposal = make.proposal(claim=claim)

        ledger.posted(ledger.correction(of=credit.entries.get(), amount="1500.00"))

        assert refusals(approve, proposal=proposal, now=LATER + DAY) == [("S19", "facts_changed")]


def test_a_suspended_contract_keeps_what_was_reported(settings, sent_claim):
    """S1: the instant of occurrence decides, not today's status."""
    Contract.objects.filter(pk=sent_claim.contract_id).update(status="suspended")
    sent_claim.contract.suspensions.create(days=DateRange(make.TODAY, None), reason="Unpaid")

    proposal = propose_decision(claim=sent_claim, outcome="approve", grounds="S2", by=make.manager(), now=LATER)

    assert proposal.credited == Decimal("2000.00")
