"""Asking for an engagement."""

from __future__ import annotations

import re
import uuid
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.actions.contract_states import suspend
from entitlements.actions.engagements import refusals_against
from entitlements.books import book_visible_to
from entitlements.models import Engagement, Role
from tests import factories as make
from tests.desk import signed_in
from tests.entitlements.portal import page, words

pytestmark = pytest.mark.django_db

NOW, DAY = make.NOW, make.DAY


def wish(day="2026-06-24", **changed):
    typed = {
        "wished_day": day,
        "topic": "Connect the ticket system.",
        "bring": "yes",
        "recommended": "not_yet",
        "any_of": "yes",
        "required_im": "yes",
        "preparation": "on",
        "advice": "on",
        "form_key": str(uuid.uuid4()),
    }
    return {**typed, **changed}


class TestTheRequest:
    """E9, E11, E12, X9"""

    def test_shows_outcome_time_and_requirements_before_the_form(self, silver, portal):
        html = page(portal, "request_engagement", silver.pk, "incident_lifecycle")
        before, form = html[: html.index('name="wished_day"')], html[html.index('name="wished_day"') :]

        assert "Findings and recommendations on process, tools" in before
        assert "60 minutes (discovery), then 30 minutes (follow-up)" in before
        assert "Incident Management (you have it)" in before
        assert "You know your incident process" in before
        assert 'name="topic"' not in form

    def test_says_what_it_will_use_and_of_which_year(self, silver, portal):
        """E5"""
        make.request(contract=silver)
        text = words(page(portal, "request_engagement", silver.pk, "integration"))

        assert (
            "This will use 1 of 4 of the contract year January 1, 2026 – December 31, 2026: 1 used before it." in text
        )
        assert "A day from January 1, 2027 on counts in the next contract year, with 4 left." in text

    def test_is_taken_and_shown_with_its_reference(self, silver, portal, booker):
        response = portal.post(reverse("request_engagement", args=[silver.pk, "integration"]), wish(), follow=True)
        engagement = Engagement.objects.get()

        assert response.redirect_chain == [(reverse("engagement", args=[engagement.reference]), 302)]
        assert f"Its reference is {engagement.reference}." in response.content.decode()
        assert (engagement.wished_day, engagement.requested_by) == (date(2026, 6, 24), booker)
        assert engagement.advice_wording.startswith("I understand that a CSE gives advice.")
        assert engagement.requested_at == NOW

    def test_sent_twice_asks_once(self, silver, portal):
        address, typed = reverse("request_engagement", args=[silver.pk, "integration"]), wish()
        first, second = portal.post(address, typed), portal.post(address, typed)

        assert first.url == second.url
        assert Engagement.objects.count() == 1

    def test_needs_both_confirmations(self, silver, portal):
        response = portal.post(
            reverse("request_engagement", args=[silver.pk, "integration"]), wish(preparation="", advice="")
        )
        html = response.content.decode()

        assert "<title>Error: Check: Integration Consultation" in html
        assert html.count("Tick the box to confirm what you bring.") == 2
        assert html.count("Tick the box to accept that the engagement is advice.") == 2
        assert "Connect the ticket system." in html
        assert not Engagement.objects.exists()

    def test_says_how_to_write_a_day(self, silver, portal):
        response = portal.post(reverse("request_engagement", args=[silver.pk, "integration"]), wish("next week"))

        assert "Give the wished day as year, month and day, such as 2026-11-30." in response.content.decode()
        assert 'value="next week"' in response.content.decode()

    @pytest.mark.parametrize("typed", ["2026-06-24", "24 June 2026", "June 24, 2026", "6/24/2026"])
    def test_reads_a_day_in_the_usual_ways(self, silver, portal, typed):
        portal.post(reverse("request_engagement", args=[silver.pk, "integration"]), wish(typed))

        assert Engagement.objects.get().wished_day == date(2026, 6, 24)

    @pytest.mark.parametrize(
        ("day", "clause", "sentence"),
        [
            ("2026-06-09", "E5", "That day is over."),
            ("2028-01-01", "E14", "The contract runs from"),
        ],
    )
    def test_is_refused_with_the_clause_and_keeps_what_was_typed(self, silver, portal, day, clause, sentence):
        response = portal.post(reverse("request_engagement", args=[silver.pk, "integration"]), wish(day))
        html = response.content.decode()

        assert f'class="refusal" data-clause="{clause}"' in html
        assert sentence in html
        assert "Connect the ticket system." in html
        assert f'value="{day}"' in html
        assert not Engagement.objects.exists()

    @pytest.mark.parametrize(("day", "code"), [("2026-06-09", "in_the_past"), ("2028-01-01", "outside_term")])
    def test_a_day_that_is_over_or_outside_the_term_is_refused_on_the_first_page_for_that_alone(
        self, silver, portal, day, code
    ):
        """E5, E14: no product is missing because the day is none."""
        silver.products.update(days=DateRange(date(2026, 1, 1), date(2027, 12, 31)))
        address = reverse("request_engagement", args=[silver.pk, "incident_lifecycle"])
        html = portal.post(address, wish(day, step="check")).content.decode()

        assert "This request was not taken" in html
        assert re.findall('data-code="([^"]*)"', html) == [code]

    def test_over_the_cap_is_refused_and_says_when_the_next_place_opens(self, silver, portal):
        """E6, E7"""
        make.request(contract=silver, activity="roadmap")
        address = reverse("request_engagement", args=[silver.pk, "roadmap"])
        html = portal.post(address, wish(step="check")).content.decode()
        kept = portal.post(address, wish("2027-01-01"))

        assert "This request was not taken" in html
        assert "On June 24, 2026 this would be number 2 where the cap is 1 in contract year 1" in html
        assert "The next place opens on January 1, 2027." in html
        assert kept.status_code == 302

    def test_of_what_the_level_does_not_have_shows_why_and_no_form(self, silver, portal):
        """E2"""
        html = page(portal, "request_engagement", silver.pk, "alert_strategies")

        assert 'data-code="not_available"' in html
        assert "at the level Silver Services" in html
        assert 'name="wished_day"' not in html

    def test_of_what_lacks_a_required_product_shows_the_refusal_and_no_form(self, client, clock):
        """E9"""
        contract = make.contract(products=["rba"])
        signed_in(make.one_of(contract.customer), client)
        html = page(client, "request_engagement", contract.pk, "incident_lifecycle")

        assert "This activity needs Incident Management, which the contract does not include on that day." in html
        assert 'name="wished_day"' not in html

    def test_of_what_lacks_a_recommended_product_only_says_so(self, client, clock):
        """E9"""
        contract = make.contract(products=["im"])
        signed_in(make.one_of(contract.customer), client)
        html = page(client, "request_engagement", contract.pk, "alert_strategies")

        assert "AIOps (not in your contract, and not needed)" in html
        assert 'name="wished_day"' in html

    def test_is_not_for_readers_who_are_told_why(self, silver, client, clock):
        reader = make.member(customer=silver.customer, roles=[Role.READ_ONLY])
        signed_in(reader, client)
        only_reads = client.get(reverse("request_engagement", args=[silver.pk, "integration"]))
        make.member(customer=make.customer()).memberships.update(user=reader)
        books_elsewhere = client.get(reverse("request_engagement", args=[silver.pk, "integration"]))

        assert (only_reads.status_code, books_elsewhere.status_code) == (403, 403)
        assert "a customer&#x27;s people who may book" in only_reads.content.decode()
        assert f"Your role at {silver.customer} is to read." in books_elsewhere.content.decode()

    def test_on_another_customers_contract_or_for_an_unknown_activity_is_not_found(self, silver, portal, gold):
        assert portal.get(reverse("request_engagement", args=[gold.pk, "integration"])).status_code == 404
        assert portal.get(reverse("request_engagement", args=[silver.pk, "yoga"])).status_code == 404

    def test_asks_the_database_twelve_times(self, silver, portal):
        page(portal, "request_engagement", silver.pk, "integration")
        with CaptureQueriesContext(connection) as queries:
            page(portal, "request_engagement", silver.pk, "integration")

        assert len(queries) <= 12, [one["sql"] for one in queries]


class TestTheTwoPages:
    """C4: what is there and when, then the check page, then the request."""

    @pytest.fixture
    def ask(self, silver, portal):
        def send(step, **changed):
            address = reverse("request_engagement", args=[silver.pk, changed.pop("activity", "integration")])
            return portal.post(address, wish(step=step, **changed), follow=True).content.decode()

        return send

    def test_the_check_page_says_what_it_uses_how_to_change_it_and_asks_for_both_confirmations(self, silver, ask):
        """E5, E11, E12"""
        make.request(contract=silver)
        text = words(ask("check", preparation="", advice=""))

        assert "Check your request" in text
        assert "June 24, 2026; we agree on the hour with you" in text
        assert "You know what the integration is for, and the technical environment around it. We have this" in text
        assert "This will use 1 of your 4 for the contract year January 1, 2026 – December 31, 2026; 1 used" in text
        assert "Until it is scheduled you can move it or take it back" in text
        assert "I understand that a CSE gives advice." in text
        assert "Error" not in text
        assert Engagement.objects.count() == 1

    def test_near_the_end_of_the_year_it_says_in_which_it_counts(self, ask):
        """E5"""
        assert "The year ends with December 31, 2026" in words(ask("check", day="2026-12-20"))
        assert "The year ends with" not in words(ask("check"))

    def test_what_was_typed_survives_a_change(self, ask):
        html = ask("change", topic="The new ticket system")

        assert "The new ticket system" in html
        assert "<title>Request: Integration Consultation" in html
        assert 'value="2026-06-24"' in html

    def test_what_was_answered_is_kept_with_the_request(self, ask):
        ask("send")

        assert sorted(Engagement.objects.get().preparation.values()) == ["not_yet", "yes", "yes"]

    def test_a_required_product_that_is_not_in_use_stops_with_a_reason_and_a_recommended_thing_does_not(self, ask):
        """E9"""
        stopped = words(ask("check", activity="incident_lifecycle", required_im="not_yet"))
        unsure = words(ask("check", activity="incident_lifecycle", required_im="not_sure", recommended="not_yet"))

        assert "This activity builds on Incident Management, which you do not use yet." in stopped
        assert "Check your request" in unsure
        assert "Incident Management Not sure" in unsure

    def test_each_question_wants_an_answer(self, ask):
        assert "Choose an answer: You know what the integration is for" in ask("check", bring="")

    def test_without_a_time_or_a_day_it_says_so_after_what_stands_above_it(self, ask):
        """X7: the summary follows the page."""
        lacking = ask("check", day="", bring="")

        no_time = lacking.index("Choose a time, or give the day that you wish for, such as 2026-11-30.")
        assert lacking.index("Choose an answer: You know what the integration is for") < no_time

    def test_offers_the_next_free_times_in_a_zone_of_the_readers_choice(self, silver, portal, ask):
        """E15, C4.4: at most three a day, from tomorrow on."""
        make.engineer(week=[make.OFFICE])
        first = words(page(portal, "request_engagement", silver.pk, "integration"))
        other = words(ask("times", zone="Europe/Amsterdam", from_day="2026-06-22"))

        assert "Thursday, June 11, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4)" in first
        assert first.count("Thursday, June 11") == 3
        assert first.count("Friday, June 12") == 3
        assert "Monday, June 22, 2026, 3:00 p.m. Central European Time (CEST, UTC+2)" in other
        assert "June 11" not in other

    def test_goes_on_to_later_days_and_keeps_what_was_typed(self, silver, portal, ask):
        """E15"""
        make.engineer(week=[make.OFFICE])
        html = page(portal, "request_engagement", silver.pk, "integration", time_of_day="morning")
        later = re.search('name="later" value="([^"]*)"', html)[1]
        after = words(ask("send", later=later, topic="Keep me", time_of_day="afternoon"))
        morning, afternoon = (
            text.split("next free times")[1].split("None of these")[0] for text in (words(html), after)
        )

        assert "p.m. Eastern" not in morning
        assert "a.m. Eastern" not in afternoon
        assert "Keep me" in after
        assert f"{date.fromisoformat(later):%B} {date.fromisoformat(later).day}, 2026" in after
        assert not Engagement.objects.exists()

    def test_begins_with_the_readers_own_zone(self, silver, portal, booker):
        make.engineer()
        type(booker).objects.filter(pk=booker.pk).update(zone="Asia/Tokyo")

        assert "Japan Standard Time (JST, UTC+9)" in words(page(portal, "request_engagement", silver.pk, "integration"))

    def test_a_time_that_is_chosen_is_kept_with_its_day(self, silver, ask):
        make.engineer()
        start = NOW + 2 * DAY
        text = words(ask("check", wished_start=start.isoformat(), day=""))
        ask("send", wished_start=start.isoformat(), day="")
        engagement = Engagement.objects.get()

        assert "Friday, June 12, 2026, 10:00 a.m. Eastern Time" in text
        assert (engagement.wished_start, engagement.wished_day) == (start, date(2026, 6, 12))

    @pytest.mark.parametrize("step", ["check", "send"])
    def test_a_time_that_goes_meanwhile_is_named_answers_are_kept_and_the_next_are_offered(
        self, silver, ask, step, gold
    ):
        """C4.6"""
        engineer = make.engineer()
        start = NOW + 2 * DAY
        make.scheduled(contract=gold, engineer=engineer, start=start)
        html = ask(step, wished_start=start.isoformat(), day="", from_day="2026-06-12", topic="Keep me")

        assert "Friday, June 12, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4) has gone meanwhile." in html
        assert "Keep me" in html
        assert "Friday, June 12, 2026, 10:30 a.m." in html
        assert not Engagement.objects.filter(contract=silver).exists()

    def test_the_last_place_that_goes_meanwhile_is_refused_with_the_next_one(self, silver, ask):
        """C4.6, E7"""
        make.request(contract=silver, activity="roadmap")
        html = ask("send", activity="roadmap", topic="Keep me")

        assert "The next place opens on January 1, 2027." in html
        assert "Keep me" in html


OPENS, CLOSED = "The next place opens on January 1, 2027.", "No further place opens before the contract's term ends."


@pytest.mark.parametrize(
    ("kind", "activity", "given", "answers", "helps", "beyond"),
    [
        ("cap_used_up", "roadmap", {"taken": date(2026, 6, 24)}, {}, OPENS, True),
        ("cap_used_up", "roadmap", {"taken": date(2027, 6, 24)}, {"day": "2027-06-25"}, CLOSED, True),
        ("not_available", "alert_strategies", {}, {}, CLOSED, True),
        ("not_available", "alert_strategies", {"gold": date(2027, 1, 1)}, {}, OPENS, True),
        ("product_missing", "incident_lifecycle", {"products": ["rba"]}, {}, "Choose a day on which", False),
        ("not_in_use", "incident_lifecycle", {}, {"required_im": "not_yet"}, "Ask once it is in use.", False),
        ("not_active", "integration", {"suspended": True}, {}, "once the suspension ends.", False),
        ("in_the_past", "integration", {}, {"day": "2026-06-09"}, "Choose today or a later day.", False),
        ("outside_term", "integration", {}, {"day": "2028-01-01"}, "Choose a day within the term.", False),
    ],
)
def test_each_refusal_says_what_helps_and_leads_beyond_where_that_can(
    client, clock, kind, activity, given, answers, helps, beyond
):
    """C4.1, E7, X8"""
    levels = [(make.FIRST, "silver"), *([(given["gold"], "gold")] if "gold" in given else [])]
    contract = make.contract(levels=levels, products=given.get("products"))
    if "taken" in given:
        make.request(contract=contract, activity=activity, day=given["taken"])
    if "suspended" in given:
        suspend(contract=contract, reason="Unpaid.", by=make.manager(), now=NOW)
    signed_in(make.one_of(contract.customer), client)
    address = reverse("request_engagement", args=[contract.pk, activity])
    html = client.post(address, wish(step="check", **answers)).content.decode()

    assert f'data-code="{kind}"' in html
    assert helps in unescape(html)
    assert (reverse("request_professional_services", args=[contract.pk, activity]) in html) == beyond


class TestUnderProfessionalServices:
    """E7"""

    def test_a_refusal_leads_there_with_what_was_typed(self, silver, portal):
        make.request(contract=silver, activity="roadmap")
        address = reverse("request_engagement", args=[silver.pk, "roadmap"])
        beyond = reverse("request_professional_services", args=[silver.pk, "roadmap"])
        refused = portal.post(address, wish(step="check")).content.decode()
        begun = portal.post(beyond, wish(step="beyond", topic="The year after next")).content.decode()

        assert f'formaction="{beyond}"' in refused
        assert "The year after next" in begun
        assert "it takes no place of your contract year" in begun

    def test_it_needs_the_agreements_reference_and_takes_no_place(self, silver, portal):
        address = reverse("request_professional_services", args=[silver.pk, "alert_strategies"])
        answers = wish(better_aiops="yes")
        without = portal.post(address, answers).content.decode()
        portal.post(address, {**answers, "ps_reference": "PS-2026-7"})
        engagement = Engagement.objects.get()

        assert "Give the reference of the agreement" in without
        assert (engagement.ps_reference, engagement.counts) == ("PS-2026-7", False)
        assert 'value="PS-2026-7"' in page(portal, "request_professional_services", silver.pk, "roadmap")

    def test_a_missing_product_stands_against_it_too(self, client, clock):
        """E9"""
        contract = make.contract(products=["rba"])
        signed_in(make.one_of(contract.customer), client)
        html = page(client, "request_professional_services", contract.pk, "incident_lifecycle")

        assert "This activity needs Incident Management" in html
        assert 'name="wished_day"' not in html

    def test_the_card_leads_there_from_what_the_level_does_not_have(self, silver, portal):
        html = page(portal, "year_card")

        assert reverse("request_professional_services", args=[silver.pk, "alert_strategies"]) in html
        assert reverse("request_professional_services", args=[silver.pk, "integration"]) not in html


def test_the_card_and_the_action_refuse_alike(silver):
    """E6, E9: what the page says beforehand is what the action says."""
    make.request(contract=silver, activity="roadmap")
    user = make.one_of(silver.customer)
    book = book_visible_to(user, silver.pk, NOW)
    for activity in book.edition_on(make.TODAY).activities:
        for day in (make.TODAY, date(2027, 3, 1), date(2029, 1, 1)):
            said = [refusal.code for refusal in book.refusals(activity, day)]
            assert said[:1] == [refusal.code for refusal in refusals_against(silver, activity, day)][:1]
