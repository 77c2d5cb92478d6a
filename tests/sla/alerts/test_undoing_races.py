"""M9.3, S19: an import is undone while a claim about its alerts is decided: on committed data, a thread and a connection each.

The guard has a twin without it that must fail.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, transaction

from sla.actions import alert_effects
from sla.actions import alerts as actions
from sla.alerts import work
from sla.assessment import assess
from sla.models import AlertImport, Claim, Recomputation
from tests import factories as make
from tests.factories import NOW
from tests.meeting import until_somebody_waits
from tests.sla.alerts.files import CLOCK, csv_of, imported, row
from tests.sla.alerts.test_effects import LATE


class TestAClaimIsDecidedMeanwhile:
    """Whoever decides holds the claim and reads the alerts; the undoing needs both too: in one order."""

    @pytest.fixture
    def meet(self, at_once):
        def meet():
            contract = make.contract()
            type(contract.customer).objects.update(external_id="C-1")
            began = datetime(2026, 6, 4, 12, tzinfo=UTC)
            failure = make.failure(contract=contract, kind="B", began=began, minutes=40, incident="INC-7", logged=False)
            claim = make.sent_claim(draft=make.draft(failure=failure, complete=True))
            source, holds = imported(csv_of(row(2, **LATE))), threading.Event()
            actions.undo(source=source, by=source.uploaded_by, now=NOW)

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
