"""S4, M9.2, M9.7: rows that cannot come in, each by its line, its column and why; and times that a clock shows twice or never."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sla.alerts.columns import guessed
from tests.sla.alerts.files import (
    HEADS,
    checked,
    counts,
    csv_of,
    row,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("customer")]


REFUSED = {
    "customer": {"customer": "C-404"},
    "empty": {"incident": ""},
    "yes_no": {"initial": "perhaps"},
    "urgency": {"urgency": "mild"},
    "channel": {"channel": "two words"},
    "country": {"located": "USA"},
    "delay": {"delay": "-1"},
    "instant": {"received_at": "May 4, noon"},
    "no_zone": {"received_at": "2026-05-04 12:00:00"},
    "ahead": {"received_at": "2026-06-10T14:06:00Z", "sms_sent_at": ""},
    "early": {"sms_sent_at": "2026-05-04T11:58:00Z"},
    "long": {"responder": "x" * 201},
}

LOGGED_AHEAD = [
    {name: "2026-06-10T14:06:00Z"} for name in ("sms_sent_at", "delivery_receipt_at", "acknowledged_at", "resolved_at")
]


class TestRefusals:
    def test_what_is_logged_has_happened(self):
        """A time without an end until 2099 would be paid for (S8, S10). By other clocks it may be what it likes."""
        others = {
            "occurred_at": "2099-01-01T00:00:00Z",
            "provider_at": "2099-01-01T00:00:00Z",
            "fax": "2026-06-10T14:04:00Z",
        }
        rows = [*LOGGED_AHEAD, {"fax": "2026-06-10T14:06:00Z"}, {"fax": "2026-05-04T11:58:00Z"}, others]
        text = csv_of(*(row(n, **cells) for n, cells in enumerate(rows, 1)), heads=[*HEADS, "fax"])
        refused = [(n, next(iter(cells)), "ahead") for n, cells in enumerate(LOGGED_AHEAD, 2)]

        plainly = checked(text)
        with_other_logs = checked(text + b"\n", columns={**guessed(HEADS), "log:fax_sent": "fax"})

        assert told(plainly) == refused
        assert told(with_other_logs) == [*refused, (6, "fax", "ahead"), (7, "fax", "early")]

    def test_each_reason_is_told_by_line_and_column(self):
        refused = [row(n, **cells) for n, cells in enumerate(REFUSED.values(), 2)]

        source = checked(csv_of(row(1), *refused, row(50)))

        columns = [next(iter(cells)) for cells in REFUSED.values()]
        assert sorted(told(source)) == list(zip(range(3, 3 + len(REFUSED)), columns, REFUSED, strict=True))
        assert counts(source) == (2 + len(REFUSED), 2, len(REFUSED), 0)

    def test_hostile_lines_are_refused_one_by_one_and_the_others_come_in(self):
        good, other = csv_of(row(1)).split(b"\n")[1], csv_of(row(9)).split(b"\n")[1]
        hostile = [
            good.replace(b"INC-1", b"INC\x001"),
            good.replace(b"INC-1", b"INC\xff"),
            good.replace(b"INC-1", b"x" * 70_000),
            good.replace(b"INC-1", b'"INC'),
            good + b",more",
            b"less",
        ]
        source = checked(csv_of() + b"\n".join([good, *hostile, b"", other]))

        assert [(line, why) for line, _, why in told(source)] == [
            (3, "signs"), (4, "encoding"), (5, "long"), (6, "quote"), (7, "cells"), (8, "cells"),
        ]  # fmt: skip
        assert counts(source) == (8, 2, 6, 0)

    def test_a_line_longer_than_any_block_is_one_refusal(self):
        source = checked(csv_of(row(1)) + b"x" * 400_000 + b"\n" + csv_of(row(2)).split(b"\n")[1])

        assert (told(source), counts(source)) == ([(3, "", "long")], (3, 2, 1, 0))

    def test_a_cell_over_several_lines_is_one_row(self):
        source = checked(csv_of(row(1, responder="one\ntwo"), row(2, located="USA")))

        assert (told(source), counts(source)) == ([(4, "located", "country")], (2, 1, 1, 0))

    def test_lines_of_windows_and_other_signs_between_cells_are_read(self):
        assert counts(checked(csv_of(row(1), row(2), delimiter=";").replace(b"\n", b"\r\n"))) == (2, 2, 0, 0)


class TestClockChanges:
    """M9.7: New York's clocks were set forward on March 8 and back on November 1."""

    def came_in(self, clock, **naming):
        moment = {"received_at": clock, "sms_sent_at": "", "acknowledged_at": "", "occurred_at": ""}
        source = checked(csv_of(row(1, **moment)), zone="America/New_York", **naming)
        return [why for _, _, why in told(source)] or list(source.parts.values_list("first_received", flat=True))

    def test_a_time_that_comes_twice_is_refused_and_never_guessed(self):
        assert self.came_in("2025-11-02 01:30:00") == ["twice"]

    def test_by_choice_it_is_the_first_or_the_second(self):
        assert self.came_in("2025-11-02 01:30:00", repeated="first") == [datetime(2025, 11, 2, 5, 30, tzinfo=UTC)]

    def test_by_choice_it_is_the_second(self):
        assert self.came_in("2025-11-02 01:30:00", repeated="second") == [datetime(2025, 11, 2, 6, 30, tzinfo=UTC)]

    def test_a_time_that_never_was_is_refused(self):
        assert self.came_in("2026-03-08 02:30:00", repeated="first") == ["never"]

    @pytest.mark.parametrize(
        ("clock", "what_to_do"),
        [
            ("2025-11-02 01:30:00", "twice. Write its offset, or name the columns anew and say which pass"),
            ("2026-03-08 02:30:00", "never show “2026-03-08 02:30:00”. They were set forward over it: mend the time"),
        ],
    )
    def test_with_the_refusal_stands_what_to_do(self, clock, what_to_do):
        source = checked(csv_of(row(1, received_at=clock, sms_sent_at="")), zone="America/New_York")

        assert what_to_do in source.refusals.get().sentence

    def test_any_other_is_of_the_stated_zone(self):
        assert self.came_in("2026-03-08 03:00:00") == [datetime(2026, 3, 8, 7, tzinfo=UTC)]
