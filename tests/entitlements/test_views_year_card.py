"""The year card: what a contract year allows, what is used of it, what can be asked for."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.actions.contract_states import terminate
from entitlements.actions.engagements import decline_engagement, hold_session
from entitlements.actions.plans import change_plan
from entitlements.cards import card_of, years_visible_to
from entitlements.models import Contract, Role
from entitlements.standings import standings_of
from entitlements.usage import card_as_of
from tests import factories as make
from tests.desk import signed_in
from tests.entitlements.portal import page, row_of, words

pytestmark = pytest.mark.django_db

NOW, TODAY, DAY = make.NOW, make.TODAY, make.DAY


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

    def test_names_plan_discount_seats_and_which_sla_applies_since_when(self, portal, silver):
        """C3.1, S1: those of the card's year; seats are those of the newest month that has begun."""
        change_plan(
            contract=silver,
            first=make.TODAY,
            plan="Digital Operations",
            discount_percent=Decimal("12.5"),
            reason="Order 2",
            by=make.manager(),
            now=NOW,
        )

        text = words(page(portal, "year_card"))

        assert "Plan Business, since January 1, 2026 Digital Operations, 12.5 % discount, since June 10, 2026" in text
        assert "Seats 120 paid in June 2026" in text
        assert "Which SLA applies Enterprise terms, since January 1, 2026" in text

    def test_an_assessment_of_two_meetings_is_one_place(self, portal):
        """E10, C3.4"""
        html = page(portal, "year_card")

        assert "60 + 30 minutes, one place" in row_of(html, "Incident Lifecycle Assessment")
        assert html.count("one place") == 1

    def test_has_a_line_for_each_of_the_seven_activities(self, portal):
        html = page(portal, "year_card")

        assert html.count('<th scope="row">') == 7

    def test_says_not_available_where_the_policy_says_n_a_and_none_left_where_it_is_used_up(self, silver, portal):
        make.request(contract=silver, activity="roadmap")
        html = page(portal, "year_card")

        workshop, roadmap = row_of(html, "Alert Strategies Workshop"), row_of(html, "Product Roadmap Session")
        assert workshop.startswith("Alert Strategies Workshop N/A No Not available at your level")
        assert roadmap.startswith("Product Roadmap Session 0 From January 1, 2027 for Product Roadmap Session 1 0 1")
        assert "number 2 where the cap is 1" in roadmap
        assert "The next place opens on January 1, 2027." in roadmap

    def test_points_to_professional_services_for_both(self, silver, portal):
        """E7"""
        make.request(contract=silver, activity="roadmap")
        html = page(portal, "year_card")

        for name in ("Alert Strategies Workshop", "Product Roadmap Session"):
            assert "separate Professional Services agreement" in row_of(html, name)

    def test_counts_what_is_delivered_apart_from_what_is_held(self, silver, portal):
        delivered = make.scheduled(contract=silver, start=NOW + DAY)
        hold_session(session=delivered.sessions.get(), by=make.manager(), now=NOW + 2 * DAY)
        make.request(contract=silver)

        assert row_of(page(portal, "year_card"), "Integration Consultation").startswith(
            "Integration Consultation 2 Request Integration Consultation 4 1 1"
        )

    def test_lists_behind_the_figures_what_counts_and_what_does_not(self, silver, portal):
        counted, declined = make.request(contract=silver), make.request(contract=silver)
        decline_engagement(engagement=declined, reason="No engineer.", by=make.manager(), now=NOW)
        row = row_of(page(portal, "year_card"), "Integration Consultation")

        assert f"{counted.reference}, June 24, 2026: Requested counted: it holds its place from the request on" in row
        assert f"{declined.reference}, June 24, 2026: Declined not counted: it was declined" in row

    def test_shows_the_working_of_each_line(self, portal):
        row = row_of(page(portal, "year_card"), "Integration Consultation")

        assert "Cap in force" in row
        assert "Counted together" in row

    def test_shows_the_pool_as_one_line_with_one_place_or_none(self, client, clock):
        contract = make.contract(level="none")
        signed_in(make.one_of(contract.customer), client)
        pool = "Integration or Product/Feature Consultation"
        before = row_of(page(client, "year_card"), pool)
        make.request(contract=contract, activity="product_feature")
        after = row_of(page(client, "year_card"), pool)

        assert before.startswith(f"{pool}, one for both 1 Integration Consultation Product/Feature Consultation 1 0 0")
        assert after.startswith(f"{pool}, one for both 0 From January 1, 2027")

    def test_shows_an_override_beside_the_policy(self, silver, portal):
        make.override(contract=silver, activity="integration", cap=9)
        html = page(portal, "year_card")

        assert row_of(html, "Integration Consultation").startswith(
            "Integration Consultation 9 Request Integration Consultation 9 policy: 4"
        )
        assert (
            "Integration Consultation 4 9 January 1, 2026 – December 31, 2026 Order form, section 4. Agreed at signing."
            in words(html)
        )

    def test_shows_the_caps_of_both_levels_when_the_level_changes_in_mid_year(self, client, clock):
        """E6"""
        contract = make.contract(levels=[(date(2026, 1, 1), "premium"), (date(2026, 5, 1), "gold")])
        signed_in(make.one_of(contract.customer), client)
        text = words(page(client, "year_card"))

        assert "Premium Support, January 1, 2026 – April 30, 2026" in text
        assert "Gold Services, May 1, 2026 – December 31, 2026" in text
        assert "Integration Consultation 2 6" in text[text.index("Caps by level") :]

    def test_names_a_level_that_comes_later_in_the_year_beside_the_deadline(self, client, clock):
        """E6: what it does not leave has to be had before it."""
        contract = make.contract(levels=[(date(2026, 1, 1), "gold"), (date(2026, 9, 1), "premium")])
        signed_in(make.one_of(contract.customer), client)

        assert "From September 1, 2026 on the caps of Premium Support hold" in words(page(client, "year_card"))

    def test_opens_a_later_year_with_its_own_figures(self, silver, portal):
        make.request(contract=silver, activity="roadmap")
        later = silver.years.get(n=2)

        assert row_of(page(portal, "contract_year", later.pk), "Product Roadmap Session").startswith(
            "Product Roadmap Session 1 Request Product Roadmap Session 1 0 0"
        )
        assert reverse("contract_year", args=[later.pk]) in page(portal, "year_card")

    def test_offers_nothing_in_a_year_that_is_over(self, client, clock):
        contract = make.contract(first=date(2025, 1, 1))
        signed_in(make.one_of(contract.customer), client)

        assert "/sessions/request/" not in page(client, "contract_year", contract.years.get(n=1).pk)

    def test_what_an_ended_year_left_has_lapsed(self, client, clock):
        """E3"""
        contract = make.contract(first=date(2025, 1, 1), level="silver")
        signed_in(make.one_of(contract.customer), client)
        html = page(client, "contract_year", contract.years.get(n=1).pk)

        assert row_of(html, "Integration Consultation").startswith("Integration Consultation 0 4 lapsed 4 0 0")
        assert "; 0 left, " in words(html)
        assert "Ask for it" not in html

    def test_says_in_one_sentence_how_a_figure_came_about_and_names_what_it_counts(self, silver, portal):
        """E2, E5, E8"""
        make.request(contract=silver)
        plain = row_of(page(portal, "year_card"), "Integration Consultation")
        make.override(contract=silver, activity="integration", cap=9)
        agreed = row_of(page(portal, "year_card"), "Integration Consultation")

        held = "− 0 delivered − 1 booked − 0 counted otherwise"
        assert f"4 by the policy at Silver Services {held} = 3 left." in plain
        assert f"9 as agreed in Order form, section 4, where the policy has 4 {held} = 8 left." in agreed
        assert "Level Silver Services" in plain
        assert "Pool" not in plain

    def test_says_what_is_left_but_cannot_be_had_for_want_of_a_product(self, client, clock):
        """E9"""
        contract = make.contract(level="silver", products=["rba"])
        signed_in(make.one_of(contract.customer), client)
        html = page(client, "year_card")

        assert "needs Incident Management" in row_of(html, "Incident Lifecycle Assessment")
        assert re.search("[0-9]+ you can book, [0-9]+ needs?[^.]* Incident Management", words(html))
        assert "mailto:" in html[html.index('data-code="product_missing"') :]
        assert " you can book, " in words(page(client, "home"))

    def test_offers_nothing_on_a_suspended_contract_and_says_why(self, silver, portal):
        """E14"""
        silver.status = "suspended"
        silver.save()
        html = page(portal, "year_card")

        assert "The contract is suspended, so nothing can be booked on it." in words(html)
        assert "/sessions/request/" not in html

    def test_says_so_when_no_contract_runs(self, client, clock):
        contract = make.contract(first=date(2025, 1, 1), last=date(2025, 12, 31))
        signed_in(make.one_of(contract.customer), client)
        html = page(client, "year_card")

        assert "No contract year runs today" in html
        assert reverse("contract_year", args=[contract.years.get().pk]) in html

    def test_shows_readers_the_figures_and_no_way_to_ask(self, silver, client, clock):
        signed_in(make.member(customer=silver.customer, roles=[Role.READ_ONLY]), client)
        html = page(client, "year_card")

        assert "Your role here is to read." in html
        assert "/sessions/request/" not in html

    def test_is_not_found_for_another_customer(self, silver, client, clock):
        signed_in(make.member(), client)

        assert client.get(reverse("contract_year", args=[silver.years.get(n=1).pk])).status_code == 404

    def test_says_first_what_is_booked_for_the_days_ahead(self, silver, portal, clock):
        booked = make.scheduled(contract=silver, start=make.NOW + 3 * DAY)
        make.request(contract=silver, activity="maturity", day=make.TODAY + 5 * DAY)

        html = page(portal, "year_card")

        assert f'<dt>Booked next</dt><dd><a href="{reverse("engagement", args=[booked.reference])}">' in html
        assert html.count("Booked next") == 1

    def test_asks_the_database_eight_times_whatever_it_shows(self, silver, portal):
        page(portal, "year_card")
        for day in range(6):
            make.request(contract=make.contract(customer=silver.customer), day=make.TODAY + day * DAY)
        with CaptureQueriesContext(connection) as queries:
            page(portal, "year_card")

        assert len(queries) <= 8, [one["sql"] for one in queries]


def test_the_year_is_the_one_that_runs_in_the_contracts_zone(silver, portal, clock):
    """E3: in New York it is still 2026 when UTC has 2027."""
    clock(datetime(2027, 1, 1, 4, 59, tzinfo=UTC))
    before = words(page(portal, "year_card"))
    clock(datetime(2027, 1, 1, 5, 0, tzinfo=UTC))
    after = words(page(portal, "year_card"))

    assert "Contract year 1 January 1, 2026" in before
    assert "Contract year 2 January 1, 2027" in after


class TestAContractThatHasEnded:
    """E14: by termination, in the middle of its year."""

    @pytest.fixture
    def ended(self, silver):
        terminate(contract=silver, last_day=TODAY + 9 * DAY, reason="x", by=make.manager(), now=NOW)
        return Contract.objects.get(pk=silver.pk)

    def year(self, contract, n):
        return contract.years.get(n=n).pk

    def test_has_places_until_its_last_day_and_says_that_none_can_be_booked(self, ended, portal):
        shown = words(page(portal, "year_card"))

        assert "11 left; nothing more can be booked." in shown
        assert "The contract ends with June 19, 2026; what is not booked lapses with it." in shown
        assert "Have your sessions by" not in shown
        assert "and nothing more can be booked" in words(page(portal, "home"))
        assert "The contract is terminated, so nothing can be booked on it." in shown

    def test_has_nothing_left_after_it_wherever_it_is_asked(self, ended, portal, clock):
        clock(NOW + 20 * DAY)

        assert "No contract year runs today" in words(page(portal, "year_card"))
        assert "left" not in words(page(portal, "home")).partition("What happened last")[0]
        assert "0 left, 11 lapsed with the term’s end" in words(page(portal, "contract_year", self.year(ended, 1)))
        card = card_of(years_visible_to(by := make.manager()), self.year(ended, 1), by, NOW + 20 * DAY)
        assert {line.left for line in card_as_of(card, NOW + 10 * DAY)} == {"0", "N/A"}
        assert {line.left for line in card_as_of(card, NOW + 9 * DAY)} == {"1", "2", "4", "N/A"}

    def test_entitles_to_nothing_in_a_year_that_would_only_have_begun_then(self, ended, portal, clock):
        later = self.year(ended, 2)

        assert "0 of 0 places used" in words(page(portal, "contract_year", later))
        card = card_of(years_visible_to(by := make.manager()), later, by, NOW + 900 * DAY)
        assert (card.is_over, card.totals["cap"]) == (True, 0)
        assert {(line.cap, line.lapsed) for line in card_as_of(card, NOW + 900 * DAY)} <= {("0", 0), ("N/A", 0)}

    def test_runs_nowhere_at_the_desk_any_more(self, ended):
        assert standings_of(ended.customer, NOW)
        assert not standings_of(ended.customer, NOW + 20 * DAY)
