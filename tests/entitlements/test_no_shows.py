"""Who did not come, and places given back."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from entitlements import timelines
from entitlements.actions.engagements import cancel_engagement, hold_session
from entitlements.actions.no_shows import count_no_show, give_back, note_no_show
from entitlements.actions.refused import Refused
from entitlements.models import Engagement
from tests import factories as make
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db

CUSTOMER, VENDOR = Engagement.Side.CUSTOMER, Engagement.Side.VENDOR
START = NOW + 14 * DAY
AFTER = START + 3 * HOUR


def stayed_away(side=CUSTOMER, **fields):
    engagement = make.scheduled(start=START, **fields)
    return note_no_show(engagement=engagement, side=side, by=make.manager(), now=AFTER)


@shared
def missed(scheduled):
    """By the customer."""
    return note_no_show(engagement=scheduled, side=CUSTOMER, by=make.manager(), now=AFTER)


@shared
def delivered(scheduled):
    return hold_session(session=scheduled.sessions.get(), by=make.manager(), now=AFTER)


def code(action, **given):
    with pytest.raises(Refused) as refused:
        action(by=make.manager(), now=AFTER, **given)
    return refused.value.refusals[0].code


def kinds(engagement):
    return list(engagement.usage.values_list("kind", "places"))


class TestANoShow:
    """E5"""

    @pytest.mark.parametrize("side", [CUSTOMER, VENDOR])
    def test_gives_the_place_back(self, scheduled, side):
        missed = note_no_show(engagement=scheduled, side=side, by=make.manager(), now=AFTER)

        assert not missed.counts
        assert kinds(missed) == [("hold", 1), ("release", -1)]

    def test_frees_the_time_of_its_sessions(self, assessment):
        note_no_show(engagement=assessment, side=CUSTOMER, by=make.manager(), now=AFTER)

        assert assessment.sessions.count() == 2
        assert not assessment.sessions.filter(released_at__isnull=True).exists()

    def test_is_noted_once_the_session_should_have_begun(self, gold):
        engagement = make.scheduled(contract=gold, start=AFTER + HOUR)

        assert code(note_no_show, engagement=engagement, side=CUSTOMER) == "not_begun"

    @pytest.mark.parametrize(("side", "counts"), [(CUSTOMER, True), (VENDOR, False)])
    def test_at_the_follow_up_leaves_the_place_taken_unless_it_was_the_vendor(self, half_held, side, counts):
        missed = note_no_show(engagement=half_held, side=side, by=make.manager(), now=START + 30 * DAY)

        assert missed.counts == counts


class TestCountingANoShow:
    """E5: by the manager, with a reason."""

    def test_takes_the_place_again(self, missed):
        counted = count_no_show(engagement=missed, reason="The third time.", by=make.manager(), now=AFTER)

        assert counted.counts
        assert counted.count_reason == "The third time."
        assert kinds(missed)[2:] == [("count", 1)]

    def test_never_the_vendors(self):
        assert code(count_no_show, engagement=stayed_away(VENDOR), reason="x") == "vendors_absence"

    def test_not_where_its_place_has_been_used_otherwise(self):
        """E6: the doubt goes to the customer, who was told that it is back."""
        contract = make.contract(level="premium")
        engagement = stayed_away(contract=contract, activity="maturity")
        make.request(contract=contract, activity="maturity", day=AFTER.date(), now=AFTER)

        assert code(count_no_show, engagement=engagement, reason="x") == "cap_used_up"

    def test_not_twice(self, missed):
        count_no_show(engagement=missed, reason="x", by=make.manager(), now=AFTER)

        assert code(count_no_show, engagement=missed, reason="x") == "counts_already"


class TestGivingAPlaceBack:
    """E5: once its first session was held, by a manager, with a reason."""

    def test_it_is_free_again(self, delivered):
        back = give_back(engagement=delivered, reason="The line was bad.", by=make.manager(), now=AFTER)

        assert not back.counts
        assert back.state == "delivered"
        assert kinds(delivered)[-1] == ("give_back", -1)

    def test_also_of_one_that_the_customer_cancelled_after_the_discovery(self, half_held):
        cancel_engagement(engagement=half_held, side=CUSTOMER, reason="x", by=make.manager(), now=AFTER)

        assert not give_back(engagement=half_held, reason="y", by=make.manager(), now=AFTER).counts

    def test_once_only(self, delivered):
        give_back(engagement=delivered, reason="x", by=make.manager(), now=AFTER)

        assert code(give_back, engagement=delivered, reason="x") == "no_place_to_give_back"

    def test_never_without_a_reason(self, delivered):
        with pytest.raises(IntegrityError, match="a_place_given_back_says_why"):
            give_back(engagement=delivered, reason="", by=make.manager(), now=AFTER)

    def test_not_of_what_has_still_to_be_held(self, scheduled):
        assert code(give_back, engagement=scheduled, reason="x") == "no_place_to_give_back"


class TestWhatTheCustomerReads:
    """C8, E5: of the absence of either side, and what the manager made of it."""

    def page_of(self, engagement):
        """What happens next, and the titles and notes of the history, the latest first."""
        sessions, reader = list(engagement.sessions.all()), make.one_of(engagement.contract.customer)
        told = timelines.of_engagement(engagement, reader)
        return timelines.next_move(engagement, sessions, AFTER), [(one.title, one.note) for one in told]

    @pytest.mark.parametrize(
        ("side", "first", "title"),
        [(CUSTOMER, "Nobody of yours came.", "Nobody of yours came"), (VENDOR, "We did not come", "We did not come")],
    )
    def test_says_whose_absence_it_was_and_leaves_the_managers_own_words_to_the_letter(self, side, first, title):
        next_move, history = self.page_of(stayed_away(side))

        assert next_move.startswith(first)
        assert history[0] == (title, "")

    def test_says_that_it_counts_where_a_manager_counted_it(self, missed):
        engagement = count_no_show(engagement=missed, reason="Third time.", by=make.manager(), now=AFTER)

        next_move, _ = self.page_of(engagement)

        assert next_move.startswith("Nobody of yours came, and it counts.")

    def test_names_a_count_and_a_place_given_back_with_their_reasons(self, missed):
        engagement = count_no_show(engagement=missed, reason="Third time.", by=make.manager(), now=AFTER)
        engagement = give_back(engagement=engagement, reason="They were ill.", by=make.manager(), now=AFTER)

        next_move, history = self.page_of(engagement)

        assert next_move == "Nobody of yours came. Its place is back. You can ask anew."
        assert history[:2] == [("Place given back", "They were ill."), ("No-show counted", "Third time.")]
