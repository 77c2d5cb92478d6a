"""E15: what is on record of an engineer, leave with a stand-in, sessions passed on, leaving the firm, the private feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateRange
from icalendar import Calendar

from entitlements.actions.engagements import PlannedSession, cancel_engagement, hold_session
from entitlements.actions.engineers import change_engineer, end_feed, renew_feed, set_working_hours
from entitlements.actions.moves import move_sessions
from entitlements.actions.passing_on import (
    end_account,
    enter_leave,
    leave_the_firm,
    pass_session_on,
    take_back_leave,
)
from entitlements.actions.refused import Refused
from entitlements.models import CalendarFeed, Engineer, Event, Leave, Letter
from entitlements.notices import send_due
from entitlements.owed import advice_of, owed_by
from entitlements.rules.spans import Span
from entitlements.views.feeds import LIMITS
from sla.sweep import sweep
from tests import factories as make
from tests.factories import DAY, HOUR, NOW, OFFICE, TODAY
from tests.outcome_factories import content as outcome_content
from tests.outcome_factories import drafted
from tests.outcome_factories import given as outcome_given
from tests.shared import shared

pytestmark = pytest.mark.django_db
WEEK = Span(NOW + DAY, NOW + 8 * DAY)


def refused(action, **given):
    with pytest.raises(Refused) as refusal:
        action(**{"by": make.manager(), "now": NOW} | given)
    (one,) = refusal.value.refusals
    assert one.clause == "E15"
    return one


def do(action, **given):
    return action(**{"by": make.manager(), "now": NOW} | given)


def booked(engineer, days=2, **more):
    """A session that many days from now."""
    return make.scheduled(engineer=engineer, start=NOW + days * DAY, **more).sessions.get()


@shared
def session(engineer, gold):
    """Lars Holm's, the day after tomorrow."""
    return booked(engineer, contract=gold)


class TestWorkingHours:
    def test_replace_those_from_the_day_on_and_leave_the_past(self):
        engineer = make.engineer(week=[([0], 9, 17)])
        first = TODAY + 7 * DAY

        do(set_working_hours, engineer=engineer, first=first, week={0: [(600, 720), (780, 900)], 1: [(600, 720)]})

        assert [(one.days, one.weekday, one.minutes.lower) for one in engineer.hours.all()] == [
            (DateRange(date(2020, 1, 1), first), 0, 540),
            (DateRange(first, None), 0, 600),
            (DateRange(first, None), 0, 780),
            (DateRange(first, None), 1, 600),
        ]
        assert Event.objects.filter(verb="engineer.hours_set", matter=engineer.matter).exists()

    def test_replace_those_that_were_to_begin_later(self, engineer):
        do(set_working_hours, engineer=engineer, first=TODAY + 9 * DAY, week={0: [(0, 60)]})

        do(set_working_hours, engineer=engineer, first=TODAY + 2 * DAY, week={1: [(0, 60)]})

        assert [one.weekday for one in engineer.hours.filter(days__endswith=None)] == [1]

    def test_are_refused_where_a_session_would_lie_outside(self, engineer, session):
        refusal = refused(set_working_hours, engineer=engineer, first=TODAY, week={0: [(540, 1020)]})

        assert refusal.code == "sessions_out_of_hours"
        assert f"{session.engagement.reference} on Fri Jun 12, 2026, 10:00 a.m. EDT" in refusal.sentence

    def test_are_refused_for_a_day_that_is_over(self, engineer):
        assert refused(set_working_hours, engineer=engineer, first=TODAY - DAY, week={}).code == "hours_in_the_past"

    def test_end_with_the_last_day_of_who_leaves(self, engineer):
        do(leave_the_firm, engineer=engineer, last_day=TODAY + 9 * DAY, passed={}, successor=None)

        do(set_working_hours, engineer=engineer, first=TODAY, week={0: [(540, 1020)]})

        assert engineer.hours.get(weekday=0, minutes__startswith=540).last_day == TODAY + 9 * DAY


class TestChangingAnEngineer:
    def test_sets_zone_and_skills(self, engineer):
        do(change_engineer, engineer=engineer, zone="Asia/Tokyo", skills=["roadmap"], takes_engagements=False)

        engineer.refresh_from_db()
        assert (engineer.zone, engineer.is_active) == ("Asia/Tokyo", False)
        assert [one.pk for one in engineer.skills.all()] == ["roadmap"]

    def test_is_refused_where_a_session_would_lie_at_night(self):
        engineer = make.engineer(week=[OFFICE])
        booked(engineer)

        changed = {"zone": "Asia/Tokyo", "skills": [], "takes_engagements": True}

        assert refused(change_engineer, engineer=engineer, **changed).code == "sessions_out_of_hours"


class TestPassingOn:
    def test_keeps_the_time_and_the_uid_and_raises_the_sequence(self, session, colleague):
        passed = do(pass_session_on, session=session, to=colleague)

        session.refresh_from_db()
        assert (passed.engineer, passed.during, passed.calendar_uid) == (
            colleague,
            session.during,
            session.calendar_uid,
        )
        assert (passed.calendar_sequence, session.released_at) == (session.calendar_sequence + 1, NOW)

    def test_writes_the_letter_of_a_move(self, smtp_backend, session, colleague):
        Letter.objects.update(due_at=NOW + DAY)
        do(pass_session_on, session=session, to=colleague)

        send_due(clock=lambda: NOW)

        text = smtp_backend.messages[0].get_body(("plain",)).get_content()
        assert "10:00 a.m. Eastern Time (EDT, UTC−4), 30 min, with Ines Prado." in text
        assert "10:00 a.m. Eastern Time (EDT, UTC−4), with Lars Holm." in text

    def test_of_one_part_leaves_the_other(self, assessment, colleague):
        engineer = assessment.sessions.get(part=1).engineer

        do(pass_session_on, session=assessment.sessions.get(part=2), to=colleague)

        live = assessment.sessions.filter(released_at__isnull=True).order_by("part")
        assert [one.engineer for one in live] == [engineer, colleague]

    @pytest.mark.parametrize(
        ("colleague", "code"),
        [
            ({"week": [([0], 9, 17)]}, "outside_working_hours"),
            ({"skills": ["roadmap"]}, "lacks_the_skill"),
        ],
    )
    def test_is_refused_where_the_colleague_is_not_free(self, session, colleague, code):
        assert refused(pass_session_on, session=session, to=make.engineer(**colleague)).code == code
        session.refresh_from_db()
        assert session.released_at is None

    def test_is_refused_once_it_has_begun(self, session, colleague):
        assert refused(pass_session_on, session=session, to=colleague, now=NOW + 2 * DAY).code == "has_begun"

    def test_is_refused_for_a_session_that_is_held(self, half_held, colleague):
        first = half_held.sessions.get(part=1)

        assert refused(pass_session_on, session=first, to=colleague).code == "already_moved_on"


class TestLeave:
    def given(self, engineer, **more):
        return {"engineer": engineer, "during": WEEK, "reason": "Annual leave", "stand_in": None, "passed": {}} | more

    def test_is_entered_with_its_sessions_passed_on(self, gold, engineer, colleague):
        sessions = [booked(engineer, days, contract=gold) for days in (2, 3, 20)]
        passed = {one.pk: colleague for one in sessions[:2]}

        leave = do(enter_leave, **self.given(engineer, stand_in=colleague, passed=passed))

        assert (leave.span, leave.stand_in) == (WEEK, colleague)
        assert colleague.sessions.count() == 2
        assert engineer.sessions.filter(released_at__isnull=True).count() == 1
        assert Event.objects.filter(verb="engineer.leave_entered", note="").exists()  # why is the desk's alone

    def test_is_refused_while_a_session_is_left_over_and_then_passes_none_on(self, gold, engineer, session, colleague):
        other = booked(engineer, 3, contract=gold)

        refusal = refused(enter_leave, **self.given(engineer, passed={session.pk: colleague}))

        assert refusal.code == "left_over"
        assert other.engagement.reference in refusal.sentence
        assert (colleague.sessions.count(), Leave.objects.count()) == (0, 0)

    def test_is_refused_where_there_is_one(self, engineer):
        make.leave(engineer=engineer, start=WEEK.end - HOUR)

        assert refused(enter_leave, **self.given(engineer)).code == "on_leave_already"

    @pytest.mark.usefixtures("session")
    def test_is_refused_over_a_session_that_was_booked_meanwhile(self, monkeypatch, engineer):
        monkeypatch.setattr("entitlements.actions.passing_on.booked_in", lambda *given: [])

        assert refused(enter_leave, **self.given(engineer)).code == "booked_meanwhile"

    def test_taken_back_the_time_is_free_again(self, gold, engineer):
        leave = make.leave(engineer=engineer)

        do(take_back_leave, leave=leave)

        booked(engineer, contract=gold)
        assert refused(take_back_leave, leave=leave).code == "taken_back_already"


class TestLeavingTheFirm:
    LAST = TODAY + 9 * DAY

    def given(self, engineer, successor=None, **more):
        return {"engineer": engineer, "last_day": self.LAST, "passed": {}, "successor": successor, **more}

    def test_passes_on_what_lies_after_the_last_day(self, gold, engineer, colleague):
        before, after = (booked(engineer, days, contract=gold) for days in (9, 10))

        left = do(
            leave_the_firm, engineer=engineer, last_day=self.LAST, passed={after.pk: colleague}, successor=colleague
        )

        assert left.last_day == self.LAST
        assert colleague.sessions.get().engagement == after.engagement
        assert [one.pk for one in engineer.sessions.filter(released_at__isnull=True)] == [before.pk]
        with pytest.raises(Refused):
            booked(engineer, 10, contract=gold)

    def test_is_refused_while_something_is_left_over(self, gold, engineer):
        booked(engineer, 10, contract=gold)

        assert refused(leave_the_firm, **self.given(engineer)).code == "left_over"

    def test_the_account_ends_with_the_last_day_and_the_history_stays(self, gold, engineer, colleague):
        engagement = booked(engineer, 1, contract=gold).engagement
        renew_feed(engineer=engineer, by=make.manager(), now=NOW)
        do(leave_the_firm, **self.given(engineer, successor=colleague))

        sweep(now=NOW + 9 * DAY, application_now=NOW + 9 * DAY)
        engineer.user.refresh_from_db()
        assert engineer.user.is_active
        run = sweep(now=NOW + 10 * DAY, application_now=NOW + 10 * DAY)

        engineer.user.refresh_from_db()
        engineer.refresh_from_db()
        assert run.done["accounts ended"] == 1
        assert (engineer.user.is_active, engineer.is_active) == (False, False)
        assert engineer.feeds.get().ended_at == engineer.leaves_at
        assert engagement.sessions.get().engineer == engineer
        assert not end_account(engineer=engineer, now=NOW + 11 * DAY)

    def test_of_a_day_that_is_over_ends_the_account_at_once(self, engineer):
        do(leave_the_firm, engineer=engineer, last_day=TODAY - DAY, passed={}, successor=None)

        engineer.user.refresh_from_db()
        assert not engineer.user.is_active


class TestWhatALeaverLeaves:
    """Sessions that nobody noted, follow-ups without a time, outcomes and recommendations go to a successor."""

    ENDED = NOW + 10 * DAY

    def given(self, engineer, successor, last=TODAY + 9 * DAY):
        return {"engineer": engineer, "last_day": last, "passed": {}, "successor": successor}

    def of_each_kind(self, engineer):
        """An outcome owed, a session not noted, a follow-up without a time, a recommendation."""
        contract = make.contract()
        begun = {"start": NOW - 2 * DAY, "now": NOW - 20 * DAY, "contract": contract, "engineer": engineer}
        for owed in ("product_feature", "integration"):
            make.scheduled(activity=owed, **begun | {"start": NOW - (2 + len(owed)) * HOUR})
        delivered = engineer.sessions.get(engagement__activity="product_feature")
        hold_session(session=delivered, by=make.manager(), now=NOW)
        half = make.scheduled(activity="incident_lifecycle", **begun)
        hold_session(session=half.sessions.get(part=1), by=make.manager(), now=NOW)
        half.sessions.filter(part=2).update(released_at=NOW)
        content = replace(outcome_content(owner=engineer.user), lines=())
        outcome_given(outcome=drafted(contract=contract, content=content))
        return {one.engagement for one in owed_by(engineer, NOW)}

    def test_is_refused_while_nobody_finishes_it(self, gold, engineer, colleague):
        do(leave_the_firm, **self.given(colleague, None))
        booked(engineer, 1, contract=gold)

        assert refused(leave_the_firm, **self.given(engineer, None)).code == "nobody_finishes"
        assert refused(leave_the_firm, **self.given(engineer, colleague)).code == "successor_leaves"

    def test_does_not_come_about_where_nobody_would_finish_it(self):
        """E15: until the last day there are working hours, and what came of them would be nobody's."""
        leaver, colleague = make.engineer(), make.engineer()
        do(leave_the_firm, **self.given(leaver, None))
        leaver.refresh_from_db()

        with pytest.raises(Refused, match="nobody is named to finish") as told:
            booked(leaver, 1)
        assert "is free on" not in told.value.refusals[0].what_helps
        assert [one.pk for one in Engineer.objects.taking()] == [colleague.pk]

        do(leave_the_firm, **self.given(leaver, colleague))
        assert booked(leaver, 1)

    def test_goes_over_with_the_end_of_the_last_day(self, engineer, colleague):
        owed = self.of_each_kind(engineer)
        do(leave_the_firm, **self.given(engineer, colleague))
        assert (len(owed), owed_by(colleague, NOW)) == (3, [])

        end_account(engineer=engineer, now=self.ENDED)

        assert {one.engagement for one in owed_by(colleague, self.ENDED)} == owed
        assert (owed_by(engineer, self.ENDED), advice_of(engineer).count()) == ([], 0)
        assert advice_of(colleague).get().owner == colleague.user
        assert Event.objects.filter(verb="engagement.handed_on", actor=None).count() == 4

    def test_a_successor_who_leaves_before_it_names_their_own(self, gold, engineer, colleague):
        second = make.engineer()
        booked(engineer, 1, contract=gold)
        do(leave_the_firm, **self.given(engineer, colleague))
        do(leave_the_firm, **self.given(colleague, second, TODAY + DAY))

        end_account(engineer=engineer, now=self.ENDED)

        assert [one.what for one in owed_by(second, self.ENDED)] == ["A session to be noted as held or not"]


class TestThePrivateFeed:
    """One UID a session, a rising SEQUENCE, and what was cancelled marked as cancelled for a time."""

    @pytest.fixture(autouse=True)
    def _fresh(self):
        cache.clear()

    def address(self, engineer):
        return f"/calendar/{do(renew_feed, engineer=engineer)}.ics"

    def events(self, client, address):
        answer = client.get(address)
        assert answer.status_code == 200
        return {
            str(one["uid"]): (int(one["sequence"]), str(one["status"]))
            for one in Calendar.from_ical(answer.content).walk("VEVENT")
        }

    def test_says_what_is_booked_moved_passed_on_and_cancelled(self, client, monkeypatch, gold, engineer, colleague):
        stays, moved, passed, gone = (booked(engineer, n, contract=gold) for n in (200, 201, 202, 203))
        later = [PlannedSession(moved.during.lower + HOUR, engineer)]
        do(move_sessions, engagement=moved.engagement, sessions=later)
        do(pass_session_on, session=passed, to=colleague)
        do(cancel_engagement, engagement=gone.engagement, side="vendor", reason="Ill")
        monkeypatch.setattr("entitlements.middleware.arrived_at", lambda _: NOW)

        assert self.events(client, self.address(engineer)) == {
            stays.calendar_uid: (0, "CONFIRMED"),
            moved.calendar_uid: (1, "CONFIRMED"),
            passed.calendar_uid: (1, "CANCELLED"),
            gone.calendar_uid: (2, "CANCELLED"),
        }
        assert self.events(client, self.address(colleague)) == {passed.calendar_uid: (1, "CONFIRMED")}

    def test_tells_of_the_customer_only_what_is_needed(self, client, monkeypatch, engineer, session):
        monkeypatch.setattr("entitlements.middleware.arrived_at", lambda _: NOW)

        answer = client.get(self.address(engineer))

        text = answer.content.decode().replace("\r\n ", "")
        assert session.engagement.reference in text
        assert session.engagement.topic not in text
        assert "no-store" in answer["Cache-Control"]
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"

    def test_is_kept_hashed_and_opens_for_its_last_address_alone(self, client, engineer):
        old, new = self.address(engineer), self.address(engineer)

        assert [client.get(old).status_code, client.get(new).status_code] == [404, 200]
        assert not any(one.token_hash in new for one in engineer.feeds.all())
        do(end_feed, engineer=engineer)
        assert client.get(new).status_code == client.get("/calendar/x.ics").status_code == 404

    def test_there_is_one_at_a_time(self, engineer):
        self.address(engineer)

        with pytest.raises(IntegrityError, match="one_live_feed_for_an_engineer"):
            CalendarFeed.objects.create(engineer=engineer, token_hash="x", made_at=NOW, made_by=make.manager())

    def test_is_gone_with_the_account(self, client, engineer):
        address = self.address(engineer)
        engineer.user.is_active = False
        engineer.user.save()

        assert client.get(address).status_code == 404

    def test_cannot_be_guessed_at_leisure(self, client, monkeypatch):
        monkeypatch.setitem(LIMITS, "calendar_feed", "3/m/ip")

        assert [client.get(f"/calendar/{n}.ics").status_code for n in range(4)] == [404, 404, 404, 429]

    @pytest.mark.usefixtures("session")
    def test_forgets_what_is_long_over(self, client, monkeypatch, engineer):
        monkeypatch.setattr("entitlements.middleware.arrived_at", lambda _: NOW + timedelta(days=33))

        assert self.events(client, self.address(engineer)) == {}
