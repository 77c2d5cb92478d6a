"""E13: what the database refuses of an outcome, whoever writes: each constraint by its name."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from entitlements.models import CustomerFeedback, OutcomeVersion, Recommendation
from tests import factories as make
from tests import outcome_factories as told
from tests.shared import shared

pytestmark = pytest.mark.django_db

NOW = make.NOW


@shared
def given():
    """An outcome that the customer has."""
    return told.given()


@shared
def card():
    """A draft with levels, figures and recommendations."""
    return told.drafted(activity="maturity", kind="scorecard")


def again(rows, **fields):
    """The first row of the kind once more, but for these fields."""
    row = rows.first()
    row.pk = None
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def said(engagement, rating):
    CustomerFeedback.objects.create(engagement=engagement, rating=rating, given_at=NOW, given_by=make.member())


REFUSED = {
    "one_outcome_version_of_a_number": lambda given, card: again(given.versions),
    "an_amended_outcome_says_why": lambda given, card: again(given.versions, n=2),
    "one_outcome_line_at_a_place": lambda given, card: again(told.drafted(activity="integration").lines),
    "one_recommendation_of_a_number": lambda given, card: again(card.recommendations),
    "a_declined_recommendation_and_no_other_says_why": lambda given, card: given.recommendations.update(
        state="declined", moved_at=NOW, moved_by=make.member()
    ),
    "a_recommendation_was_moved_by_somebody": lambda given, card: given.recommendations.update(state="done"),
    "one_level_of_a_dimension": lambda given, card: again(card.scores),
    "a_level_is_on_the_scale": lambda given, card: card.scores.update(level=6),
    "a_level_is_of_one_of_the_dimensions": lambda given, card: card.scores.filter(level=2).update(dimension="x"),
    "one_figure_of_value_at_a_place": lambda given, card: again(card.figures),
    "a_rating_is_from_one_to_five": lambda given, card: said(card.engagement, rating=6),
}


class TestTheDatabase:
    @pytest.mark.parametrize("name", REFUSED)
    def test_it_refuses_by_name(self, given, card, name):
        with pytest.raises(IntegrityError, match=name):
            REFUSED[name](given, card)

    def test_a_reason_stays_only_with_a_declined_recommendation(self, given):
        with pytest.raises(IntegrityError, match="a_declined_recommendation_and_no_other_says_why"):
            given.recommendations.update(decline_reason="Too costly.")

    def test_what_was_given_is_never_changed_or_taken_away(self, given):
        version = given.versions.get()

        for act in (lambda: OutcomeVersion.objects.update(content={}), version.delete, version.outcome.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()

    def test_a_draft_is_written_anew_under_the_applications_own_role(self, card):
        """Lines come and go while it is a draft: the role may delete them, and nothing that the customer was given."""
        card.recommendations.all().delete()

        assert not Recommendation.objects.exists()
