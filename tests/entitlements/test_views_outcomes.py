"""E13: the customer reads an outcome, says how recommendations stand, what it thought, and has the year's statement."""

from __future__ import annotations

import csv
import io
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.actions.outcomes import amend_outcome, move_recommendation
from entitlements.admin.queues import OUTCOMES_OVERDUE
from entitlements.forms.outcomes import RecommendationFilter
from entitlements.models import Engagement, Outcome, Recommendation, Role
from entitlements.overdue import overdue_for_outcome
from entitlements.rules import outcomes as rules
from entitlements.rules.days import local_day
from tests import factories as make
from tests import outcome_factories as told
from tests.desk import signed_in
from tests.entitlements.portal import page, words
from tests.shared import shared

pytestmark = pytest.mark.django_db

DAY = make.DAY


@shared
def gold():
    return make.contract()


@shared
def delivered(gold):
    return told.delivered(contract=gold)


@shared
def outcome(delivered):
    """One that was given."""
    return told.given(engagement=delivered)


@shared
def bo(gold):
    return make.member(customer=gold.customer, roles=[Role.BOOKINGS], name="Bo Booker")


@pytest.fixture
def portal(client, clock, bo):
    return signed_in(bo, client)


class TestTheOutcome:
    def test_a_draft_is_nobodys_of_the_customer(self, portal, gold):
        outcome = told.drafted(contract=gold)

        assert portal.get(reverse("engagement_outcome", args=[outcome.engagement.reference])).status_code == 404
        assert "No recommendations yet" in page(portal, "recommendation_list")

    def test_it_says_what_came_out_and_who_does_what_until_when(self, portal, outcome):
        shown = words(page(portal, "engagement_outcome", outcome.engagement.reference))

        assert "It went well." in shown
        assert "1. Turn off the noisy alert. Open" in shown
        assert "by September 30, 2026" in shown

    def test_an_earlier_version_stays_readable(self, portal, outcome):
        content = Outcome.objects.with_everything().get().content()
        amend_outcome(
            outcome=outcome,
            content=rules.Content("It went very well.", advice=content.advice),
            reason="A typing error.",
            turn=outcome.turn,
            by=make.manager(),
            now=make.NOW,
        )
        reference = outcome.engagement.reference

        assert "It went very well." in page(portal, "engagement_outcome", reference)
        assert "It went well." in page(portal, "engagement_outcome_version", reference, 1)

    def test_the_engagement_says_until_when_it_is_owed_and_then_where_it_is(self, portal, delivered):
        owed = words(page(portal, "engagement", delivered.reference))

        told.given(engagement=delivered)

        assert "We owe you its outcome by June 18, 2026." in owed
        assert "read the outcome" in words(page(portal, "engagement", delivered.reference))

    def test_a_scorecard_stands_beside_the_year_before(self, portal, gold, clock):
        old = told.delivered(contract=gold, activity="maturity")
        told.given(engagement=old, content=self.scored(gold, foundations=1, design=3, outcomes=2))
        next_year = make.NOW.replace(year=2027)
        clock(next_year)
        new = told.delivered(contract=gold, activity="maturity", start=next_year - 2 * DAY)
        told.given(engagement=new, now=next_year)

        shown = page(portal, "engagement_outcome", new.reference)

        assert "Foundations of Automation (from 1 to 2) rose; Outcomes/KPI Maturity (from 2 to 1) fell" in words(shown)
        assert shown.count('class="before"') == 3
        assert 'data-plot="scorecard"' in shown

    def scored(self, contract, **levels):
        return told.content(kind="scorecard", owner=make.one_of(contract.customer), levels=levels)


@shared
def one(outcome):
    """A recommendation of an outcome that was given."""
    return outcome.recommendations.get()


class TestRecommendations:
    def address(self, one):
        return reverse("recommendation", args=[one.outcome.engagement.reference, one.number])

    def test_whoever_books_says_how_it_stands(self, portal, one):
        portal.post(self.address(one), {"state": "in_progress"})

        one.refresh_from_db()
        assert (one.state, str(one.moved_by)) == ("in_progress", "Bo Booker")

    def test_declining_asks_why_and_keeps_the_answer(self, portal, one):
        asked = portal.post(self.address(one), {"state": "declined"}).content.decode()
        portal.post(self.address(one), {"state": "declined", "reason": "Too costly."})

        one.refresh_from_db()
        assert "Say in a sentence why you decline it." in asked
        assert (one.state, one.decline_reason) == ("declined", "Too costly.")

    def test_who_only_reads_does_not_unless_it_is_theirs(self, client, clock, gold, one):
        reader = make.member(customer=gold.customer, roles=[Role.READ_ONLY])
        signed_in(reader, client)

        assert client.post(self.address(one), {"state": "done"}).status_code == 403
        Recommendation.objects.update(owner=reader)
        assert client.post(self.address(one), {"state": "done"}).status_code == 302

    def test_the_list_narrows_and_goes_out_as_a_file(self, portal, gold, one):
        other = told.given(contract=gold, activity="integration").recommendations.get()
        move_recommendation(recommendation=other, state="done", by=one.owner, now=make.NOW)

        shown = page(portal, "recommendation_list", state="to_do")
        lines = b"".join(
            portal.get(reverse("recommendation_list"), {"state": "done", "format": "csv"}).streaming_content
        )

        assert "1 recommendation, narrowed" in words(shown)
        assert [row["Activity"] for row in csv.DictReader(io.StringIO(lines.decode()))] == ["Integration Consultation"]

    @pytest.mark.parametrize("state", rules.STATES)
    def test_what_the_list_finds_overdue_is_so_by_the_rule(self, one, state):
        if state != "open":
            move_recommendation(
                recommendation=one,
                state=state,
                reason="x",
                by=make.one_of(one.outcome.engagement.contract.customer),
                now=make.NOW,
            )
        for days in (-1, 0, 1):
            Recommendation.objects.update(due=make.TODAY + days * DAY)
            chosen = RecommendationFilter({"state": "overdue"}, rows=Recommendation.objects.all(), today=make.TODAY)

            by_rule = rules.advice_is_overdue(state, make.TODAY + days * DAY, make.TODAY)
            assert list(chosen.narrow(Recommendation.objects.all())) == ([one] if by_rule else [])

    def test_it_asks_the_database_as_often_however_many_there_are(self, portal, gold, one):
        with CaptureQueriesContext(connection) as few:
            page(portal, "recommendation_list")
        told.given(contract=gold, activity="integration")
        told.given(contract=gold, activity="incident_lifecycle", start=make.NOW - 30 * DAY)
        with CaptureQueriesContext(connection) as more:
            page(portal, "recommendation_list")

        assert len(more) == len(few)


class TestFeedback:
    def test_it_is_said_and_changed_for_a_while(self, portal, gold, delivered, clock):
        address = reverse("engagement_feedback", args=[delivered.reference])

        portal.post(address, {"rating": "4", "words": "Good."})
        portal.post(address, {"rating": "5", "words": "Very good."})
        clock(make.NOW + 20 * DAY)
        signed_in(make.one_of(gold.customer), portal)
        closed = words(portal.get(address).content.decode())

        assert Engagement.objects.get(pk=delivered.pk).feedback.rating == 5
        assert "The time to change it is over" in closed

    def test_of_what_was_not_held_there_is_none(self, portal, gold):
        assert (
            portal.get(reverse("engagement_feedback", args=[make.scheduled(contract=gold).reference])).status_code
            == 404
        )


class TestOverdue:
    @pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
    def test_the_list_is_the_rules(self, zone):
        engagement = told.delivered(contract=make.contract(zone=zone))
        held, found = engagement.sessions.get().held_at, []

        for days in (1, 8, 9, 10, 40):
            now = make.NOW + days * DAY
            by_rule = rules.is_overdue(rules_day(held, zone), rules_day(now, zone))
            assert list(overdue_for_outcome(now)) == ([engagement] if by_rule else []), days
            found.append(by_rule)

        assert (found[0], found[-1]) == (False, True)

    @pytest.mark.usefixtures("outcome")
    def test_once_given_it_is_not(self):
        assert not overdue_for_outcome(make.NOW + 40 * DAY).exists()

    def test_the_desk_counts_it_and_lists_it(self, clock, delivered):
        later = make.NOW + 40 * DAY
        clock(later)

        shown = signed_in(make.manager()).get(OUTCOMES_OVERDUE.url).content.decode()

        assert OUTCOMES_OVERDUE.count(later) == 1
        assert delivered.reference in shown


def rules_day(instant, zone):
    return local_day(instant, ZoneInfo(zone))
