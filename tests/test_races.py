"""What happens at one moment, on committed data, a thread and a connection each. Each guard has a twin without it that must fail.

(P9, P13, P14, P15.) `at_once` starts all functions at one moment; the database is the test's own.
"""

from __future__ import annotations

import re
import threading
import uuid
from datetime import timedelta
from unittest.mock import MagicMock

from django.db import IntegrityError, connections, transaction

from entitlements.actions.engagements import request_engagement
from entitlements.actions.quarantine import put_in_quarantine
from entitlements.actions.refused import Refused
from entitlements.models import BookedSession, Engagement, Event, Leave, Letter, Quarantine, Role
from sla.actions import elections
from sla.actions.claims import submit_claim
from sla.actions.decisions import approve_proposal, strike_line
from sla.actions.elections import choose
from sla.actions.entries import confirm_entry
from sla.actions.lapses import lapse_drafts
from sla.actions.reviews import unless_changed
from sla.models import Claim, Credit, CreditEntry, Failure, FailureState, Posting
from sla.seen import how_many_seen
from sla.sweep import MARGIN, sweep
from tests import credit_factories as ledger
from tests import election_factories as elect
from tests import factories as make
from tests.factories import DAY, HOUR, NOW, TODAY
from tests.meeting import meeting
from tests.question_factories import entered

AT_ONCE = 50
TICK = timedelta(microseconds=1)


def refused(results):
    return [one for one in results if isinstance(one, Refused)]


def unexpected(results):
    return [one for one in results if isinstance(one, Exception) and not isinstance(one, Refused)]


def owner(sql):
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)


class TestOneEngineerAtOneTime:
    """E15, P15: by the database's constraint."""

    def book(self, at_once, times=4):
        engineer, by = make.engineer(), make.manager()
        waiting = [make.request() for _ in range(times)]
        return at_once(
            *(lambda e=e: make.scheduled(engagement=e, engineer=engineer, by=by, start=NOW + DAY) for e in waiting)
        )

    def test_many_at_once_give_one_session(self, at_once):
        results = self.book(at_once)

        assert not unexpected(results)
        assert {one.refusals[0].code for one in refused(results)} == {"engineer_taken"}
        assert BookedSession.objects.count() == 1
        assert Engagement.objects.filter(state="scheduled").count() == 1

    def test_without_the_constraint_they_would_give_more(self, at_once):
        owner("ALTER TABLE entitlements_bookedsession DROP CONSTRAINT no_engineer_is_booked_twice_at_one_time")
        owner(unlocked("refuse_session_off_work"))

        self.book(at_once, times=2)

        assert BookedSession.objects.count() == 2


class TestABookingAndALeaveAtOnce:
    """E15, P15: one of the two wins, by the lock of the engineer that the database's triggers take."""

    def meet(self, at_once):
        by, engineer, asked = make.manager(), make.engineer(), make.request()
        return at_once(
            lambda: make.scheduled(engagement=asked, engineer=engineer, by=by, start=NOW + 2 * DAY),
            lambda: make.leave(engineer=engineer, by=by),
        )

    def double(self):
        return sum(
            Leave.objects.filter(engineer=one.engineer, during__overlap=one.during).count()
            for one in BookedSession.objects.all()
        )

    def test_never_both_are_in_the_books(self, at_once):
        results = [one for _ in range(6) for one in self.meet(at_once)]

        assert self.double() == 0
        assert Leave.objects.count() + BookedSession.objects.count() == 6
        assert {type(one) for one in results} <= {Leave, Engagement, Refused, IntegrityError}

    def test_without_the_lock_there_would_be_both(self, at_once):
        """Each then looks before the other has committed."""
        for function in ("refuse_session_off_work", "refuse_leave_over_sessions"):
            owner(unlocked(function))

        self.meet(at_once)

        assert self.double() == 1


def unlocked(function):
    """The function without its lock, and with a meeting of two between the look and the end."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [function])
        (text,) = cursor.fetchone()
    bare = re.sub(r"PERFORM FROM entitlements_engineer .*?;", "", text)
    assert bare != text
    return bare.replace("END $function$", f"{meeting(2)} END $function$")


class TestTwoReviewersAtOneMoment:
    """M5.10: whoever saves second sees what the first has changed, and overwrites nothing."""

    def strike_twice(self, at_once):
        claim = make.sent_claim()
        line = claim.transactions.get(line=1)

        def save(reason):
            by = make.manager()
            act = lambda: strike_line(line=line, reason=reason, note="Seen.", by=by, now=NOW + DAY)  # noqa: E731
            seen = how_many_seen(claim, by)
            return lambda: unless_changed(claim=claim, seen=seen, by=by, act=act)

        return claim, at_once(save("completed"), save("other_cause"))

    def test_the_second_is_shown_it_first(self, at_once):
        claim, results = self.strike_twice(at_once)

        assert not unexpected(results)
        assert [one.refusals[0].code for one in refused(results)] == ["changed_meanwhile"]
        assert Event.objects.filter(matter=claim.reference, verb="claim.line_struck").count() == 1

    def test_without_the_lock_one_would_overwrite_the_other(self, at_once, monkeypatch):
        """Each has looked before the other has written."""
        both = threading.Barrier(2, timeout=30)

        def looked(claim, by):
            seen = how_many_seen(claim, by)
            both.wait()
            return seen

        monkeypatch.setattr("sla.actions.reviews.how_many_seen", looked)
        monkeypatch.setattr("sla.actions.reviews.connection", MagicMock())

        claim, results = self.strike_twice(at_once)

        assert not refused(results)
        assert Event.objects.filter(matter=claim.reference, verb="claim.line_struck").count() == 2


class TestOneCreditForACause:
    """S12: two reviewers at one moment meet at the database's constraint."""

    def approve_two(self, at_once, monkeypatch):
        """Two approvals of one cause, each of which has asked whether it is credited before the other commits."""
        first = make.proposal()
        contract = make.contract(customer=first.claim.contract.customer)
        second = make.proposal(claim=make.sent_claim(failure=make.failure(contract=contract)))
        assert first.cause == second.cause
        both = threading.Barrier(2, timeout=30)
        monkeypatch.setattr("sla.actions.decisions.cause_is_credited", lambda claim: both.wait() < 0)
        approvers = make.approver(), make.approver()
        return at_once(
            *(
                lambda p=proposal, by=by: approve_proposal(proposal=p, by=by, now=NOW + 2 * DAY)
                for proposal, by in zip((first, second), approvers, strict=True)
            )
        )

    def test_two_approvals_at_once_give_one_credit(self, at_once, monkeypatch):
        results = self.approve_two(at_once, monkeypatch)

        assert not unexpected(results)
        assert len(refused(results)) == 1
        assert Credit.objects.count() == CreditEntry.objects.count() == 1
        assert sorted(Claim.objects.values_list("state", flat=True)) == ["credited", "in_review"]

    def test_without_the_constraint_there_would_be_two(self, at_once, monkeypatch):
        owner("DROP INDEX one_credit_for_a_single_cause")

        self.approve_two(at_once, monkeypatch)

        assert Credit.objects.count() == 2


class TestACreditThatIsAppliedTwiceAtOnce:
    """S12, P20: two lines at one moment, each of all that is left: added up one after the other, by the lock of the credit."""

    def approved(self):
        """Two lines that two people have approved, which the database alone is asked to refuse."""
        credit, by, first = ledger.credit(), make.approver(), make.manager()
        people = {"proposed_by": first, "approved_by": by}
        line = {"credit": credit, "kind": "application", "amount": -credit.balance}
        proposed = {**line, "proposed_by": first, "proposed_at": NOW}
        postings = []
        for n in (1, 2):
            postings.append(Posting.objects.create(**proposed, invoice=f"INV-{n}"))
            Posting.objects.filter(pk=postings[-1].pk).update(approved_at=NOW, approved_by=by)
        known = {"customer": credit.customer, "currency": "USD", "posted_at": NOW, **people, **line}
        return credit, [CreditEntry(**known, invoice=one.invoice, posting=one) for one in postings]

    def test_one_is_posted(self, at_once):
        credit, lines = self.approved()

        results = at_once(*(one.save for one in lines))

        assert [type(one) for one in results].count(IntegrityError) == 1
        assert credit.balance == 0

    def test_without_the_lock_it_would_be_applied_twice(self, at_once):
        """Each is added up before the other has committed."""
        owner(unlocked_credit())
        credit, lines = self.approved()
        together = threading.Barrier(2, timeout=30)

        def post(line):
            with transaction.atomic():
                line.save()
                together.wait()

        at_once(*(lambda line=line: post(line) for line in lines))

        assert credit.balance < 0


def unlocked_credit():
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'pgtrigger_as_two_people_decided%%'"
        )
        (text,) = cursor.fetchone()
    bare = text.replace("PERFORM 1 FROM sla_credit WHERE id = NEW.credit_id FOR NO KEY UPDATE;", "")
    assert bare != text
    return bare


class TestTheLastSecond:
    """S13, T4, P13: received before the deadline is in time even if the sweep runs at that moment; nothing is both, nothing is lost."""

    def test_what_was_received_in_time_is_never_lapsed(self, at_once):
        claims = [make.draft(complete=True, sends_itself=False) for _ in range(6)]
        deadline = claims[0].closes_at
        receipts = [deadline - TICK, deadline, deadline - HOUR, deadline + TICK, deadline - TICK, deadline]
        swept = deadline + MARGIN  # a sweep that may act on them, at the very moment at which their requests arrive

        def send(claim, receipt):
            return lambda: submit_claim(claim=claim, by=claim.opened_by, received_at=receipt)

        results = at_once(
            *(send(claim, receipt) for claim, receipt in zip(claims, receipts, strict=True)),
            *[lambda: sweep(now=swept, application_now=swept)] * 2,
        )

        sweep(now=swept, application_now=swept)  # what a request held at that moment was passed by

        assert not unexpected(results)
        for claim, receipt in zip(claims, receipts, strict=True):
            claim.refresh_from_db()
            in_time = receipt < deadline
            assert claim.state == ("submitted" if in_time else "lapsed")
            assert (claim.received_at, claim.closed_at) == ((receipt, None) if in_time else (None, deadline))
            assert set(claim.failures.values_list("state", flat=True)) == {
                FailureState.CLAIMED if in_time else FailureState.CLOSED
            }

    def test_sent_twice_at_once_it_is_received_once(self, at_once):
        claim = make.draft(complete=True)

        def send(n):
            return lambda: submit_claim(claim=claim, by=claim.opened_by, received_at=NOW + n * HOUR)

        results = at_once(*(send(n) for n in range(1, 6)))

        assert len({one.received_at for one in results}) == 1
        assert Letter.objects.filter(kind="claim_received").count() == 1
        assert Event.objects.filter(verb="claim.sent").count() == 1


class TestAChoiceAtTheLastSecond:
    """S16, T4: a choice received in time that commits while the clock decides is what counts, by the lock of the election."""

    def play(self, at_once):
        election = elect.election()
        elect.accepted(election, at=NOW + HOUR)
        sweep(now=NOW + HOUR, application_now=NOW + HOUR)
        by, deadline = make.one_of(election.contract.customer, Role.SIGNATORY), elect.fresh(election).deadline
        chosen, swept = threading.Event(), threading.Event()

        def choosing():
            with transaction.atomic():
                choose(election=election, choice="shift", by=by, now=deadline - TICK)
                chosen.set()
                assert swept.wait(30)

        def sweeping():
            assert chosen.wait(30)
            sweep(now=deadline + MARGIN, application_now=deadline + MARGIN)
            swept.set()

        results = at_once(choosing, sweeping)
        sweep(now=deadline + MARGIN, application_now=deadline + MARGIN)

        assert not unexpected(results)
        return elect.fresh(election)

    def test_it_counts(self, at_once):
        assert self.play(at_once).standing == "chosen_shift"

    def test_without_the_lock_silence_would_be_decided_beside_it(self, at_once, monkeypatch):
        monkeypatch.setattr(elections, "_locked", elect.fresh)
        monkeypatch.setattr(elections, "_note_opening", lambda *_: None)  # it writes the row, and so would lock it
        found = self.play(at_once)

        assert (found.standing, found.choices.count()) == ("defaulted_stay", 1)


class TestAnEntryConfirmedTwiceAtOnce:
    """S13: two who confirm at one moment make one claim, by the lock of the entry."""

    def confirm(self, at_once, times=4):
        entry = entered()
        people = [make.manager() for _ in range(times)]
        return at_once(*(lambda by=by: confirm_entry(entry=entry, by=by, now=NOW) for by in people))

    def test_makes_one_claim(self, at_once):
        results = self.confirm(at_once)

        assert not unexpected(results)
        assert {one.refusals[0].code for one in refused(results)} == {"settled"}
        assert Claim.objects.count() == Failure.objects.count() == 1

    def test_without_the_lock_there_would_be_more_than_one_try(self, at_once, monkeypatch):
        """Each then finds it waiting, whatever the others do; only the database's own guards are left."""
        together = threading.Barrier(4, timeout=30)

        def unlocked(entry):
            together.wait()
            return type(entry).objects.select_related("contract__customer", "failure", "entered_by").get(pk=entry.pk)

        monkeypatch.setattr("sla.actions.entries._waiting", unlocked)

        results = self.confirm(at_once)

        assert unexpected(results) or Claim.objects.count() > 1


class TestAFormSentTwiceAtOnce:
    """X9: a double click, or a line that broke."""

    def test_reports_once(self, at_once):
        contract, key = make.contract(), uuid.uuid4()
        by = make.one_of(contract.customer)

        results = at_once(
            *[lambda: make.failure(contract=contract, form_key=key, by=by, logged=False)] * 5,
        )

        assert {type(one) for one in results} == {Failure}
        assert Failure.objects.count() == 1

    def test_asks_once(self, at_once):
        contract, key = make.contract(), uuid.uuid4()
        form = {"contract": contract, "activity": make.activity("integration"), "wished_day": TODAY, "form_key": key}
        by = make.one_of(contract.customer)

        results = at_once(*[lambda: request_engagement(**form, advice_wording="…", by=by, now=NOW)] * 5)

        assert {one.pk for one in results} == {Engagement.objects.get().pk}


class TestThreeSweepsAtOnce:
    """T3, P9: the same as one."""

    def test_each_thing_is_done_once(self, at_once):
        for n in range(4):
            make.draft(complete=n % 2 == 0)
            make.failure()
        late = Claim.objects.first().closes_at + DAY

        runs = at_once(*[lambda: sweep(now=late, application_now=late)] * 3)

        assert not unexpected(runs)
        assert sum((sum(run.done.values()) for run in runs), 0) == 8
        assert not any(run.alarm for run in runs)
        assert Letter.objects.filter(kind="window_ended").count() == 2 + 4
        assert Letter.objects.filter(kind="claim_received").count() == 2
        assert Event.objects.filter(verb="claim.lapsed").count() == 2


class TestOneMatterSetAsideTwice:
    """P9, P19: two turns that fail with the same row at one moment make one entry, of two tries."""

    def test_it_stands_once(self, at_once):
        aside = {"job": "drafts lapsed", "row": 1, "matter": "CLM-1", "error": "…", "by": None, "now": NOW}

        results = at_once(*[lambda: put_in_quarantine(**aside)] * 4)

        assert not unexpected(results)
        assert Quarantine.objects.get().tries == 4


class TestTwoSweepsThatMeet:
    """P9: while the first has a batch in its hands, the second passes it by."""

    def meet(self, at_once, monkeypatch):
        drafts = [make.draft() for _ in range(3)]
        late, holding, gone = drafts[0].closes_at + DAY, threading.Event(), threading.Event()

        def lapse_slowly(claims, now):
            if not holding.is_set():
                holding.set()
                assert gone.wait(timeout=30)
            return lapse_drafts(claims, now)

        def second():
            assert holding.wait(timeout=30)
            try:
                return sweep(now=late, application_now=late)
            finally:
                gone.set()

        monkeypatch.setattr("sla.sweep.lapse_drafts", lapse_slowly)
        return at_once(lambda: sweep(now=late, application_now=late), second)

    def test_each_draft_lapses_once(self, at_once, monkeypatch):
        runs = self.meet(at_once, monkeypatch)

        assert not unexpected(runs)
        assert [run.done.get("drafts lapsed", 0) for run in runs] == [3, 0]
        assert Event.objects.filter(verb="claim.lapsed").count() == 3
        assert Letter.objects.filter(kind="window_ended").count() == 3

    def test_without_lock_and_condition_each_would_twice(self, at_once, monkeypatch):
        monkeypatch.setattr("sla.batches._locked", lambda job, due: list(due[: job.at_once]))
        monkeypatch.setattr("sla.actions.lapses._expect", lambda read, changed: None)

        self.meet(at_once, monkeypatch)

        assert Event.objects.filter(verb="claim.lapsed").count() == 6
