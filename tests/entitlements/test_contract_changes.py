"""A contract's dated facts changed by their actions: zone, first day, plan, products, fees, renewal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.contract_states import extend, terminate
from entitlements.actions.fees import Fee, enter_month
from entitlements.actions.periods import write_years
from entitlements.actions.plans import change_plan
from entitlements.actions.products import add_product, end_product, left_without
from entitlements.actions.refused import Refused
from entitlements.actions.renewals import renew_contract
from entitlements.actions.starts import change_start
from entitlements.actions.year_ends import close_year
from entitlements.actions.zones import change_zone, preview_zone_change
from entitlements.models import Contract, Event, Product
from sla.assessment import fee_months_of
from tests import factories as make
from tests.factories import DAY, FIRST, LAST, NOW, TODAY

pytestmark = pytest.mark.django_db


def done(action, **given):
    """The action, and the deferred triggers at once, rather than at the commit that a test never makes."""
    made = action(by=make.manager(), now=NOW, **given)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return made


def code(action, **given):
    with pytest.raises(Refused) as refused:
        action(by=make.manager(), now=NOW, **given)
    return refused.value.refusals[0].code


def years(contract):
    return [(year.n, year.first_day, year.last_day) for year in contract.years.all()]


class TestTheZone:
    """E3: dated; whatever is stored stays."""

    def change(self, contract, zone="Europe/London"):
        return done(change_zone, contract=contract, zone=zone, reason="They moved.")

    def test_it_holds_from_today_on_and_the_old_one_before(self):
        contract = self.change(make.contract(zone="America/New_York"))

        assert [(one.zone, one.days.lower, one.days.upper) for one in contract.zones.all()] == [
            ("America/New_York", FIRST, TODAY),
            ("Europe/London", TODAY, LAST + DAY),
        ]
        assert contract.zone == "Europe/London"

    def test_stored_ends_of_years_are_not_recomputed_and_shown_as_they_would_be(self, gold):
        stored = list(gold.years.values_list("ends_at", flat=True))

        preview = preview_zone_change(contract=gold, zone="Europe/London", now=NOW)
        self.change(gold)

        assert list(gold.years.values_list("ends_at", flat=True)) == stored
        assert [would_be for _, _, would_be in preview.years] == [
            datetime(2027, 1, 1, tzinfo=UTC),
            datetime(2028, 1, 1, tzinfo=UTC),
        ]

    def test_years_that_are_added_later_end_in_the_new_zone(self):
        contract = self.change(make.contract(zone="America/New_York"))

        done(extend, contract=contract, last=date(2028, 12, 31), reason="Agreed")

        assert contract.years.get(n=3).ends_at == datetime(2029, 1, 1, tzinfo=UTC)
        assert contract.years.get(n=2).ends_at == datetime(2028, 1, 1, 5, tzinfo=UTC)

    def test_what_occurred_before_is_judged_by_the_zone_it_occurred_under(self):
        contract = Contract.objects.get(pk=self.change(make.contract(zone="America/New_York")).pk)
        midnight = datetime(2026, 6, 10, 4, tzinfo=UTC)  # of New York, where the old zone ends

        assert contract.tz_at(midnight - timedelta(microseconds=1)).key == "America/New_York"
        assert contract.tz_at(midnight).key == "Europe/London"

    def test_a_failure_of_before_has_its_window_in_the_old_zone(self):
        """S13: reported after the change, its fifteen days are still those of New York."""
        contract = Contract.objects.get(pk=self.change(make.contract(zone="America/New_York")).pk)

        failure = make.failure(contract=contract, began=NOW - 2 * DAY)

        assert failure.closes_at == datetime(2026, 6, 24, 4, tzinfo=UTC)

    def test_it_is_refused_where_a_session_would_count_in_another_year(self, gold):
        new_years_eve = datetime(2027, 1, 1, 3, tzinfo=UTC)  # ten in the evening of December 31 in New York
        booked = make.scheduled(contract=gold, start=new_years_eve)

        with pytest.raises(Refused, match=booked.reference):
            self.change(gold)

    def test_a_session_that_stays_in_its_year_keeps_its_day(self, gold):
        booked = make.scheduled(contract=gold, start=datetime(2026, 7, 1, 3, tzinfo=UTC))

        moved = preview_zone_change(contract=gold, zone="Europe/London", now=NOW).moved
        self.change(gold)

        booked.refresh_from_db()
        assert [(one.day, one.new_day) for one in moved] == [(date(2026, 6, 30), date(2026, 7, 1))]
        assert booked.day == date(2026, 6, 30)

    @pytest.mark.parametrize("part", [1, 2])
    def test_it_is_refused_where_professional_services_or_a_follow_up_would_leave_the_term(self, part):
        """E7, E14, E10."""
        contract = make.contract(zone="America/New_York", last=date(2026, 6, 30))
        last_evening = datetime(2026, 7, 1, 3, tzinfo=UTC)
        if part == 1:
            booked = make.scheduled(contract=contract, start=last_evening)
            contract.engagements.update(ps_reference="PS-1")
        else:
            booked = make.scheduled(contract=contract, activity="incident_lifecycle", start=last_evening - 14 * DAY)

        with pytest.raises(Refused, match=booked.reference):
            self.change(contract)

    def test_twice_on_a_day_the_last_counts(self, gold):
        contract = self.change(self.change(gold), "Asia/Tokyo")

        assert [one.zone for one in contract.zones.all()] == ["America/New_York", "Asia/Tokyo"]

    def test_it_is_refused_where_it_makes_no_sense(self, gold):
        assert code(change_zone, contract=gold, zone=gold.zone, reason="x") == "same_zone"
        with pytest.raises(ValidationError):
            change_zone(contract=gold, zone="Mars/Olympus", reason="x", by=make.manager(), now=NOW)
        later = make.contract(first=date(2027, 1, 1))
        assert code(change_zone, contract=later, zone="UTC", reason="x") == "outside_term"


class TestTheFirstDay:
    """E3, E5: years are counted from it; what is counted stays where it is."""

    def change(self, contract, first):
        return done(change_start, contract=contract, first=first, reason="A slip in the order form.")

    @pytest.mark.parametrize("first", [date(2025, 12, 1), date(2026, 2, 1), date(2025, 1, 1)])
    def test_years_levels_zones_plans_and_products_follow(self, first, gold):
        contract = self.change(gold, first)

        assert years(contract)[0][1] == first
        assert years(contract)[-1][2] == LAST
        assert {one.days.lower for one in contract.products.all()} == {first}
        assert contract.levels.get().days == contract.zones.get().days == contract.plans.get().days == contract.term

    def test_a_year_that_keeps_its_last_day_keeps_its_stored_end(self, gold):
        gold.years.filter(n=2).update(ends_at=NOW + DAY)

        self.change(gold, date(2026, 2, 1))

        assert gold.years.get(n=2).ends_at == NOW + DAY
        assert gold.years.get(n=1).ends_at == datetime(2027, 2, 1, 5, tzinfo=UTC)

    def test_it_is_refused_where_it_would_move_what_is_counted(self, gold):
        counted = make.request(contract=gold, day=date(2027, 1, 15))

        with pytest.raises(Refused, match=counted.reference):
            self.change(gold, date(2026, 2, 1))
        assert years(gold)[0][1] == FIRST

    def test_it_is_refused_where_professional_services_would_lie_outside_the_term(self, gold):
        """E7, E14."""
        beyond = make.request(contract=gold, day=TODAY)
        gold.engagements.update(ps_reference="PS-1")

        with pytest.raises(Refused, match=beyond.reference):
            self.change(gold, TODAY + DAY)

    def test_what_is_not_counted_does_not_stand_in_the_way(self, gold):
        make.request(contract=gold, day=date(2027, 1, 15))
        gold.engagements.update(state="declined", decline_reason="x")

        assert self.change(gold, date(2026, 2, 1)).first_day == date(2026, 2, 1)

    def test_a_year_that_is_over_keeps_its_days(self):
        contract = make.contract(first=date(2025, 1, 1), last=date(2026, 12, 31))

        assert code(change_start, contract=contract, first=date(2025, 2, 1), reason="x") == "year_over"

    def test_a_year_with_something_on_record_does_not_go(self, gold):
        make.request(contract=gold, day=date(2027, 6, 15))
        gold.engagements.update(state="declined", decline_reason="x")

        assert code(change_start, contract=gold, first=date(2027, 1, 1), reason="x") == "year_in_use"

    def test_a_level_that_would_have_ended_before_it_never_was(self):
        contract = make.contract(levels=[(FIRST, "gold"), (date(2026, 3, 1), "silver")])

        self.change(contract, date(2026, 4, 1))

        assert [(one.level, one.days.lower) for one in contract.levels.all()] == [("silver", date(2026, 4, 1))]


class TestPlanAndDiscount:
    """S17: dated, and the contract's own are the last."""

    def change(self, contract, plan="Digital Operations", first=TODAY, discount="12.5"):
        return done(
            change_plan,
            contract=contract,
            plan=plan,
            discount_percent=Decimal(discount),
            first=first,
            reason="Upgrade.",
        )

    def test_they_hold_from_a_day_on(self, gold):
        contract = self.change(gold, first=date(2026, 3, 1))

        assert [(one.plan, one.discount_percent, one.days.lower) for one in contract.plans.all()] == [
            ("Business", 0, FIRST),
            ("Digital Operations", Decimal("12.5"), date(2026, 3, 1)),
        ]
        assert (contract.plan, contract.discount_percent) == ("Digital Operations", Decimal("12.5"))

    def test_on_the_day_on_which_it_began_it_is_corrected(self, gold):
        contract = self.change(self.change(gold), plan="Enterprise")

        assert [one.plan for one in contract.plans.all()] == ["Business", "Enterprise"]

    @pytest.mark.parametrize(
        ("first", "said"),
        [(TODAY + DAY, "ahead"), (date(2025, 1, 1), "outside_term"), (date(2026, 2, 1), "before_the_last")],
    )
    def test_days_on_which_it_cannot_begin(self, first, said, gold):
        contract = self.change(gold, first=date(2026, 3, 1))

        given = {"plan": "Other", "discount_percent": Decimal(0), "first": first, "reason": "x"}
        assert code(change_plan, contract=contract, **given) == said


class TestTermination:
    def test_zone_plan_and_levels_end_with_the_term(self, gold):
        """E14, E3."""
        done(change_zone, contract=gold, zone="UTC", reason="x")

        done(terminate, contract=gold, last_day=TODAY - DAY, reason="x")

        gold.refresh_from_db()
        assert gold.zones.get().days == gold.plans.get().days == gold.term

    def test_products_end_with_the_term_and_those_to_come_never_begin(self):
        """E14, E9."""
        contract = make.contract(products=["im"])
        aiops = Product.objects.get(pk="aiops")
        done(add_product, contract=contract, product=aiops, first=TODAY + DAY, last=LAST, reason="x")

        done(terminate, contract=contract, last_day=TODAY, reason="x")

        contract.refresh_from_db()
        assert [(one.product_id, one.days) for one in contract.products.all()] == [("im", contract.term)]


class TestExtension:
    """E3: what is stored of a year that is over stands."""

    def moved_west(self):
        """Over by its stored end, at ten in the morning in New York's June; not yet by the day in its new zone."""
        contract = make.contract(first=date(2025, 6, 11), last=TODAY, zone="Pacific/Auckland")
        ends_at = contract.years.get().ends_at
        given = {"contract": contract, "zone": "America/Los_Angeles", "reason": "x"}
        return change_zone(**given, by=make.manager(), now=ends_at - timedelta(hours=2)), ends_at

    @pytest.mark.parametrize("closed", [True, False])
    def test_a_term_whose_last_year_has_ended_is_not_prolonged(self, closed):
        contract, ends_at = self.moved_west()
        if closed:
            assert close_year(contractyear=contract.years.get(), now=ends_at)

        with pytest.raises(Refused) as refused:
            extend(contract=contract, last=LAST, reason="Agreed", by=make.manager(), now=ends_at)

        assert refused.value.refusals[0].code == "term_over"
        year = contract.years.get()
        assert (year.ends_at, year.closed_at) == (ends_at, ends_at if closed else None)

    def test_it_is_until_then(self):
        contract, ends_at = self.moved_west()

        assert extend(
            contract=contract, last=LAST, reason="Agreed", by=make.manager(), now=ends_at - timedelta(microseconds=1)
        )

    def test_a_closed_year_keeps_its_days_and_its_end(self):
        contract = make.contract(last=date(2026, 6, 9))
        year = contract.years.get()
        close_year(contractyear=year, now=NOW)
        contract.term = DateRange(FIRST, LAST + DAY)

        write_years(contract)

        kept = contract.years.get(n=1)
        assert (kept.days, kept.ends_at) == (year.days, year.ends_at)


class TestProducts:
    """E9"""

    def test_a_product_is_added_and_ended_by_days(self):
        contract = make.contract(products=["im"])
        product = Product.objects.get(pk="aiops")
        before = set(contract.years.values_list("turn", flat=True))

        held = done(add_product, contract=contract, product=product, first=TODAY, last=LAST, reason="Addendum 2")
        done(end_product, holding=held, last=TODAY + 9 * DAY, reason="Not renewed")

        held.refresh_from_db()
        assert (held.days.lower, held.days.upper) == (TODAY, TODAY + 10 * DAY)
        assert set(contract.years.values_list("turn", flat=True)) == {turn + 2 for turn in before}

    def test_one_that_has_not_begun_is_taken_back(self):
        contract = make.contract(products=["im"])

        assert done(end_product, holding=contract.products.get(), last=FIRST - DAY, reason="A slip") is None

    def test_it_is_included_once_on_a_day_and_only_in_the_term(self, gold):
        product = Product.objects.get(pk="im")
        given = {"contract": gold, "product": product, "reason": "x"}

        assert code(add_product, first=TODAY, last=LAST, **given) == "a_product_is_held_once_on_a_day"
        assert code(add_product, first=TODAY, last=LAST + DAY, **given) == "outside_term"
        held = gold.products.get(product=product)
        assert code(end_product, holding=held, last=LAST, reason="x") == "not_earlier"

    def test_what_would_miss_it_is_known_before(self):
        contract = make.contract(products=["im"])
        asked = make.request(contract=contract, activity="alert_strategies", day=TODAY + 14 * DAY)

        (held,) = contract.products.all()

        assert left_without(holding=held, last=TODAY) == [asked]
        assert left_without(holding=held, last=TODAY + 14 * DAY) == []


class TestFees:
    """S11: by month, several lines added by days, corrected with a reason."""

    MAY = date(2026, 5, 1)

    def enter(self, contract, *lines, reason="Invoice 17"):
        return done(enter_month, contract=contract, month=self.MAY, lines=lines, reason=reason)

    def test_a_month_is_put_on_record_and_corrected_in_its_place(self):
        contract = make.contract(fees=False)
        self.enter(contract, Fee(Decimal(41), 120))
        self.enter(contract, Fee(Decimal(39), 120), reason="Credit note 3")

        assert [(one.cost_per_seat, one.paid_seats) for one in contract.fee_months.all()] == [(39, 120)]
        corrected = Event.objects.get(verb="contract.fees_corrected")
        assert corrected.note == "2026-05. Credit note 3"
        assert corrected.changes_made.get().changes["cost_per_seat"] == [41.0, 39.0]

    def test_several_lines_are_added_by_days(self):
        contract = make.contract(fees=False)
        first, second = DateRange(self.MAY, date(2026, 5, 11)), DateRange(date(2026, 5, 11), date(2026, 6, 1))

        self.enter(contract, Fee(Decimal(31), 10, first), Fee(Decimal(31), 20, second))

        lines = fee_months_of(contract)[self.MAY]
        assert sum(line.fee_in(self.MAY) for line in lines) == 31 * 10 * 10 // 31 + 31 * 20 * 21 // 31

    def test_lines_that_overlap_are_refused(self):
        contract = make.contract(fees=False)
        days = DateRange(self.MAY, date(2026, 5, 11))

        lines = [Fee(Decimal(1), 1, days), Fee(Decimal(1), 1)]
        given = {"contract": contract, "month": self.MAY, "lines": lines, "reason": "x"}
        assert code(enter_month, **given) == "one_fee_on_a_day"

    def test_fewer_lines_than_before_take_the_rest_away(self):
        contract = make.contract(fees=False)
        first, second = DateRange(self.MAY, date(2026, 5, 11)), DateRange(date(2026, 5, 11), date(2026, 6, 1))
        self.enter(contract, Fee(Decimal(31), 10, first), Fee(Decimal(31), 20, second))

        self.enter(contract, Fee(Decimal(31), 15))

        assert contract.fee_months.get().days is None


class TestRenewal:
    """E3: a new order form is a new contract."""

    def renewed(self, contract, **given):
        known = {"order_form": "OF-NEW", "last": date(2028, 12, 31), "paid_seats": 130, "cost_per_seat": Decimal(43)}
        return done(renew_contract, contract=contract, **{**known, **given})

    def test_it_goes_on_with_what_the_old_one_ended_with(self):
        contract = make.contract(levels=[(FIRST, "gold"), (TODAY, "silver")], products=["im", "wa"], zone="Asia/Tokyo")
        done(change_plan, contract=contract, plan="Plus", discount_percent=Decimal(5), first=TODAY, reason="x")
        contract.refresh_from_db()

        new = self.renewed(contract)

        assert (new.first_day, new.account, new.zone) == (LAST + DAY, contract.account, "Asia/Tokyo")
        assert (new.plan, new.discount_percent, new.levels.get().level) == ("Plus", 5, "silver")
        assert {one.product_id for one in new.products.all()} == {"im", "wa"}
        assert [(one.month, one.paid_seats) for one in new.fee_months.all()] == [(date(2028, 1, 1), 130)]

    def test_after_a_termination_the_products_of_the_last_day_go_on(self):
        """E14, whether or not their days were trimmed to the term."""
        contract = make.contract(products=["im", "wa"])
        done(end_product, holding=contract.products.get(product="wa"), last=TODAY - DAY, reason="x")
        done(terminate, contract=contract, last_day=TODAY, reason="x")
        contract.refresh_from_db()
        contract.products.filter(product="im").update(days=DateRange(FIRST, LAST + DAY))

        assert [one.product_id for one in self.renewed(contract).products.all()] == ["im"]

    def test_another_contract_in_its_way_and_a_known_order_form_are_refused_in_words(self, gold):
        self.renewed(gold)

        with pytest.raises(ValidationError, match="covers the same account"):
            self.renewed(gold, order_form="OF-THIRD")
        with pytest.raises(ValidationError, match="already exists"):
            self.renewed(gold)

    def test_it_ends_after_it_begins(self, gold):
        given = {"order_form": "x", "last": LAST, "paid_seats": None, "cost_per_seat": None}

        assert code(renew_contract, contract=gold, **given) == "ends_before"
