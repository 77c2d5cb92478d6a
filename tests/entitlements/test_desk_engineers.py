"""M4.3, E15: the engineers' list and page, and what a leave or a last day hits, shown before anything is changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entitlements.admin.engineer_forms import HoursForm
from entitlements.models import BookedSession, Engineer, Leave
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, HOUR, NOW, OFFICE, TODAY
from tests.shared import shared

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, NOW)


@pytest.fixture
def desk():
    return signed_in(make.manager())


@shared
def session(engineer, gold):
    """Booked with the engineer, the day after tomorrow."""
    return booked(engineer, contract=gold)


def page_of(engineer, act="engineer", *more):
    return reverse(f"admin:{act}", args=[engineer.pk, *more])


def booked(engineer, days=2, contract=None):
    return make.scheduled(contract=contract, engineer=engineer, start=NOW + days * DAY).sessions.get()


def leave_form(stand_in=None, **more):
    days = {"leave-first": TODAY + DAY, "leave-last": TODAY + 7 * DAY}
    return {**days, "leave-reason": "Annual leave", "leave-stand_in": stand_in.pk if stand_in else "", **more}


WEEK = {"hours-first": TODAY.isoformat(), "hours-monday": "09:00–12:00, 13-17:30"}


class TestTheList:
    def test_shows_load_and_leave(self, desk):
        engineer = make.engineer(name="Lars Holm", week=[OFFICE])
        booked(engineer, 1)
        make.leave(engineer=engineer, start=NOW + 4 * DAY)

        text = desk.get(reverse("admin:entitlements_engineer_changelist")).content.decode()

        assert "30 of 2,400 min (1%)" in text
        assert "0 of 0 min" in text  # next week: on leave
        assert "from Sun Jun 14, 2026, 10:00 a.m. EDT" in text

    def test_asks_as_many_questions_for_many_rows_as_for_one(self, desk, gold):
        address = reverse("admin:entitlements_engineer_changelist")
        counts = []
        for number in (1, 3):
            for _ in range(number):
                booked(make.engineer(), contract=gold)
            with CaptureQueriesContext(connection) as asked:
                desk.get(address)
            counts.append(len(asked))

        assert counts[0] == counts[1]

    def test_a_new_engineer_is_asked_for_hours(self, desk):
        person = make.person(is_staff=True, name="Ines Prado")

        answer = desk.post(
            reverse("admin:entitlements_engineer_add"),
            {"user": person.pk, "zone": "Europe/Lisbon", "skills": ["roadmap"], "is_active": "on"},
            follow=True,
        )

        assert "nothing can be booked with Ines Prado" in answer.content.decode()


class TestThePage:
    def test_shows_what_lies_ahead_and_how_full_the_weeks_are(self, desk):
        engineer = make.engineer(name="Lars Holm", week=[OFFICE])
        session = booked(engineer)

        text = desk.get(page_of(engineer)).content.decode()

        assert session.engagement.reference in text
        assert "<dd>09:00–17:00</dd>" in text
        assert "2,400</span> min" in text

    def test_lists_free_times_in_the_zone_that_is_asked_for(self, desk):
        engineer = make.engineer(week=[OFFICE])
        booked(engineer, 1)
        asked = {"activity": "integration", "day": TODAY + DAY, "zone": "Europe/London"}

        text = desk.get(page_of(engineer), asked).content.decode()

        assert "Thursday, June 11, 2026" in text
        assert "2:00 p.m.</time>" in text  # nine in New York
        assert "3:00 p.m.</time>" not in text.split("Friday, June 12, 2026")[0]  # booked

    def test_says_why_no_time_is_free(self, desk):
        asked = {"activity": "integration", "day": TODAY, "zone": "UTC"}

        assert b"No time is free" in desk.get(page_of(make.engineer(skills=["roadmap"])), asked).content

    def test_asks_as_many_questions_however_much_is_booked(self, desk, engineer, gold):
        counts = []
        for days in ((2,), (3, 4, 5)):
            for day in days:
                booked(engineer, day, gold)
            with CaptureQueriesContext(connection) as asked:
                desk.get(page_of(engineer))
            counts.append(len(asked))

        assert counts[0] == counts[1]


class TestHoursAndSkills:
    def test_hours_are_typed_as_they_are_said(self, desk, engineer):
        desk.post(page_of(engineer, "set_working_hours"), WEEK)

        assert [
            (one.weekday, one.minutes.lower, one.minutes.upper) for one in engineer.hours.filter(days__endswith=None)
        ] == [
            (0, 540, 720),
            (0, 780, 1050),
        ]

    def test_what_are_no_hours_comes_back_as_it_was_typed(self, desk, engineer):
        answer = desk.post(page_of(engineer, "set_working_hours"), WEEK | {"hours-monday": "nine to five"})

        assert "Monday: write hours as 09:00–12:00" in answer.content.decode()
        assert 'value="nine to five"' in answer.content.decode()

    @pytest.mark.parametrize("typed", ["9-8", "9-12, 11-13", "8:75-10", "9-25", "9-9", "12:00"])
    def test_nor_are_these_hours(self, engineer, typed):
        form = HoursForm(engineer, WEEK | {"hours-monday": typed}, now=NOW)

        assert form.errors == {"monday": ["Monday: write hours as 09:00–12:00, 13:00–17:30, or nothing."]}

    @pytest.mark.usefixtures("session")
    def test_hours_under_a_session_are_refused(self, desk, engineer):
        answer = desk.post(page_of(engineer, "set_working_hours"), WEEK)

        assert b'data-code="sessions_out_of_hours"' in answer.content

    def test_zone_and_skills_are_saved(self, desk, engineer):
        desk.post(page_of(engineer, "change_engineer"), {"engineer-zone": "Asia/Tokyo", "engineer-skills": ["roadmap"]})

        engineer.refresh_from_db()
        assert (engineer.zone, engineer.is_active, engineer.skills.get().pk) == ("Asia/Tokyo", False, "roadmap")

    def test_a_zone_that_is_none_is_refused(self, desk, engineer):
        answer = desk.post(page_of(engineer, "change_engineer"), {"engineer-zone": "Mars"})

        assert b"Mars is not a time zone" in answer.content


class TestLeave:
    def test_first_shows_what_it_hits_and_whether_the_stand_in_is_free(self, desk, engineer, session, colleague):
        booked(colleague)

        text = desk.post(page_of(engineer, "enter_leave"), leave_form(colleague)).content.decode()

        assert session.engagement.reference in text
        assert "Ines Prado is already booked at that time." in text
        assert not Leave.objects.exists()

    def test_confirmed_passes_the_sessions_on(self, desk, engineer, session, colleague):
        confirmed = leave_form(colleague, step="confirm") | {f"to-{session.pk}": colleague.pk}

        answer = desk.post(page_of(engineer, "enter_leave"), confirmed, follow=True)

        assert "The customer gets a letter." in answer.content.decode()
        assert Leave.objects.get().span.length == 7 * DAY
        assert BookedSession.objects.get(released_at=None).engineer == colleague

    def test_is_refused_with_a_session_left_over(self, desk, engineer, session):
        answer = desk.post(page_of(engineer, "enter_leave"), leave_form(step="confirm") | {f"to-{session.pk}": ""})

        assert b'data-code="left_over"' in answer.content
        assert not Leave.objects.exists()

    def test_of_part_of_a_day_is_in_the_engineers_zone(self, desk):
        engineer = make.engineer(zone="Asia/Tokyo")
        part = {"leave-last": TODAY + DAY, "leave-begins": "13:00", "leave-ends": "15:00", "step": "confirm"}

        desk.post(page_of(engineer, "enter_leave"), leave_form(**part))

        assert Leave.objects.get().during.lower.isoformat() == f"{TODAY + DAY}T04:00:00+00:00"
        assert Leave.objects.get().span.length == 2 * HOUR

    def test_that_ends_before_it_begins_says_so(self, desk, engineer):
        answer = desk.post(page_of(engineer, "enter_leave"), leave_form(**{"leave-last": TODAY}))

        assert b"The leave ends before it begins." in answer.content

    def test_is_taken_back(self, desk, engineer):
        leave = make.leave(engineer=engineer)

        desk.post(page_of(engineer, "take_back_leave", leave.pk))

        assert not Leave.objects.standing().exists()


class TestHandingOver:
    def test_one_session_is_passed_on(self, desk, engineer, session, colleague):
        address = page_of(engineer, "pass_session_on", session.pk)

        assert b"Ines Prado" in desk.get(address).content
        desk.post(address, {f"to-{session.pk}": colleague.pk, "step": "confirm"})

        assert BookedSession.objects.get(released_at=None).engineer == colleague

    def test_only_who_is_free_can_be_chosen(self, desk, engineer, session):
        busy, unable = make.engineer(name="Busy Bee"), make.engineer(name="Una Able", skills=["roadmap"])
        booked(busy)
        address = page_of(engineer, "pass_session_on", session.pk)

        assert b"No colleague is free then." in desk.get(address).content
        answer = desk.post(address, {f"to-{session.pk}": unable.pk, "step": "confirm"})
        assert BookedSession.objects.get(engagement=session.engagement).engineer == engineer
        assert answer.status_code == 200

    @pytest.mark.usefixtures("colleague")
    def test_nobody_chosen_is_said(self, desk, engineer, session):
        answer = desk.post(page_of(engineer, "pass_session_on", session.pk), {"step": "confirm"})

        assert b"No colleague is chosen." in answer.content

    def test_a_leaver_hands_over_what_lies_after_the_last_day(self, desk, engineer, colleague, gold):
        session = booked(engineer, 20, gold)
        form = {"leaving-last_day": TODAY + 9 * DAY}

        assert session.engagement.reference in desk.post(page_of(engineer, "leave_the_firm"), form).content.decode()
        desk.post(page_of(engineer, "leave_the_firm"), form | {f"to-{session.pk}": colleague.pk, "step": "confirm"})

        assert Engineer.objects.get(pk=engineer.pk).last_day == TODAY + 9 * DAY
        assert BookedSession.objects.get(released_at=None).engineer == colleague

    def test_asks_as_many_questions_for_many_sessions_as_for_one(self, desk, engineer, colleague, gold):
        counts = []
        for days in ((2,), (3, 4, 5)):
            for day in days:
                booked(engineer, day, gold)
            with CaptureQueriesContext(connection) as asked:
                desk.post(page_of(engineer, "enter_leave"), leave_form(colleague))
            counts.append(len(asked))

        assert counts[0] == counts[1]


class TestThePrivateAddress:
    def test_is_shown_once_and_can_be_stopped(self, desk, engineer):
        answer = desk.post(page_of(engineer, "renew_feed"))

        assert b"/calendar/" in answer.content
        assert "no-store" in answer["Cache-Control"]
        assert b"/calendar/" not in desk.get(page_of(engineer)).content
        desk.post(page_of(engineer, "end_feed"))
        assert not engineer.feeds.filter(ended_at__isnull=True).exists()


def test_an_act_by_link_changes_nothing(desk, engineer):
    leave = make.leave(engineer=engineer, length=timedelta(days=1))

    for act in ("change_engineer", "set_working_hours", "renew_feed", "end_feed"):
        assert desk.get(page_of(engineer, act)).url == page_of(engineer)
    assert desk.get(page_of(engineer, "take_back_leave", leave.pk)).url == page_of(engineer)
