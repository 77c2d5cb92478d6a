"""The pages of the acts on an engagement: each asks, shows what it would leave, and is done once that is confirmed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse

from entitlements.actions.no_shows import note_no_show
from entitlements.actions.seen import last_act
from entitlements.admin.engagement_act_forms import HeldForm
from entitlements.admin.engagement_bulk_forms import BulkForm
from entitlements.admin.engagement_standing import Standing
from entitlements.models import Engagement, Event, Letter, Role, UsageEntry
from tests import factories as make
from tests.desk import at, signed_in
from tests.factories import DAY, HOUR, NOW, TODAY
from tests.shared import shared

pytestmark = pytest.mark.django_db
START = NOW + 14 * DAY


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    at(monkeypatch, NOW)


class Desk:
    """A manager with the page of an act open."""

    def __init__(self, engagement, act, *, by=None):
        self.engagement = engagement
        self.client = signed_in(by or make.manager())
        self.path = reverse("admin:engagement_act", args=[engagement.reference, act])
        self.seen = last_act(engagement.reference)

    def send(self, **typed):
        return self.client.post(self.path, typed | {"seen": self.seen}).content.decode()

    def confirm(self, *, follow=False, **typed):
        answer = self.client.post(self.path, typed | {"seen": self.seen, "confirmed": "1"}, follow=follow)
        self.engagement.refresh_from_db()
        return answer.content.decode()


def plain(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def rows():
    return [model.objects.count() for model in (Engagement, UsageEntry, Letter, Event)]


@shared
def half_booked(gold, colleague):
    """An assessment whose discovery is booked, with Ines Prado, and whose follow-up has no time yet."""
    return make.schedule_engagement(
        engagement=make.request(contract=gold, activity="incident_lifecycle"),
        sessions=[make.PlannedSession(START, colleague)],
        by=make.manager(),
        now=NOW,
    )


NIGHT = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
"""Half past one in New York, after the clocks were set back: the second time on that day."""


@shared
def night(gold):
    return make.scheduled(contract=gold, start=NIGHT)


class TestWhatAnActWouldLeave:
    """M4: shown before it is done, and nothing of it is there yet."""

    def test_the_ledger_the_cap_and_the_letters(self, requested):
        shown = plain(Desk(requested, "decline").send(reason="No engineer is free."))

        assert "Given back, one place given back in contract year 1" in shown
        assert f"Request declined, to {requested.requested_by.email}" in shown
        assert "1: January 1, 2026 – December 31, 2026 6 1 0 6" in shown  # cap, used before, used after, left

    def test_leaves_nothing_behind(self, scheduled):
        desk, before = Desk(scheduled, "cancel"), rows()

        desk.send(side="vendor", reason="The engineer is ill.")

        assert rows() == before
        assert Engagement.objects.get(pk=scheduled.pk).state == "scheduled"

    def test_a_move_to_another_year_shows_both(self, requested):
        shown = plain(Desk(requested, "move").send(day="2027-01-11"))

        assert "1: January 1, 2026 – December 31, 2026 6 1 0 6" in shown
        assert "2: January 1, 2027 – December 31, 2027 6 0 1 5" in shown

    def test_a_refusal_is_shown_in_its_place_with_who_took_the_last_place(self):
        """M4.5, E7"""
        contract = make.contract(level="premium")
        winner = make.request(contract=contract, activity="maturity", day=TODAY + DAY)
        waits = make.request(contract=contract, activity="maturity", day=TODAY + 250 * DAY)

        shown = plain(Desk(waits, "move").send(day=str(TODAY + 2 * DAY)))

        assert "number 2 where the cap is 1" in shown
        assert (
            f"The last place went to {winner.reference}, {winner.requested_by}, Wed Jun 10, 2026, 7:00:00 a.m. PDT."
            in shown
        )
        assert "The next place opens on January 1, 2027." in shown
        assert "Not done yet" not in shown

    def test_what_was_typed_can_be_changed(self, requested):
        desk = Desk(requested, "decline")

        page = desk.send(reason="No engineer.", change="1")

        assert "No engineer.</textarea>" in page


class TestTheActs:
    """E5, E10: each by its own form, once confirmed."""

    def test_a_request_moves_to_another_day(self, requested):
        Desk(requested, "move").confirm(day="2026-08-03")

        assert str(requested.day) == "2026-08-03"

    def test_a_session_moves_to_another_time_and_engineer(self, scheduled, engineer):
        typed = {"day_1": "2026-06-25", "time_1": "11:00", "engineer_1": engineer.pk, "reason": "Illness."}

        Desk(scheduled, "move-sessions").confirm(**typed)

        (session,) = scheduled.sessions.filter(released_at=None)
        assert (session.during.lower.isoformat(), session.engineer) == ("2026-06-25T15:00:00+00:00", engineer)
        assert Letter.objects.filter(kind="session_moved").first().context["of"]["reason"] == "Illness."

    def free_of(self, desk, name):
        """The free times that the page of an act offers, in order."""
        page = desk.client.get(desk.path).content.decode()
        return re.findall(rf'name="{name}" value="([^"]+)"', page)

    @pytest.mark.usefixtures("engineer")
    def test_a_request_moves_to_a_free_time(self, requested):
        """E15: one of those that are listed, from tomorrow on."""
        desk = Desk(requested, "move")
        first, *_ = self.free_of(desk, "slot")
        assert first >= str(TODAY + DAY)

        assert "Free times" in desk.send(slot=first, day="")
        desk.confirm(slot=first, day="")

        assert desk.engagement.wished_start.isoformat() == first
        assert str(desk.engagement.day) == first[:10]

    def test_a_request_moves_to_some_day(self, requested):
        assert "Choose one of the free times, or give the day." in Desk(requested, "move").send(day="")

    def test_a_session_moves_to_a_free_time_with_whoever_is_free_then(self, gold):
        """E15: its own engineer if free then, as the page has it filled in, else the first who is."""
        at_noon, at_night = (make.engineer(week=[(range(7), *hours)]) for hours in ((9, 13), (14, 17)))
        engagement = make.scheduled(contract=gold, start=START, engineer=at_noon)
        desk = Desk(engagement, "move-sessions")
        free = self.free_of(desk, "slot_1")
        as_it_was = {"day_1": "2026-06-24", "time_1": "10:00", "engineer_1": at_noon.pk, "reason": "x"}

        desk.confirm(slot_1=free[-1], **as_it_was)
        late = engagement.sessions.get(released_at=None)
        desk.seen = last_act(engagement.reference)
        desk.confirm(slot_1=free[0], **as_it_was | {"engineer_1": at_night.pk})
        early = engagement.sessions.get(released_at=None)

        assert (late.during.lower.isoformat(), late.engineer) == (free[-1], at_night)
        assert (early.during.lower.isoformat(), early.engineer) == (free[0], at_noon)

    def test_only_the_session_that_moves_is_told_of(self, assessment):
        """N4: the discovery keeps its SEQUENCE when only the follow-up moves."""
        one, two = assessment.sessions.order_by("part")
        typed = {"day_1": "2026-06-24", "time_1": "10:00", "engineer_1": one.engineer_id}
        typed |= {"day_2": "2026-07-10", "time_2": "10:00", "engineer_2": two.engineer_id, "reason": "x"}

        Desk(assessment, "move-sessions").confirm(**typed)

        live = assessment.sessions.filter(released_at=None).order_by("part")
        assert [(part.calendar_sequence, str(part.during.lower.date())) for part in live] == [
            (0, "2026-06-24"),
            (1, "2026-07-10"),
        ]

    def test_a_move_that_moves_nothing_is_none(self, scheduled):
        session = scheduled.sessions.get()
        typed = {"day_1": "2026-06-24", "time_1": "10:00", "engineer_1": session.engineer_id, "reason": "x"}

        assert "Change what is to move" in Desk(scheduled, "move-sessions").send(**typed)

    def test_a_follow_up_is_booked_later(self, half_booked, colleague):
        """E10"""
        typed = {"day_2": "2026-06-20", "time_2": "10:00", "engineer_2": colleague.pk}
        desk = Desk(half_booked, "follow-up")

        early = desk.send(**typed)
        desk.confirm(**typed | {"day_2": "2026-06-30"})

        assert "The follow-up comes after the discovery." in early
        assert [one.part for one in half_booked.sessions.order_by("part")] == [1, 2]
        assert Letter.objects.filter(kind="session_booked").count() == 2

    def test_a_follow_up_is_chosen_from_the_free_times(self, half_booked):
        """E10, E15: a week after the discovery and later."""
        desk = Desk(half_booked, "follow-up")
        first, *_ = desk.client.get(desk.path).context["form"].slots[2]

        desk.confirm(slot_2=first)

        assert first == (START + 7 * DAY).date().isoformat() + "T12:00:00+00:00"
        assert half_booked.sessions.get(part=2).during.lower.isoformat() == first

    def test_a_session_is_noted_as_it_was_held(self, monkeypatch, scheduled, colleague):
        """E10: when, and who stood in."""
        at(monkeypatch, START + 2 * DAY)
        desk = Desk(scheduled, "held")

        desk.confirm(day="2026-06-25", time="09:30", engineer=colleague.pk)

        session = scheduled.sessions.get()
        assert (scheduled.state, str(scheduled.day), session.engineer) == ("delivered", "2026-06-25", colleague)
        assert session.held_at.isoformat() == "2026-06-25T14:00:00+00:00"
        line = Event.objects.get(verb="engagement.session_held")
        assert line.note == "part 1, begun June 25, 2026, 09:30, with Ines Prado"

    def test_nobody_held_two_sessions_at_one_time(self, monkeypatch, gold, scheduled, engineer):
        """E15"""
        make.scheduled(contract=gold, start=START + HOUR, engineer=engineer)
        at(monkeypatch, START + DAY)

        page = Desk(scheduled, "held").send(day="2026-06-24", time="11:00", engineer=engineer.pk)

        assert 'data-code="engineer_taken"' in page

    @pytest.mark.parametrize(("side", "used"), [("customer", 0), ("vendor", 0)])
    def test_a_no_show_of_either_side(self, monkeypatch, scheduled, side, used):
        at(monkeypatch, START + HOUR)

        Desk(scheduled, "no-show").confirm(side=side, reason="Nobody in the room.")

        assert (scheduled.state, scheduled.ended_side, scheduled.end_reason) == (
            "no_show",
            side,
            "Nobody in the room.",
        )
        assert UsageEntry.used_in(scheduled.year) == used

    def test_a_no_show_at_the_follow_up_says_that_the_place_stays_used(self, monkeypatch, half_held):
        """E5"""
        at(monkeypatch, START + 20 * DAY)

        shown = plain(Desk(half_held, "no-show").send(side="customer", reason="x"))

        assert "None: no place is taken or given back." in shown

    def test_a_no_show_is_counted_and_given_back_again(self, monkeypatch, scheduled):
        at(monkeypatch, START + HOUR)
        note_no_show(engagement=scheduled, side="customer", by=make.manager(), now=START + HOUR)

        Desk(scheduled, "count").confirm(reason="The third time.")
        counted = UsageEntry.used_in(scheduled.year)
        Desk(scheduled, "give-back").confirm(reason="They were on the wrong line.")

        assert (counted, UsageEntry.used_in(scheduled.year)) == (1, 0)
        assert (scheduled.count_reason, scheduled.give_back_reason) == (
            "The third time.",
            "They were on the wrong line.",
        )

    def test_a_request_is_withdrawn_for_the_customer(self, requested):
        Desk(requested, "withdraw").confirm(reason="Dana Ruiz, by telephone.")

        assert (requested.state, requested.ended_side) == ("withdrawn", "customer")
        assert requested.end_reason == "Dana Ruiz, by telephone."

    def test_what_is_scheduled_is_cancelled_for_a_side(self, scheduled):
        Desk(scheduled, "cancel").confirm(side="vendor", reason="The engineer is ill.")

        assert (scheduled.state, scheduled.ended_side) == ("cancelled", "vendor")

    @pytest.mark.parametrize("act", ["decline", "withdraw"])
    def test_none_goes_without_its_reason(self, act, requested):
        page = Desk(requested, act).confirm(reason=" ")

        assert "There is a problem" in page
        assert requested.state == "requested"


class TestTwoAtOnce:
    """M4.5: upon what a manager saw, or not at all."""

    def test_the_second_reads_who_moved_it_and_when(self, scheduled, engineer):
        first = Desk(scheduled, "move-sessions", by=make.manager(name="Ada First"))
        second = Desk(scheduled, "move-sessions")
        typed = {"time_1": "10:00", "engineer_1": engineer.pk, "reason": "x"}

        first.confirm(day_1="2026-06-25", **typed)
        page = plain(second.confirm(day_1="2026-06-26", **typed))

        assert "Somebody acted on it while your page was open." in page
        assert "The last act: moved, Ada First, Wed Jun 10, 2026, 7:00:00 a.m. PDT." in page
        assert str(scheduled.day) == "2026-06-25"

    def test_an_act_that_does_not_go_any_more_leads_back_and_says_why(self, requested):
        second = Desk(requested, "decline")
        Desk(requested, "withdraw", by=make.manager(name="Ada First")).confirm(reason="By telephone.")

        page = plain(second.confirm(follow=True, reason="x"))

        assert "“Decline the request” does not go: it is withdrawn. The last act: withdrawn, Ada First," in page

    def test_an_act_that_is_none_is_not_found(self, requested):
        assert Desk(requested, "burn").client.get("/admin/engagements/x/burn/").status_code == 404

    def test_a_customer_sees_no_name_of_ours(self):
        """For the desk alone: the portal's refusal says neither who nor when."""
        contract = make.contract(level="premium")
        make.request(contract=contract, activity="maturity", by=make.manager(name="Ada First"))
        booker = make.member(customer=contract.customer, roles=[Role.BOOKINGS])
        path = reverse("request_engagement", args=[contract.pk, "maturity"])

        page = signed_in(booker).post(path, {"wished_day": "2026-06-30", "preparation": "on", "advice": "on"})

        assert "Ada First" not in page.content.decode()


def test_an_overdue_follow_up_is_shown(monkeypatch, half_held):
    """E10"""
    at(monkeypatch, START + timedelta(days=15))

    page = signed_in(make.manager()).get(reverse("admin:engagement", args=[half_held.reference])).content.decode()

    assert "The follow-up is overdue" in page


class TestTheHourThatComesTwice:
    """What is filled in stands for the session as it was planned, in the second of the two hours: nobody typed another time."""

    def test_a_session_noted_as_planned_was_held_then(self, night, monkeypatch):
        at(monkeypatch, NIGHT + DAY)
        form = HeldForm(Standing.of(night.reference, make.manager(), NIGHT + DAY), None)
        assert (form["day"].initial, form["time"].initial) == (date(2026, 11, 1), time(1, 30))

        typed = {"day": "2026-11-01", "time": "01:30", "engineer": night.sessions.get().engineer_id}
        Desk(night, "held").confirm(**typed)

        assert night.sessions.get().during.lower == NIGHT

    def test_one_that_goes_to_another_engineer_keeps_its_hour(self, night, engineer):
        typed = {
            "slot_1": "",
            "day_1": "2026-11-01",
            "time_1": "01:30",
            "engineer_1": engineer.pk,
            "reason": "x",
        }

        Desk(night, "move-sessions").confirm(**typed)

        assert {one.during.lower for one in night.sessions.all()} == {NIGHT}
        assert night.sessions.count() == 2

    def test_so_does_one_among_many(self, night, engineer):
        session = night.sessions.get()
        typed = {"day": "2026-11-01", "time": "01:30", "engineer": str(engineer.pk), "move": "on", "slot": ""}
        sent = QueryDict(mutable=True)
        sent.update({"reason": "x", **{f"{name}_{session.pk}": value for name, value in typed.items()}})

        form = BulkForm([session], sent, now=NOW)

        assert form.is_valid(), form.errors
        assert [plan.to.start for plan in form.plans()] == [NIGHT]
