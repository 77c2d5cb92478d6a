"""E3: what lapsed of a contract year that is over stays true, whatever is entered of it afterwards."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date

import pytest
from django.db.models import Sum

from entitlements.actions import engagements as act
from entitlements.actions.contract_states import terminate
from entitlements.actions.engagements import PlannedSession
from entitlements.actions.levels import change_level
from entitlements.actions.moves import move_sessions
from entitlements.actions.no_shows import count_no_show, give_back, note_no_show
from entitlements.actions.overrides import add_override
from entitlements.actions.refused import Refused
from entitlements.actions.year_ends import close_year
from entitlements.models import Contract, Engagement, Event, PolicyEdition, UsageEntry
from entitlements.rules.caps import Override, year_card
from entitlements.usage import usage_as_of
from tests import factories as make
from tests.factories import DAY, HOUR, NOW
from tests.shared import shared

pytestmark = pytest.mark.django_db

CUSTOMER, VENDOR = Engagement.Side.CUSTOMER, Engagement.Side.VENDOR
LAST = NOW + 9 * DAY
"""14:00 UTC on the last day of the first contract year; NOW is within it."""
MORNING_AFTER = LAST + DAY


@shared
def contract():
    return make.contract(first=date(2025, 6, 20), last=date(2027, 6, 19), level="premium")


@shared
def desk():
    return make.manager()


@shared
def planned(contract):
    """For the last day of the first year, which is over since."""
    engagement = make.scheduled(contract=contract, activity="maturity", start=LAST)
    closed(contract)
    return engagement


def first_year(contract):
    return contract.years.get(n=1)


def closed(contract):
    assert close_year(contractyear=first_year(contract), now=first_year(contract).ends_at)


def lapsed(contract, target="maturity"):
    entries = UsageEntry.objects.filter(year=first_year(contract), kind="unused", target=target)
    return list(entries.values_list("unused", flat=True))


def assert_it_adds_up(contract):
    """Of every line with a number as its cap: used and lapsed are the cap at the year's end, or what is used stands above it."""
    contract, year = Contract.objects.get(pk=contract.pk), first_year(contract)
    entries = UsageEntry.objects.filter(year=year, kind="unused").order_by().values_list("target")
    said = dict(entries.annotate(places=Sum("unused")))
    facts = [one.facts() for one in contract.engagements.all()]
    card = year_card(contract.facts(), year.facts(), facts, PolicyEdition.objects.facts(), year.last_day)
    used = usage_as_of(year, LAST + 900 * DAY)
    for line in card:
        lapsed_of_it = said.pop(line.target, 0)
        if isinstance(line.cap, int):
            mine = sum(used.get(one, 0) for one in line.activities)
            assert lapsed_of_it == max(0, line.cap - mine), line
    assert not any(said.values())


class TestAYearThatIsOver:
    """E3, E5"""

    def test_stays_as_it_lapsed_when_its_last_session_is_noted_as_held_the_morning_after(self, contract, desk, planned):
        act.hold_session(session=planned.sessions.get(), by=desk, now=MORNING_AFTER)

        assert lapsed(contract) == []
        assert_it_adds_up(contract)

    def test_a_no_show_noted_the_morning_after_lapses_too_and_counted_is_taken_back(self, contract, desk, planned):
        note_no_show(engagement=planned, side=CUSTOMER, by=desk, now=MORNING_AFTER)
        assert lapsed(contract) == [1]

        count_no_show(engagement=planned, reason="The second time.", by=desk, now=MORNING_AFTER + HOUR)
        assert lapsed(contract) == [1, -1]

        give_back(engagement=planned, reason="It was our link.", by=desk, now=MORNING_AFTER + 2 * HOUR)
        assert lapsed(contract) == [1, -1, 1]
        assert_it_adds_up(contract)

    def test_the_correction_says_who_when_and_why(self, contract, desk, planned):
        note_no_show(engagement=planned, side=VENDOR, by=desk, now=MORNING_AFTER)

        entry = UsageEntry.objects.get(kind="unused", target="maturity")
        assert (entry.by, entry.happened_at, entry.places) == (desk, MORNING_AFTER, 0)
        assert entry.reason == "The year was over: what lapsed of it is corrected."

    def test_what_the_vendor_cancels_lapses(self, contract, desk, planned):
        act.cancel_engagement(engagement=planned, side=VENDOR, reason="x", by=desk, now=MORNING_AFTER)

        assert lapsed(contract) == [1]
        assert_it_adds_up(contract)

    def test_what_is_moved_out_of_it_lapses(self, contract, desk, planned):
        later = [PlannedSession(MORNING_AFTER + DAY, make.engineer())]
        move_sessions(engagement=planned, sessions=later, by=desk, now=MORNING_AFTER)

        assert lapsed(contract) == [1]
        assert_it_adds_up(contract)

    def test_what_was_really_held_in_it_takes_back_a_lapse(self, contract, desk):
        engagement = make.scheduled(contract=contract, activity="maturity", start=MORNING_AFTER + DAY)
        closed(contract)

        act.hold_session(session=engagement.sessions.get(), start=LAST, by=desk, now=MORNING_AFTER + 2 * DAY)

        assert lapsed(contract) == [1, -1]
        assert_it_adds_up(contract)

    def test_a_level_from_a_day_of_it_corrects_every_line(self, contract, desk):
        closed(contract)
        change_level(contract=contract, level="gold", first=date(2025, 7, 1), by=desk, now=MORNING_AFTER)

        assert_it_adds_up(contract)

    def test_an_override_of_its_days_corrects_the_line(self, contract, desk):
        closed(contract)
        nine = Override("maturity", 9, None, None, reference="D-1", reason="Agreed.", on_pool=False)
        add_override(contract=contract, override=nine, by=desk, now=MORNING_AFTER)

        assert lapsed(contract) == [1, 8]
        assert_it_adds_up(contract)

    def test_a_termination_dated_back_into_it_corrects_what_it_cancels(self, contract, desk):
        """E14: what was to be after the last day is cancelled, so its place lapsed with the others."""
        make.scheduled(contract=contract, activity="maturity", start=LAST - DAY)
        closed(contract)

        terminate(contract=contract, last_day=(LAST - 3 * DAY).date(), reason="Unpaid.", by=desk, now=MORNING_AFTER)

        assert sum(lapsed(contract)) == 1
        assert_it_adds_up(contract)

    def test_what_changes_nothing_in_it_adds_no_line(self, contract, desk):
        closed(contract)
        before = UsageEntry.objects.count()
        change_level(contract=contract, level="gold", first=date(2026, 6, 20), by=desk, now=MORNING_AFTER)

        assert UsageEntry.objects.count() == before

    @pytest.mark.parametrize("seed", range(2))
    def test_used_and_lapsed_are_its_caps_after_any_history(self, desk, engineer, seed):
        dice = random.Random(seed)
        contract = make.contract(first=date(2025, 6, 20), last=date(2027, 6, 19), level="gold")
        for n in range(7):
            activity = dice.choice(["integration", "maturity", "product_feature", "roadmap"])
            with suppress(Refused):
                make.scheduled(contract=contract, activity=activity, start=LAST - n * DAY / 2, engineer=engineer)
        closed(contract)

        now = MORNING_AFTER
        for _ in range(14):
            now += HOUR
            with suppress(Refused):
                self.something(dice, dice.choice(list(contract.engagements.all())), engineer, desk, now)
            assert_it_adds_up(contract)

    def something(self, dice, engagement, engineer, by, now):
        planned = engagement.sessions.filter(released_at=None, held_at=None).first()
        elsewhen, common = [PlannedSession(now + dice.randrange(90) * DAY, engineer)], {"by": by, "now": now}
        match dice.choice(["hold", "hold", "missed", "count", "back", "cancel", "move", "level"]):
            case "hold" if planned:
                start = dice.choice([None, LAST - 2 * DAY, MORNING_AFTER - 2 * HOUR])
                act.hold_session(session=planned, start=start, **common)
            case "missed":
                note_no_show(engagement=engagement, side=dice.choice([CUSTOMER, VENDOR]), **common)
            case "count":
                count_no_show(engagement=engagement, reason="x", **common)
            case "back":
                give_back(engagement=engagement, reason="x", **common)
            case "cancel":
                side = dice.choice([CUSTOMER, VENDOR])
                act.cancel_engagement(engagement=engagement, side=side, reason="x", **common)
            case "move":
                move_sessions(engagement=engagement, sessions=elsewhen, **common)
            case "level":
                level, first = dice.choice(["premium", "silver", "gold"]), date(2026, dice.randrange(1, 9), 1)
                change_level(contract=engagement.contract, level=level, first=first, **common)


class TestWhatWasBegunWhenTheTermIsOver:
    """E5, E10, E14: no follow-up can be booked any more, so it is delivered with the discovery, and keeps its place."""

    @pytest.fixture
    def begun(self, contract, desk):
        """A discovery on the term's last day, without a follow-up."""
        ending = make.contract(first=date(2025, 6, 20), last=date(2026, 6, 19), level="gold")
        asked = make.request(contract=ending, activity="incident_lifecycle", day=ending.last_day)
        planned = [PlannedSession(LAST, make.engineer())]
        return act.schedule_engagement(engagement=asked, sessions=planned, by=desk, now=NOW)

    def state(self, begun):
        begun.refresh_from_db()
        return begun.state, begun.counts

    def test_it_is_delivered_with_the_end_by_the_clock(self, begun, desk):
        act.hold_session(session=begun.sessions.get(), by=desk, now=LAST + 2 * HOUR)
        assert self.state(begun) == ("scheduled", True)

        closed(begun.contract)

        assert self.state(begun) == ("delivered", True)
        line = Event.objects.get(verb="engagement.delivered")
        assert (line.actor, line.happened_at) == (None, first_year(begun.contract).ends_at)
        assert line.note == "No follow-up: the contract ended"

    def test_held_before_it_is_over_and_noted_after_it_is_delivered_at_once(self, begun, desk):
        closed(begun.contract)
        assert self.state(begun) == ("scheduled", True)

        act.hold_session(session=begun.sessions.get(), by=desk, now=MORNING_AFTER)

        assert self.state(begun) == ("delivered", True)

    def test_while_a_follow_up_may_have_been_held_it_waits_to_be_noted(self, contract, desk):
        ending = make.contract(first=date(2025, 6, 20), last=date(2026, 6, 19), level="gold")
        begun = make.scheduled(contract=ending, activity="incident_lifecycle", start=NOW - 10 * DAY, now=NOW - 20 * DAY)
        act.hold_session(session=begun.sessions.get(part=1), by=desk, now=NOW)

        closed(ending)

        assert self.state(begun) == ("scheduled", True)

    def test_in_a_year_of_the_term_before_its_last_it_goes_on(self, contract, desk):
        going_on = make.contract(first=date(2025, 6, 20), last=date(2027, 6, 19), level="gold")
        asked = make.request(contract=going_on, activity="incident_lifecycle", day=LAST.date())
        begun = act.schedule_engagement(
            engagement=asked, sessions=[PlannedSession(LAST, make.engineer())], by=desk, now=NOW
        )
        act.hold_session(session=begun.sessions.get(), by=desk, now=LAST + 2 * HOUR)

        closed(going_on)

        assert self.state(begun) == ("scheduled", True)
