"""A change of level, and the states of a contract: suspended, resumed, terminated, extended."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from entitlements.actions.contract_states import extend, resume, suspend, terminate
from entitlements.actions.engagements import hold_session
from entitlements.actions.levels import change_level, preview_level_change
from entitlements.actions.refused import Refused
from entitlements.models import BookedSession, Contract, Event, Letter, UsageEntry
from entitlements.owed import without_outcome
from tests import factories as make
from tests.factories import DAY, HOUR, LAST, NOW, TODAY

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 1)


def levels(contract):
    return [(period.days.lower, period.level, period.days.upper) for period in contract.levels.all()]


def code(action, **given):
    with pytest.raises(Refused) as refused:
        action(by=make.manager(), now=NOW, **given)
    return refused.value.refusals[0].code


def checked():
    """The deferred triggers, now rather than at the commit that a test never makes."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class TestChangingTheLevel:
    """E1, E6"""

    def change(self, contract, level="silver", first=JULY):
        change_level(contract=contract, level=level, first=first, by=make.manager(), now=NOW)
        checked()
        return levels(contract)

    def test_without_gap_or_overlap(self, gold):
        assert self.change(gold) == [
            (gold.first_day, "gold", JULY),
            (JULY, "silver", gold.term.upper),
        ]

    def test_what_was_planned_for_later_is_replaced(self):
        contract = make.contract(levels=[(make.FIRST, "gold"), (date(2026, 9, 1), "premium")])

        assert [level for _, level, _ in self.change(contract)] == ["gold", "silver"]

    def test_from_the_first_day_on_there_is_one_level(self, gold):
        assert [level for _, level, _ in self.change(gold, first=gold.first_day)] == ["silver"]

    def test_usage_goes_on_counting(self):
        contract = make.contract(level="silver")
        for _ in range(4):
            make.request(contract=contract, day=TODAY)
        self.change(contract, "gold")

        make.request(contract=contract, day=JULY)
        make.request(contract=contract, day=JULY)

        with pytest.raises(Refused, match="number 7 where the cap is 6"):
            make.request(contract=contract, day=JULY)

    def test_what_is_above_the_lowered_cap_stands_and_blocks(self, gold):
        booked = [make.request(contract=gold, day=JULY + DAY) for _ in range(5)]

        preview = preview_level_change(contract=gold, level="silver", first=JULY)
        self.change(gold)

        assert {one.id for one in preview.newly_over} == {str(one.pk) for one in booked}
        assert gold.engagements.filter(state="requested").count() == 5
        with pytest.raises(Refused):
            make.request(contract=gold, day=TODAY)

    def test_the_preview_changes_nothing(self, gold):
        before, lines = levels(gold), Event.objects.count()

        preview = preview_level_change(contract=gold, level="none", first=JULY)

        assert [one.after.cap for one in preview.caps if one.activity == "integration"] == [1]
        assert (levels(gold), Event.objects.count()) == (before, lines)

    def test_it_takes_the_locks_of_all_years_and_raises_their_turns(self, gold):
        before = list(gold.years.values_list("turn", flat=True))

        self.change(gold)

        after = gold.years.values_list("turn", flat=True)
        assert all(now > once for now, once in zip(after, before, strict=True))

    def test_it_is_one_line_in_the_log(self, gold):
        self.change(gold)

        line = Event.objects.get(verb="contract.level_changed")
        assert (line.matter, line.note) == (gold.order_form, "silver from 2026-07-01")
        assert {change.table for change in line.changes_made.all()} == {"entitlements_levelperiod"}

    def test_it_is_refused_where_it_changes_nothing_or_lies_outside_the_term(self, gold):
        assert code(change_level, contract=gold, level="gold", first=JULY) == "same_level"
        assert code(change_level, contract=gold, level="silver", first=LAST + DAY) == "outside_term"
        with pytest.raises(Refused):
            preview_level_change(contract=gold, level="silver", first=LAST + DAY)


class TestSuspension:
    """E14: it holds what lies ahead."""

    def test_nothing_can_be_booked_until_it_is_resumed(self, gold):
        by = make.manager()
        suspend(contract=gold, reason="Unpaid.", by=by, now=NOW)

        with pytest.raises(Refused, match="suspended"):
            make.request(contract=gold)
        resume(contract=gold, reason="Paid.", by=by, now=NOW)

        assert make.request(contract=gold).state == "requested"

    def test_what_is_booked_is_held(self, scheduled):
        suspend(contract=scheduled.contract, reason="Unpaid.", by=make.manager(), now=NOW)

        scheduled.refresh_from_db()
        assert scheduled.state == "scheduled"

    def test_has_its_days_from_which_failures_are_out_of_scope(self, gold):
        """S1."""
        by = make.manager()
        suspend(contract=gold, reason="Unpaid.", by=by, now=NOW)
        resume(contract=gold, reason="Paid.", by=by, now=NOW + 3 * DAY)

        (suspension,) = gold.suspensions.all()

        assert (suspension.first_day, suspension.last_day, suspension.reason) == (TODAY, TODAY + 2 * DAY, "Unpaid.")

    def test_that_began_today_and_ends_today_has_never_been(self, gold):
        by = make.manager()
        suspend(contract=gold, reason="A slip.", by=by, now=NOW)

        resume(contract=gold, reason="It was the other contract.", by=by, now=NOW + HOUR)

        assert not gold.suspensions.exists()

    def test_only_what_is_active_is_suspended_and_only_what_is_suspended_resumed(self, gold):
        assert code(resume, contract=gold, reason="x") == "already_moved_on"
        suspend(contract=gold, reason="x", by=make.manager(), now=NOW)
        assert code(suspend, contract=gold, reason="x") == "already_moved_on"


class TestTermination:
    """E14: it cancels what lies ahead."""

    LAST_DAY = TODAY + 20 * DAY

    def terminated(self, contract):
        cancelled = terminate(
            contract=contract, last_day=self.LAST_DAY, reason="Notice given.", by=make.manager(), now=NOW
        )
        checked()
        return cancelled

    def test_what_is_dated_later_is_cancelled_and_its_place_is_back(self, gold):
        before = make.request(contract=gold, day=self.LAST_DAY)
        after = make.request(contract=gold, day=self.LAST_DAY + DAY)
        booked = make.scheduled(contract=gold, start=NOW + 40 * DAY)

        cancelled = self.terminated(gold)

        assert [one.pk for one in cancelled] == [after.pk, booked.pk]
        assert gold.engagements.get(state="requested") == before
        assert UsageEntry.used_in(gold.years.get(n=1)) == 1
        assert not BookedSession.objects.filter(engagement=booked, released_at__isnull=True).exists()

    def test_whoever_is_concerned_gets_a_letter(self, gold):
        engagement = make.scheduled(contract=gold, start=NOW + 40 * DAY)

        self.terminated(gold)

        letter = Letter.objects.filter(kind="session_cancelled", matter=engagement.reference).first()
        assert "STATUS:CANCELLED" in letter.attachments[0][2]

    @pytest.mark.parametrize("held", [True, False])
    def test_a_follow_up_after_the_last_day_is_cancelled_and_its_engagement_keeps_its_place(self, held, gold):
        """E10"""
        engagement = make.scheduled(contract=gold, activity="incident_lifecycle", start=NOW + 10 * DAY)
        first, follow_up = engagement.sessions.order_by("part")
        if held:
            hold_session(session=first, start=NOW - DAY, by=make.manager(), now=NOW)

        assert self.terminated(gold) == []

        follow_up.refresh_from_db()
        engagement.refresh_from_db()
        state = "delivered" if held else "scheduled"
        assert (follow_up.released_at, engagement.state, engagement.counts) == (NOW, state, True)
        assert engagement.sessions.get(part=1, released_at=None)
        assert UsageEntry.used_in(gold.years.get(n=1)) == 1
        ((_, _, file),) = Letter.objects.filter(kind="session_cancelled").first().attachments
        assert "STATUS:CANCELLED" in file
        assert "SEQUENCE:1" in file

    def test_what_loses_its_follow_up_is_delivered_with_its_discovery(self, gold):
        """E10, E14: none can be booked any more, so nothing stays scheduled for ever, and the outcome is owed."""
        engagement = make.scheduled(contract=gold, activity="incident_lifecycle", start=NOW + 10 * DAY)
        self.terminated(gold)
        discovery = engagement.sessions.get(part=1)

        held = hold_session(session=discovery, by=make.manager(), now=discovery.during.upper)

        assert (held.state, held.counts) == ("delivered", True)
        assert without_outcome(NOW).get() == engagement
        assert [entry.kind for entry in engagement.usage.order_by("pk")] == ["hold", "delivery"]

    def test_a_follow_up_on_the_last_day_is_held(self, gold):
        engagement = make.scheduled(contract=gold, activity="incident_lifecycle", start=NOW + 6 * DAY)

        self.terminated(gold)

        assert engagement.sessions.filter(released_at=None).count() == 2

    def test_the_term_and_the_levels_end_with_the_last_day(self):
        contract = make.contract(levels=[(make.FIRST, "gold"), (date(2027, 1, 1), "silver")])

        self.terminated(contract)

        contract.refresh_from_db()
        assert (contract.status, contract.last_day) == ("terminated", self.LAST_DAY)
        assert levels(contract) == [(make.FIRST, "gold", self.LAST_DAY + DAY)]

    def test_nothing_can_be_booked_any_more(self, gold):
        self.terminated(gold)

        with pytest.raises(Refused, match="terminated"):
            make.request(contract=gold, day=TODAY)

    def test_the_last_day_is_a_day_of_the_term(self, gold):
        assert code(terminate, contract=gold, last_day=LAST + DAY, reason="x") == "outside_term"


class TestExtension:
    """E3: it goes on counting."""

    def test_the_years_go_on(self):
        contract = make.contract(first=date(2026, 2, 1), last=date(2027, 6, 30))
        before = contract.years.get(n=1)

        extend(contract=contract, last=date(2028, 6, 30), reason="Agreed", by=make.manager(), now=NOW)
        checked()

        years = [(year.n, year.first_day, year.last_day) for year in contract.years.all()]
        assert years == [
            (1, date(2026, 2, 1), date(2027, 1, 31)),
            (2, date(2027, 2, 1), date(2028, 1, 31)),
            (3, date(2028, 2, 1), date(2028, 6, 30)),
        ]
        assert contract.years.get(n=1).ends_at == before.ends_at

    def test_what_was_used_of_the_year_cut_short_stays_used(self):
        contract = make.contract(level="premium", first=date(2026, 2, 1), last=date(2026, 8, 31))
        make.request(contract=contract, activity="maturity")

        extend(contract=contract, last=date(2027, 8, 31), reason="Agreed", by=make.manager(), now=NOW)

        with pytest.raises(Refused):
            make.request(contract=contract, activity="maturity", day=date(2026, 12, 1))
        assert make.request(contract=contract, activity="maturity", day=date(2027, 3, 1)).year.n == 2

    def test_level_and_products_go_on_with_it(self):
        contract = make.contract(levels=[(make.FIRST, "gold"), (date(2027, 1, 1), "silver")])

        extend(contract=contract, last=date(2029, 12, 31), reason="Agreed", by=make.manager(), now=NOW)

        engagement = make.request(contract=contract, activity="alert_strategies", day=date(2026, 7, 1))
        assert engagement
        assert Contract.objects.get(pk=contract.pk).facts().level_on(date(2029, 12, 31)) == "silver"
        assert contract.products.filter(days__contains=date(2029, 12, 31)).count() == 6

    def test_it_is_later_than_the_term_and_comes_before_its_end(self, gold):
        assert code(extend, contract=gold, last=LAST, reason="Agreed") == "not_longer"
        with pytest.raises(Refused, match="new contract"):
            extend(
                contract=gold,
                last=LAST.replace(year=2029),
                reason="Agreed",
                by=make.manager(),
                now=NOW.replace(year=2028),
            )
