from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.models import Role
from tests import outcome_factories as told
from tests.factories import (
    DAY,
    NOW,
    TODAY,
    contract,
    draft,
    failure,
    manager,
    member,
    one_of,
    request,
    scheduled,
    sent_claim,
)

HOME = reverse("home")


class TestThingsToDo:
    """S13, C2: what a customer must do by when, in the order of the legal deadlines."""

    def test_a_draft_and_a_report_stand_in_the_order_of_their_deadlines(self, signed_in) -> None:
        lakeside = contract()
        later = draft(failure=failure(contract=lakeside, began=NOW - DAY))
        sooner = failure(contract=lakeside, began=NOW - 9 * DAY)

        page = signed_in(one_of(lakeside.customer)).get(HOME)

        assert [one.deadline for one in page.context["todo"]] == [sooner.closes_at, later.closes_at]
        assert page.content.index(sooner.reference.encode()) < page.content.index(later.reference.encode())

    def test_a_draft_is_called_a_draft_and_says_when_it_was_saved(self, signed_in) -> None:
        begun = draft()

        page = signed_in(begun.opened_by).get(HOME).content.decode()

        assert f"Finish and send claim {begun.reference}" in page
        assert "A draft is not a claim" in page
        assert "Last saved" in page

    def test_of_one_that_sends_itself_it_says_so(self, signed_in) -> None:
        ready = draft(complete=True)

        page = signed_in(ready.opened_by).get(HOME).content.decode()

        assert "If nobody sends it, it sends itself one hour before its deadline." in page
        assert "A draft is not a claim" not in page

    def test_one_that_has_sent_itself_is_nothing_to_do_before_the_clock_turns(self, signed_in, clock) -> None:
        """S13, T3: it counts as received from that moment on, whether or not it is written down."""
        ready = draft(complete=True)
        browser = signed_in(ready.opened_by)

        clock(ready.sends_itself_at - timedelta(microseconds=1))
        before = browser.get(HOME).context["todo"]
        clock(ready.sends_itself_at)
        page = browser.get(HOME)

        assert [one.act for one in before] == [f"Finish and send claim {ready.reference}"]
        assert page.context["todo"] == []
        assert "sends itself" not in page.content.decode()

    def test_nothing_to_do_says_so_and_names_the_next_session(self, signed_in) -> None:
        booked = scheduled(start=NOW + 3 * DAY)

        page = signed_in(one_of(booked.contract.customer)).get(HOME).content.decode()

        assert "Nothing needs your action" in page
        assert "Integration Consultation begins" in page
        assert "Saturday, June 13, 2026, 10:00 a.m. Eastern Time" in page

    def test_without_a_session_the_next_date_is_the_end_of_the_contract_year(self, signed_in) -> None:
        page = signed_in(one_of(contract().customer)).get(HOME).content.decode()

        assert 'your contract year ends with <time class="when" datetime="2026-12-31">December 31, 2026</time>' in page

    def test_overdue_recommendations_of_the_customers_own_people_are_things_to_do(self, signed_in) -> None:
        """E13: the vendor's are not, nor is what is due today."""
        outcome = told.given(contract=contract(), activity="integration")
        reader = one_of(outcome.engagement.contract.customer)
        late = outcome.recommendations.all()
        late.update(owner=reader, due=TODAY - DAY)

        overdue = signed_in(reader).get(HOME).context["todo"]
        late.update(due=TODAY)
        in_time = signed_in(reader).get(HOME).context["todo"]
        late.update(owner=manager(), due=TODAY - DAY)
        of_the_vendor = signed_in(reader).get(HOME).context["todo"]

        assert [one.act for one in overdue] == ["See to 1 overdue recommendation from Integration Consultation"]
        assert in_time == of_the_vendor == []

    def test_a_colleagues_overdue_recommendation_is_not_the_readers(self, signed_in) -> None:
        outcome = told.given(contract=contract(), activity="integration")
        reader = one_of(outcome.engagement.contract.customer)
        colleague = member(customer=outcome.engagement.contract.customer)
        outcome.recommendations.all().update(owner=colleague, due=TODAY - DAY)

        page = signed_in(reader).get(HOME)

        assert page.context["todo"] == []
        assert [one.others for one in page.context["for_others"]] == [colleague.name]
        assert "overdue since" in page.content.decode()

    def test_what_was_sent_or_has_closed_is_nothing_to_do(self, signed_in, clock) -> None:
        sent = sent_claim()
        failure(contract=sent.contract, began=NOW - 14 * DAY)
        clock(NOW + 3 * DAY)

        page = signed_in(sent.opened_by).get(HOME)

        assert page.context["todo"] == []

    def test_the_last_five_events_are_named_in_words_and_by_whom(self, signed_in) -> None:
        sent = sent_claim()

        events = signed_in(sent.submitted_by).get(HOME).context["events"]

        assert [event.title for event in events][:2] == ["Claim sent and received", "Answers declared to be true"]
        assert {event.by for event in events} == {"by you"}
        assert len(events) == 5


class TestTheNextSessions:
    """C2.5, E10: what is booked stands on the first page, the next first, with who comes and the way to it."""

    def test_are_named_with_their_time_and_engineer(self, signed_in) -> None:
        booked = scheduled(start=NOW + 3 * DAY)
        later = scheduled(contract=booked.contract, start=NOW + 5 * DAY)

        page = signed_in(one_of(booked.contract.customer)).get(HOME)

        assert [one.session.engagement for one in page.context["ahead"]] == [booked, later]
        assert booked.sessions.get().engineer.user.name in page.content.decode()
        assert reverse("engagement", args=[later.reference]) in page.content.decode()

    def test_what_has_begun_or_is_another_customers_is_not_among_them(self, signed_in, clock) -> None:
        booked = scheduled(start=NOW + 3 * DAY)
        scheduled(start=NOW + 4 * DAY)
        clock(NOW + 3 * DAY)

        assert signed_in(one_of(booked.contract.customer)).get(HOME).context["ahead"] == []


class TestTheStripOfTheYear:
    """E3, E4: the contract year's dates and what is left of it, with a link to the year card."""

    def test_it_counts_what_is_left_and_links_the_year_card(self, signed_in) -> None:
        gold = contract(level="gold")
        request(contract=gold, activity="integration")

        page = signed_in(one_of(gold.customer)).get(HOME).content.decode()

        assert "January 1, 2026" in page
        assert "Integration Consultation: 5 left" in page
        assert f'href="{reverse("year_card")}"' in page


class TestWhoseHomeItIs:
    """P26: each reader has their own home."""

    def test_staff_start_at_their_desk(self, signed_in) -> None:
        assert signed_in(manager()).get(HOME).url == reverse("admin:index")

    def test_who_is_not_signed_in_is_asked_to(self, db) -> None:
        assert reverse("account_login") in Client().get(HOME).url

    def test_another_customers_matters_are_not_shown(self, signed_in) -> None:
        theirs = draft(complete=True)

        page = signed_in(member()).get(HOME).content.decode()

        assert theirs.reference not in page

    def test_who_may_only_read_sees_the_same_things_and_whose_they_are(self, signed_in) -> None:
        """Nobody is told to do what they may not."""
        begun = draft()
        customer = begun.contract.customer
        reader = member(customer=customer, roles=[Role.READ_ONLY])

        page = signed_in(reader).get(HOME)

        assert page.context["todo"] == []
        assert begun.reference in page.content.decode()
        assert [one.others for one in page.context["for_others"]] == [begun.opened_by.name]

    def test_more_matters_take_no_more_queries(self, signed_in) -> None:
        lakeside = contract()
        browser = signed_in(one_of(lakeside.customer))
        failure(contract=lakeside)
        browser.get(HOME)
        with CaptureQueriesContext(connection) as few:
            browser.get(HOME)
        for n in range(2, 6):
            failure(contract=lakeside, began=NOW - n * DAY - timedelta(hours=1))

        with CaptureQueriesContext(connection) as many:
            browser.get(HOME)

        assert len(many) == len(few)
        assert len(many) <= 16
