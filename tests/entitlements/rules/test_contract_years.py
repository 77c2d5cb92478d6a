from __future__ import annotations

import itertools
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.rules.contract_years import ContractYear, contract_year_of, contract_years
from entitlements.rules.days import first_instant, local_day
from entitlements.rules.spans import Span, total
from tests.entitlements.rules.builders import HAVANA, NEW_YORK, day, utc
from tests.entitlements.rules.strategies import starts
from tests.entitlements.rules.test_days import ALL_ZONES

ONE_DAY = timedelta(days=1)


@st.composite
def terms(draw):
    start = draw(starts)
    return start, start + timedelta(days=draw(st.integers(0, 365 * 9)))


class TestContractYears:
    """E3"""

    @settings(max_examples=80)
    @given(terms())
    def test_partition_the_term(self, term):
        start, last = term

        years = contract_years(start, last)

        assert [year.n for year in years] == list(range(1, len(years) + 1))
        assert (years[0].first, years[-1].last) == term
        assert all(year.first <= year.last for year in years)
        assert all(one.last + ONE_DAY == other.first for one, other in itertools.pairwise(years))
        assert all(364 <= (year.last - year.first).days <= 365 for year in years[:-1])

    @settings(max_examples=80)
    @given(terms())
    def test_begin_on_the_anniversary_of_the_original_date(self, term):
        start, last = term

        for year in contract_years(start, last):
            same_day = (year.first.month, year.first.day) == (start.month, start.day)
            assert same_day or ((start.month, start.day) == (2, 29) and (year.first.month, year.first.day) == (2, 28))
            assert year.first.year == start.year + year.n - 1

    @settings(max_examples=40)
    @given(terms(), st.data())
    def test_have_each_day_of_the_term_in_one_of_them_and_no_other(self, term, data):
        start, last = term
        years = contract_years(start, last)

        on = data.draw(st.dates(start, last))

        assert [contract_year_of(start, last, on)] == [year for year in years if on in year]
        assert contract_year_of(start, last, start) == years[0]
        assert contract_year_of(start, last, last) == years[-1]
        assert contract_year_of(start, last, start - ONE_DAY) is None
        assert contract_year_of(start, last, last + ONE_DAY) is None

    @settings(max_examples=60)
    @given(terms(), st.sampled_from(ALL_ZONES), st.data())
    def test_partition_the_instants_of_the_term_in_any_zone(self, term, zone, data):
        start, last = term
        years = contract_years(start, last)
        spans = [span for year in years if (span := year.span(zone))]
        whole = Span(first_instant(start, zone), first_instant(last + ONE_DAY, zone))

        instant = whole.start + data.draw(st.timedeltas(timedelta(), whole.length - timedelta(microseconds=1)))

        assert total(spans) == sum((span.length for span in spans), timedelta()) == whole.length
        assert [span.contains(instant) for span in spans].count(True) == 1
        on = local_day(instant, zone)
        if first_instant(on, zone) <= instant < first_instant(on + ONE_DAY, zone):  # not an evening that comes twice
            assert contract_year_of(start, last, on).span(zone).contains(instant)

    @pytest.mark.parametrize(
        ("on", "n"),
        [
            ("2024-02-28", None),
            ("2024-02-29", 1),
            ("2025-02-27", 1),
            ("2025-02-28", 2),
            ("2028-02-28", 4),
            ("2028-02-29", 5),
            ("2029-02-27", 5),
            ("2029-02-28", None),
        ],
    )
    def test_of_a_contract_begun_on_29_february(self, on, n):
        year = contract_year_of(day("2024-02-29"), day("2029-02-27"), day(on))

        assert (year and year.n) == n

    def test_goes_on_counting_over_an_extension(self):
        before = contract_years(day("2026-03-01"), day("2027-08-31"))
        extended = contract_years(day("2026-03-01"), day("2028-02-29"))

        assert before[1] == ContractYear(2, day("2027-03-01"), day("2027-08-31"))
        assert extended == (before[0], ContractYear(2, day("2027-03-01"), day("2028-02-29")))

    def test_are_refused_for_a_term_that_ends_before_it_starts(self):
        with pytest.raises(ValueError, match="end before it starts"):
            contract_years(day("2026-01-02"), day("2026-01-01"))
        with pytest.raises(ValueError, match="end before it starts"):
            contract_year_of(day("2026-01-02"), day("2026-01-01"), day("2026-01-01"))


class TestTheEndOfAYear:
    """E3, E5"""

    def test_is_the_first_instant_after_it_in_the_contract_s_zone(self):
        year = ContractYear(1, day("2025-03-08"), day("2026-03-07"))

        assert year.ends_at(NEW_YORK) == utc("2026-03-08T05:00:00")
        assert year.ends_at(HAVANA) == utc("2026-03-08T05:00:00")

    def test_of_one_day_that_the_zone_skipped_leaves_no_span(self):
        year = ContractYear(1, date(2011, 12, 30), date(2011, 12, 30))

        assert year.span(ZoneInfo("Pacific/Apia")) is None

    @pytest.mark.parametrize(
        ("on", "nearest"),
        [
            ("2024-12-31", "2025-01-01"),
            ("2025-01-01", "2025-01-01"),
            ("2025-06-05", "2025-06-05"),
            ("2025-12-31", "2025-12-31"),
            ("2026-01-01", "2025-12-31"),
        ],
    )
    def test_and_its_beginning_are_the_nearest_days_from_outside(self, on, nearest):
        assert ContractYear(1, day("2025-01-01"), day("2025-12-31")).nearest_to(day(on)) == day(nearest)
