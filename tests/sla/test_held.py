"""T3, P19: what somebody else holds at this moment, the clock neither waits for nor stands in the way of."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import connections, transaction

from entitlements.actions.quarantine import put_in_quarantine
from entitlements.models import Engineer, Quarantine
from sla import batches
from sla import sweep as clockwork
from sla.models import Claim
from sla.sweep import MARGIN, sweep
from tests import factories as make
from tests.factories import HOUR, NOW

CLOSES = datetime(2026, 6, 25, 4, tzinfo=UTC)


def rings(now):
    return sweep(now=now, application_now=now)


@contextmanager
def locked_elsewhere(rows, nowait=False):
    """While this lasts, another connection holds these rows."""
    asked, enough = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                list(rows.select_for_update(nowait=nowait))
                asked.set()
                enough.wait(30)
        finally:
            asked.set()
            connections.close_all()

    with ThreadPoolExecutor() as pool:
        holding = pool.submit(hold)
        asked.wait(30)
        try:
            yield
        finally:
            enough.set()
            holding.result()


def test_what_somebody_holds_is_left_to_the_next_turn(committed_db, monkeypatch):
    """P19: a report that a draft needs is locked, and so is a draft in quarantine; the others are done, and nothing is set aside."""
    monkeypatch.setattr(batches, "PATIENCE", timedelta(milliseconds=50))
    held, aside, _ = [make.draft() for _ in range(3)]
    entry = put_in_quarantine(job="drafts lapsed", row=aside.pk, matter="CLM-1", error="…", by=None, now=NOW)

    with locked_elsewhere(held.failures.all()), locked_elsewhere(Claim.objects.filter(pk=aside.pk)):
        run = rings(CLOSES + MARGIN)

    assert run.done == {"drafts lapsed": 1}
    assert list(Quarantine.objects.standing()) == [entry]
    assert rings(CLOSES + HOUR).done["drafts lapsed"] == 2
    assert not Quarantine.objects.standing().exists()


def test_an_engineer_is_not_locked_before_the_years_are(committed_db, monkeypatch):
    """E6: a booking locks them in the other order, so that each would wait for the other."""
    leaves = make.engineer()
    Engineer.objects.filter(pk=leaves.pk).update(leaves_at=NOW)
    free = []

    def look(*, engineer, now):
        with locked_elsewhere(Engineer.objects.filter(pk=engineer.pk), nowait=True):
            free.append(engineer)
        return True

    monkeypatch.setattr(clockwork, "end_account", look)
    run = rings(NOW + HOUR)

    assert (free, run.alarm) == ([leaves], "")
