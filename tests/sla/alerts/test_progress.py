"""M9.5: how far a file is, in words: of each format, with the time that is left, and never a time that grows while nobody is at work."""

from __future__ import annotations

import gzip
from datetime import timedelta
from itertools import count

import pytest

from sla.actions import alerts as actions
from sla.alerts import loading
from sla.alerts.columns import guessed
from sla.alerts.progress import in_words
from sla.alerts.work import COMPARE, LEASE, LOAD, work
from sla.models import AlertImport
from tests import factories as make
from tests.factories import NOW
from tests.sla.alerts.files import HEADS, csv_of, handed_in, row
from tests.sla.alerts.test_parquet import parquet_of

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def half_read(**more):
    """Begun a minute ago and half read by now, at the rate of a row a second."""
    return AlertImport(
        state="checking",
        **{"phase": LOAD, "rows": 60, "share": 0.5, "begun_at": NOW - MINUTE, "lease_until": NOW + LEASE} | more,
    )


@pytest.mark.parametrize(
    ("more", "after", "said"),
    [
        ({}, 0 * SECOND, "60 rows read, 50%, about 1 min left."),
        ({}, 20 * SECOND, "60 rows read, 50%, about 40 s left."),
        ({"waited": 30 * SECOND}, 0 * SECOND, "60 rows read, 50%, about 30 s left."),
        ({"lease_until": None}, 0 * SECOND, "60 rows read, 50%, about 1 min left."),
        ({"share": 0.0, "rows": 0}, 0 * SECOND, "0 rows read, 0%."),
        (
            {},
            2 * MINUTE,
            "60 rows read, 50%. Nothing moved for 2 min: if its worker was ended, another goes on from there in 3 min.",
        ),
        (
            {},
            6 * MINUTE,
            "60 rows read, 50%. Nothing moved for 6 min: if its worker was ended, another goes on from there with its next turn.",
        ),
        (
            {"phase": COMPARE, "share": 1.0},
            0 * SECOND,
            "All 60 rows are read; they are indexed and compared with what is on record.",
        ),
    ],
)
def test_it_says_what_is_left_and_when_nothing_moves(more, after, said):
    assert in_words(half_read(**more), NOW + after) == said


@pytest.fixture
def batches(db, monkeypatch):
    """Files are read batch by batch, each of some rows."""
    monkeypatch.setattr("sla.alerts.files.BLOCK", 2_000)
    monkeypatch.setattr("sla.alerts.parquet.AT_ONCE", 10)
    monkeypatch.setattr(loading, "BATCH", 4_000)
    customer = make.customer()
    type(customer).objects.filter(pk=customer.pk).update(external_id="C-1")


ROWS = [row(n) for n in range(1, 400)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("alerts.csv", csv_of(*ROWS)),
        ("alerts.csv.gz", gzip.compress(csv_of(*ROWS), 0)),
        ("alerts.parquet", parquet_of(ROWS)),
    ],
)
def test_of_each_format_the_share_that_is_read_is_known(batches, name, content):
    source, told = handed_in(content, name), []
    actions.check(source=source, naming=actions.Naming(guessed(HEADS)), by=source.uploaded_by, now=NOW)

    work(clock=lambda: NOW, tell=lambda one: told.append((one.phase, one.rows / len(ROWS), one.share)))

    loading_told = [(rows, share) for phase, rows, share in told if phase == LOAD and rows]
    assert len(loading_told) > 2
    assert all(abs(rows - share) < 0.15 for rows, share in loading_told)
    assert loading_told[-1] == (1, 1)


def test_the_time_before_a_worker_has_it_and_after_one_was_ended_is_none_of_its_pace(batches):
    source = handed_in(csv_of(*ROWS))
    actions.check(source=source, naming=actions.Naming(guessed(HEADS)), by=source.uploaded_by, now=NOW)

    assert waited(source, at=9 * MINUTE) == 9
    AlertImport.objects.filter(pk=source.pk).update(lease_until=NOW + 10 * MINUTE + LEASE)
    assert waited(source, at=20 * MINUTE) == 19


def waited(source, at):
    """In minutes, after a turn then of some batches."""
    tick = (NOW + at + timedelta(microseconds=n) for n in count()).__next__
    work(clock=tick, turn=timedelta(microseconds=12))
    source.refresh_from_db()
    assert 0 < source.share < 1
    return round(source.waited / MINUTE)
