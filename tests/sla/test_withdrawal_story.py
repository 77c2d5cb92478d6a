"""S16, S17, T3: everyone ends as a replay says that shares no code with the product (tests/withdrawal_story, here in small)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.withdrawal_story import told
from tests.withdrawal_story.compare import disagreements
from tests.withdrawal_story.play import Stage
from tests.withdrawal_story.replay import World, end_of, midnight
from tests.withdrawal_story.told import HOUR

SOME = (5, 15, 18, 31, 58)
"""Opened first and changed its mind; refused everywhere; chose at the last instant, and after it; came back; ends with its contract."""


@pytest.mark.django_db
def test_everyone_ends_as_the_replay_says():
    stage = Stage(list(told.contracts(SOME, told.SHORT)), told.SHORT, turns_apart=timedelta(hours=42))
    stage.play()

    assert disagreements(stage) == []
    assert {"notices that came back", "notices written again", "choices received", "turns that were missed"} <= set(
        stage.counted
    )


@pytest.mark.parametrize(
    ("plan", "tried", "stopped"),
    [
        ("Professional", ["stay"], False),
        ("Professional", ["shift", ""], True),
        ("Business", ["shift", ""], False),
        ("Business", [""], True),
        ("Business", [], True),
    ],
)
def test_only_what_can_be_chosen_shows_that_the_notice_was_read(plan, tried, stopped):
    """S16: a letter that comes back after it stops the period only where nothing else stands of the notice."""
    one = replace(next(told.contracts([0])), plan=plan)
    reached = one.wave.released + HOUR
    choices = [("chosen", reached + n * HOUR, choice) for n, choice in enumerate(tried, 1)]
    happened = [
        ("taken", reached, "a"),
        *choices,
        ("came back", reached + 5 * HOUR, "a"),
        ("taken", reached + 9 * HOUR, "b"),
    ]

    assert (end_of(World(one, happened)).reached == reached + 9 * HOUR) is stopped


@pytest.mark.parametrize(
    ("day", "zone", "first"),
    [
        ("2026-03-29", "Atlantic/Azores", "2026-03-29T01:00+00:00"),
        ("2026-10-25", "Atlantic/Azores", "2026-10-25T00:00+00:00"),
        ("2026-11-01", "America/New_York", "2026-11-01T04:00+00:00"),
    ],
)
def test_the_replay_knows_midnights_that_are_missing_or_come_twice(day, zone, first):
    assert midnight(datetime.fromisoformat(day).date(), zone) == datetime.fromisoformat(first)
