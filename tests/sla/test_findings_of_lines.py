"""S9: what a decision found of the lines of a claim, line by line for its page and summed up for its letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from entitlements.rules.spans import Span
from sla.findings import not_counted, not_counted_in_brief
from sla.rules.losses import realized_loss
from tests.factories import HOUR, NOW
from tests.sla.rules.given import attempt


def working(**struck: list[int]):
    """The working of a loss of 300 lines at 10.50 each, of which these are struck."""
    flags = {n: flag for flag, lines in struck.items() for n in lines}
    lines = [
        replace(attempt(str(n), revenue="10.50"), attempted=NOW + timedelta(seconds=n), **told_of(flags.get(n)))
        for n in range(1, 301)
    ]
    return realized_loss(lines, [Span(NOW, NOW + HOUR)]).working.as_json()


def told_of(flag):
    return {} if flag is None else {flag: flag in ("completed", "other_system_down")}


def test_a_letter_sums_up_by_reason():
    whole = working(completed=[4], other_system_down=list(range(10, 20)), third_party=[7, 9])

    assert not_counted_in_brief(whole) == [
        {"why": "Completed, or completed later", "lines": "Line 4", "profit": Decimal("10.50")},
        {"why": "Not with a third party", "lines": "Lines 7 and 9", "profit": Decimal("21.00")},
        {
            "why": "Needed a system that was down anyway",
            "lines": "10 lines, the first of them 10, 11, 12, 13, 14 and 15",
            "profit": Decimal("105.00"),
        },
    ]


def test_the_page_has_each():
    assert not_counted(working(completed=[4, 5])) == dict.fromkeys("45", "Completed, or completed later")


def test_what_counts_is_not_told_of():
    assert not_counted_in_brief(working()) == []
