"""C9 in the browser: both options beside what silence does, nothing chosen by a link, a check page, and the choice by name."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from entitlements import notices
from entitlements.models import Letter, Role
from sla.actions.withdrawals import cancel_withdrawal
from sla.models import ElectionChoice
from sla.views import elections as views
from tests import election_factories as elect
from tests import factories as make
from tests.factories import HOUR
from tests.sla.test_elections import ARRIVED, ENDS, MARGIN, TICK, signatory, turn

pytestmark = pytest.mark.django_db
STATE = re.compile(r'<span class="status [a-z]+"><svg.*?</svg>([^<]+)</span>')
CHOICE = {"choice": "shift", "confirmed": "yes", "authority": "on"}


@pytest.fixture
def fresh(monkeypatch):
    """Whoever is signed in has just shown who they are (V47)."""
    monkeypatch.setattr(views, "is_fresh", lambda request, now: True)


@pytest.fixture
def portal(running, signed_in, clock, fresh):
    clock(ARRIVED + HOUR)
    return signed_in(signatory(running))


def at(name, election):
    return reverse(name, args=[election.reference])


def text(response):
    assert response.status_code == 200
    return response.content.decode()


class TestThePage:
    def test_both_options_and_silence_stand_alike(self, portal, running):
        said = text(portal.get(at("election", running)))

        for words in ("(1) Shift to Professional", "(2) Stay on Business", "If you do nothing", "15,544.11", "32.80"):
            assert words in said
        assert said.count('<section class="card" aria-labelledby="option-') == 3
        assert "checked" not in said
        assert "Wednesday, June 17, 2026, 11:59 p.m." in said

    def test_a_link_chooses_nothing(self, portal, running):
        assert portal.get(at("choose", running), CHOICE).status_code == 302
        assert not ElectionChoice.objects.exists()

    def test_another_customers_is_not_there(self, running, signed_in):
        other = signed_in(make.member(roles=[Role.SIGNATORY]))
        assert other.get(at("election", running)).status_code == 404

    def test_whoever_may_not_sign_reads_it_and_has_no_button(self, running, signed_in, clock):
        clock(ARRIVED + HOUR)
        said = text(signed_in(make.member(customer=running.contract.customer, roles=[Role.CLAIMS])).get(at("election", running)))  # fmt: skip

        assert "Choosing is for people of your firm with the right to sign" in said
        assert "Choose (1) shift" not in said

    def test_home_has_it_on_top(self, portal, running):
        said = text(portal.get(reverse("home")))

        assert f"Choose for contract {running.contract.order_form}" in said
        assert "stay" in said


class TestChoosing:
    def test_the_check_page_then_the_choice(self, portal, running):
        said = text(portal.post(at("choose", running), {"choice": "shift"}))
        assert "Shift to Professional?" in said
        assert not ElectionChoice.objects.exists()

        portal.post(at("choose", running), CHOICE)
        made = ElectionChoice.objects.get()
        assert (made.choice, made.received_at) == ("shift", ARRIVED + HOUR)
        assert "Chosen now: (1) shift" in text(portal.get(at("election", running)))

    def test_not_without_the_right_being_said(self, portal, running):
        said = text(portal.post(at("choose", running), CHOICE | {"authority": ""}))

        assert "<title>Error: Check your choice" in said
        assert said.count("There is a problem") == 1
        assert not ElectionChoice.objects.exists()

    def test_taken_back(self, portal, running):
        portal.post(at("choose", running), CHOICE)
        portal.post(at("choose", running), CHOICE | {"choice": "take_back"})

        assert [one.choice for one in running.choices.all()] == ["shift", ""]

    @pytest.mark.parametrize(
        ("moment", "counts"), [(ENDS - TICK, True), (ENDS, False), (ENDS + timedelta(minutes=4), False)]
    )
    def test_by_the_moment_of_the_request(self, portal, running, clock, moment, counts):
        clock(moment)
        portal.post(at("choose", running), CHOICE)
        turn(ENDS + MARGIN)

        assert ElectionChoice.objects.exists() is counts
        assert elect.fresh(running).choice == ("shift" if counts else "stay")

    def test_who_was_away_too_long_shows_who_they_are_first(self, running, signed_in, clock):
        """V47"""
        clock(ARRIVED + HOUR)
        response = signed_in(signatory(running)).post(at("choose", running), CHOICE)

        assert response.url.startswith(reverse("step_up"))
        assert not ElectionChoice.objects.exists()

    def test_whoever_may_not_sign_cannot_post(self, running, signed_in, fresh):
        reader = signed_in(make.member(customer=running.contract.customer, roles=[Role.CLAIMS]))
        assert reader.post(at("choose", running), CHOICE).status_code == 403


class TestAfterwards:
    def test_what_was_decided_by_whom(self, portal, running, clock):
        clock(ENDS + MARGIN)
        assert "It has ended" in text(portal.get(at("election", running)))
        turn(ENDS + MARGIN)
        said = text(portal.get(at("election", running)))

        assert "No choice was received in time" in said
        assert "(2) stay on Business" in said
        assert "Had you done nothing" not in said
        assert "If you do nothing" not in said

    def test_the_letter_names_the_last_minute_that_there_was(self, running):
        """X1: the stored moment is the first that is too late."""
        turn(ENDS + MARGIN)
        notices.send_all(clock=lambda: ENDS + MARGIN)
        said = Letter.objects.filter(kind="election_decided").first().text

        assert "We received no choice by Wednesday, June 17, 2026, 11:59 p.m." in said

    def test_a_notice_that_no_server_took_is_not_said_to_be_on_its_way(self, waiting, signed_in, clock):
        """M7.3, C11.3"""
        Letter.objects.filter(kind="election_notice", person__isnull=True).update(state="failed")
        clock(ARRIVED)
        browser = signed_in(signatory(waiting))
        pages = [text(browser.get(one)) for one in (at("election", waiting), reverse("election_list"))]

        assert "could not be delivered to your contacts for legal notices" in pages[0]
        assert all("Notice not given" in one and "Notice being sent" not in one for one in pages)

    def test_the_paper(self, portal, running):
        first, second = (portal.get(at("election_paper", running)).content for _ in range(2))

        assert first[:5] == b"%PDF-"
        assert first == second

    def test_opened_in_the_portal(self, waiting, signed_in, clock, fresh):
        clock(ARRIVED)
        browser = signed_in(signatory(waiting))
        assert "I have the notice before me" in text(browser.get(at("election", waiting)))
        browser.post(at("open_election", waiting))

        assert elect.fresh(waiting).deadline == ENDS

    def test_a_notice_that_arrived_runs_before_the_clocks_next_turn(self, waiting, signed_in, clock):
        """T3, C2.3: what the letters say counts on every page, though nothing has written it down."""
        elect.accepted(waiting, at=ARRIVED)
        clock(ARRIVED + HOUR)
        browser = signed_in(signatory(waiting))
        pages = [text(browser.get(one)) for one in (reverse("home"), at("election", waiting), reverse("election_list"))]  # fmt: skip

        assert elect.fresh(waiting).state == "sent"
        assert f"Choose for contract {waiting.contract.order_form}" in pages[0]
        assert all("Jun 17, 2026, 11:59" in one or "June 17, 2026, 11:59" in one for one in pages)
        assert not any("Notice being sent" in one or "not begun" in one for one in pages)

    def test_a_notice_whose_time_ran_out_while_the_clock_stood_is_not_being_sent(self, waiting, signed_in, clock):
        elect.accepted(waiting, at=ARRIVED)
        clock(ENDS + HOUR)
        browser = signed_in(signatory(waiting))
        said = text(browser.get(reverse("election_list")))

        assert elect.fresh(waiting).state == "sent"
        assert "11:59" in said
        assert not any(one in said for one in ("Notice being sent", "not begun"))
        assert f"Choose for contract {waiting.contract.order_form}" not in text(browser.get(reverse("home")))

    def test_the_state_on_the_page_is_the_one_that_stands_now(self, waiting, signed_in, clock):
        """T3: nothing of it is written down yet."""
        elect.accepted(waiting, at=ARRIVED)
        browser = signed_in(signatory(waiting))

        def states(at_):
            clock(at_)
            pages = [text(browser.get(one)) for one in (at("election", waiting), reverse("election_list"))]
            return {STATE.search(one)[1] for one in pages}

        assert states(ENDS - TICK) == {"Open"}
        assert states(ENDS) == {"Time to choose over"}
        Letter.objects.filter(matter=waiting.reference).update(bounced_at=ENDS - HOUR)
        assert states(ENDS) == {"Notice not given"}
        turn(ENDS + MARGIN)
        assert states(ENDS + MARGIN) == {"Notice not given"}

    def test_one_that_is_open_on_record_is_over_once_its_time_is(self, portal, running, clock):
        clock(ENDS)
        page, listed = (text(portal.get(one)) for one in (at("election", running), reverse("election_list")))

        assert elect.fresh(running).state == "open"
        assert STATE.search(page)[1] == STATE.search(listed)[1] == "Time to choose over"

    def test_a_cancelled_one_says_that_nothing_of_it_counts(self, portal, running):
        portal.post(at("choose", running), CHOICE)
        cancel_withdrawal(withdrawal=running.withdrawal, reason="It stays.", by=make.manager(), now=ARRIVED + HOUR)
        said = text(portal.get(at("election", running)))

        assert "Nothing of it counts any more." in said
        assert "was to end credits" in said
        assert "gives you a choice" not in said
        assert "11:59" not in text(portal.get(reverse("election_list")))

    def test_the_list(self, portal, running):
        assert running.reference in text(portal.get(reverse("election_list")))
