"""S12, S19: what undoes a credit, brings claims under it or merges causes, at one moment: on committed data, a thread and a connection each.

Each guard has a twin without it that must fail.
"""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError

from entitlements.models import Event
from sla.actions import aside, causes, postings
from sla.actions.aside import cover_claim, name_cause
from sla.actions.causes import merge_causes
from sla.models import Claim, Credit, Failure
from tests import credit_factories as ledger
from tests import factories as make
from tests.factories import DAY, NOW
from tests.meeting import until_somebody_waits

LATER = NOW + 5 * DAY


def of_the_same_cause(credit):
    """Another sent claim of the customer, for the same outage."""
    contract = make.contract(customer=credit.customer)
    return make.sent_claim(failure=make.failure(contract=contract))


def merge(kept, merged):
    return merge_causes(kept=kept, merged=merged, reason="One switch.", by=make.manager(), now=LATER)


class TestACreditIsUndoneWhileItsCauseIsMerged:
    """Both need the credit, and the claims that it covers: in one order."""

    @pytest.fixture
    def meet(self, at_once, monkeypatch):
        def meet():
            credit, other, holds = ledger.credit(), make.outage(), threading.Event()
            covered = cover_claim(claim=of_the_same_cause(credit), by=make.manager(), now=NOW + DAY)
            undone = ledger.reversal(of=credit.entries.get())

            def reached(name):
                """The credit is locked, and no claim yet."""
                if name == "posting.approved":
                    holds.set()
                    until_somebody_waits()

            def merging():
                assert holds.wait(30)
                return merge(other.cause, credit.cause)

            monkeypatch.setattr(postings, "failpoint", reached)
            return covered, at_once(lambda: ledger.posted(undone, now=LATER), merging)

        return meet

    def test_both_are_done(self, meet):
        covered, results = meet()

        assert [one for one in results if isinstance(one, Exception)] == []
        assert Credit.objects.get().granted == 0
        assert Event.objects.filter(matter=covered.reference, verb="claim.reopened").exists()

    def test_where_the_merge_took_claims_first_they_would_wait_for_each_other(self, meet, monkeypatch):
        monkeypatch.setattr(causes, "_HELD", (Claim, Failure))

        _, results = meet()

        assert [type(one) for one in results].count(OperationalError) == 1


class TestACreditIsUndoneWhileItCoversAClaim:
    """The claim does not end by what is not there any more."""

    @pytest.fixture
    def meet(self, at_once, monkeypatch):
        def meet():
            credit = ledger.credit()
            claim, undone = of_the_same_cause(credit), ledger.reversal(of=credit.entries.get())
            looked, posted, asked = threading.Event(), threading.Event(), aside.can_be_named

            def posting():
                assert looked.wait(30)
                try:
                    ledger.posted(undone, now=LATER)
                finally:
                    posted.set()

            def looks(*given):
                """It has seen that the credit stands, and not yet ended the claim."""
                looked.set()
                until_somebody_waits(unless=posted.is_set)
                return asked(*given)

            monkeypatch.setattr(aside, "can_be_named", looks)
            results = at_once(lambda: cover_claim(claim=claim, by=make.manager(), now=LATER), posting)
            assert [one for one in results if isinstance(one, Exception)] == []
            return Claim.objects.get(pk=claim.pk).state

        return meet

    def test_it_is_looked_at_again(self, meet):
        assert meet() == "in_review"

    def test_without_the_lock_it_would_stay_covered(self, meet, monkeypatch):
        monkeypatch.setattr(aside, "_locked_credit", aside.cause_is_credited)

        assert meet() == "covered"


class TestAClaimComesUnderACauseThatIsMerged:
    """Both need the cause and the claim: in one order."""

    @pytest.fixture
    def meet(self, at_once, monkeypatch):
        def meet(where, holding):
            claim, holds = make.sent_claim(failure=make.failure(logged=False)), threading.Event()
            first, second = (make.outage(start=NOW - n * DAY).cause for n in (2, 3))
            name_cause(claim=claim, cause=first, title="", by=make.manager(), now=NOW)

            def merging():
                assert holds.wait(30)
                return merge(first, second)

            def wait():
                holds.set()
                until_somebody_waits()

            monkeypatch.setattr(aside, where, holding(getattr(aside, where), wait))
            named = {"claim": claim, "cause": second, "title": "", "by": make.manager(), "now": NOW}
            results = at_once(lambda: name_cause(**named), merging)
            return Claim.objects.get(pk=claim.pk).cause == first, results

        return meet

    def test_it_goes_with_it(self, meet):
        def claim_held(locked_in, wait):
            def held(*given):
                found = locked_in(*given)
                wait()
                return found

            return held

        moved, results = meet("locked_in", claim_held)

        assert [one for one in results if isinstance(one, Exception)] == []
        assert moved

    def test_where_the_claim_was_locked_first_they_would_wait_for_each_other(self, meet):
        def claim_first(locked_cause, wait):
            def held(cause):
                list(Claim.objects.select_for_update())
                wait()
                return locked_cause(cause)

            return held

        _, results = meet("_locked_cause", claim_first)

        assert [type(one) for one in results].count(OperationalError) == 1
