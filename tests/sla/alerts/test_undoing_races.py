"""M9.3, S19: an import is undone while claims about its alerts are decided or corrected: on committed data, a thread and a connection each.

Each guard has a twin without it that must fail.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, transaction

from sla.actions import alert_effects, presumptions, recomputing
from sla.actions import alerts as actions
from sla.actions.recomputing import DECIDED, recomputed
from sla.alerts import work
from sla.assessment import assess
from sla.models import TO_DECIDE, AlertImport, Claim, Notification, Recomputation
from tests import factories as make
from tests.factories import NOW
from tests.meeting import until_somebody_waits
from tests.sla.alerts.files import CLOCK, csv_of, imported, row
from tests.sla.alerts.test_effects import LATE


def claims_upon_an_import_to_be_undone(many):
    """Each of a contract of its own, of one customer."""
    first = make.contract()
    type(first.customer).objects.update(external_id="C-1")
    began = datetime(2026, 6, 4, 12, tzinfo=UTC)
    contracts = [first, *(make.contract(customer=first.customer) for _ in range(many - 1))]
    upon = {"kind": "B", "began": began, "minutes": 40, "incident": "INC-7", "logged": False}
    drafts = [make.draft(failure=make.failure(contract=one, **upon), complete=True) for one in contracts]
    claims = [make.sent_claim(draft=one) for one in drafts]
    source = imported(csv_of(row(2, **LATE)))
    actions.undo(source=source, by=source.uploaded_by, now=NOW)
    return claims


class TestAClaimIsDecidedMeanwhile:
    """Whoever decides holds the claim and reads the alerts; the undoing needs both too: in one order."""

    @pytest.fixture
    def meet(self, at_once):
        def meet():
            (claim,), holds = claims_upon_an_import_to_be_undone(1), threading.Event()

            @transaction.atomic
            def deciding():
                found = Claim.objects.select_for_update(no_key=True).get(pk=claim.pk)
                holds.set()
                until_somebody_waits()
                return assess(found, now=NOW).union.counted.time

            def undoing():
                assert holds.wait(30)
                return work.work(clock=CLOCK)

            return at_once(deciding, undoing)

        return meet

    def test_it_is_decided_by_the_alerts_as_they_were_and_computed_anew_then(self, meet):
        results = meet()

        assert [one for one in results if isinstance(one, Exception)] == []
        assert AlertImport.objects.get().state == "undone"
        assert Recomputation.objects.latest("pk").remedy_before == results[0] != timedelta()

    def test_where_the_tables_went_first_they_would_wait_for_each_other(self, meet, monkeypatch):
        monkeypatch.setattr(alert_effects, "hold", lambda claims: None)

        assert [type(one) for one in meet()].count(OperationalError) == 1


class TestAnotherFactIsCorrectedMeanwhile:
    """Both hold the claims that they compute anew: what is to be decided before what is, whichever was made first."""

    @pytest.fixture
    def meet(self, at_once, monkeypatch):
        def meet():
            decided, _ = claims_upon_an_import_to_be_undone(2)
            make.decided(proposal=make.proposal(claim=decided, outcome="deny"))
            corrects, holds, really = threading.local(), threading.Event(), recomputing._locked

            def locked(claims, states):
                found = really(claims, states)
                if states == TO_DECIDE and getattr(corrects, "is_this", False):
                    holds.set()
                    until_somebody_waits()
                return found

            monkeypatch.setattr(recomputing, "_locked", locked)

            @transaction.atomic
            def correcting():
                corrects.is_this = True
                with recomputed(Claim.objects.all(), because="-", matter="FND-1", by=None, now=NOW):
                    pass

            def undoing():
                assert holds.wait(30)
                return work.work(clock=CLOCK)

            return at_once(correcting, undoing)

        return meet

    def test_both_are_done(self, meet):
        assert [one for one in meet() if isinstance(one, Exception)] == []
        assert AlertImport.objects.get().state == "undone"

    def test_where_the_undoing_took_them_by_their_keys_they_would_wait_for_each_other(self, meet, monkeypatch):
        by_key = (*TO_DECIDE, *DECIDED)
        monkeypatch.setattr(alert_effects, "hold", lambda claims: recomputing._locked(claims, by_key))

        assert [type(one) for one in meet()].count(OperationalError) == 1


class TestACauseIsFoundMeanwhile:
    """Whoever finds another cause of an alert holds the claims about it, and writes of its import: that one is held for less."""

    @pytest.fixture
    def meet(self, at_once, monkeypatch):
        def meet():
            (claim,), holds = claims_upon_an_import_to_be_undone(1), threading.Event()
            make.outage(customer=claim.contract.customer, start=datetime(2026, 6, 4, 11, 30, tzinfo=UTC), minutes=90)
            told = {"alert": Notification.objects.get(), "reason": "The carrier's log.", "by": make.manager()}
            really = presumptions.record

            def records(*given, **of_it):
                """The claims are held, and nothing is written of the import yet."""
                holds.set()
                until_somebody_waits()
                really(*given, **of_it)

            monkeypatch.setattr(presumptions, "record", records)

            def undoing():
                assert holds.wait(30)
                return work.work(clock=CLOCK)

            return at_once(lambda: presumptions.find_otherwise(**told, now=NOW), undoing)

        return meet

    def test_both_are_done(self, meet):
        assert [one for one in meet() if isinstance(one, Exception)] == []
        assert AlertImport.objects.get().state == "undone"

    def test_where_the_import_was_held_for_all_they_would_wait_for_each_other(self, meet, monkeypatch):
        held = AlertImport.objects.select_for_update()
        monkeypatch.setattr(work, "_held", lambda source, mine: held.get(pk=source.pk))

        assert [type(one) for one in meet()].count(OperationalError) == 1
