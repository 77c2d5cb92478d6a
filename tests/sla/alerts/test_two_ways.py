"""S4: a row means the same whichever way it is read: many at once, or cell by cell (M9.2)."""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest
from django.db import transaction

from sla.alerts import files, plain
from sla.alerts.columns import guessed
from tests.sla.alerts.files import HEADS, ROW, checked, csv_of, row, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("customer")]

BLANKS = ("", " ", "\t", "\u00a0", "\u2003", "\u3000", "\x1f", "\x85", "\ufeff")
INSTANTS = tuple(name for name in ROW if name.endswith("_at"))


DAYS = ["2026-02-30", "2026-5-4", "1970-01-01", "0001-01-01", "12026-05-04", "2005-01-01", "2004-12-31"]
CLOCKS = [
    "12:03:07",
    "24:00:00",
    "24:00:00",
    "12:00:60",
    "12:00:60",
    "12:60:00",
    "25:00:00",
    "12:00",
    "12:00:0",
    "１2:00:00",
]
FRACTIONS = [".5", ".123", ".123456", ".1234567", ".1234565", ".123456789", ".1234567890", ",5", ".", ".999999999"]
OFFSETS = ["+00:00", "-03:00", "+05:30", "+14:00", "+15:59", "+16:00", "+24:00", "-00:60", "+0530", "+05", "UTC", "z"]


def an_instant(pick):
    """As exports write one, or nearly."""
    day, clock = pick(["2026-05-04"] * 20 + DAYS), pick(["12:00:00"] * 20 + CLOCKS)
    return f"{day}{pick('TTTTTTTTTTT t')}{clock}{pick(['', '.000'] * 4 + FRACTIONS)}{pick(['Z'] * 15 + ['', *OFFSETS])}"


def an_odd_cell(drawn):
    """A column, and what may stand in it."""
    pick = drawn.choice
    kind = drawn.random()
    if kind < 0.6:
        return pick(INSTANTS), pick(BLANKS[:1] * 20 + BLANKS) + an_instant(pick)
    if kind < 0.8:
        text = pick(
            ("INC", "ÄÖ", "a,b", "a;b", 'a"b', "x" * 200, "é" * 120, "é" * 201, "\x7f", "a\x0bb", "'", "\\N", "\\.")
        )
        return pick(("incident", "responder", "provider_reference")), pick(BLANKS[:1] * 9 + BLANKS) + text + pick(
            BLANKS[:1] * 9 + BLANKS
        )
    values = {
        "delay": ("1", "0", "01", "+1", "1e1", "1.5", "0.00000001", "٣", "-0", "Infinity", "43200", "43201", "1_0", ""),
        "channel": ("SMS", "e-mail", "E-Mail", "sms ", "s ms", "smś"),
        "initial": ("TRUE", "y", "0", "no", "on", ""),
        "urgency": ("High", "low", "1", "mild"),
        "located": ("us", "US", "USA", "", "ÜS"),
        "customer": ("C-1", "c-1", "C-1\u00a0", "C-2", ""),
    }
    name = pick(tuple(values))
    return name, pick(values[name])


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_store_and_refuse_the_same(seed, monkeypatch):
    monkeypatch.setattr(files, "BLOCK", 300)
    drawn = random.Random(seed)
    rows = [row(n) | {"received_at": "2026-05-04T12:00:00Z", "provider_reference": f"SM{n}"} for n in range(1, 250)]
    text = csv_of(*(one | dict([an_odd_cell(drawn)]) for one in rows), delimiter=drawn.choice(",;"))

    many_at_once, one_by_one, plainly = both_ways(text, monkeypatch)

    assert plainly > 40
    assert one_by_one == many_at_once


@pytest.mark.parametrize(
    ("what", "instead"),
    [("C-1", "\ufeffC-1"), ("fine", "x" * (files.MOST_LINE + 1)), ("fine", "fine,\r\r")],
    ids=["a mark of order before it", "a long one", "a sign that ends lines at its end"],
)
def test_a_line_that_is_odd_as_a_whole_is_the_same_both_ways(what, instead, monkeypatch):
    heads, first, *others = csv_of(*(row(n) | {"note": "fine"} for n in range(1, 4)), heads=[*ROW, "note"]).split(b"\n")
    odd = first.replace(what.encode(), instead.encode(), 1)

    many_at_once, one_by_one, _ = both_ways(b"\n".join([heads, odd, *others]), monkeypatch)

    assert one_by_one == many_at_once
    assert [line for line, *_ in one_by_one.refused] == [2]


@pytest.mark.parametrize("instant", ["2026-05-04T12:00:00Z", "2026-05-04T12:00:00.1234567Z"])
def test_a_column_without_a_head_is_no_column_that_is_left_out(instant, monkeypatch):
    """Heads that end with a comma have one; what stands under it is nobody's."""
    heads = [head for head in ROW if head != "sms_sent_at"]
    text = csv_of(row(1, received_at=instant) | {"": "a note"}, heads=[*heads, ""], extrasaction="ignore")
    columns = {name: head for name, head in guessed(HEADS).items() if head in heads}

    many_at_once, one_by_one, _ = both_ways(text, monkeypatch, columns=columns)

    assert one_by_one == many_at_once
    assert [one["sms_sent_at"] for one in one_by_one.rows] == [None]


def both_ways(text, monkeypatch, **options):
    """What becomes of a file many rows at once, and row by row; and how many of its rows went the first way."""
    went, sort = [], plain.Plain.sorted
    with transaction.atomic(), monkeypatch.context() as patched:
        patched.setattr(plain.Plain, "sorted", lambda self, block: went.append(sort(self, block)) or went[-1])
        many_at_once = outcome(text, **options)
        transaction.set_rollback(True)
    monkeypatch.setattr(plain.Plain, "sorted", nothing_plain)
    return many_at_once, outcome(text, **options), sum(one.rows for one in went)


class Outcome(NamedTuple):
    """What stands in the tables of a file, by line, and what was refused."""

    rows: list
    refused: list


def outcome(text, **options):
    source = checked(text, **options)
    assert source.state == "checked", source.trouble
    rows = []
    for part in source.parts.all():
        rows += stored(f"SELECT * FROM sla_notification_{source.pk}_{part.month:%Y%m} ORDER BY line")
    refused = list(source.refusals.values_list("line", "column", "code", "as_read"))
    return Outcome([{k: v for k, v in one.items() if k != "source_id"} for one in rows], refused)


def nothing_plain(self, block):
    return plain.Sorted(0, [], [block])
