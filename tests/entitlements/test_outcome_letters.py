"""N6: the letter that an outcome is there, whole; text and HTML say the same (E13)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from entitlements import notices
from entitlements.actions.contract_states import terminate
from entitlements.actions.outcomes import amend_outcome, give_outcome
from entitlements.models import Letter, Outcome
from entitlements.rules.outcomes import Content
from tests import factories as make
from tests import outcome_factories as told
from tests.entitlements.test_letters import contract, olivia, same_words, sent, whole

__all__ = ["contract", "olivia"]

pytestmark = pytest.mark.django_db


def test_the_outcome(contract, olivia):
    """N6, E2, E13"""
    engagement = told.delivered(contract=contract, activity="integration")
    told.given(engagement=engagement)
    letter = sent("outcome_given")

    assert (
        whole(letter)
        == """\
Subject: [REF] Integration Consultation – your outcome and remaining sessions

The outcome of your Integration Consultation on June 8, 2026 is ready.

What the policy promises: An integration approach that suits your case: design, API use, prerequisites and good practice.

It has 1 recommendation, each with an owner and a date. On the page you note how each stands; you decide what to do with it.

Left in the contract year January 1, 2026 – December 31, 2026; places do not roll over:
- Automation Ideation & Guidance: 1
- Incident Lifecycle Assessment: 1
- Integration Consultation: 3
- Maturity Assessment: 2
- Product Roadmap Session: 1
- Product/Feature Consultation: 2

Read the outcome:
https://support.example.com/sessions/engagements/REF/outcome/

PagerDuty Customer Success

--{space}
Reference: REF
You can answer this letter; a person reads support@example.com.
This letter belongs to your contract, so it cannot be switched off.
""".replace("REF", engagement.reference).format(space=" ")
    )
    assert [line for line in same_words(letter) if not line.startswith("- ")] == []


def test_an_amended_outcome_says_why(contract, olivia):
    """N6"""
    outcome = told.given(contract=contract)
    content = Outcome.objects.with_everything().get().content()
    amend_outcome(
        outcome=outcome,
        content=Content("Better.", advice=content.advice),
        reason="A typing error.",
        turn=outcome.turn,
        by=make.manager(),
        now=make.NOW,
    )

    letters = all_sent()

    assert ["was amended; it is version 2 now.\n\nWhy: A typing error.\n" in one.text for one in letters] == [
        False,
        True,
    ]
    assert {one.subject for one in letters} == {letters[0].subject}


def test_given_in_the_next_contract_year_it_says_what_is_left_of_that():
    """N6, E3: of the year of the session nothing is left any more."""
    engagement = told.delivered(activity="integration", start=make.NOW - 3 * make.DAY)
    make.request(contract=engagement.contract, activity="roadmap", day=date(2027, 1, 20))
    outcome = told.drafted(engagement=engagement)

    given_at = datetime(2027, 1, 5, 12, tzinfo=UTC)
    give_outcome(outcome=outcome, by=make.manager(), now=given_at)
    while notices.send_due(clock=lambda: given_at):
        pass

    text = Letter.objects.filter(kind="outcome_given").latest("pk").text
    assert "Left in the contract year January 1, 2027 – December 31, 2027;" in text
    assert "- Product Roadmap Session: 1\n" in text
    assert "- Integration Consultation: 6\n" in text


def test_once_the_contract_has_ended_nothing_is_left():
    """N6, E14"""
    engagement = told.delivered(activity="integration")
    terminate(contract=engagement.contract, last_day=make.TODAY, reason="x", by=make.manager(), now=make.NOW)

    told.given(engagement=engagement)

    assert "Left in" not in sent("outcome_given").text


def all_sent():
    while notices.send_due(clock=lambda: make.NOW):
        pass
    return list(Letter.objects.filter(kind="outcome_given").order_by("pk"))
