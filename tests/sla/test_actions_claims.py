"""S13, T3, T4: a claim from its draft to its receipt: what counts is when it was received, whatever the sweep has done."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction

from entitlements.actions.refused import Refused
from entitlements.models import Event, Letter
from sla.actions.claims import lapse_claim, start_claim, submit_by_itself, submit_claim, withdraw_claim
from sla.actions.drafts import add_transactions, declare, remove_transaction, save_contact
from sla.actions.evidence import add_evidence, open_evidence, remove_evidence
from sla.completeness import what_is_missing
from sla.models import Claim, TermsPeriod
from sla.sweep import MARGIN, sweep
from tests import factories as make
from tests.factories import DAY, HOUR, NOW
from tests.sla.test_actions_failures import DEADLINES

pytestmark = pytest.mark.django_db

TICK, MINUTE = timedelta(microseconds=1), timedelta(minutes=1)


def refusals(action, **handed_in):
    with pytest.raises(Refused) as refused:
        action(**handed_in)
    return [(one.clause, one.code) for one in refused.value.refusals]


def sent(claim, received_at, by=None):
    return submit_claim(claim=claim, by=by or claim.opened_by, received_at=received_at)


def the_sweep_runs(now):
    return sweep(now=now, application_now=now)


@contextmanager
def undone():
    """What is written in this block is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def stands(claim):
    claim.refresh_from_db()
    return claim.state


class TestBeginning:
    """S13: from a report, once; while its window runs, on Enterprise terms (S1)."""

    def test_it_takes_the_reports_window_and_cause(self, reported):
        claim = make.draft(failure=reported)

        reported.refresh_from_db()
        assert (claim.state, claim.closes_at, claim.cause) == ("draft", reported.closes_at, reported.cause)
        assert (reported.state, reported.remind_at) == ("claimed", None)

    def test_twice_is_the_same(self, reported):
        assert make.draft(failure=reported) == make.draft(failure=reported)

    @pytest.mark.parametrize(("late", "expected"), [(-TICK, None), (timedelta(), [("S13", "window_ended")])])
    def test_its_windows_end_ends_it(self, late, expected, reported):
        begin = {"failure": reported, "by": reported.reported_by, "now": reported.closes_at + late}

        if expected is None:
            assert start_claim(**begin).state == "draft"
        else:
            assert refusals(start_claim, **begin) == expected

    @pytest.mark.parametrize(
        ("terms", "code"), [(TermsPeriod.Kind.STANDARD, "standard"), (None, "no_terms")], ids=["Standard", "none"]
    )
    def test_without_enterprise_terms_it_is_out_of_scope(self, terms, code):
        failure = make.failure(contract=make.contract(enterprise=False))
        if terms is None:
            failure.contract.terms_periods.all().delete()

        assert refusals(start_claim, failure=failure, by=failure.reported_by, now=NOW) == [("S1", code)]


class TestWhatIsMissing:
    """S9, S13, S14: each thing is named; an empty list means complete."""

    def test_a_new_draft_lacks_all_but_the_contact(self, draft):
        assert [one.code for one in what_is_missing(draft)] == [
            "transactions",
            "evidence",
            "declaration",
        ]

    def test_a_complete_one_lacks_nothing_and_sends_itself_an_hour_before(self, complete_draft):
        assert what_is_missing(complete_draft) == []
        assert complete_draft.sends_itself_at == complete_draft.closes_at - HOUR

    def test_incomplete_it_is_refused_with_each_thing_named(self, draft):
        assert refusals(sent, claim=draft, received_at=NOW) == [
            ("S9", "transactions"),
            ("S13", "evidence"),
            ("S13", "declaration"),
        ]

    @pytest.mark.parametrize(
        ("change", "missing"),
        [
            (lambda c, **w: add_transactions(claim=c, lines=make.transactions(began=NOW), **w), ["declaration"]),
            (lambda c, **w: remove_transaction(claim=c, key=c.transactions.get(line=1).pk, **w), ["declaration"]),
            (lambda c, **w: remove_evidence(evidence=c.evidence.get(), **w), ["evidence", "declaration"]),
            (lambda c, **w: contact(c, name="", **w), ["contact"]),
        ],
        ids=["a line more", "a line less", "a document less", "no contact"],
    )
    def test_a_change_asks_for_the_declaration_again_and_stops_it_from_sending_itself(
        self, change, missing, complete_draft
    ):
        change(complete_draft, by=complete_draft.opened_by, now=NOW)

        complete_draft.refresh_from_db()
        assert [one.code for one in what_is_missing(complete_draft)] == missing
        assert complete_draft.sends_itself_at is None

    def test_another_contact_leaves_the_declaration_as_it_is(self, complete_draft):
        """S13: what was declared to be true are the figures and the documents."""
        contact(complete_draft, audit_consent=False, by=complete_draft.opened_by, now=NOW)

        complete_draft.refresh_from_db()
        assert what_is_missing(complete_draft) == []
        assert complete_draft.sends_itself_at == complete_draft.closes_at - HOUR

    def test_one_more_document_leaves_the_declaration_as_it_is(self, complete_draft):
        make.evidence(claim=complete_draft, file=make.document(content=b"a,b\n"))

        assert what_is_missing(complete_draft) == []

    def test_the_same_document_twice_is_one(self, complete_draft):
        """X9"""
        make.evidence(claim=complete_draft)

        assert complete_draft.evidence.count() == 1

    def test_switched_off_it_does_not_send_itself(self, reported):
        assert make.draft(failure=reported, complete=True, sends_itself=False).sends_itself_at is None

    def test_completed_within_the_last_hour_it_is_the_customers_to_send(self, reported):
        claim = make.draft(failure=reported, complete=True, now=reported.closes_at - 59 * MINUTE)

        assert claim.sends_itself_at is None


def contact(claim, *, by, now, name="Ann", audit_consent=True):
    return save_contact(
        claim=claim,
        name=name,
        email="a@b.example",
        phone="",
        audit_consent=audit_consent,
        sends_itself=True,
        by=by,
        now=now,
    )


class TestTheReceipt:
    """S13: the database's clock, read as the first act of the request, is what counts."""

    def test_it_is_what_was_handed_in(self, complete_draft):
        claim = sent(complete_draft, NOW + HOUR)

        letter = Letter.objects.get(kind="claim_received")
        assert (claim.state, claim.received_at, claim.submitted_by) == ("submitted", NOW + HOUR, claim.opened_by)
        assert not claim.received_by_the_clock
        assert (letter.matter, letter.deadline) == (claim.reference, NOW + HOUR)
        assert Event.objects.get(verb="claim.sent").happened_at == NOW + HOUR

    def test_sent_twice_it_is_received_once(self, sent_claim):
        assert sent(sent_claim, NOW + 2 * HOUR).received_at == NOW + HOUR
        assert Letter.objects.filter(kind="claim_received").count() == 1

    def test_the_declaration_can_come_with_it(self, complete_draft):
        contact(complete_draft, by=complete_draft.opened_by, now=NOW)

        submit_claim(claim=complete_draft, by=complete_draft.opened_by, received_at=NOW + HOUR, declared=True)

        assert stands(complete_draft) == "submitted"
        assert complete_draft.declared_at == NOW + HOUR

    @pytest.mark.parametrize(("zone", "occurrence", "deadline"), [DEADLINES[n] for n in (0, 1, 2, 4, 5)])
    def test_before_the_windows_end_it_is_in_time_and_from_then_on_late(self, zone, occurrence, deadline):
        """T4: whether the sweep has run or not, before or after its margin."""
        began = occurrence - 30 * MINUTE
        failure = make.failure(contract=make.contract(zone=zone), began=began, now=began + 3 * HOUR)
        claim = make.draft(failure=failure, complete=True, sends_itself=False, now=began + 3 * HOUR)
        assert claim.closes_at == deadline

        for swept in (None, deadline, deadline + MARGIN):
            with undone():
                if swept:
                    the_sweep_runs(swept)
                for receipt, in_time in ((deadline - TICK, True), (deadline, False), (deadline + TICK, False)):
                    with undone():
                        self.assert_it_is(in_time, claim, receipt)

    def assert_it_is(self, in_time, claim, receipt):
        if in_time:
            sent(claim, receipt)
            assert (stands(claim), claim.received_at, claim.closed_at) == ("submitted", receipt, None)
            assert set(claim.failures.values_list("state", "closed_at")) == {("claimed", None)}
        else:
            assert refusals(sent, claim=claim, received_at=receipt) == [("S13", "window_ended")]
            assert stands(claim) in ("draft", "lapsed")

    def test_what_was_withdrawn_cannot_be_sent(self, complete_draft):
        withdraw_claim(claim=complete_draft, by=complete_draft.opened_by, now=NOW)

        assert refusals(sent, claim=complete_draft, received_at=NOW) == [("S19", "withdrawn")]


class TestSendingItself:
    """S13, T3: one hour before its end; that instant is the receipt however late the clock runs."""

    @pytest.mark.parametrize("late", [MARGIN, 6 * MINUTE, 59 * MINUTE, HOUR, 30 * DAY])
    def test_its_receipt_is_that_instant(self, late, complete_draft):
        moment = complete_draft.closes_at - HOUR

        the_sweep_runs(moment + late)

        assert (stands(complete_draft), complete_draft.received_at, complete_draft.closed_at) == (
            "submitted",
            moment,
            None,
        )
        assert (complete_draft.received_by_the_clock, complete_draft.submitted_by) == (True, complete_draft.declared_by)
        assert Event.objects.get(verb="claim.sent_itself").happened_at == moment
        letter = Letter.objects.filter(kind="claim_received").first()
        assert (letter.written_at, letter.deadline) == (moment + late, moment)  # not dated back; the receipt is

    def test_before_that_instant_nothing_happens(self, complete_draft):
        assert not submit_by_itself(claim=complete_draft, now=complete_draft.closes_at - HOUR - TICK)
        assert stands(complete_draft) == "draft"

    def test_an_incomplete_one_does_not(self, draft):
        assert not submit_by_itself(claim=draft, now=draft.closes_at - HOUR)

    @pytest.mark.parametrize(
        "act",
        [
            lambda c, **w: remove_evidence(evidence=c.evidence.get(), **w),
            lambda c, **w: remove_transaction(claim=c, key=c.transactions.get(line=1).pk, **w),
            lambda c, **w: contact(c, **w),
            lambda c, **w: declare(claim=c, **w),
        ],
        ids=["a document taken out", "a line taken out", "another contact", "declared again"],
    )
    def test_when_the_clock_is_late_it_has_been_sent_all_the_same(self, act, complete_draft):
        """T3: what a clock on time would have refused is refused, and the outcome is that of a clock on time."""
        late = {"by": complete_draft.opened_by, "now": complete_draft.closes_at - 30 * MINUTE}

        assert refusals(act, c=complete_draft, **late) == [("S13", "sent")]

        the_sweep_runs(complete_draft.closes_at)
        assert (stands(complete_draft), complete_draft.received_at) == ("submitted", complete_draft.closes_at - HOUR)

    def test_sent_by_a_person_after_that_instant_it_was_received_at_that_instant(self, complete_draft):
        assert sent(complete_draft, complete_draft.closes_at - MINUTE).received_at == complete_draft.closes_at - HOUR

    def test_a_document_after_that_instant_is_later_evidence(self, complete_draft):
        file = make.document(content=b"more\n")

        later = make.evidence(claim=complete_draft, file=file, now=complete_draft.closes_at - MINUTE)

        assert later.later
        assert stands(complete_draft) == "submitted"


class TestALapse:
    """S13: a draft past its window lapses as of its deadline; nothing in it is deleted."""

    @pytest.mark.parametrize("late", [timedelta(), 30 * DAY])
    def test_the_moment_on_record_is_the_deadline(self, late, reported):
        claim = make.draft(failure=reported, complete=True, sends_itself=False)

        assert lapse_claim(claim=claim, now=claim.closes_at + late)

        assert (stands(claim), claim.closed_at, claim.received_at) == ("lapsed", claim.closes_at, None)
        assert (claim.transactions.count(), claim.evidence.count()) == (2, 1)
        assert Event.objects.get(verb="claim.lapsed").happened_at == claim.closes_at
        assert set(claim.failures.values_list("state", "closed_at")) == {("closed", claim.closes_at)}
        assert Letter.objects.filter(kind="window_ended", matter=claim.reference).exists()

    def test_not_before_and_not_twice(self, draft):
        assert not lapse_claim(claim=draft, now=draft.closes_at - TICK)
        assert lapse_claim(claim=draft, now=draft.closes_at)
        assert not lapse_claim(claim=draft, now=draft.closes_at + DAY)

    def test_a_complete_draft_never_lapses_even_if_its_own_sending_was_missed(self, complete_draft):
        assert not lapse_claim(claim=complete_draft, now=complete_draft.closes_at + DAY)

        assert (stands(complete_draft), complete_draft.received_at) == ("submitted", complete_draft.closes_at - HOUR)

    def test_after_it_nothing_can_be_entered(self, draft):
        after = {"claim": draft, "by": draft.opened_by, "now": draft.closes_at}

        assert refusals(declare, **after) == [("S13", "window_ended")]
        lapse_claim(claim=draft, now=draft.closes_at)
        assert refusals(declare, **after) == [("S13", "window_ended")]


class TestWithdrawing:
    """S19: the customer takes it back before it is decided; the failure can be claimed again while its window runs."""

    def test_a_draft_is_taken_back_and_its_failure_is_free_again(self, draft):
        self.taken_back(draft)

    def test_so_is_a_sent_claim(self, sent_claim):
        self.taken_back(sent_claim)

    def taken_back(self, claim):
        withdraw_claim(claim=claim, by=claim.opened_by, now=NOW + 2 * HOUR)

        failure = claim.failures.get()
        assert (stands(claim), claim.closed_at) == ("withdrawn", NOW + 2 * HOUR)
        assert failure.state == "reported"
        assert make.draft(failure=failure) != claim

    def test_twice_is_once(self, draft):
        for n in range(2):
            withdraw_claim(claim=draft, by=draft.opened_by, now=NOW + n * HOUR)

        assert Claim.objects.get().closed_at == NOW

    def test_what_is_credited_is_refused(self, decided_claim):
        told = {"claim": decided_claim, "by": decided_claim.opened_by, "now": NOW + 9 * DAY}

        assert refusals(withdraw_claim, **told) == [("S19", "no_such_move")]

    def test_what_has_lapsed_is_refused(self, draft):
        lapse_claim(claim=draft, now=draft.closes_at)

        assert refusals(withdraw_claim, claim=draft, by=draft.opened_by, now=NOW + 9 * DAY) == [("S19", "no_such_move")]


class TestEvidence:
    """S9, S13: kept with its hash; after sending it is marked as later; when it is opened, that is on record."""

    def test_after_sending_it_is_later(self, sent_claim):
        assert make.evidence(claim=sent_claim, file=make.document(content=b"new\n"), now=NOW + 2 * HOUR).later
        assert not sent_claim.evidence.first().later

    @pytest.mark.parametrize("late", [timedelta(), DAY])
    def test_after_the_windows_end_it_is_refused_unless_asked_for(self, late, sent_claim):
        file = make.document(content=b"new\n")
        after = {"file": file, "label": "x", "by": sent_claim.opened_by, "now": sent_claim.closes_at + late}

        assert refusals(add_evidence, claim=sent_claim, **after) == [("S13", "too_late_for_evidence")]
        Claim.objects.filter(pk=sent_claim.pk).update(state="in_review")
        Claim.objects.filter(pk=sent_claim.pk).update(state="information_requested")
        assert add_evidence(claim=sent_claim, **after).later

    def test_what_was_sent_stays(self, sent_claim):
        assert refusals(
            remove_evidence, evidence=sent_claim.evidence.get(), by=sent_claim.opened_by, now=NOW + 2 * HOUR
        ) == [("S13", "sent")]

    def test_opening_it_is_logged(self, sent_claim):
        evidence, reader = sent_claim.evidence.get(), make.manager()

        open_evidence(evidence=evidence, by=reader, now=NOW)

        line = Event.objects.get(verb="evidence.opened")
        assert (line.actor, line.matter, line.note) == (reader, evidence.claim.reference, evidence.sha256)
