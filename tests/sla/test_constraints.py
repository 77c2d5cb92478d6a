"""What the database refuses, whoever writes: each constraint by its name, on failures, claims, decisions and credits."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from entitlements.actions.log import record
from entitlements.models import Membership, Standstill
from sla.models import (
    FAILURE_MOVES,
    OUTAGE_MOVES,
    Audit,
    Cause,
    Claim,
    ClaimFailure,
    ClaimState,
    Correction,
    Credit,
    CreditEntry,
    Downtime,
    ExtendedWindow,
    Extension,
    Failure,
    FailureState,
    FoundOtherwise,
    LostTransaction,
    Opening,
    Outage,
    OutageState,
    Proposal,
    TermsEdition,
    TermsPeriod,
    Waiver,
)
from sla.rules.lifecycle import CLAIM_MOVES
from tests import credit_factories as ledger
from tests import factories as make
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared
from tests.sla.evidence.logs import log_file

pytestmark = pytest.mark.django_db


def of(model, instance, **values):
    return model.objects.filter(pk=instance.pk).update(**values)


def finding(source, **changes):
    told = {"reason": "The carrier's own log.", "found_at": NOW, "found_by": source.uploaded_by} | changes
    return FoundOtherwise.objects.create(customer=make.customer(), source=source, line=2, received_at=NOW, **told)


def another_proposal(claim, **changes):
    return Proposal.objects.create(
        **{
            "claim": claim,
            "outcome": "approve",
            "grounds": "S2",
            **dict.fromkeys(("claimed", "assessed", "capped", "credited"), 1),
            "edition": TermsEdition.objects.get(),
            "cause": claim.cause,
            "working": {},
            "proposed_at": NOW,
            "proposed_by": make.manager(),
        }
        | changes
    )


@shared
def there():
    """What the database is to refuse a change of: one of each, and each of a customer of its own."""
    return SimpleNamespace(
        contract=make.contract(),
        outage=make.outage(),
        failure=make.failure(),
        draft=make.draft(),
        complete=make.draft(complete=True),
        sent=make.sent_claim(),
        proposal=make.proposal(by=make.approver()),
        credit=Credit.objects.get(claim=make.decided()),
    )


def a_proposal_both_approved_and_returned(there):
    other = make.approver()
    of(Proposal, there.proposal, approved_at=NOW, approved_by=other, returned_at=NOW, returned_by=other)


def an_extended_window(**told):
    standstill = Standstill.objects.create(what="clock", began_at=NOW, ended_at=NOW + HOUR)
    decided = {"reason": "x", "record": {}, "decided_at": NOW, "decided_by": make.manager()}
    made = Extension.objects.create(standstill=standstill, **decided)
    return ExtendedWindow.objects.create(extension=made, kind="to claim", **told)


def a_second_credit(there):
    """Of another claim of the customer's, approved too, for the cause that is credited already."""
    credit = there.credit
    claim = make.sent_claim(contract=credit.claim.contract)
    second = another_proposal(of_cause(claim, credit.cause))
    of(Proposal, second, approved_at=NOW, approved_by=make.approver())
    Credit.objects.create(reference="CR-2", customer=credit.customer, cause=credit.cause, claim=claim, proposal=second)


def of_cause(claim, cause):
    of(Claim, claim, cause=cause)
    claim.failures.update(cause=cause)
    claim.refresh_from_db()
    return claim


def an_entry(there, **changes):
    entry = there.credit.entries.get()
    fields = {f.attname: getattr(entry, f.attname) for f in CreditEntry._meta.concrete_fields if not f.primary_key}
    return CreditEntry.objects.create(**fields | {"kind": "correction"} | changes)


def a_correction(there, **changes):
    fields = {
        "was": DateTimeTZRange(NOW - DAY, NOW),
        "reason": "x",
        "corrected_at": NOW,
        "corrected_by": make.manager(),
    }
    Correction.objects.create(**fields | {"downtime": there.outage.downtimes.get()} | changes)


def terms(**values):
    """S1: a draft of the terms, by hand: what the database refuses, whoever writes."""
    draft = TermsEdition.objects.get()
    drafted = {"drafted_at": NOW, "drafted_by": make.manager(), "published_at": None, "published_by": None}
    for name, value in {"pk": None, "name": "Next", "valid_from": make.LAST, **drafted}.items():
        setattr(draft, name, value)
    draft.save(force_insert=True)
    return of(TermsEdition, draft, **values)


BOTH = {"approved_at": NOW, "returned_at": NOW}


def a_waiver(there, **changes):
    told = {"reason": "The portal was down.", "proposed_at": NOW, "proposed_by": make.approver()}
    return Waiver.objects.create(claim=there.draft, **told | changes)


def an_audit(there, **changes):
    told = {"side": "vendor", "auditor": make.manager(), "scope": "The orders.", "answer_by": NOW + DAY}
    opened = {"opened_at": NOW, "opened_by": make.manager(), "assessed_before": 1}
    return Audit.objects.create(claim=there.sent, **told | opened | changes)


REFUSED = {
    # terms, outages, failures
    "terms_is_proposed_before_it_is_published": lambda there: terms(published_at=NOW, published_by=make.approver()),
    "terms_is_published_by_a_second_person": lambda there: terms(
        proposed_at=NOW, proposed_by=(one := make.approver()), published_at=NOW, published_by=one
    ),
    "one_kind_of_terms_on_a_day": lambda there: TermsPeriod.objects.create(
        contract=there.contract, terms="enterprise", days=DateRange(make.TODAY, make.LAST)
    ),
    "downtime_has_a_start": lambda there: of(Downtime, there.outage.downtimes.get(), during=DateTimeTZRange(None, NOW)),
    "a_log_file_has_its_hash": lambda there: of(Downtime, there.outage.downtimes.get(), source_file="events.csv"),
    "a_correction_says_why": lambda there: a_correction(there, reason=""),
    "a_correction_changes_something": lambda there: a_correction(there, becomes=DateTimeTZRange(NOW - DAY, NOW)),
    "a_merged_cause_says_into_which_and_why": lambda there: of(
        Cause, there.outage.cause, merged_into=there.sent.cause, merged_at=NOW, merged_by=make.manager()
    ),
    "a_cause_is_not_merged_into_itself": lambda there: of(
        Cause, one := there.outage.cause, merged_into=one, merged_at=NOW, merged_by=make.manager(), merge_reason="x"
    ),
    "a_step_of_an_outage_has_its_note": lambda there: there.outage.steps.create(
        state="monitoring", note="", noted_at=NOW, noted_by=make.manager()
    ),
    "an_outage_is_opened_once_for_a_customer": lambda there: Opening.objects.bulk_create(
        [
            Opening(
                outage=(one := there.outage),
                customer=one.downtimes.get().customer,
                asked_at=NOW,
                look_at=NOW,
                asked_by=one.recorded_by,
            )
        ]
        * 2
    ),
    "a_piece_of_an_outage_is_put_on_record_once": lambda there: (
        of(Failure, one := there.failure, found_by_us=True)
        and of(
            Failure,
            make.failure(contract=one.contract, began=NOW - HOUR, minutes=50),
            found_by_us=True,
            outage=one.outage,
            occurred_at=one.occurred_at,
        )
    ),
    "what_was_told_was_written": lambda there: of(Failure, there.failure, told_remedy=HOUR),
    "one_finding_against_a_presumed_cause": lambda there: [
        finding(source) for source in [log_file(NOW, make.manager())] * 2
    ],
    "a_finding_against_an_outage_has_its_reason": lambda there: finding(log_file(NOW, make.manager()), reason=""),
    "a_failure_ends_after_it_began": lambda there: of(Failure, there.failure, ended_at=NOW - DAY),
    "a_claim_window_ends_after_the_occurrence": lambda there: of(Failure, there.failure, closes_at=NOW - DAY),
    # claims
    "a_failure_is_in_one_live_claim": lambda there: ClaimFailure.objects.create(
        claim=there.draft, failure=there.complete.failures.get()
    ),
    "a_claim_under_way_has_its_receipt": lambda there: of(Claim, there.draft, state="submitted"),
    "a_claim_is_received_before_its_window_ends": lambda there: of(
        Claim, claim := there.complete, state="submitted", received_at=claim.closes_at
    ),
    "one_transaction_on_a_line": lambda there: LostTransaction.objects.create(
        claim=there.complete, line=1, attempted_at=NOW, what="x", revenue=1
    ),
    "expenses_are_not_negative": lambda there: LostTransaction.objects.create(
        claim=there.complete, line=9, attempted_at=NOW, what="x", revenue=1, expenses=-1
    ),
    "a_struck_line_says_why": lambda there: there.complete.transactions.update(
        struck="completed", struck_at=NOW, struck_by=make.manager()
    ),
    # decisions
    "who_approves_is_never_who_proposed": lambda there: of(
        Proposal, there.proposal, approved_at=NOW, approved_by=there.proposal.proposed_by
    ),
    "approved_or_returned_not_both": a_proposal_both_approved_and_returned,
    "an_approval_has_its_amount_and_cause": lambda there: another_proposal(there.sent, cause=None),
    "credited_is_within_the_bounds": lambda there: another_proposal(there.sent, credited="9999999"),
    "one_proposal_waits_for_a_claim": lambda there: another_proposal(there.proposal.claim),
    # waivers and audits
    "a_waiver_says_why": lambda there: a_waiver(there, reason=""),
    "lateness_is_waived_by_two_people": lambda there: of(
        Waiver, one := a_waiver(there), approved_at=NOW, approved_by=one.proposed_by
    ),
    "a_waiver_is_approved_or_returned_not_both": lambda there: of(
        Waiver, a_waiver(there), **BOTH | {"approved_by": (one := make.approver()), "returned_by": one}
    ),
    "a_claim_is_waived_once": lambda there: [
        of(Waiver, a_waiver(there), approved_at=NOW, approved_by=make.approver()) for _ in range(2)
    ],
    "one_waiver_waits_for_a_claim": lambda there: [a_waiver(there), a_waiver(there)],
    "a_claim_put_aside_says_why": lambda there: of(Claim, there.sent, aside_until=NOW),
    "a_line_is_struck_or_kept": lambda there: there.complete.transactions.update(
        struck="completed", struck_note="x", struck_at=NOW, struck_by=make.manager(), kept_note="y"
    ),
    "one_audit_of_a_claim_at_a_time": lambda there: [an_audit(there), an_audit(there)],
    "a_closed_audit_has_its_findings": lambda there: of(
        Audit, an_audit(there), closed_at=NOW, closed_by=make.manager()
    ),
    "an_independent_auditor_has_a_firm": lambda there: an_audit(there, side="independent"),
    # credits
    "one_credit_for_a_single_cause": a_second_credit,
    "a_credit_entry_needs_two_people": lambda there: an_entry(
        there, proposed_by_id=(one := make.approver()).pk, approved_by_id=one.pk
    ),
    "a_grant_is_not_negative": lambda there: an_entry(there, kind="grant", amount=-1),
    "a_credit_is_granted_once": lambda there: an_entry(there, kind="grant"),
}


def former_member(claim):
    was = make.approver()
    Membership.objects.create(
        user=was, customer=claim.contract.customer, roles=["claims"], left_at=NOW - HOUR, left_by=was
    )
    return was


class TestTheDatabase:
    """S1, S2, S9, S12, S13, S19: the clauses that it holds by itself."""

    @pytest.mark.parametrize("name", REFUSED)
    def test_it_refuses_by_name(self, name, there):
        with pytest.raises(IntegrityError, match=name):
            REFUSED[name](there)

    def test_a_receipt_the_instant_before_the_windows_end_is_let_through(self, complete_draft):
        of(Claim, complete_draft, state="submitted", received_at=complete_draft.closes_at - timedelta(microseconds=1))

        assert Claim.objects.get(pk=complete_draft.pk).state == "submitted"

    def test_a_credit_that_is_void_leaves_room_for_another(self, there):
        """S12: only one set off by a merge of causes is void."""
        with pytest.raises(IntegrityError, match="one_credit_for_a_single_cause"), transaction.atomic():
            a_second_credit(there)
        credit = there.credit
        other = make.sent_claim(failure=make.failure(contract=credit.claim.contract, began=NOW - 3 * DAY))
        kept = ledger.credit(claim=make.decided(proposal=make.proposal(claim=other)))
        ledger.posted(ledger.correction(of=credit.entries.get(), amount="1000.00"))
        ledger.posted(ledger.reversal(of=credit.entries.get(kind="grant"), kept=kept))

        a_second_credit(there)

        assert Credit.objects.filter(cause=credit.cause).count() == 2

    def test_another_customer_has_a_credit_of_the_same_cause(self, decided_claim):
        credit = Credit.objects.get(claim=decided_claim)
        other = of_cause(make.sent_claim(), credit.cause)
        make.decided(proposal=make.proposal(claim=other))

        assert Credit.objects.filter(cause=credit.cause).count() == 2

    def test_an_approved_proposal_never_changes(self, proposal):
        make.decided(proposal=proposal)

        for change in ({"credited": 1}, {"grounds": "other"}, {"approved_at": None, "approved_by": None}):
            with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
                of(Proposal, proposal, **change)


class TestTwoPeople:
    """S19: no claim is approved, denied or credited without an approved proposal of two people, not even by raw SQL."""

    def is_refused(self, claim, state):
        with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE sla_claim SET state = %s WHERE id = %s", [state, claim.pk])
        return refused.value.__cause__.diag.constraint_name == "a_decision_has_two_people"

    @pytest.mark.parametrize("state", ["approved", "denied", "credited"])
    def test_without_a_proposal_it_is_refused(self, state, sent_claim):
        assert self.is_refused(sent_claim, state)

    @pytest.mark.parametrize("state", ["approved", "denied", "credited"])
    def test_a_proposal_that_waits_is_not_enough(self, state, proposal):
        assert self.is_refused(proposal.claim, state)

    @pytest.mark.parametrize(("outcome", "state"), [("approve", "denied"), ("deny", "approved"), ("deny", "credited")])
    def test_an_approved_proposal_of_the_other_outcome_is_not_enough(self, outcome, state, sent_claim):
        proposal = make.proposal(claim=sent_claim, outcome=outcome)
        of(Proposal, proposal, approved_at=NOW, approved_by=make.approver())

        assert self.is_refused(proposal.claim, state)

    def test_a_claim_cannot_come_in_decided(self, sent_claim):
        fields = {f.attname: getattr(sent_claim, f.attname) for f in Claim._meta.concrete_fields if not f.primary_key}

        with pytest.raises(IntegrityError, match="no second person"):
            Claim.objects.create(**fields | {"reference": "CLM-X", "state": "approved"})

    @pytest.mark.parametrize(
        "made",
        [
            lambda claim: {"approved_by": make.manager()},
            lambda claim: {"approved_by": make.approver(is_active=False)},
            lambda claim: {"approved_by": former_member(claim)},
        ],
        ids=["may not approve", "has left", "was the customer's"],
    )
    def test_who_may_not_approve_does_not_by_raw_sql(self, made, proposal):
        by = made(proposal.claim)["approved_by"]

        with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE sla_proposal SET approved_at = %s, approved_by_id = %s WHERE id = %s", [NOW, by.pk, proposal.pk]
            )
        assert refused.value.__cause__.diag.constraint_name == "approved_by_who_may_approve"

    def test_nothing_comes_in_approved(self, sent_claim):
        with pytest.raises(IntegrityError, match="not theirs to approve"):
            another_proposal(sent_claim, approved_at=NOW, approved_by=make.approver())

    def test_a_credit_rests_on_the_approved_proposal_of_its_claim(self, proposal):
        claim = proposal.claim
        made = {"customer": claim.contract.customer, "cause": claim.cause, "claim": claim, "proposal": proposal}

        with pytest.raises(IntegrityError, match="no second person"):
            Credit.objects.create(reference="CR-3", **made)

    def test_a_claim_is_not_marked_as_waived_without_two_people(self, sent_claim):
        with pytest.raises(IntegrityError, match="no second person has waived"):
            of(Claim, sent_claim, waived_at=NOW)

    @pytest.mark.parametrize(("outcome", "state"), [("approve", "approved"), ("deny", "denied")])
    def test_with_two_people_it_is_let_through(self, outcome, state, sent_claim):
        proposal = make.proposal(claim=sent_claim, outcome=outcome)
        of(Proposal, proposal, approved_at=NOW, approved_by=make.approver())

        assert of(Claim, proposal.claim, state=state) == 1


def waived(claim):
    """S13: lateness, by two people."""
    waiver = Waiver.objects.create(claim=claim, reason="x", proposed_at=NOW, proposed_by=make.manager())
    of(Waiver, waiver, approved_at=NOW, approved_by=make.approver())
    return NOW


def is_let_through(instance, end, **fields):
    try:
        with transaction.atomic():
            of(type(instance), instance, state=end, **fields)
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


class TestMoves:
    """S13, S19: states move only along the allowed ways, by .update() as well."""

    @pytest.mark.parametrize("start", ClaimState)
    def test_of_a_claim(self, start, there):
        claim = self.claim_in(start, there)

        for end in ClaimState:
            if end != start:
                fields = {"received_at": NOW + HOUR} if claim.received_at is None else {}  # asked of all but drafts
                assert is_let_through(claim, end, **fields) == (end in CLAIM_MOVES[start]), (start, end)

    def test_a_claim_that_lapsed_comes_in_late_only_by_two_people(self, there):
        """S13: received before the deadline it is in time, even if the sweep was first (T4), a moment ago by the database's clock."""
        claim = self.claim_in(ClaimState.LAPSED, there)
        came = {"in time": claim.closes_at - timedelta(microseconds=1), "late": claim.closes_at}

        assert {when: is_let_through(claim, ClaimState.SUBMITTED, received_at=at) for when, at in came.items()} == {
            "in time": True,
            "late": False,
        }
        assert is_let_through(claim, ClaimState.SUBMITTED, received_at=came["late"], waived_at=waived(claim))

    def claim_in(self, state, there):
        """A claim that both outcomes have two people for, and its cause a credit, so that nothing but the move can be refused."""
        claim = there.draft if state in (ClaimState.DRAFT, ClaimState.LAPSED) else there.sent
        record("claim.lapsed", matter=claim.reference, by=None, now=NOW)
        if state not in (ClaimState.DRAFT, ClaimState.LAPSED, ClaimState.SUBMITTED):
            of(Claim, claim, state="in_review")
        for outcome in ("deny", "approve"):
            approved = {"approved_at": NOW, "approved_by": make.approver()}
            of(Proposal, proposal := another_proposal(claim, outcome=outcome), **approved)
        window = {"matter": claim.reference, "customer": claim.contract.customer, "extended_to": claim.closes_at}
        an_extended_window(ended_at=claim.closes_at - DAY, **window)
        told = {"customer": claim.contract.customer, "cause": claim.cause, "claim": claim, "proposal": proposal}
        Credit.objects.create(reference="CR-2", **told)
        ways = {"draft": [], "submitted": [], "in_review": [], "credited": ["approved", "credited"]}
        for step in ways.get(state, [state]):
            of(Claim, claim, state=step)
        claim.refresh_from_db()
        assert claim.state == state
        return claim

    @pytest.mark.parametrize("start", FailureState)
    def test_of_a_failure(self, start, reported):
        of(Failure, reported, state=start)

        for end in FailureState:
            if end != start:
                assert is_let_through(reported, end) == (end in FAILURE_MOVES.get(start, ()))

    @pytest.mark.parametrize("start", OutageState)
    def test_of_an_outage(self, start):
        outage = make.outage(minutes=None)
        if start != OutageState.INVESTIGATING:
            of(Outage, outage, state=start)

        for end in OutageState:
            if end != start:
                assert is_let_through(outage, end) == (end in OUTAGE_MOVES[start]), (start, end)


def test_lines_of_a_claim_say_who_struck_them(sent_claim):
    with pytest.raises(IntegrityError, match="transaction_struck_at_and_by_go_together"):
        LostTransaction.objects.filter(claim=sent_claim).update(struck="completed", struck_note="x", struck_at=NOW)
