"""C4.8: to move an engagement from its page; nothing changes without a POST, and refused it stays (E5, E10, E15)."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from entitlements.actions.engagements import hold_session
from entitlements.models import Engagement, Letter
from tests import factories as make
from tests.entitlements.portal import page, words
from tests.shared import shared

pytestmark = pytest.mark.django_db

NOW, DAY, HOUR = make.NOW, make.DAY, make.HOUR


@shared
def engineer():
    return make.engineer(name="Eve Engineer", week=[make.OFFICE])


@shared
def asked(silver):
    return make.request(contract=silver)


@shared
def booked(silver, engineer):
    return make.scheduled(contract=silver, engineer=engineer)


@shared
def two_parts(silver, engineer):
    return make.scheduled(contract=silver, activity="incident_lifecycle", engineer=engineer)


@pytest.fixture
def move(portal):
    def send(engagement, **typed):
        return portal.post(reverse("move_engagement", args=[engagement.reference]), typed, follow=True).content.decode()

    return send


def live(engagement):
    return [one.during.lower for one in engagement.sessions.filter(released_at__isnull=True).order_by("part")]


class TestARequestThatWaits:
    def test_takes_another_time_and_its_day(self, engineer, move, asked):
        move(asked, wished_start=(NOW + 2 * DAY).isoformat())
        asked.refresh_from_db()

        assert (asked.wished_start, asked.day) == (NOW + 2 * DAY, date(2026, 6, 12))

    def test_or_another_day_without_a_time(self, move, asked):
        html = move(asked, wished_day="2027-02-01")
        asked.refresh_from_db()

        assert (asked.wished_start, asked.day, asked.year.n) == (None, date(2027, 2, 1), 2)
        assert f"{asked.reference} is moved." in html

    def test_is_refused_as_a_new_one_would_be_and_stays(self, move, asked):
        html = move(asked, wished_day="2030-01-01")

        assert "It was not moved and stays where it is" in html
        assert Engagement.objects.get().day == date(2026, 6, 24)

    def test_where_the_year_is_full_it_leads_to_professional_services(self, silver, move, portal):
        """E7: with what this one is about."""
        make.request(contract=silver, activity="roadmap")
        engagement = make.request(contract=silver, activity="roadmap", day=date(2027, 2, 1))
        Engagement.objects.filter(pk=engagement.pk).update(topic="Plans & wishes")
        html = move(engagement, wished_day="2026-07-01")
        beyond = re.search(r'href="(/sessions/request/[^"]+)"', html)[1]

        assert "would be number 2 where the cap is 1" in words(html)
        assert "The next place opens on January 1, 2027." in words(html)
        assert "Plans &amp; wishes" in portal.get(beyond).content.decode()


class TestWhatIsScheduled:
    def test_a_get_changes_nothing_and_lists_the_next_free_times(self, portal, booked):
        text = words(page(portal, "move_engagement", booked.reference))

        assert "Stays: Wednesday, June 24, 2026, 10:00 a.m. Eastern Time" in text
        assert "Thursday, June 11, 2026, 10:00 a.m. Eastern Time" in text
        assert live(booked) == [NOW + 14 * DAY]

    def test_goes_to_the_chosen_time_and_a_letter_says_from_when_to_when(self, move, booked):
        move(booked, part_1=(NOW + 2 * DAY).isoformat())

        assert live(booked) == [NOW + 2 * DAY]
        assert Letter.objects.filter(kind="session_moved").exists()

    def test_one_part_or_both(self, move, two_parts):
        """E10"""
        move(two_parts, part_2=(NOW + 16 * DAY).isoformat())
        one = live(two_parts)
        move(two_parts, part_1=(NOW + 2 * DAY).isoformat(), part_2=(NOW + 5 * DAY).isoformat())

        assert one == [NOW + 14 * DAY, NOW + 16 * DAY]
        assert live(two_parts) == [NOW + 2 * DAY, NOW + 5 * DAY]

    def test_never_the_follow_up_before_the_discovery(self, move, two_parts):
        html = move(two_parts, part_2=(NOW + 2 * DAY).isoformat())

        assert "comes after" in html
        assert live(two_parts) == [NOW + 14 * DAY, NOW + 28 * DAY]

    def test_a_time_that_has_gone_is_named(self, engineer, move, booked, gold):
        make.scheduled(contract=gold, engineer=engineer, start=NOW + 2 * DAY)
        html = move(booked, part_1=(NOW + 2 * DAY).isoformat())

        assert "Friday, June 12, 2026, 10:00 a.m. Eastern Time (EDT, UTC−4) has gone meanwhile." in html
        assert live(booked) == [NOW + 14 * DAY]

    def test_without_a_choice_it_says_so(self, move, booked):
        assert "Choose another time" in move(booked)

    def test_what_has_begun_or_ended_is_not_moved(self, silver, engineer, portal, clock):
        engagement = make.scheduled(contract=silver, engineer=engineer, start=NOW + DAY)
        hold_session(session=engagement.sessions.get(), by=make.manager(), now=NOW + 2 * DAY)

        assert "there is nothing to move" in page(portal, "move_engagement", engagement.reference)

    def test_is_not_found_for_another_customer(self, portal, requested):
        assert portal.get(reverse("move_engagement", args=[requested.reference])).status_code == 404
