"""E13: the verbs of an outcome, and what stands against each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from entitlements.actions.outcomes import (
    amend_outcome,
    draft_outcome,
    give_feedback,
    give_outcome,
    move_recommendation,
)
from entitlements.actions.refused import Refused
from entitlements.models import Event, Letter, Outcome, Recommendation, Role
from entitlements.rules.outcomes import Content
from tests import factories as make
from tests import outcome_factories as told
from tests.shared import shared

pytestmark = pytest.mark.django_db

NOW, DAY, HOUR = make.NOW, make.DAY, make.HOUR


def codes(refused):
    return [one.code for one in refused.value.refusals]


def fresh(outcome):
    return Outcome.objects.with_everything().get(pk=outcome.pk)


@shared
def engagement():
    return told.delivered()


@shared
def owner(engagement):
    return make.one_of(engagement.contract.customer)


class TestADraft:
    def test_it_may_lack_everything(self, engagement):
        outcome = draft_outcome(
            engagement=engagement, kind="recommendations", content=Content(), by=make.manager(), now=NOW
        )

        assert not outcome.is_given
        assert not Letter.objects.filter(kind="outcome_given").exists()

    def test_what_was_written_is_what_is_read(self, engagement, owner):
        written = told.content(owner=owner)

        read = fresh(told.drafted(engagement=engagement, content=written)).content()

        assert replace(read, advice=()) == replace(written, advice=())
        assert [replace(one, id=None) for one in read.advice] == list(written.advice)

    def test_written_anew_it_keeps_the_number_of_what_stays(self, engagement, owner):
        first = told.drafted(engagement=engagement, content=told.content(owner=owner))
        kept = fresh(first).content()
        more = replace(kept, advice=(told.advice(owner=owner, text="New"), *kept.advice))

        second = draft_outcome(
            engagement=engagement, kind=first.kind, content=more, turn=first.turn, by=make.manager(), now=NOW
        )

        assert [(one.number, one.text) for one in second.recommendations.all()] == [
            (1, "Turn off the noisy alert."),
            (2, "New"),
        ]

    def test_what_somebody_saved_in_between_is_not_overwritten(self, engagement):
        told.drafted(engagement=engagement)

        with pytest.raises(Refused) as refused:
            draft_outcome(engagement=engagement, kind="recommendations", content=Content(), by=make.manager(), now=NOW)

        assert codes(refused) == ["saved_since"]

    def test_nothing_is_written_before_a_session_was_held(self, scheduled):
        with pytest.raises(Refused) as refused:
            told.drafted(engagement=scheduled)

        assert codes(refused) == ["not_held"]

    def test_its_kind_is_one_that_the_activity_can_have(self, engagement):
        with pytest.raises(Refused) as refused:
            told.drafted(engagement=engagement, kind="scorecard")

        assert codes(refused) == ["other_kind"]

    def test_an_owner_is_of_the_customer_or_of_ours(self, engagement):
        with pytest.raises(Refused) as refused:
            told.drafted(engagement=engagement, content=told.content(owner=make.member()))

        assert codes(refused) == ["no_such_owner"]
        assert told.drafted(engagement=engagement, content=told.content(owner=make.manager()))


class TestGiving:
    def test_the_customer_has_it_as_its_first_version_and_gets_a_letter(self, engagement):
        outcome = told.given(engagement=engagement)

        assert outcome.given_at == NOW
        assert [version.n for version in outcome.versions.all()] == [1]
        assert Letter.objects.filter(kind="outcome_given", matter=engagement.reference).exists()
        assert Event.objects.filter(verb="outcome.given", matter=engagement.reference).exists()

    def test_what_it_lacks_is_named(self, engagement):
        outcome = draft_outcome(
            engagement=engagement, kind="recommendations", content=Content(), by=make.manager(), now=NOW
        )

        with pytest.raises(Refused) as refused:
            give_outcome(outcome=outcome, by=make.manager(), now=NOW)

        assert [one.sentence for one in refused.value.refusals] == [
            "Say in a sentence or two what came out.",
            "Write at least one recommendation.",
        ]

    def test_not_before_the_follow_up_was_held(self):
        """E10"""
        discovered = told.delivered(activity="incident_lifecycle", sessions=1)

        with pytest.raises(Refused) as refused:
            told.given(engagement=discovered)

        assert codes(refused) == ["not_over"]

    def test_once_only(self, engagement):
        outcome = told.given(engagement=engagement)

        with pytest.raises(Refused) as refused:
            give_outcome(outcome=outcome, by=make.manager(), now=NOW)

        assert codes(refused) == ["given_already"]
        with pytest.raises(Refused) as refused:
            told.drafted(engagement=engagement)
        assert codes(refused) == ["given_already"]


class TestAmending:
    @pytest.fixture
    def outcome(self, engagement):
        return told.given(engagement=engagement)

    def amended(self, outcome, **changes):
        wanted = replace(fresh(outcome).content(), **changes)
        return amend_outcome(
            outcome=outcome,
            content=wanted,
            reason="A typing error.",
            turn=outcome.turn,
            by=make.manager(),
            now=NOW + DAY,
        )

    def test_the_earlier_version_stays_as_it_was(self, outcome):
        self.amended(outcome, summary="It went very well.")

        versions = {one.n: (one.content["summary"], one.reason) for one in outcome.versions.all()}
        assert versions == {1: ("It went well.", ""), 2: ("It went very well.", "A typing error.")}
        assert Letter.objects.filter(kind="outcome_given", point="version 2").exists()

    def test_it_takes_a_reason(self, outcome):
        with pytest.raises(Refused) as refused:
            amend_outcome(outcome=outcome, content=Content(), reason=" ", turn=outcome.turn, by=make.manager(), now=NOW)

        assert codes(refused) == ["no_reason"]

    def test_it_stays_complete(self, outcome):
        with pytest.raises(Refused) as refused:
            self.amended(outcome, advice=())

        assert codes(refused) == ["incomplete"]

    def test_how_a_recommendation_stands_stays(self, outcome, owner):
        move_recommendation(recommendation=outcome.recommendations.get(), state="done", by=owner, now=NOW)

        self.amended(outcome, summary="Better.")

        assert outcome.recommendations.get().state == "done"

    def test_a_recommendation_that_was_moved_on_is_not_taken_away(self, outcome, owner):
        move_recommendation(recommendation=outcome.recommendations.get(), state="in_progress", by=owner, now=NOW)

        with pytest.raises(Refused) as refused:
            self.amended(outcome, advice=(told.advice(owner=owner, text="Another"),))

        assert codes(refused) == ["moved_on"]

    def test_a_draft_is_not_amended(self, engagement):
        outcome = told.drafted(engagement=engagement)

        with pytest.raises(Refused) as refused:
            self.amended(outcome)

        assert codes(refused) == ["not_given"]


class TestARecommendation:
    @pytest.fixture
    def one(self, engagement):
        return told.given(engagement=engagement).recommendations.get()

    def test_the_customer_moves_it_on_and_it_is_logged(self, one, owner, engagement):
        moved = move_recommendation(recommendation=one, state="done", by=owner, now=NOW)

        assert (moved.state, moved.moved_at, moved.moved_by) == ("done", NOW, owner)
        line = Event.objects.get(verb="recommendation.moved", matter=engagement.reference)
        assert (line.actor, line.note) == (owner, "No. 1: Done.")

    def test_so_does_the_desk(self, one):
        assert move_recommendation(recommendation=one, state="in_progress", by=make.manager(), now=NOW).moved_at

    def test_only_the_customer_declines_it_with_a_reason_and_takes_that_back(self, one, owner):
        """E11"""
        for by, reason, code in ((make.manager(), "No.", "customer_declines"), (owner, " ", "no_reason")):
            with pytest.raises(Refused) as refused:
                move_recommendation(recommendation=one, state="declined", reason=reason, by=by, now=NOW)
            assert codes(refused) == [code]

        move_recommendation(recommendation=one, state="declined", reason="Too costly.", by=owner, now=NOW)
        with pytest.raises(Refused) as refused:
            move_recommendation(recommendation=one, state="open", by=make.manager(), now=NOW)
        back = move_recommendation(recommendation=one, state="open", by=owner, now=NOW)

        assert codes(refused) == ["customer_declines"]
        assert (back.state, back.decline_reason) == ("open", "")

    def test_said_twice_it_is_noted_once(self, one, owner):
        """X9"""
        for _ in range(2):
            move_recommendation(recommendation=one, state="done", by=owner, now=NOW)

        assert Event.objects.filter(verb="recommendation.moved").count() == 1

    def test_of_a_draft_it_is_nobodys_yet(self, engagement, owner):
        one = told.drafted(engagement=engagement).recommendations.get()

        with pytest.raises(Refused) as refused:
            move_recommendation(recommendation=one, state="done", by=owner, now=NOW)

        assert codes(refused) == ["not_given"]
        assert Recommendation.objects.get(pk=one.pk).state == "open"


class TestFeedback:
    def said(self, engagement, by, *, rating=4, words="Helpful.", now=NOW):
        return give_feedback(engagement=engagement, rating=rating, words=words, by=by, now=now)

    def test_it_can_be_changed_for_fourteen_days(self, engagement, owner):
        self.said(engagement, owner)
        changed = self.said(engagement, owner, rating=5, now=NOW + 14 * DAY)

        with pytest.raises(Refused) as refused:
            self.said(engagement, owner, rating=1, now=NOW + 15 * DAY)

        assert (changed.rating, changed.given_at, changed.changed_at) == (5, NOW, NOW + 14 * DAY)
        assert codes(refused) == ["feedback_closed"]

    def test_said_twice_it_is_noted_once(self, engagement, owner):
        """X9"""
        self.said(engagement, owner)

        assert self.said(engagement, owner, now=NOW + HOUR).changed_at is None

    def test_of_what_was_not_held_there_is_none(self, scheduled):
        with pytest.raises(Refused) as refused:
            self.said(scheduled, make.member(customer=scheduled.contract.customer, roles=[Role.OWNER]))

        assert codes(refused) == ["not_held"]
