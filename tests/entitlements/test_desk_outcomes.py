"""E13: the desk writes an outcome, sees it as the customer will, gives it, amends it, and notes how recommendations stand."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from entitlements.models import Letter, Outcome
from tests import factories as make
from tests import outcome_factories as told
from tests.desk import at, signed_in
from tests.shared import shared

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(monkeypatch):
    at(monkeypatch, make.NOW)
    return signed_in(make.manager())


@shared
def engagement():
    return told.delivered(activity="incident_lifecycle", start=make.NOW - 30 * make.DAY)


def url(engagement, name="outcome", **more):
    return reverse(f"admin:{name}", kwargs={"reference": engagement.reference, **more})


def form(engagement, *, lines=("Nobody owns the follow-up.",), advice=("Name an owner.",), **more):
    """What a browser sends of the editor's page."""
    owner = make.one_of(engagement.contract.customer)
    data = {"kind": "findings", "summary": "Quick response, little learning.", "turn": "0"}
    data |= {"lines-TOTAL_FORMS": len(lines), "lines-INITIAL_FORMS": 0}
    data |= {"advice-TOTAL_FORMS": len(advice), "advice-INITIAL_FORMS": 0}
    data |= {f"lines-{n}-text": text for n, text in enumerate(lines)}
    for n, text in enumerate(advice):
        data |= {f"advice-{n}-text": text, f"advice-{n}-owner": owner.pk, f"advice-{n}-due": "2026-09-30"}
    return data | more


def html(response, status=200):
    assert response.status_code == status
    return response.content.decode()


class TestTheEditor:
    def test_a_draft_is_written_and_shown_as_the_customer_will_see_it(self, desk, engagement):
        response = desk.post(url(engagement), form(engagement, preview="1"), follow=True)

        shown = html(response)
        assert response.redirect_chain == [(url(engagement, "outcome_preview"), 302)]
        assert "Nobody owns the follow-up." in shown
        assert "Name an owner." in shown
        assert 'data-clause="E13"' in shown

    def test_what_a_draft_may_lack_but_no_outcome_says_so(self, desk, engagement):
        shown = html(desk.get(url(engagement)))

        assert re.search(r'form-label requiredField">What came out <span[^>]*>\(needed before it is given\)', shown)

    def test_a_line_more_keeps_what_was_typed_and_saves_nothing(self, desk, engagement):
        shown = html(desk.post(url(engagement), form(engagement, lines=("Half a sen",), advice=("",), add="lines")))

        assert "Half a sen" in shown
        assert 'name="lines-1-text"' in shown
        assert "There is a problem" not in shown
        assert not Outcome.objects.exists()

    def test_a_line_that_is_ticked_goes_with_the_saving_right_or_not(self, desk, engagement):
        sent = form(engagement, lines=("One.", ""), **{"lines-1-remove": "on", "lines-INITIAL_FORMS": 2})

        desk.post(url(engagement), sent)

        assert [line.text for line in Outcome.objects.get().lines.all()] == ["One."]

    def test_what_is_wrong_comes_back_with_what_was_typed(self, desk, engagement):
        shown = html(desk.post(url(engagement), form(engagement, **{"advice-0-due": "soon"})))

        assert "Due: write the date as 2026-11-30." in shown
        assert 'value="soon"' in shown
        assert "<title>Error: " in shown
        assert not Outcome.objects.exists()

    def test_what_somebody_saved_in_between_is_told(self, desk, engagement):
        told.drafted(engagement=engagement)

        shown = html(desk.post(url(engagement), form(engagement)))

        assert "Somebody saved this outcome after you opened it." in shown
        assert "Name an owner." in shown

    def test_the_form_of_an_assessment_is_chosen_where_both_are_open(self, desk):
        both = told.delivered(activity="maturity")
        first = html(desk.get(url(both)))

        other = html(
            desk.post(url(both), {"kind": "configuration_review", "summary": "Said", "turn": "0", "add": "kind"})
        )

        assert "Outcomes/KPI Maturity" in first
        assert "Outcomes/KPI Maturity" not in other
        assert 'name="lines-0-text"' in other
        assert "Said" in other

    def test_a_scorecard_is_written(self, desk):
        engagement = told.delivered(contract=make.contract(products=["rba"]), activity="maturity")
        sent = form(engagement, lines=(), advice=("Script it.",), kind="scorecard", **{"advice-0-horizon": "quick_win"})
        sent |= {"foundations-level": "2", "design-level": "", "figures-TOTAL_FORMS": 1, "figures-INITIAL_FORMS": 0}
        sent |= {"figures-0-what": "Hours", "figures-0-amount": "12.5", "figures-0-unit": "a month"}

        desk.post(url(engagement), sent)

        outcome = Outcome.objects.get()
        assert [(one.dimension, one.level) for one in outcome.scores.all()] == [("foundations", 2)]
        assert str(outcome.figures.get()) == "Hours: 12.50 a month"

    def test_before_a_session_was_held_there_is_none(self, desk, scheduled):
        assert desk.get(url(scheduled)).status_code == 404
        assert not Outcome.objects.exists()


class TestGiving:
    def test_what_it_lacks_is_named_instead_of_the_button(self, desk, engagement):
        desk.post(url(engagement), form(engagement, lines=(), advice=()))

        shown = html(desk.get(url(engagement, "outcome_preview")))

        assert "Write at least one recommendation." in shown
        assert "Give the outcome" not in shown

    def test_it_is_given_by_a_post_and_then_amended_with_a_reason(self, desk, engagement):
        desk.post(url(engagement), form(engagement))
        html(desk.get(url(engagement, "give_outcome")), 302)
        assert not Outcome.objects.given().exists()

        desk.post(url(engagement, "give_outcome"))
        outcome = Outcome.objects.given().get()
        without = html(desk.post(url(engagement), form(engagement, turn=outcome.turn)))
        desk.post(url(engagement), form(engagement, turn=outcome.turn, reason="A typing error."))

        assert "Fill in: Why it is amended" in without
        assert [one.n for one in outcome.versions.all()] == [2, 1]
        assert Letter.objects.filter(kind="outcome_given").count() == 2


class TestARecommendation:
    def test_the_desk_notes_how_it_stands_but_cannot_decline(self, desk, engagement):
        one = told.given(engagement=engagement).recommendations.get()
        address = url(engagement, "move_recommendation", number=1)

        refused = html(desk.post(address, {"1-state": "declined"}))
        desk.post(address, {"1-state": "done"})

        one.refresh_from_db()
        assert "Choose one of the answers that are offered" in refused
        assert one.state == "done"
