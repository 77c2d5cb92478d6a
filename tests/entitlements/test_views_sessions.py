"""An engagement's page, taking it back, and the list of engagements."""

from __future__ import annotations

import csv
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.actions.engagements import cancel_engagement, decline_engagement, hold_session
from entitlements.models import Engagement, Role
from tests import factories as make
from tests.desk import signed_in
from tests.entitlements.portal import page, words
from tests.shared import shared

pytestmark = pytest.mark.django_db

NOW, DAY = make.NOW, make.DAY


@shared
def asked(silver, booker):
    """A request of the booker's, for integration."""
    return make.request(contract=silver)


@shared
def booked(asked):
    """The request, scheduled in two weeks."""
    return make.scheduled(engagement=asked)


@shared
def two_parts(silver, booker):
    """An assessment that begins tomorrow."""
    return make.scheduled(contract=silver, activity="incident_lifecycle", start=NOW + DAY)


@shared
def three(silver, booked):
    """The one that is booked, and two requests, one of them for a roadmap."""
    make.request(contract=silver, activity="roadmap", topic="What comes next year?")
    make.request(contract=silver)


class TestThePageOfAnEngagement:
    """E5, E10, E11"""

    def test_shows_state_sessions_in_the_contracts_zone_and_what_happened(self, portal, two_parts):
        text = words(page(portal, "engagement", two_parts.reference))

        assert "Scheduled" in text
        assert "Thursday, June 11, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4), with Engineer" in text
        assert "Thursday, June 25, 2026, 10:00 a.m. Eastern Time" in text
        assert (
            "Accepted and scheduled Wednesday, June 10, 2026, 10:00:00 a.m. Eastern Time (EDT, UTC−4), by PagerDuty"
            in text
        )
        assert "Requested Wednesday, June 10, 2026, 10:00:00 a.m. Eastern Time (EDT, UTC−4), by you" in text
        assert (
            "As 1 in the contract year January 1, 2026 – December 31, 2026, on June 11, 2026: it holds its place from the request on."
            in text
        )

    def test_gives_a_calendar_file_for_each_session(self, portal, two_parts):
        address = reverse("engagement_calendar", args=[two_parts.reference])
        first, second = portal.get(address), portal.get(address, {"part": 2})

        assert first["Content-Type"] == "text/calendar; charset=utf-8"
        assert "DTSTART:20260611T140000Z" in first.content.decode()
        assert "DTSTART:20260625T140000Z" in second.content.decode()
        assert [portal.get(address, {"part": part}).status_code for part in ("3", "x", "-1")] == [404, 404, 404]

    def test_gives_what_is_cancelled_a_file_that_takes_it_out_again(self, silver, portal, booker):
        engagement = make.scheduled(contract=silver, start=NOW + DAY)
        cancel_engagement(engagement=engagement, side="customer", reason="", by=booker, now=NOW)
        address = reverse("engagement_calendar", args=[engagement.reference])

        assert f"{address}?part=1" in page(portal, "engagement", engagement.reference)
        assert "STATUS:CANCELLED" in portal.get(address).content.decode()

    def test_offers_no_change_and_says_what_follows_once_its_session_has_begun(self, silver, portal, clock):
        """E5"""
        engagement = make.scheduled(contract=silver, start=NOW + DAY)
        before = page(portal, "engagement", engagement.reference)
        clock(NOW + DAY)
        html = page(portal, "engagement", engagement.reference)

        assert "Cancel it" in before
        assert not {"Move it", "Cancel it", "Come prepared"} & set(re.findall("Move it|Cancel it|Come prepared", html))
        assert "Its time has come, so it can no longer be moved or cancelled." in html

    @pytest.mark.parametrize("schedule", [False, True])
    def test_speaks_of_no_place_under_professional_services(self, silver, portal, schedule):
        """E7"""
        engagement = make.request(contract=silver, ps_reference="PS-7")
        name = "withdraw_engagement"
        if schedule:
            make.scheduled(engagement=engagement, start=NOW + DAY)
            name = "cancel_engagement"
        told = words(page(portal, "engagement", engagement.reference)) + words(page(portal, name, engagement.reference))
        told += words(page(portal, "move_engagement", engagement.reference))

        assert not re.findall("holds its place|its place is|Its place comes|its one place", told)

    def test_says_when_the_follow_up_is_overdue(self, portal, two_parts, clock):
        hold_session(session=two_parts.sessions.get(part=1), by=make.manager(), now=NOW + 2 * DAY)
        clock(NOW + 16 * DAY)

        assert "The follow-up is overdue" in page(portal, "engagement", two_parts.reference)

    def test_is_found_by_its_reference_however_it_is_typed(self, portal, asked):
        assert asked.reference in page(portal, "engagement", asked.reference.lower().replace("-", ""))

    def test_is_not_found_for_another_customer(self, client, clock, scheduled):
        signed_in(make.member(), client)

        for name in ("engagement", "withdraw_engagement", "cancel_engagement", "engagement_calendar"):
            assert client.get(reverse(name, args=[scheduled.reference])).status_code == 404, name
            assert client.post(reverse(name, args=[scheduled.reference])).status_code in (404, 405), name

    def test_asks_the_database_eight_times(self, portal, two_parts):
        with CaptureQueriesContext(connection) as queries:
            page(portal, "engagement", two_parts.reference)

        assert len(queries) <= 8, [one["sql"] for one in queries]


class TestTakingItBack:
    """E5"""

    def test_a_request_is_withdrawn_by_a_post_and_not_by_a_get(self, portal, booker, asked):
        address = reverse("withdraw_engagement", args=[asked.reference])
        portal.get(address)
        still = Engagement.objects.get().state
        response = portal.post(address, follow=True)

        assert (still, Engagement.objects.get().state) == ("requested", "withdrawn")
        assert Engagement.objects.get().ended_by == booker
        assert "is withdrawn. Its place is back." in response.content.decode()

    def test_a_scheduled_engagement_is_cancelled_on_the_customers_side(self, portal, booked):
        portal.post(reverse("cancel_engagement", args=[booked.reference]), {"reason": "We moved."})
        booked.refresh_from_db()

        assert (booked.state, booked.ended_side, booked.end_reason) == (
            "cancelled",
            "customer",
            "We moved.",
        )

    def test_the_page_says_whether_the_place_comes_back(self, portal, two_parts):
        ahead = page(portal, "cancel_engagement", two_parts.reference)
        hold_session(session=two_parts.sessions.get(part=1), by=make.manager(), now=NOW + 2 * DAY)

        assert "Its place comes back" in ahead
        assert "so it keeps its place" in page(portal, "cancel_engagement", two_parts.reference)

    @pytest.mark.parametrize("name", ["withdraw_engagement", "cancel_engagement"])
    def test_what_has_ended_is_refused(self, portal, asked, name):
        decline_engagement(engagement=asked, reason="No engineer.", by=make.manager(), now=NOW)
        html = portal.post(reverse(name, args=[asked.reference])).content.decode()

        assert "It is declined by now, so this can no longer be done." in html
        assert Engagement.objects.get().state == "declined"

    def test_readers_may_not(self, silver, client, clock, booked):
        signed_in(make.member(customer=silver.customer, roles=[Role.READ_ONLY, Role.CLAIMS]), client)

        assert "Cancel it" not in page(client, "engagement", booked.reference)
        assert client.post(reverse("cancel_engagement", args=[booked.reference])).status_code == 403


class TestTheListOfEngagements:
    """X11"""

    def test_says_so_when_there_are_none(self, portal):
        assert "No engagements yet" in page(portal, "engagement_list")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, 3),
            ({"state": "scheduled"}, 1),
            ({"activity": "roadmap"}, 1),
            ({"q": "ticket"}, 2),
            ({"q": "nothing like it"}, 0),
            ({"state": "unheard of"}, 3),
        ],
    )
    @pytest.mark.usefixtures("three")
    def test_is_narrowed_by_state_activity_and_words(self, portal, query, found):
        html = page(portal, "engagement_list", **query)

        assert html.count('<th scope="row">') == found
        assert ("Nothing matches" in html) == (not found)

    @pytest.mark.usefixtures("three")
    def test_finds_a_reference_with_or_without_hyphens(self, portal, booked):
        html = page(portal, "engagement_list", q=booked.reference.lower().replace("-", " "))

        assert html.count('<th scope="row">') == 1
        assert booked.reference in html

    def test_goes_on_to_a_second_page_and_sorts(self, silver, portal):
        make.override(contract=silver, activity="integration", unlimited=True)
        for n in range(27):
            make.request(contract=silver, day=make.TODAY + n * DAY)
        first, last = page(portal, "engagement_list"), page(portal, "engagement_list", page=2, sort="day")

        assert "27 engagements" in first
        assert "Page 1 of 2" in first
        assert 'aria-sort="descending"' in first
        assert 'aria-sort="ascending"' in last
        assert "July 6, 2026" in last

    def test_gives_exactly_the_filtered_rows_as_csv(self, silver, portal):
        make.request(contract=silver, activity="roadmap", topic="=HYPERLINK()")
        make.request(contract=silver)
        response = portal.get(reverse("engagement_list"), {"format": "csv", "activity": "roadmap"})
        rows = list(csv.reader(response.getvalue().decode().splitlines()))

        assert len(rows) == 2
        assert rows[1][1:4] == ["Product Roadmap Session", "Requested", "2026-06-24"]
        assert rows[1][-1] == "'=HYPERLINK()"

    @pytest.mark.usefixtures("requested")
    def test_has_nothing_of_other_customers(self, portal):
        assert "No engagements yet" in page(portal, "engagement_list")

    @pytest.mark.usefixtures("three")
    def test_asks_the_database_eight_times_however_many_rows(self, portal):
        with CaptureQueriesContext(connection) as queries:
            page(portal, "engagement_list")

        assert len(queries) <= 8, [one["sql"] for one in queries]
