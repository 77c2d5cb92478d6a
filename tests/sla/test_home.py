from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.models import Role
from entitlements.wording import moment_in_short
from tests import factories as make
from tests import outcome_factories as told
from tests.factories import DAY, NOW, TODAY
from tests.shared import shared

HOME = reverse("home")


@shared
def booked(gold):
    """A session in three days."""
    return make.scheduled(contract=gold, start=NOW + 3 * DAY)


@shared
def outcome(gold):
    """The customer has it, with a recommendation."""
    return told.given(contract=gold, activity="integration")


class TestThingsToDo:
    """S13, C2: what a customer must do by when, in the order of the legal deadlines."""

    def test_a_draft_and_a_report_stand_in_the_order_of_their_deadlines(self, signed_in, draft) -> None:
        sooner = make.failure(contract=draft.contract, began=NOW - 9 * DAY)

        page = signed_in(make.one_of(draft.contract.customer)).get(HOME)

        assert [one.deadline for one in page.context["todo"]] == [sooner.closes_at, draft.closes_at]
        assert page.content.index(sooner.reference.encode()) < page.content.index(draft.reference.encode())

    def test_two_failures_are_told_apart_by_when_they_began(self, signed_in, gold) -> None:
        for days in (3, 5):
            make.failure(contract=gold, began=NOW - days * DAY)

        page = signed_in(make.one_of(gold.customer)).get(HOME)

        for one, days in zip(page.context["todo"], (5, 3), strict=True):
            assert f"It began {moment_in_short(NOW - days * DAY, gold.tz)}. You reported it" in one.what

    def test_a_draft_is_called_a_draft_and_says_when_it_was_saved(self, signed_in, draft) -> None:
        page = signed_in(draft.opened_by).get(HOME).content.decode()

        assert f"Finish and send claim {draft.reference}" in page
        assert "A draft is not a claim" in page
        assert "Last saved" in page

    def test_one_that_has_sent_itself_is_nothing_to_do_before_the_clock_turns(
        self, signed_in, clock, complete_draft
    ) -> None:
        """S13, T3: it counts as received from that moment on, whether or not it is written down."""
        browser = signed_in(complete_draft.opened_by)

        clock(complete_draft.sends_itself_at - timedelta(microseconds=1))
        before = browser.get(HOME)
        clock(complete_draft.sends_itself_at)
        after = browser.get(HOME)

        assert [one.act for one in before.context["todo"]] == [f"Finish and send claim {complete_draft.reference}"]
        assert "If nobody sends it, it sends itself one hour before its deadline." in before.content.decode()
        assert "A draft is not a claim" not in before.content.decode()
        assert after.context["todo"] == []
        assert "sends itself" not in after.content.decode()

    def test_nothing_to_do_says_so_and_names_the_next_session(self, signed_in, booked) -> None:
        page = signed_in(make.one_of(booked.contract.customer)).get(HOME).content.decode()

        assert "Nothing needs your action" in page
        assert "Integration Consultation begins" in page
        assert "Saturday, June 13, 2026, 10:00 a.m. Eastern Time" in page

    def test_without_a_session_the_next_date_is_the_end_of_the_contract_year(self, signed_in, gold) -> None:
        page = signed_in(make.one_of(gold.customer)).get(HOME).content.decode()

        assert 'your contract year ends with <time class="when" datetime="2026-12-31">December 31, 2026</time>' in page

    def test_overdue_recommendations_of_the_customers_own_people_are_things_to_do(self, signed_in, outcome) -> None:
        """E13: the vendor's are not, nor is what is due today."""
        reader = make.one_of(outcome.engagement.contract.customer)
        late = outcome.recommendations.all()
        late.update(owner=reader, due=TODAY - DAY)

        overdue = signed_in(reader).get(HOME).context["todo"]
        late.update(due=TODAY)
        in_time = signed_in(reader).get(HOME).context["todo"]
        late.update(owner=make.manager(), due=TODAY - DAY)
        of_the_vendor = signed_in(reader).get(HOME).context["todo"]

        assert [one.act for one in overdue] == ["See to 1 overdue recommendation from Integration Consultation"]
        assert in_time == of_the_vendor == []

    def test_a_colleagues_overdue_recommendation_is_not_the_readers(self, signed_in, outcome) -> None:
        reader = make.one_of(outcome.engagement.contract.customer)
        colleague = make.member(customer=outcome.engagement.contract.customer)
        outcome.recommendations.all().update(owner=colleague, due=TODAY - DAY)

        page = signed_in(reader).get(HOME)

        assert page.context["todo"] == []
        assert [one.others for one in page.context["for_others"]] == [colleague.name]
        assert "overdue since" in page.content.decode()

    def test_what_was_sent_or_has_closed_is_nothing_to_do(self, signed_in, clock, sent_claim) -> None:
        make.failure(contract=sent_claim.contract, began=NOW - 14 * DAY)
        clock(NOW + 3 * DAY)

        page = signed_in(sent_claim.opened_by).get(HOME)

        assert page.context["todo"] == []

    def test_the_last_five_events_are_named_in_words_and_by_whom(self, signed_in, sent_claim) -> None:
        events = signed_in(sent_claim.submitted_by).get(HOME).context["events"]

        assert [event.title for event in events][:2] == ["Claim sent and received", "Answers declared to be true"]
        assert {event.by for event in events} == {"by you"}
        assert len(events) == 5


class TestTheNextSessions:
    """C2.5, E10: what is booked stands on the first page, the next first, with who comes and the way to it."""

    def test_are_named_with_their_time_and_engineer(self, signed_in, booked) -> None:
        later = make.scheduled(contract=booked.contract, start=NOW + 5 * DAY)

        page = signed_in(make.one_of(booked.contract.customer)).get(HOME)

        assert [one.session.engagement for one in page.context["ahead"]] == [booked, later]
        assert booked.sessions.get().engineer.user.name in page.content.decode()
        assert reverse("engagement", args=[later.reference]) in page.content.decode()

    def test_what_has_begun_or_is_another_customers_is_not_among_them(self, signed_in, clock, booked) -> None:
        make.scheduled(start=NOW + 4 * DAY)
        clock(NOW + 3 * DAY)

        assert signed_in(make.one_of(booked.contract.customer)).get(HOME).context["ahead"] == []


class TestTheStripOfTheYear:
    """E3, E4: the contract year's dates and what is left of it, with a link to the year card."""

    def test_it_counts_what_is_left_and_links_the_year_card(self, signed_in, requested) -> None:
        page = signed_in(make.one_of(requested.contract.customer)).get(HOME).content.decode()

        assert "January 1, 2026" in page
        assert "Integration Consultation: 5 left" in page
        assert f'href="{reverse("year_card")}"' in page


class TestWhoseHomeItIs:
    """P26: each reader has their own home."""

    def test_staff_start_at_their_desk(self, signed_in) -> None:
        assert signed_in(make.manager()).get(HOME).url == reverse("admin:index")

    def test_who_is_not_signed_in_is_asked_to(self, db) -> None:
        assert reverse("account_login") in Client().get(HOME).url

    def test_another_customers_matters_are_not_shown(self, signed_in, complete_draft) -> None:
        page = signed_in(make.member()).get(HOME).content.decode()

        assert complete_draft.reference not in page

    def test_who_may_only_read_sees_the_same_things_and_whose_they_are(self, signed_in, draft) -> None:
        """Nobody is told to do what they may not."""
        reader = make.member(customer=draft.contract.customer, roles=[Role.READ_ONLY])

        page = signed_in(reader).get(HOME)

        assert page.context["todo"] == []
        assert draft.reference in page.content.decode()
        assert [one.others for one in page.context["for_others"]] == [draft.opened_by.name]

    def test_more_matters_take_no_more_queries(self, signed_in, reported) -> None:
        browser = signed_in(make.one_of(reported.contract.customer))
        browser.get(HOME)
        with CaptureQueriesContext(connection) as few:
            browser.get(HOME)
        for n in range(2, 6):
            make.failure(contract=reported.contract, began=NOW - n * DAY - timedelta(hours=1))

        with CaptureQueriesContext(connection) as many:
            browser.get(HOME)

        assert len(many) == len(few)
        assert len(many) <= 16
