"""The customer's screens about sessions: year card, request, engagement, list."""

from __future__ import annotations

import csv
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.actions.engagements import decline_engagement, hold_session
from entitlements.models import Engagement, Role
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW, DAY = make.NOW, make.DAY


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The database's clock, as the portal reads it, stands at NOW."""
    monkeypatch.setattr("entitlements.middleware.database_now", lambda: NOW)


@pytest.fixture
def contract():
    return make.contract(level="silver")


@pytest.fixture
def booker(contract):
    return make.member(customer=contract.customer, roles=[Role.BOOKINGS], name="Bo Booker")


@pytest.fixture
def portal(client, booker):
    client.force_login(booker)
    return client


def page(client, name, *args, **query):
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def words(html):
    """What a reader sees, with single spaces."""
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        text = ""

        def handle_data(self, data):
            self.text += data

    reader = Reader()
    reader.feed(html[html.index("<main") :])
    return " ".join(reader.text.split())


def row_of(html, name):
    """The line of the card with this name, as a reader sees it."""
    start = html.index(f'<th scope="row">{name}')
    return words("<main" + html[start : html.index("</tbody>", start)])


def wish(day="2026-06-24", **changed):
    typed = {
        "wished_day": day,
        "topic": "Connect the ticket system.",
        "preparation": "on",
        "advice": "on",
        "form_key": str(uuid.uuid4()),
    }
    return {**typed, **changed}


class TestTheYearCard:
    """E2, E3, E4, E5, E8"""

    def test_names_the_contract_its_level_its_year_and_the_edition(self, portal):
        text = words(page(portal, "year_card"))

        assert "Silver Services" in text
        assert "January 1, 2026 – December 31, 2026" in text
        assert "CSE usage policy, first edition" in text
        assert "Places do not roll over." in text
        assert "Thursday, December 31, 2026, 11:59 p.m. Eastern Time (EST, UTC−5)" in text
        assert "The count begins anew on January 1, 2027." in text

    def test_has_a_line_for_each_of_the_seven_activities(self, portal):
        html = page(portal, "year_card")

        assert html.count('<th scope="row">') == 7

    def test_says_not_available_where_the_policy_says_n_a_and_none_left_where_it_is_used_up(self, contract, portal):
        make.request(contract=contract, activity="roadmap")
        html = page(portal, "year_card")

        workshop, roadmap = row_of(html, "Alert Strategies Workshop"), row_of(html, "Product Roadmap Session")
        assert workshop.startswith("Alert Strategies Workshop Not available at your level")
        assert roadmap.startswith("Product Roadmap Session 1 0 1 0")
        assert "number 2 where the cap is 1" in roadmap
        assert "The next place opens on 1 January 2027." in roadmap

    def test_points_to_professional_services_for_both(self, contract, portal):
        """E7"""
        make.request(contract=contract, activity="roadmap")
        html = page(portal, "year_card")

        for name in ("Alert Strategies Workshop", "Product Roadmap Session"):
            assert "separate Professional Services agreement" in row_of(html, name)

    def test_counts_what_is_delivered_apart_from_what_is_held(self, contract, portal):
        delivered = make.scheduled(contract=contract, start=NOW + DAY)
        hold_session(session=delivered.sessions.get(), by=make.manager(), now=NOW + 2 * DAY)
        make.request(contract=contract)

        assert row_of(page(portal, "year_card"), "Integration Consultation").startswith(
            "Integration Consultation 4 1 1 2"
        )

    def test_lists_behind_the_figures_what_counts_and_what_does_not(self, contract, portal):
        counted, declined = make.request(contract=contract), make.request(contract=contract)
        decline_engagement(engagement=declined, reason="No engineer.", by=make.manager(), now=NOW)
        row = row_of(page(portal, "year_card"), "Integration Consultation")

        assert f"{counted.reference}, June 24, 2026: Requested counted" in row
        assert f"{declined.reference}, June 24, 2026: Declined not counted, its place is back" in row

    def test_shows_the_working_of_each_line(self, portal):
        row = row_of(page(portal, "year_card"), "Integration Consultation")

        assert "Cap in force" in row
        assert "Counted together" in row

    def test_shows_the_pool_as_one_line_with_one_place_or_none(self, client):
        contract = make.contract(level="none")
        client.force_login(make.one_of(contract.customer))
        pool = "Integration or Product/Feature Consultation"
        before = row_of(page(client, "year_card"), pool)
        make.request(contract=contract, activity="product_feature")
        after = row_of(page(client, "year_card"), pool)

        assert before.startswith(f"{pool}, one for both 1 0 0 1 Integration Consultation Product/Feature Consultation")
        assert after.startswith(f"{pool}, one for both 1 0 1 0")

    def test_shows_an_override_beside_the_policy(self, contract, portal):
        make.override(contract=contract, activity="integration", cap=9)
        html = page(portal, "year_card")

        assert row_of(html, "Integration Consultation").startswith("Integration Consultation 9policy: 4")
        assert (
            "Integration Consultation 4 9 January 1, 2026 – December 31, 2026 Order form, section 4. Agreed at signing."
            in words(html)
        )

    def test_shows_the_caps_of_both_levels_when_the_level_changes_in_mid_year(self, client):
        """E6"""
        contract = make.contract(levels=[(date(2026, 1, 1), "premium"), (date(2026, 5, 1), "gold")])
        client.force_login(make.one_of(contract.customer))
        text = words(page(client, "year_card"))

        assert "Premium Support, January 1, 2026 – April 30, 2026" in text
        assert "Gold Services, May 1, 2026 – December 31, 2026" in text
        assert "Integration Consultation 2 6" in text[text.index("Caps by level") :]

    def test_opens_a_later_year_with_its_own_figures(self, contract, portal):
        make.request(contract=contract, activity="roadmap")
        later = contract.years.get(n=2)

        assert row_of(page(portal, "contract_year", later.pk), "Product Roadmap Session").startswith(
            "Product Roadmap Session 1 0 0 1"
        )
        assert reverse("contract_year", args=[later.pk]) in page(portal, "year_card")

    def test_offers_nothing_in_a_year_that_is_over(self, client):
        contract = make.contract(first=date(2025, 1, 1))
        client.force_login(make.one_of(contract.customer))

        assert "/sessions/request/" not in page(client, "contract_year", contract.years.get(n=1).pk)

    def test_offers_nothing_on_a_suspended_contract_and_says_why(self, contract, portal):
        """E14"""
        contract.status = "suspended"
        contract.save()
        html = page(portal, "year_card")

        assert "The contract is suspended, so nothing can be booked on it." in words(html)
        assert "/sessions/request/" not in html

    def test_says_so_when_no_contract_runs(self, client):
        contract = make.contract(first=date(2025, 1, 1), last=date(2025, 12, 31))
        client.force_login(make.one_of(contract.customer))
        html = page(client, "year_card")

        assert "No contract year runs today" in html
        assert reverse("contract_year", args=[contract.years.get().pk]) in html

    def test_shows_readers_the_figures_and_no_way_to_ask(self, contract, client):
        client.force_login(make.member(customer=contract.customer, roles=[Role.READ_ONLY]))
        html = page(client, "year_card")

        assert "Your role here is to read." in html
        assert "/sessions/request/" not in html

    def test_is_not_found_for_another_customer(self, contract, client):
        client.force_login(make.member())

        assert client.get(reverse("contract_year", args=[contract.years.get(n=1).pk])).status_code == 404

    def test_asks_the_database_eight_times_whatever_it_shows(self, contract, portal):
        page(portal, "year_card")
        for day in range(6):
            make.request(contract=make.contract(customer=contract.customer), day=make.TODAY + day * DAY)
        with CaptureQueriesContext(connection) as queries:
            page(portal, "year_card")

        assert len(queries) <= 8, [one["sql"] for one in queries]


class TestTheRequest:
    """E9, E11, E12, X9"""

    def test_shows_outcome_time_and_requirements_before_the_form(self, contract, portal):
        html = page(portal, "request_engagement", contract.pk, "incident_lifecycle")
        before, form = html[: html.index('name="wished_day"')], html[html.index('name="wished_day"') :]

        assert "Findings and recommendations on process, tools" in before
        assert "60 minutes (discovery), then 30 minutes (follow-up)" in before
        assert "Incident Management (you have it)" in before
        assert "You know your incident process" in before
        assert "I understand that a CSE gives advice." in form

    def test_says_what_it_will_use_and_of_which_year(self, contract, portal):
        """E5"""
        make.request(contract=contract)
        text = words(page(portal, "request_engagement", contract.pk, "integration"))

        assert (
            "This will use 1 of 4 of the contract year January 1, 2026 – December 31, 2026: 1 used before it."
            in text
        )
        assert "A day from January 1, 2027 on counts in the next contract year, with 4 left." in text

    def test_is_taken_and_shown_with_its_reference(self, contract, portal, booker):
        response = portal.post(reverse("request_engagement", args=[contract.pk, "integration"]), wish(), follow=True)
        engagement = Engagement.objects.get()

        assert response.redirect_chain == [(reverse("engagement", args=[engagement.reference]), 302)]
        assert f"Its reference is {engagement.reference}." in response.content.decode()
        assert (engagement.wished_day, engagement.requested_by) == (date(2026, 6, 24), booker)
        assert engagement.advice_wording.startswith("I understand that a CSE gives advice.")
        assert engagement.requested_at == NOW

    def test_sent_twice_asks_once(self, contract, portal):
        address, typed = reverse("request_engagement", args=[contract.pk, "integration"]), wish()
        first, second = portal.post(address, typed), portal.post(address, typed)

        assert first.url == second.url
        assert Engagement.objects.count() == 1

    def test_needs_both_confirmations(self, contract, portal):
        response = portal.post(
            reverse("request_engagement", args=[contract.pk, "integration"]), wish(preparation="", advice="")
        )
        html = response.content.decode()

        assert "<title>Error: Request: Integration Consultation" in html
        assert html.count("Tick the box to confirm what you bring.") == 2
        assert html.count("Tick the box to accept that the engagement is advice.") == 2
        assert "Connect the ticket system." in html
        assert not Engagement.objects.exists()

    def test_says_how_to_write_a_day(self, contract, portal):
        response = portal.post(reverse("request_engagement", args=[contract.pk, "integration"]), wish("next week"))

        assert "Give the wished day as year, month and day, such as 2026-11-30." in response.content.decode()
        assert 'value="next week"' in response.content.decode()

    @pytest.mark.parametrize("typed", ["2026-06-24", "June 24, 2026", "24 June 2026", "6/24/2026"])
    def test_reads_a_day_in_the_usual_ways(self, contract, portal, typed):
        portal.post(reverse("request_engagement", args=[contract.pk, "integration"]), wish(typed))

        assert Engagement.objects.get().wished_day == date(2026, 6, 24)

    @pytest.mark.parametrize(
        ("day", "clause", "sentence"),
        [
            ("2026-06-09", "E5", "That day is over."),
            ("2028-01-01", "E14", "The contract runs from"),
        ],
    )
    def test_is_refused_with_the_clause_and_keeps_what_was_typed(self, contract, portal, day, clause, sentence):
        response = portal.post(reverse("request_engagement", args=[contract.pk, "integration"]), wish(day))
        html = response.content.decode()

        assert f'class="refusal" data-clause="{clause}"' in html
        assert sentence in html
        assert "Connect the ticket system." in html
        assert f'value="{day}"' in html
        assert not Engagement.objects.exists()

    def test_over_the_cap_is_refused_and_says_when_the_next_place_opens(self, contract, portal):
        """E6, E7"""
        make.request(contract=contract, activity="roadmap")
        address = reverse("request_engagement", args=[contract.pk, "roadmap"])
        html = portal.post(address, wish()).content.decode()
        kept = portal.post(address, wish("2027-01-01"))

        assert "This request was not taken" in html
        assert "On 24 June 2026 this would be number 2 where the cap is 1 in contract year 1" in html
        assert "The next place opens on 1 January 2027." in html
        assert kept.status_code == 302

    def test_of_what_the_level_does_not_have_shows_why_and_no_form(self, contract, portal):
        """E2"""
        html = page(portal, "request_engagement", contract.pk, "alert_strategies")

        assert 'data-code="not_available"' in html
        assert "at the level Silver Services" in html
        assert 'name="wished_day"' not in html

    def test_of_what_lacks_a_required_product_shows_the_refusal_and_no_form(self, client):
        """E9"""
        contract = make.contract(products=["rba"])
        client.force_login(make.one_of(contract.customer))
        html = page(client, "request_engagement", contract.pk, "incident_lifecycle")

        assert "This activity needs Incident Management, which the contract does not include on that day." in html
        assert 'name="wished_day"' not in html

    def test_of_what_lacks_a_recommended_product_only_says_so(self, client):
        """E9"""
        contract = make.contract(products=["im"])
        client.force_login(make.one_of(contract.customer))
        html = page(client, "request_engagement", contract.pk, "alert_strategies")

        assert "AIOps (not in your contract, and not needed)" in html
        assert 'name="wished_day"' in html

    def test_is_not_for_readers_who_are_told_why(self, contract, client):
        reader = make.member(customer=contract.customer, roles=[Role.READ_ONLY])
        client.force_login(reader)
        only_reads = client.get(reverse("request_engagement", args=[contract.pk, "integration"]))
        make.member(customer=make.customer()).memberships.update(user=reader)
        books_elsewhere = client.get(reverse("request_engagement", args=[contract.pk, "integration"]))

        assert (only_reads.status_code, books_elsewhere.status_code) == (403, 403)
        assert "a customer&#x27;s people who may book" in only_reads.content.decode()
        assert f"Your role at {contract.customer} is to read." in books_elsewhere.content.decode()

    def test_on_another_customers_contract_or_for_an_unknown_activity_is_not_found(self, contract, portal):
        assert portal.get(reverse("request_engagement", args=[make.contract().pk, "integration"])).status_code == 404
        assert portal.get(reverse("request_engagement", args=[contract.pk, "yoga"])).status_code == 404

    def test_asks_the_database_eight_times(self, contract, portal):
        page(portal, "request_engagement", contract.pk, "integration")
        with CaptureQueriesContext(connection) as queries:
            page(portal, "request_engagement", contract.pk, "integration")

        assert len(queries) <= 8, [one["sql"] for one in queries]


class TestThePageOfAnEngagement:
    """E5, E10, E11"""

    def test_shows_state_sessions_in_the_contracts_zone_and_what_happened(self, contract, portal, booker):
        engagement = make.scheduled(contract=contract, activity="incident_lifecycle", start=NOW + DAY)
        text = words(page(portal, "engagement", engagement.reference))

        assert "Scheduled" in text
        assert "Thursday, June 11, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4), with Engineer" in text
        assert "Thursday, June 25, 2026, 10:00 a.m. Eastern Time" in text
        assert (
            "Accepted and scheduled Wednesday, June 10, 2026, 10:00:00 a.m. Eastern Time (EDT, UTC−4), by PagerDuty"
            in text
        )
        assert "Requested Wednesday, June 10, 2026, 10:00:00 a.m. Eastern Time (EDT, UTC−4), by you" in text
        assert "As 1 in the contract year January 1, 2026 – December 31, 2026, on June 11, 2026." in text

    def test_gives_a_calendar_file_for_each_session(self, contract, portal):
        engagement = make.scheduled(contract=contract, activity="incident_lifecycle", start=NOW + DAY)
        address = reverse("engagement_calendar", args=[engagement.reference])
        first, second = portal.get(address), portal.get(address, {"part": 2})

        assert first["Content-Type"] == "text/calendar; charset=utf-8"
        assert "DTSTART:20260611T140000Z" in first.content.decode()
        assert "DTSTART:20260625T140000Z" in second.content.decode()
        assert [portal.get(address, {"part": part}).status_code for part in ("3", "x", "-1")] == [404, 404, 404]

    def test_says_when_the_follow_up_is_overdue(self, contract, portal, monkeypatch):
        engagement = make.scheduled(contract=contract, activity="incident_lifecycle", start=NOW + DAY)
        hold_session(session=engagement.sessions.get(part=1), by=make.manager(), now=NOW + 2 * DAY)
        monkeypatch.setattr("entitlements.middleware.database_now", lambda: NOW + 16 * DAY)

        assert "The follow-up is overdue" in page(portal, "engagement", engagement.reference)

    def test_is_found_by_its_reference_however_it_is_typed(self, contract, portal):
        engagement = make.request(contract=contract)

        assert engagement.reference in page(portal, "engagement", engagement.reference.lower().replace("-", ""))

    def test_is_not_found_for_another_customer(self, client):
        engagement = make.scheduled()
        client.force_login(make.member())

        for name in ("engagement", "withdraw_engagement", "cancel_engagement", "engagement_calendar"):
            assert client.get(reverse(name, args=[engagement.reference])).status_code == 404, name
            assert client.post(reverse(name, args=[engagement.reference])).status_code == 404, name

    def test_asks_the_database_eight_times(self, contract, portal):
        engagement = make.scheduled(contract=contract, activity="incident_lifecycle", start=NOW + DAY)
        with CaptureQueriesContext(connection) as queries:
            page(portal, "engagement", engagement.reference)

        assert len(queries) <= 8, [one["sql"] for one in queries]


class TestTakingItBack:
    """E5"""

    def test_a_request_is_withdrawn_by_a_post_and_not_by_a_get(self, contract, portal, booker):
        engagement = make.request(contract=contract)
        address = reverse("withdraw_engagement", args=[engagement.reference])
        portal.get(address)
        still = Engagement.objects.get().state
        response = portal.post(address, follow=True)

        assert (still, Engagement.objects.get().state) == ("requested", "withdrawn")
        assert Engagement.objects.get().ended_by == booker
        assert "is withdrawn. Its place is back." in response.content.decode()

    def test_a_scheduled_engagement_is_cancelled_on_the_customers_side(self, contract, portal):
        engagement = make.scheduled(contract=contract)
        portal.post(reverse("cancel_engagement", args=[engagement.reference]), {"reason": "We moved."})
        engagement.refresh_from_db()

        assert (engagement.state, engagement.ended_side, engagement.end_reason) == (
            "cancelled",
            "customer",
            "We moved.",
        )

    def test_the_page_says_whether_the_place_comes_back(self, contract, portal):
        ahead = make.scheduled(contract=contract)
        begun = make.scheduled(contract=contract, activity="incident_lifecycle", start=NOW + DAY)
        hold_session(session=begun.sessions.get(part=1), by=make.manager(), now=NOW + 2 * DAY)

        assert "Its place comes back" in page(portal, "cancel_engagement", ahead.reference)
        assert "so it keeps its place" in page(portal, "cancel_engagement", begun.reference)

    @pytest.mark.parametrize("name", ["withdraw_engagement", "cancel_engagement"])
    def test_what_has_ended_is_refused(self, contract, portal, name):
        engagement = make.request(contract=contract)
        decline_engagement(engagement=engagement, reason="No engineer.", by=make.manager(), now=NOW)
        html = portal.post(reverse(name, args=[engagement.reference])).content.decode()

        assert "It is declined by now, so this can no longer be done." in html
        assert Engagement.objects.get().state == "declined"

    def test_readers_may_not(self, contract, client):
        engagement = make.scheduled(contract=contract)
        client.force_login(make.member(customer=contract.customer, roles=[Role.READ_ONLY, Role.CLAIMS]))

        assert "Cancel it" not in page(client, "engagement", engagement.reference)
        assert client.post(reverse("cancel_engagement", args=[engagement.reference])).status_code == 403


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
    def test_is_narrowed_by_state_activity_and_words(self, contract, portal, query, found):
        make.request(contract=contract, activity="roadmap", topic="What comes next year?")
        make.request(contract=contract)
        make.scheduled(contract=contract)
        html = page(portal, "engagement_list", **query)

        assert html.count('<th scope="row">') == found
        assert ("Nothing matches" in html) == (not found)

    def test_finds_a_reference_with_or_without_hyphens(self, contract, portal):
        one, _ = make.request(contract=contract), make.request(contract=contract)
        html = page(portal, "engagement_list", q=one.reference.lower().replace("-", " "))

        assert html.count('<th scope="row">') == 1
        assert one.reference in html

    def test_goes_on_to_a_second_page_and_sorts(self, contract, portal):
        make.override(contract=contract, activity="integration", unlimited=True)
        for n in range(27):
            make.request(contract=contract, day=make.TODAY + n * DAY)
        first, last = page(portal, "engagement_list"), page(portal, "engagement_list", page=2, sort="day")

        assert "27 engagements" in first
        assert "Page 1 of 2" in first
        assert 'aria-sort="descending"' in first
        assert 'aria-sort="ascending"' in last
        assert "July 6, 2026" in last

    def test_gives_exactly_the_filtered_rows_as_csv(self, contract, portal):
        make.request(contract=contract, activity="roadmap", topic="=HYPERLINK()")
        make.request(contract=contract)
        response = portal.get(reverse("engagement_list"), {"format": "csv", "activity": "roadmap"})
        rows = list(csv.reader(response.content.decode().splitlines()))

        assert len(rows) == 2
        assert rows[1][1:4] == ["Product Roadmap Session", "Requested", "2026-06-24"]
        assert rows[1][-1] == "'=HYPERLINK()"

    def test_has_nothing_of_other_customers(self, portal):
        make.request()

        assert "No engagements yet" in page(portal, "engagement_list")

    def test_asks_the_database_eight_times_however_many_rows(self, contract, portal):
        for n in range(4):
            make.request(contract=contract, day=make.TODAY + n * DAY)
        with CaptureQueriesContext(connection) as queries:
            page(portal, "engagement_list")

        assert len(queries) <= 8, [one["sql"] for one in queries]


def test_the_card_and_the_action_refuse_alike(contract):
    """E6, E9: what the page says beforehand is what the action says."""
    from entitlements.actions.engagements import refusals_against
    from entitlements.cards import book_visible_to

    make.request(contract=contract, activity="roadmap")
    user = make.one_of(contract.customer)
    book = book_visible_to(user, contract.pk, NOW)
    for activity in book.edition_on(make.TODAY).activities:
        for day in (make.TODAY, date(2027, 3, 1), date(2029, 1, 1)):
            assert book.refusals(activity, day) == refusals_against(contract, activity, day) or day.year == 2029


def test_a_moment_of_the_other_day(contract, portal, monkeypatch):
    """The year is the one that runs in the contract's zone: in New York it is still 2026 when UTC has 2027."""
    monkeypatch.setattr("entitlements.middleware.database_now", lambda: datetime(2027, 1, 1, 4, 59, tzinfo=UTC))
    before = words(page(portal, "year_card"))
    monkeypatch.setattr("entitlements.middleware.database_now", lambda: datetime(2027, 1, 1, 5, 0, tzinfo=UTC))
    after = words(page(portal, "year_card"))

    assert "Contract year 1 January 1, 2026" in before
    assert "Contract year 2 January 1, 2027" in after
    assert timedelta(minutes=1)
