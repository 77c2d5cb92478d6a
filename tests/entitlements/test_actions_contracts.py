"""E1, E3, S11: a contract on record with its years, levels, products and fees."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from entitlements.actions.contracts import open_contract
from entitlements.actions.fees import record_fees
from entitlements.models import Event, FeeMonth
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


class TestOpeningAContract:
    """E1, E3: the years of its term, a level on each day, its products."""

    def test_its_years_begin_on_the_anniversaries_and_the_last_is_cut_short(self):
        contract = make.contract(first=date(2025, 7, 1), last=date(2027, 9, 30))

        years = [(year.n, year.first_day, year.last_day) for year in contract.years.all()]

        assert years == [
            (1, date(2025, 7, 1), date(2026, 6, 30)),
            (2, date(2026, 7, 1), date(2027, 6, 30)),
            (3, date(2027, 7, 1), date(2027, 9, 30)),
        ]

    @pytest.mark.parametrize(
        ("zone", "ends_at"),
        [
            ("America/New_York", datetime(2027, 1, 1, 5, tzinfo=UTC)),
            ("Pacific/Auckland", datetime(2026, 12, 31, 11, tzinfo=UTC)),
            ("Asia/Kolkata", datetime(2026, 12, 31, 18, 30, tzinfo=UTC)),
        ],
    )
    def test_a_year_ends_at_midnight_of_the_contracts_zone(self, zone, ends_at):
        assert make.contract(zone=zone).years.get(n=1).ends_at == ends_at

    def test_levels_follow_each_other_without_gap(self):
        contract = make.contract(levels=[(make.FIRST, "gold"), (date(2026, 5, 1), "silver")])

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert [(p.level, p.days.lower, p.days.upper) for p in contract.levels.all()] == [
            ("gold", date(2026, 1, 1), date(2026, 5, 1)),
            ("silver", date(2026, 5, 1), date(2028, 1, 1)),
        ]

    @pytest.mark.parametrize(
        "levels",
        [
            [],
            [(date(2026, 1, 2), "gold")],
            [(date(2025, 12, 31), "gold")],
            [(make.FIRST, "gold"), (date(2028, 1, 1), "silver")],
            [(make.FIRST, "gold"), (make.FIRST, "silver")],
        ],
        ids=["none", "from the second day", "from before the term", "after the term", "two from one day"],
    )
    def test_levels_that_do_not_fill_the_term_are_refused(self, levels):
        with pytest.raises(ValidationError, match="one level on each day"):
            open_contract(**order(levels=levels))

    @pytest.mark.parametrize("wrong", [{"zone": "Mars/Olympus"}, {"plan": ""}, {"currency": "DOLLARS"}])
    def test_what_is_not_a_contract_is_refused(self, wrong):
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            open_contract(**order(**wrong))

    def test_another_for_the_same_account_and_days_is_refused_in_words(self, gold):
        second = order(customer=gold.customer, account=gold.account, first=make.LAST, last=date(2029, 1, 1))

        with pytest.raises(ValidationError, match="covers the same account"):
            open_contract(**second)

    def test_the_day_after_the_last_is_free_for_the_next_contract(self, gold):
        start = make.LAST + make.DAY

        after = order(customer=gold.customer, account=gold.account, first=start, last=date(2029, 1, 1))

        assert open_contract(**{**after, "levels": [(start, "gold")]}).years.count() == 2

    def test_the_longest_number_of_an_order_form_is_logged_whole(self):
        contract = open_contract(**order(order_form="9" * 60))

        assert Event.objects.get(verb="contract.opened").matter == contract.order_form


class TestRecordingFees:
    """S11: a month once, keyed by its first day."""

    def test_the_months_are_kept_with_their_exact_cost(self):
        contract = make.contract(fees=False)
        months = {date(2026, 2, 1): (Decimal("41.123456"), 120), date(2026, 1, 1): (Decimal(0), 0)}

        record_fees(contract=contract, months=months, by=make.manager(), now=NOW)

        kept = FeeMonth.objects.values_list("month", "cost_per_seat", "paid_seats")
        assert list(kept) == [(month, *paid) for month, paid in sorted(months.items())]

    def test_a_month_on_record_is_not_recorded_again(self, gold):
        with pytest.raises(IntegrityError, match="one_fee_on_a_day"):
            record_fees(contract=gold, months={make.FIRST: (Decimal(1), 1)}, by=make.manager(), now=NOW)


def order(**changes):
    return {
        "customer": changes.get("customer") or make.customer(),
        "order_form": "OF-1",
        "account": "main",
        "first": make.FIRST,
        "last": make.LAST,
        "zone": "UTC",
        "levels": [(changes.get("first", make.FIRST), "gold")],
        "products": ["im"],
        "plan": "Business",
        "by": make.manager(),
        "now": NOW,
    } | changes
