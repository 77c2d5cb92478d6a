"""E3, E5: a year's ledger as its customer reads it, and what was left at a moment."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.actions.engagements import hold_session, withdraw_engagement
from entitlements.actions.no_shows import count_no_show, give_back, note_no_show
from entitlements.actions.year_ends import close_year
from entitlements.models import PolicyEdition, UsageEntry
from entitlements.rules.caps import unused, year_card
from sla.sweep import sweep
from tests import factories as make
from tests.desk import signed_in
from tests.entitlements.portal import page, words
from tests.shared import shared

pytestmark = pytest.mark.django_db

NOW, DAY, HOUR = make.NOW, make.DAY, make.HOUR


@shared
def year(silver):
    return silver.years.get(n=1)


class TestTheLedgersPage:
    """C3.7, E5"""

    def test_has_each_line_with_who_and_why_and_its_sum_is_the_cards(self, silver, year, portal, clock, booker):
        desk = make.manager()
        taken_back = make.request(contract=silver, by=booker)
        withdraw_engagement(engagement=taken_back, by=booker, now=NOW + HOUR)
        stayed_away = make.scheduled(contract=silver, activity="roadmap", start=NOW + DAY)
        note_no_show(engagement=stayed_away, side="customer", by=desk, now=NOW + 2 * DAY)
        count_no_show(engagement=stayed_away, reason="The second time.", by=desk, now=NOW + 3 * DAY)
        held = make.scheduled(contract=silver, activity="maturity", start=NOW + DAY)
        hold_session(session=held.sessions.get(), by=desk, now=NOW + 2 * DAY)
        give_back(engagement=held, reason="The CSE was late.", by=desk, now=NOW + 4 * DAY)
        clock(NOW + 5 * DAY)
        html = page(portal, "contract_year_ledger", year.pk)
        text = words(html)

        assert "8 lines, in the order in which it happened" in text
        assert f"Given back Integration Consultation {taken_back.reference}, June 24, 2026 −1 2 you" in text
        assert "Counted by the manager Product Roadmap Session" in text
        assert "PagerDuty: The second time." in text
        assert "PagerDuty: The CSE was late." in text
        assert "Places used 1 the same as on the year card" in text
        assert UsageEntry.used_in(year) == 1

    def test_narrows_to_one_activity_and_gives_exactly_these_lines_as_csv(self, silver, year, portal):
        make.request(contract=silver)
        make.request(contract=silver, activity="roadmap")
        address = reverse("contract_year_ledger", args=[year.pk])
        text = words(page(portal, "contract_year_ledger", year.pk, line="roadmap"))
        rows = list(
            csv.reader(portal.get(address, {"line": "roadmap", "format": "csv"}).getvalue().decode().splitlines())
        )

        assert "1 line, narrowed" in text
        assert [row[1:3] for row in rows[1:]] == [["Held", "Product Roadmap Session"]]

    def test_says_what_was_left_at_a_moment(self, silver, year, portal, clock):
        engagement = make.request(contract=silver, now=NOW)
        withdraw_engagement(engagement=engagement, by=engagement.requested_by, now=NOW + 5 * DAY)
        clock(NOW + 9 * DAY)

        def answer(**asked):
            return words(page(portal, "contract_year_ledger", year.pk, **asked))

        assert "As of Tuesday, June 9, 2026, 11:59 p.m. Eastern Time" in answer(on="2026-06-09")
        assert "Integration Consultation 4 0 4" in answer(on="2026-06-09")
        assert "Integration Consultation 3 1 4" in answer(on="2026-06-10")
        assert "Integration Consultation 4 0 4" in answer(on="2026-06-10", at="09:59")
        assert "Integration Consultation 3 1 4" in answer(on="2026-06-10", at="10:00")
        assert "Integration Consultation 4 0 4" in answer(on="2026-06-19")
        assert "Alert Strategies Workshop N/A 0 N/A" in answer(on="2026-06-19")

    def test_of_a_day_after_the_year_nothing_is_left_and_before_it_leads_to_the_year_of_the_day(self, client, clock):
        """E3"""
        contract = make.contract(first=date(2025, 1, 1), level="silver")
        signed_in(make.one_of(contract.customer), client)
        first, second = contract.years.order_by("n")[:2]
        on_its_last_day = words(page(client, "contract_year_ledger", first.pk, on="2025-12-31"))
        after_it = words(page(client, "contract_year_ledger", first.pk, on="2026-01-01"))
        before_it = page(client, "contract_year_ledger", second.pk, on="2025-12-30")

        assert "Integration Consultation 4 0 4" in on_its_last_day
        assert "Integration Consultation 0 4 lapsed 0 4" in after_it
        assert "On that day this contract year had not begun: it begins on January 1, 2026." in words(before_it)
        assert reverse("contract_year_ledger", args=[first.pk]) + "?on=2025-12-30#as-of" in before_it

    def test_answers_by_the_caps_of_that_day(self, client, clock):
        """E6"""
        contract = make.contract(levels=[(date(2026, 1, 1), "premium"), (date(2026, 5, 1), "gold")])
        signed_in(make.one_of(contract.customer), client)
        year = contract.years.get(n=1)

        assert "Integration Consultation 2 0 2" in words(page(client, "contract_year_ledger", year.pk, on="2026-04-30"))
        assert "Integration Consultation 6 0 6" in words(page(client, "contract_year_ledger", year.pk, on="2026-05-01"))

    @pytest.mark.parametrize(
        ("asked", "sentence"),
        [
            ({"on": "2026-06-11"}, "That moment is still to come."),
            ({"on": "2026-06-10", "at": "10:01"}, "That moment is still to come."),
            ({"on": "soon"}, "Give the day as year, month and day, such as 2026-03-03."),
            ({"on": "2026-06-09", "at": "noon"}, "Give the time as hour and minute, such as 14:30."),
        ],
    )
    def test_says_what_is_wrong_with_a_question(self, year, portal, asked, sentence):
        html = page(portal, "contract_year_ledger", year.pk, **asked)

        assert sentence in html
        assert "<title>Error: " in html
        assert f'value="{asked["on"]}"' in html

    def test_is_not_found_for_another_customer(self, portal, gold):
        other = gold.years.get(n=1)

        assert portal.get(reverse("contract_year_ledger", args=[other.pk])).status_code == 404

    def test_asks_the_database_ten_times_however_many_lines(self, silver, year, portal):
        for day in range(4):
            make.request(contract=silver, day=make.TODAY + day * DAY)
        with CaptureQueriesContext(connection) as queries:
            page(portal, "contract_year_ledger", year.pk, on="2026-06-10")

        assert len(queries) <= 10, [one["sql"] for one in queries]


class TestTheEndOfAYear:
    """E3, T3"""

    def test_what_is_unused_lapses_line_by_line_as_of_the_years_end_however_late_it_is_found(self, silver, year):
        make.request(contract=silver, now=NOW)
        booked = make.scheduled(contract=silver, activity="roadmap", start=NOW + DAY)
        hold_session(session=booked.sessions.get(), by=make.manager(), now=NOW + 2 * DAY)
        late = year.ends_at + 20 * DAY

        sweep(now=late, application_now=late)
        sweep(now=late, application_now=late)

        lapsed = UsageEntry.objects.filter(kind="unused", year=year)
        figures = {entry.target: entry.unused for entry in lapsed}
        assert figures == {
            "automation_ideation": 1,
            "incident_lifecycle": 1,
            "integration": 4,
            "maturity": 2,
            "product_feature": 2,
        }
        assert {(entry.happened_at, entry.places, entry.by) for entry in lapsed} == {(year.ends_at, 0, None)}
        assert not UsageEntry.objects.filter(kind="unused").exclude(year=year).exists()

    def test_it_is_what_the_rules_say_is_unused(self, silver, year):
        make.request(contract=silver, activity="roadmap")
        contract = type(silver).objects.get(pk=silver.pk)

        card = year_card(contract.facts(), year.facts(), [], PolicyEdition.objects.facts(), year.last_day)
        close_year(contractyear=year, now=year.ends_at)

        assert sum(UsageEntry.objects.filter(kind="unused").values_list("unused", flat=True)) == unused(card)

    def test_before_its_end_nothing_lapses(self, year):
        assert close_year(contractyear=year, now=year.ends_at - HOUR) is False
        assert not UsageEntry.objects.filter(kind="unused").exists()

    def test_the_page_shows_it_and_the_sum_stays(self, silver, year, portal, clock):
        close_year(contractyear=year, now=year.ends_at)
        clock(year.ends_at + DAY)
        text = words(page(portal, "contract_year_ledger", year.pk))

        assert "4 lapsed unused Integration Consultation 0 0 automatically: Places do not roll over." in text
        assert "Places used 0" in text


class TestTheListBehindANumber:
    """C3.7"""

    def test_has_as_many_rows_as_the_number_says_and_the_rule_in_words(self, silver, year, portal):
        make.request(contract=silver)
        declined = make.request(contract=silver)
        withdraw_engagement(engagement=declined, by=declined.requested_by, now=NOW)
        held = page(portal, "engagement_list", year=year.pk, use="held", activity="integration")
        not_counted = page(portal, "engagement_list", year=year.pk, use="not")
        card = page(portal, "year_card")

        assert f"?year={year.pk}&amp;use=held&amp;activity=integration" in card
        assert "1 engagement, narrowed" in words(held)
        assert "Yes: it holds its place from the request on" in words(held)
        assert "1 engagement, narrowed" in words(not_counted)
        assert "No: it was taken back before it was scheduled" in words(not_counted)

    def test_of_a_foreign_year_is_not_narrowed_by_it(self, silver, portal):
        make.request(contract=silver)
        other = make.contract().years.get(n=1)

        assert page(portal, "engagement_list", year=other.pk).count('<th scope="row">') == 1
