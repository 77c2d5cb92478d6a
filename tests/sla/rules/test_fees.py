from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from sla.rules.fees import annual_fees
from tests.sla.rules.given import NEW_YORK, TERMS, at, fee, month

MONTHS = {month(f"2026-{n:02}"): [fee("20.00", 100)] for n in range(1, 6)}
FEBRUARY, MARCH, APRIL = month("2026-02"), month("2026-03"), month("2026-04")


def fees(months=MONTHS, occurrence="12:00", zone=NEW_YORK, start=None, terms=TERMS):
    return annual_fees(months, at(occurrence), zone, start, terms)


class TestTheAnnualFees:
    """S11"""

    def test_are_twelve_times_the_average_of_the_three_months_before(self):
        months = {**MONTHS, MARCH: [fee("20.00", 130)], month("2026-05"): [fee("99", 999)]}
        found = fees(months)

        assert found.months == (FEBRUARY, MARCH, APRIL)
        assert (found.annual, found.flagged, found.missing) == (Decimal("26400.00"), False, ())

    def test_are_rounded_once(self):
        months = {FEBRUARY: [fee("100.00", 1)], MARCH: [fee("100.01", 1)], APRIL: [fee("100.01", 1)]}

        assert fees(months).annual == Decimal("1200.08")

    def test_of_an_average_that_does_not_end_stay_exact(self):
        months = {
            MARCH: [fee("0.01", 1)],
            APRIL: [fee("0.01", 1)],
            FEBRUARY: [fee("0.02", 1, "2026-02-01", "2026-02-09")],
        }

        assert fees(months).exact == 4 * (Fraction("0.02") + Fraction("0.02") * 9 / 28)

    @pytest.mark.parametrize(
        ("occurrence", "zone", "last"),
        [
            ("2026-05-31 11:30", "Pacific/Auckland", APRIL),
            ("2026-05-31 12:00", "Pacific/Auckland", month("2026-05")),
            ("2026-05-01 03:59:59", "America/New_York", MARCH),
            ("2026-05-01 04:00", "America/New_York", APRIL),
        ],
    )
    def test_look_back_from_the_local_month_of_the_occurrence(self, occurrence, zone, last):
        assert fees(occurrence=occurrence, zone=ZoneInfo(zone)).wanted[-1] == last

    def test_look_back_over_the_end_of_a_year(self):
        assert fees({}, occurrence="2026-02-10 12:00").wanted == (month("2025-11"), month("2025-12"), month("2026-01"))

    def test_never_draw_in_older_months(self):
        months = {one: MONTHS[one] for one in (month("2026-01"), FEBRUARY, APRIL)}
        found = fees(months)

        assert (found.months, found.missing, found.flagged) == ((FEBRUARY, APRIL), (MARCH,), True)
        assert found.annual == Decimal("24000.00")

    def test_count_a_month_of_zero(self):
        assert fees({**MONTHS, MARCH: [fee("20.00", 0)]}).annual == Decimal("16000.00")
        assert fees({**MONTHS, MARCH: []}).annual == Decimal("16000.00")
        assert [one.fee for one in fees({APRIL: []}).counted] == [Fraction()]

    @pytest.mark.parametrize(
        ("start", "months"),
        [
            (date(2026, 2, 28), (MARCH, APRIL)),
            (date(2026, 3, 1), (MARCH, APRIL)),
            (date(2026, 3, 2), (APRIL,)),
            (date(2026, 1, 1), (FEBRUARY, MARCH, APRIL)),
        ],
    )
    def test_count_the_months_in_which_the_contract_ran_from_the_first(self, start, months):
        assert fees(start=start).months == months

    def test_are_unknown_without_a_month(self):
        found = fees({})

        assert (found.exact, found.annual, found.months, found.flagged) == (None, None, (), True)
        assert found.missing == (FEBRUARY, MARCH, APRIL)

    def test_look_back_as_far_as_the_edition_says(self):
        assert fees(terms=replace(TERMS, fee_months=1)).months == (APRIL,)


class TestSeveralLinesOfAMonth:
    """S11"""

    def test_are_added_by_days(self):
        lines = [fee("30.00", 10, last="2026-04-10"), fee("60.00", 10, first="2026-04-11")]

        assert fees({APRIL: lines}).exact == 12 * (100 + 400)

    @pytest.mark.parametrize(
        ("first", "last", "days"),
        [
            (None, None, 30),
            ("2026-04-01", "2026-04-30", 30),
            ("2026-03-15", "2026-05-15", 30),
            ("2026-04-30", None, 1),
            (None, "2026-04-01", 1),
            ("2026-04-02", "2026-04-29", 28),
            ("2026-05-01", None, 0),
            (None, "2026-03-31", 0),
        ],
    )
    def test_count_for_the_days_on_which_they_held(self, first, last, days):
        assert fee("30.00", 1, first, last).fee_in(APRIL) == days


class TestTheWorkingOfFees:
    """S11"""

    def test_holds_the_lines_of_the_months_that_count(self):
        found = fees({APRIL: [fee("30.00", 2, "2026-04-16")]}, start=date(2026, 1, 1))

        assert found.working.result == Decimal("360.00")
        assert dict(found.working.inputs) == {
            "occurrence": at("12:00"),
            "zone": "America/New_York",
            "start": date(2026, 1, 1),
            "wanted": (FEBRUARY, MARCH, APRIL),
            "missing": (FEBRUARY, MARCH),
            "exact": Fraction(360),
        }
        (april,) = found.working.steps
        assert april.result == 30
        assert dict(april.inputs) == {"month": APRIL, "lines": ((Decimal("30.00"), 2, date(2026, 4, 16), None),)}
