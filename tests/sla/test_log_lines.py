"""S2: what was handed in is read to the second, or refused with its line; nothing is guessed on the nights of the clock change."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sla.log_lines import MOST_LINES, Line, read_lines

NEW_YORK = ZoneInfo("America/New_York")


def test_a_line_is_an_interval_in_the_zone_of_the_form():
    found, wrong = read_lines("C-1, 2026-06-09 10:00:00, 2026-06-09 10:29:59\n\nC-2,2026-06-09 10:00:00,\n", NEW_YORK)

    assert wrong == []
    assert found == [
        Line(1, "C-1", datetime(2026, 6, 9, 14, tzinfo=UTC), datetime(2026, 6, 9, 14, 29, 59, tzinfo=UTC)),
        Line(3, "C-2", datetime(2026, 6, 9, 14, tzinfo=UTC), None),
    ]


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_cells_are_apart_by_comma_semicolon_or_tab(between):
    rows = [["customer", "start", "end"], ['"Smith, Jones; Co"', "2026-06-09 10:00", "2026-06-09 10:30"]]

    found, wrong = read_lines("\n".join(between.join(row) for row in rows), NEW_YORK)

    assert wrong == []
    assert [one.customer for one in found] == ["Smith, Jones; Co"]


def test_an_offset_says_which_of_two_times_it_is():
    (line,), wrong = read_lines("C-1, 2026-11-01 01:30:00-05:00, 2026-11-01T07:00:00Z", NEW_YORK)

    assert wrong == []
    assert line.start == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("C-1, 2026-11-01 01:30, 2026-11-01 03:00", "Line 1: 01:30:00 comes twice on that day"),
        ("C-1, 2026-03-08 02:30, 2026-03-08 04:00", "Line 1: 02:30:00 does not exist on that day"),
        ("C-1, 2026-06-09 10:00, 2026-06-09 10:00", "Line 1: It cannot have ended before it began."),
        ("C-1, 2026-06-09", "Line 1: “2026-06-09” has no clock time."),
        ("C-1, 0001-01-01 00:00:00", "Line 1: “0001-01-01 00:00:00” is not of our time."),
        ("C-1", "Line 1: Write customer, from, to"),
        (", 2026-06-09 10:00", "Line 1: Write customer, from, to"),
        ("C-1, a, b, c", "Line 1: Write customer, from, to"),
        (f"{'x' * 200_000}, 2026-06-09 10:00", "Line 1: Write customer, from, to"),
    ],
)
def test_what_cannot_be_read_is_said_by_its_line(text, said):
    found, wrong = read_lines(text, NEW_YORK)

    assert found == []
    assert len(wrong) == 1
    assert wrong[0].startswith(said)


def test_there_is_an_end_to_it():
    found, wrong = read_lines("C-1, 2026-06-09 10:00\n" * (MOST_LINES + 1), NEW_YORK)

    assert len(found) == MOST_LINES
    assert len(wrong) == 1
