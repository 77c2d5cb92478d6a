"""S4, M9: files that are odd, broken or hostile: each row comes in once or is refused by its line, however it is written."""

from __future__ import annotations

import gzip
import io
import json
from datetime import timedelta

import pytest

from entitlements.uploads import RefusedFile
from sla.alerts import files
from sla.evidence.lists import Place
from sla.models import Notification
from tests.factories import NOW
from tests.sla.alerts.files import HEADS, check, checked, counts, csv_of, handed_in, imported, row, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("customer")]


def jsonl(*rows):
    return "".join(json.dumps(one) + "\n" for one in rows).encode()


@pytest.mark.parametrize("cells", [{"received_at": "2026-05-04T12:00:00.123456789Z"}, {"incident": "INC-1\u00a0"}])
def test_a_row_comes_in_once_whichever_way_it_goes(cells):
    imported(csv_of(row(1, **cells)))
    again = checked(jsonl(row(1, **cells)), name="a.jsonl")

    assert counts(again) == (1, 0, 0, 1)
    assert Notification.objects.count() == 1


def test_placeholders_and_impossible_times_are_refused_by_their_line():
    odd = [
        {"acknowledged_at": "1970-01-01T00:00:00.000Z"},
        {"received_at": "0001-01-01T00:00:00.000Z"},
        {"acknowledged_at": "2026-05-04T12:04:60.000Z"},
        {"acknowledged_at": "2026-05-04T24:00:00.000Z"},
        {"acknowledged_at": "2026-05-04T11:58:00.000Z"},
        {"acknowledged_at": "2026-05-04T13Z"},
        {"acknowledged_at": "2026-05-04T13+00:00"},
        {"acknowledged_at": "9999-12-31T23:30:00-01:00"},
        {"received_at": (NOW + timedelta(minutes=6)).isoformat(), "sms_sent_at": "", "acknowledged_at": ""},
    ]
    for cells in odd:
        source = checked(csv_of(row(1), row(2, **cells)))
        assert (source.state, counts(source)) == ("checked", (2, 1, 1, 0)), cells
        assert told(source)[0][0] == 3


def test_a_bad_cell_does_not_take_its_file_along():
    bad = [{"incident": "I\0"}, {"incident": "I\ud800"}, {"customer": "\0"}, {"delay": "9e999999"}]
    source = checked(jsonl(row(1), *(row(2) | cells for cells in bad), row(3, delay="1e-99999")), name="a.jsonl")

    assert (source.state, counts(source)) == ("checked", (6, 2, 4, 0))
    assert [line for line, _, _ in told(source)] == [2, 3, 4, 5]


def test_a_stray_quote_swallows_no_rows():
    text = csv_of(*(row(n) for n in range(1, 21))).decode()
    for incident in ("INC-5,", "INC-15,", "INC-18,", "INC-19,", "INC-20,"):
        text = text.replace(incident, 'INC 5" a,')

    source = checked(text.encode() + b'no" row\n')

    assert (counts(source), told(source)) == ((21, 20, 1, 0), [(22, "", "cells")])


def test_two_stray_quotes_that_make_a_cell_take_no_rows_between_them_along():
    """As CSV reads it, everything from the one to the other is a note; what it takes in are rows."""
    rows = [row(n) | {"note": "fine"} for n in range(1, 21)]
    rows[2]["note"] = "two\nlines, and a , more"
    text = csv_of(*rows, heads=[*HEADS, "note"]).decode().split("\n")
    text[6], text[12] = text[6].replace("fine", '"fine'), text[12].replace("fine", 'fine"')

    source = checked("\n".join(text).encode())

    assert counts(source) == (20, 19, 1, 0)
    assert told(source) == [(7, "", "quote")]


@pytest.mark.parametrize("column", [0, 7, -1])
def test_two_stray_quotes_on_neighbouring_lines_are_two_rows_and_a_note_of_two_lines_is_one(column):
    heads = list(HEADS)
    heads.insert(column % (len(heads) + 1), "note")
    rows = csv_of(*(row(n) | {"note": "fine"} for n in range(1, 4)), heads=heads).decode()
    first, second, third = (rows.split("\n")[n] for n in (1, 2, 3))
    stray = [first.replace("fine", '"fine'), second.replace("fine", 'fine"'), third.replace("fine", '"fi\nne"')]

    source = checked("\n".join([",".join(heads), *stray]).encode())

    assert counts(source) == (3, 2, 1, 0)
    assert told(source) == [(2, "", "quote")]


def test_a_quote_without_end_is_held_no_further_than_a_quoted_cell():
    file = io.BytesIO(b'a,b\n"' + b"x" * (3 << 20))
    found = list(files.blocks(file, files.Shape("csv", ("a", "b"), ",", 4, 2), 4, 2))

    assert max(len(one.data) for one in found) <= files.MOST_QUOTED


@pytest.mark.parametrize("cut", [slice(0, -30), slice(0, 60)])
def test_a_broken_package_is_said_to_be_broken(cut):
    source = handed_in(gzip.compress(csv_of(*(row(n) for n in range(1, 30))))[cut], "a.csv.gz")

    with pytest.raises(RefusedFile), files.opened(source) as file:
        files.sample(file, files.shape_of(file, source.kind))

    assert check(source).trouble[:35] in ("From line 1 on the file is broken o", "The file cannot be read as text in ")


def test_a_package_is_unpacked_no_further_than_is_looked_at():
    source = handed_in(gzip.compress(csv_of(row(1)) + b"x" * (16 << 20)), "a.csv.gz")

    with files.opened(source) as file:
        assert len(files.sample(file, files.shape_of(file, source.kind))) == 2
        assert file.tell() == files.MOST_SAMPLED


def test_signs_that_no_text_has_are_refused_also_where_no_column_has_them():
    """They could neither be shown nor kept."""
    source = checked(
        jsonl(row(1), {"\ud800": 1}, row(2) | {"note": "a\0"}, row(3, incident="\ud83d\ude00")), name="a.jsonl"
    )

    assert told(source) == [(2, "", "signs"), (3, "", "signs")]


def test_a_place_beyond_all_time_is_none():
    assert Place.of("999999999999999999-1-1") is None
