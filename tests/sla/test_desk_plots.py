"""PL9, PL10: the plots of the clockwork have the figures of the queues, and no day is left out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entitlements.models import Letter
from sla.admin.queues import DRAFTS_30D, WINDOWS_30D, WINDOWS_OVER
from tests import factories as make
from tests.desk import at, signed_in

pytestmark = pytest.mark.django_db
LATER = make.NOW + 2 * make.DAY


@pytest.fixture
def desk(monkeypatch):
    at(monkeypatch, LATER)
    return signed_in(make.manager())


@pytest.mark.usefixtures("draft")
def test_the_deadlines_ahead_are_those_of_the_queues(desk):
    make.failure()
    over = make.failure(began=LATER - 20 * make.DAY, now=LATER - 19 * make.DAY)

    page = desk.get("/admin/deadlines/ahead/")
    file = b"".join(desk.get("/admin/deadlines/ahead/?format=csv")).decode()

    days = page.context["days"]
    assert len(days) == 31
    assert [sum(figures[n] for _, figures in days) for n in (0, 1)] == [
        DRAFTS_30D.count(LATER),
        WINDOWS_30D.count(LATER),
    ]
    assert list(WINDOWS_OVER.rows(LATER)) == [over]
    assert dict(page.context["overdue"])[WINDOWS_OVER] == 1
    assert "overdue,0,1" in file


@pytest.mark.usefixtures("reported")
def test_the_delay_of_letters_by_day_with_those_that_have_none(desk):
    make.failure()
    first, second = Letter.objects.order_by("pk")
    Letter.objects.filter(pk=first.pk).update(state="accepted", accepted_at=first.written_at + timedelta(seconds=90))
    Letter.objects.filter(pk=second.pk).update(state="failed")

    days = desk.get("/admin/letters/delay/").context["days"]

    day = {one["day"]: one for one in days}[make.TODAY]
    assert len(days) == 30
    assert (day["written"], day["accepted"], day["failed"], day["p50"], day["p95"]) == (2, 1, 1, 90, 90)
    assert [one["written"] for one in days if one["day"] != make.TODAY] == [0] * 29
