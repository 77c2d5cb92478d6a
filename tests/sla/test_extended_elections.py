"""T4, S16: the product stood still on the last day to choose: what came of the election waits, and a manager can make the time longer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from entitlements.actions.refused import Refused
from entitlements.actions.standstills import note_pages, note_standstill
from entitlements.models import Event, Letter, Role, Standstill, SweepRun
from entitlements.rules.days import deadline_within
from sla.actions.elections import choose
from sla.actions.extensions import extend_windows, leave_windows
from sla.ended_windows import ELECTION, HELD_FOR, concerned, ended_between, ended_meanwhile
from sla.models import ExtendedWindow
from sla.sweep import MARGIN, sweep
from tests import election_factories as elect
from tests import factories as make
from tests.election_factories import ARRIVED
from tests.factories import DAY, HOUR

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
ENDS = datetime(2026, 6, 18, 4, tzinfo=UTC)
"""In New York the seven days end with June 17."""

LAST_DAY = date(2026, 6, 21)
LONGER = datetime(2026, 6, 22, 4, tzinfo=UTC)


def turn(now):
    """As both doorbells ring."""
    note_standstill(windows=ended_between, now=now)
    return sweep(now=now, application_now=now)


def on_time(now):
    """A turn of a clock that has turned all the time."""
    return sweep(now=now, application_now=now)


def stood_still(began=ENDS - 2 * HOUR, ended=ENDS + HOUR):
    """The clock turned, stood still, and turned again."""
    SweepRun.objects.create(started_at=began, ended_at=began, as_of=began, clock_offset_ms=0)
    turn(ended)
    return Standstill.objects.get(ended_at=ended)


def extend(standstill, last_day=LAST_DAY):
    now = standstill.ended_at + HOUR
    return extend_windows(standstill=standstill, last_day=last_day, reason="Our record.", by=make.manager(), now=now)


def signatory(election):
    return make.one_of(election.contract.customer, Role.SIGNATORY)


class TestWhatItConcerns:
    @pytest.mark.parametrize(
        ("began", "ended", "hit"),
        [
            (-HOUR, HOUR, True),
            (-TICK, HOUR, True),
            (timedelta(), HOUR, False),  # it went still exactly when the time to choose had ended
            (-2 * HOUR, -HOUR, True),
            (-25 * HOUR, -DAY, False),
            (-25 * HOUR, -DAY + MINUTE, True),
        ],
    )
    def test_by_the_instants(self, running, began, ended, hit):
        one = Standstill(what="clock", began_at=ENDS + began, ended_at=ENDS + ended)

        assert [window.kind for window in concerned(one)] == [ELECTION] * hit

    def test_what_took_effect_stays(self, running):
        on_time(ENDS + MARGIN)

        assert list(concerned(Standstill(what="pages", began_at=ENDS - HOUR, ended_at=ENDS + HOUR))) == []


class TestItWaits:
    """What an election comes to cannot be taken back: so it waits for the decision about the standstill, but not for ever."""

    def test_until_the_windows_are_left_and_is_then_what_it_would_have_been(self, running):
        standstill = stood_still()
        assert (standstill.windows_ended, elect.fresh(running).state) == (1, "open")

        leave_windows(standstill=standstill, reason="The pages answered.", by=make.manager(), now=ENDS + 2 * HOUR)
        on_time(ENDS + 2 * HOUR)

        found = elect.fresh(running)
        assert (found.state, found.settled_at, found.effect_day) == ("decided", ENDS, date(2026, 6, 18))
        assert (found.choice, found.decided_by) == ("stay", "vendor")

    @pytest.mark.parametrize(("after", "state"), [(HELD_FOR - TICK, "open"), (HELD_FOR, "decided")])
    def test_three_days_and_no_longer(self, running, after, state):
        standstill = stood_still()

        on_time(standstill.ended_at + after)

        found = elect.fresh(running)
        assert (found.state, found.settled_at) == (state, ENDS if state == "decided" else None)

    @pytest.mark.parametrize(("began", "state"), [(ENDS - TICK, "open"), (ENDS, "decided")])
    def test_while_the_pages_are_silent(self, running, began, state):
        note_pages(answered=False, windows=ended_meanwhile, now=began)

        on_time(ENDS + MARGIN)

        assert elect.fresh(running).state == state

    def test_not_where_the_clock_was_only_late(self, running):
        stood_still(began=ENDS + TICK)

        assert elect.fresh(running).state == "decided"


class TestTheLongerTime:
    def test_past_the_end_of_what_was_paid_ahead_the_next_that_is_paid_counts(self):
        contract = elect.ready(paid=False)
        elect.prepaid(contract=contract, last=LAST_DAY)
        elect.prepaid(contract=contract, fee="45.00", first=date(2026, 6, 22), last=date(2027, 6, 21))
        election = elect.election(contracts=[contract])
        elect.accepted(election, at=ARRIVED)
        on_time(ARRIVED)
        assert elect.fresh(election).fee == 41

        extend(stood_still())
        on_time(LONGER + MARGIN)

        found = elect.fresh(election)
        assert (found.effect_day, found.fee, found.unused) == (date(2026, 6, 22), 45, found.prepaid)

    def test_the_last_choice_before_the_new_end_counts_and_the_effect_follows_from_it(self, running):
        extend(stood_still())
        person = signatory(running)

        choose(election=running, choice="shift", by=person, now=LONGER - TICK)
        with pytest.raises(Refused):
            choose(election=running, choice="stay", by=person, now=LONGER)
        on_time(LONGER + MARGIN)

        found = elect.fresh(running)
        assert (found.deadline, found.settled_at, found.effect_day) == (LONGER, LONGER, date(2026, 6, 22))
        assert (found.choice, found.decided_by) == ("shift", "customer")
        assert deadline_within(0, LAST_DAY, found.tz) == LONGER

    def test_all_who_had_the_notice_are_told_with_the_figures_and_reminded_anew(self, running):
        extend(stood_still())

        told = Letter.objects.filter(matter=running.reference, deadline=LONGER)
        assert set(told.values_list("kind", flat=True)) == {"window_extended", "election_confirmed"}
        assert told.filter(kind="window_extended", person__isnull=True).exists()
        assert told.filter(kind="window_extended").first().context["of"]["election"] is True
        assert elect.fresh(running).remind_at == LONGER - 3 * DAY
        (window,) = ExtendedWindow.objects.all()
        assert (window.matter, window.kind, window.ended_at) == (running.reference, ELECTION, ENDS)
        assert Event.objects.filter(verb="election.window_extended", matter=running.reference).count() == 1

    def test_one_that_has_chosen_can_choose_again(self, running):
        choose(election=running, choice="shift", by=signatory(running), now=ENDS - DAY)
        extend(stood_still())

        on_time(LONGER + MARGIN)

        assert (elect.fresh(running).choice, elect.fresh(running).settled_at) == ("shift", LONGER)

    def test_one_of_which_no_notice_stands_any_more_does_not_run(self, running):
        report = make.failure(began=ENDS - 16 * DAY, now=ENDS - 15 * DAY)
        standstill = stood_still()
        Letter.objects.filter(matter=running.reference).update(bounced_at=ENDS - HOUR)

        extend(standstill)

        found = elect.fresh(running)
        assert (found.state, found.deadline) == ("sent", None)
        assert [one.matter for one in ExtendedWindow.objects.all()] == [report.reference]
