"""PL9, PL10: the plots of the clockwork have the figures of the queues, and no day is left out."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from entitlements.models import Letter
from entitlements.rules.days import first_instant
from entitlements.server_zones import SAME_CLOCK
from sla.actions.elections import note_arrival
from sla.admin.queues import DRAFTS_30D, WINDOWS_30D, WINDOWS_OVER
from tests import election_factories as elect
from tests import factories as make
from tests.desk import at, signed_in
from tests.shared import shared

pytestmark = pytest.mark.django_db
LATER = make.NOW + 2 * make.DAY


@pytest.fixture
def desk(monkeypatch):
    at(monkeypatch, LATER)
    return signed_in(make.manager())


@shared
def of_three_weeks():
    """A contract on the Pacific that ends in three weeks."""
    return make.contract(zone="America/Los_Angeles", last=make.TODAY + 20 * make.DAY)


@pytest.mark.usefixtures("draft")
def test_the_deadlines_ahead_are_those_of_the_queues(desk, gold, of_three_weeks):
    """Every stored deadline; an overdue one first, on the list that the first page's number opens."""
    make.failure(contract=gold, began=make.NOW - 3 * make.DAY)
    make.scheduled(start=LATER + make.DAY, contract=of_three_weeks)
    over = make.failure(contract=gold, began=LATER - 20 * make.DAY, now=LATER - 19 * make.DAY)

    page = desk.get("/admin/deadlines/ahead/", {"which": "overdue"})
    file = b"".join(desk.get("/admin/deadlines/ahead/?format=csv")).decode()
    top = desk.get("/admin/").context["top"]

    days = page.context["days"]
    assert len(days) == 31
    assert [sum(figures[n] for _, figures in days) for n in range(8)] == [
        DRAFTS_30D.count(LATER),
        WINDOWS_30D.count(LATER),
        0,
        0,
        0,
        1,
        1,
        0,
    ]
    assert [one["reference"] for one in page.context["listed"]] == [one.reference for one in WINDOWS_OVER.rows(LATER)]
    assert [one["reference"] for one in page.context["listed"]] == [over.reference]
    assert "overdue,0,1,0,0,0,0,0,0" in file
    assert top[0] == ("Overdue legal duties", 1, "/admin/deadlines/ahead/?which=overdue#list")
    assert desk.get(top[1][2]).context["in_list"] == top[1][1]


def test_a_deadline_at_midnight_is_told_and_counted_on_the_day_that_it_ends(desk, of_three_weeks):
    """X1: by its last minute, in the contract's zone; a session by its beginning; the drawing names its first and its last day and
    its tallest."""
    make.scheduled(start=LATER + make.DAY, contract=of_three_weeks)

    page = desk.get("/admin/deadlines/ahead/")
    text, drawn = page.content.decode(), page.context["drawn"]

    counted = {str(day): figures for day, figures in page.context["days"] if sum(figures)}
    assert counted == {"2026-06-13": (0, 0, 0, 0, 0, 0, 1, 0), "2026-06-30": (0, 0, 0, 0, 0, 1, 0, 0)}
    assert "Tue Jun 30, 2026, 11:59 p.m. PDT" in text
    assert "Sat Jun 13, 2026, 7:00 a.m. PDT" in text
    assert (drawn["first"], drawn["last"], drawn["peak"]["words"]) == (
        "Jun 12, 2026",
        "Jul 12, 2026",
        "1, Jun 13, 2026",
    )


@pytest.mark.usefixtures("reported")
def test_a_drawing_of_the_delay_of_letters_names_its_tallest(desk):
    Letter.objects.update(
        written_at=LATER - 2 * make.HOUR, state="accepted", accepted_at=LATER, accepted_by_server="mail"
    )

    page = desk.get("/admin/letters/delay/")
    assert page.context["drawn"]["peak"]["words"] == "2 h, Jun 12, 2026"
    assert "the tallest is 2 h." in page.content.decode()


@pytest.mark.parametrize("zone", SAME_CLOCK)
@pytest.mark.usefixtures("reported")
def test_days_are_the_vendors_also_where_the_server_takes_its_zone_for_an_abbreviation(zone, desk, settings):
    """In summer its day begins an hour before the one that the abbreviation means."""
    settings.VENDOR_ZONE = zone
    midnight = first_instant(date(2026, 6, 12), ZoneInfo(zone))
    make.scheduled(start=midnight + make.DAY)
    Letter.objects.update(written_at=midnight)

    letters = desk.get("/admin/letters/delay/").context["days"]
    ahead = desk.get("/admin/deadlines/ahead/").context["days"]

    assert [str(one["day"]) for one in letters if one["written"]] == ["2026-06-12"]
    assert [str(day) for day, figures in ahead if figures[6]] == ["2026-06-13"]


def test_an_election_is_a_legal_deadline(desk, monkeypatch):
    """S16: the deadline with consequences of silence: within 24 hours, overdue where the clock did not run, and in the plot."""
    election = elect.election()
    elect.accepted(election, at=make.NOW)
    note_arrival(election=election, now=make.NOW)
    deadline = elect.fresh(election).deadline
    assert "elections" in [one["kind"].key for one in desk.get("/admin/deadlines/ahead/").context["listed"]]

    for moment, which, place in ((deadline - make.HOUR, "24h", 1), (deadline, "overdue", 0)):
        at(monkeypatch, moment)
        top = desk.get("/admin/").context["top"][place]
        page = desk.get(top[2])
        assert (top[1], page.context["which"]) == (1, which)
        assert f"/admin/elections/{election.reference}/" in page.content.decode()


def test_claims_by_state_and_age_open_the_lists_that_they_count(desk, sent_claim):
    """PL2"""
    received = {0: 1, 3: 2, 15: 1}
    for days, count in received.items():
        make.alike(claim=sent_claim, how_many=count, received_at=LATER - days * make.DAY)

    page = desk.get("/admin/claims/by-age/")
    parts = page.context["states"][0]["parts"]
    file = b"".join(desk.get("/admin/claims/by-age/?format=csv")).decode()

    assert [part["count"] for part in parts] == [2, 2, 0, 1]
    for part in parts:
        assert desk.get(part["url"]).context["cl"].result_count == part["count"]
    assert "5 claims wait, 1 of them for 15 days or more" in page.content.decode()
    assert "submitted,2,2,0,1" in file
    assert 'href="/admin/claims/by-age/"' in desk.get("/admin/").content.decode()


@pytest.mark.usefixtures("reported")
def test_the_delay_of_letters_by_day_with_those_that_have_none(desk, gold):
    make.failure(contract=gold, began=make.NOW - 3 * make.DAY)
    first, second = Letter.objects.order_by("pk")
    Letter.objects.filter(pk=first.pk).update(state="accepted", accepted_at=first.written_at + timedelta(seconds=90))
    Letter.objects.filter(pk=second.pk).update(state="failed")

    days = desk.get("/admin/letters/delay/").context["days"]

    day = {one["day"]: one for one in days}[make.TODAY]
    assert len(days) == 30
    assert (day["written"], day["accepted"], day["failed"], day["p50"], day["p95"]) == (2, 1, 1, 90, 90)
    assert [one["written"] for one in days if one["day"] != make.TODAY] == [0] * 29
