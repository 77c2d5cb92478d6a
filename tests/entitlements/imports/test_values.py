"""What may stand in a cell: one reading, or a refusal that says how to write it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from entitlements.imports import values
from entitlements.imports.values import BadCell

MIDNIGHT = datetime(2026, 1, 1)  # noqa: DTZ001 - a workbook knows no zones
MONEY = values.number(most=Decimal(1_000_000))


class TestADay:
    @pytest.mark.parametrize(
        "cell", ["2026-11-30", " 2026-11-30 ", date(2026, 11, 30), MIDNIGHT.replace(day=30, month=11)]
    )
    def test_is_iso_or_a_date_of_the_workbook(self, cell):
        assert values.day(cell) == date(2026, 11, 30)

    @pytest.mark.parametrize(
        ("cell", "says"),
        [
            ("11/30/2026", "one way only"),
            ("03/04/2026", "one way only"),
            ("30.11.2026", "2026-11-30"),
            ("2026-1-5", "one way only"),
            ("46023", "one way only"),
            (46023.0, "one way only"),
            ("2026-02-29", "no 2026-02-29 in the calendar"),
            ("2026-13-01", "in the calendar"),
            (MIDNIGHT.replace(day=30, month=11, hour=12), "has a time"),
            ("0026-11-30", "Check the year"),
            ("2206-11-30", "Check the year"),
            ("", "one way only"),
        ],
    )
    def test_is_not_guessed(self, cell, says):
        with pytest.raises(BadCell, match=says):
            values.day(cell)

    def test_of_a_leap_year_is_taken(self):
        assert values.day("2028-02-29") == date(2028, 2, 29)


class TestAMonth:
    @pytest.mark.parametrize("cell", ["2026-01", "2026-01-01", date(2026, 1, 1), MIDNIGHT])
    def test_is_its_first_day(self, cell):
        assert values.month(cell) == date(2026, 1, 1)

    @pytest.mark.parametrize("cell", ["2026-01-02", "Jan 2026", "2026-13", 202601, "1/2026", date(2026, 1, 31)])
    def test_is_nothing_else(self, cell):
        with pytest.raises(BadCell):
            values.month(cell)


class TestANumber:
    @pytest.mark.parametrize(
        ("cell", "number"),
        [
            ("41.00", "41.00"),
            (41, "41"),
            (41.5, "41.5"),
            (0.1, "0.1"),
            (" 7 ", "7"),
            ("0.000001", "0.000001"),
            (1e-06, "0.000001"),
        ],
    )
    def test_has_a_point_and_no_more(self, cell, number):
        assert MONEY(cell) == Decimal(number)

    @pytest.mark.parametrize(
        ("cell", "says"),
        [
            ("1.200,50", "1200.50"),
            ("1,200.50", "1200.50"),
            ("1 200", "1200.50"),
            ("41,00", "1200.50"),
            ("$41", "1200.50"),
            ("=1+1", "1200.50"),
            ("١٢", "1200.50"),
            ("NaN", "1200.50"),
            ("1e3", "1200.50"),
            (True, "1200.50"),
            (float("nan"), "1200.50"),
            (float("inf"), "1200.50"),
            (date(2026, 1, 1), "1200.50"),
            ("-1", "between 0"),
            ("1000001", "between 0"),
            ("0.0000001", "more than 6"),
        ],
    )
    def test_is_not_guessed(self, cell, says):
        with pytest.raises(BadCell, match=says):
            MONEY(cell)

    @pytest.mark.parametrize("cell", ["1.5", "-1", "many", "3000000000"])
    def test_of_seats_is_whole(self, cell):
        with pytest.raises(BadCell):
            values.whole(cell)

    def test_of_seats_as_a_workbook_has_it(self):
        assert values.whole(120.0) == 120


class TestWords:
    @pytest.mark.parametrize(
        ("cell", "says"),
        [
            ("=HYPERLINK()", "formula"),
            ("+1", "formula"),
            ("-x", "formula"),
            ("@sum", "formula"),
            ("x" * 61, "60 at the most"),
            ("two\nlines", "one line"),
            ("a\u202eb", "cannot be shown"),
        ],
    )
    def test_are_plain_and_short(self, cell, says):
        with pytest.raises(BadCell, match=says):
            values.text(60)(cell)

    def test_of_a_number_are_as_it_is_shown(self):
        assert values.text(60)(1001.0) == "1001"
        assert values.text(60)("007") == "007"

    @pytest.mark.parametrize("cell", ["Gold Services", "GOLD", "gold"])
    def test_of_a_level_are_its_key_or_name(self, cell):
        assert values.one_of({"gold": "Gold Services"})(cell) == "gold"

    def test_of_an_unknown_level_say_which_there_are(self):
        with pytest.raises(BadCell, match="one of: gold"):
            values.one_of({"gold": "Gold Services"})("platinum")

    @pytest.mark.parametrize("cell", ["america/new_york", "EST5", "New York", "UTC+2", "../etc/passwd"])
    def test_of_an_unknown_zone_give_one_that_is_known(self, cell):
        with pytest.raises(BadCell, match="America/New_York"):
            values.zone(cell)

    @pytest.mark.parametrize("cell", ["usd", "US", "Dollar", "€"])
    def test_of_a_currency_are_three_capitals(self, cell):
        with pytest.raises(BadCell, match="USD"):
            values.currency(cell)
