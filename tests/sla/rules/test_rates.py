from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from sla.rules.rates import rate_method
from tests.sla.rules.given import LONDON, NEW_YORK, TERMS, at, span, spans

EVENT = at("2026-02-15 12:00")
WINDOW = span("2025-11-15 12:00", "2026-02-15 12:00")  # 92 days = 132,480 minutes
REMEDY = spans(("2026-02-15 12:10", "2026-02-15 12:30"))


def by_rate(profit="132480.00", completed="0", evidence=None, remedy=REMEDY):
    return rate_method(EVENT, Decimal(profit), remedy, Decimal(completed), LONDON, TERMS, evidence)


class TestTheMethodOfTheRate:
    """S10"""

    def test_multiplies_the_average_profit_by_the_remedy_time(self):
        found = by_rate()

        assert (found.window, found.window_minutes, found.flagged) == (WINDOW, 132480, False)
        assert found.amount == Decimal("20.00")

    def test_deducts_what_was_completed_in_the_period(self):
        assert by_rate(completed="7.25").amount == Decimal("12.75")

    @pytest.mark.parametrize(("profit", "completed"), [("132480", "20.01"), ("-1000", "0"), ("0", "0")])
    def test_is_never_below_zero(self, profit, completed):
        assert str(by_rate(profit, completed).amount) == "0.00"

    def test_counts_a_minute_of_the_remedy_once(self):
        overlapping = spans(("2026-02-15 12:10", "2026-02-15 12:25"), ("2026-02-15 12:20", "2026-02-15 12:30"))

        assert by_rate(remedy=overlapping).amount == Decimal("20.00")

    def test_is_exact_to_the_last_cent(self):
        """0.005 exactly: the rate rounded before it is multiplied would lose it."""
        found = by_rate(profit="33.12", remedy=REMEDY)

        assert found.exact == Fraction("0.005")
        assert found.amount == Decimal("0.01")

    def test_goes_back_at_the_local_clock_time_and_divides_by_elapsed_time(self):
        found = rate_method(at("2026-04-15 12:00"), Decimal(1), REMEDY, Decimal(0), NEW_YORK, TERMS)

        assert found.window.start == at("2026-01-15 13:00")
        assert found.covered == timedelta(days=90) - timedelta(hours=1)


class TestTheEvidenceOfARate:
    """S10"""

    def test_of_less_than_three_months_counts_for_the_time_that_it_covers_and_is_flagged(self):
        found = by_rate(profit="66240", evidence=spans(("2025-12-31 12:00", "2026-02-15 12:00")))

        assert (found.flagged, found.window_minutes) == (True, 66240)
        assert found.amount == Decimal("20.00")

    def test_outside_the_window_does_not_count(self):
        found = by_rate(evidence=spans(("2025-01-01 00:00", "2026-12-31 00:00")))

        assert (found.flagged, found.evidence) == (False, (WINDOW,))

    def test_with_a_gap_is_flagged(self):
        found = by_rate(
            evidence=spans(("2025-11-15 12:00", "2025-12-01 00:00"), ("2025-12-01 01:00", "2026-02-15 12:00"))
        )

        assert (found.flagged, found.covered) == (True, timedelta(days=92) - timedelta(hours=1))

    def test_that_covers_nothing_gives_nothing(self):
        found = by_rate(evidence=())

        assert (found.flagged, found.exact, found.window_minutes) == (True, 0, 0)

    def test_may_be_counted_in_parts_of_a_minute(self):
        found = by_rate(evidence=spans(("2026-02-15 11:59:30", "2026-02-15 12:00")))

        assert found.window_minutes == Fraction(1, 2)


class TestTheWorkingOfARate:
    """S10"""

    def test_holds_all_that_went_in(self):
        found = by_rate(completed="5")

        assert found.working.result == Decimal("15.00")
        assert dict(found.working.inputs) == {
            "window": WINDOW,
            "evidence": (WINDOW,),
            "flagged": False,
            "window_minutes": Fraction(132480),
            "profit": Decimal("132480.00"),
            "remedy": REMEDY,
            "remedy_time": timedelta(minutes=20),
            "completed": Decimal("5"),
            "exact": Fraction(15),
        }
