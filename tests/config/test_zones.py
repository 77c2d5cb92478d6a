"""S13: deadlines are the ends of local days. Which clock changes hold does not depend on what a machine has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import resources
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import pytest
from django.db import connection

from sla.elections_listed import ABBREVIATED


def test_the_pinned_data_is_the_one_that_is_read():
    with resources.files("tzdata.zoneinfo.America").joinpath("Vancouver").open("rb") as file:
        pinned = ZoneInfo.from_file(file)
    days = [datetime(2026, month, 15, tzinfo=UTC) for month in range(1, 13)]

    assert TZPATH == ()
    assert [day.astimezone(ZoneInfo("America/Vancouver")).utcoffset() for day in days] == [
        day.astimezone(pinned).utcoffset() for day in days
    ]


@pytest.mark.django_db
def test_of_what_is_long_known_the_database_says_the_same():
    """In every zone, at the middle of each month of three years. Of changes to come it may know less, or more, as its own data are.
    The names that it takes for abbreviations are asked for by others."""
    zones = sorted(available_timezones() - ABBREVIATED.keys())
    at = [datetime(year, month, 15, 12, tzinfo=UTC) for year in (2023, 2024, 2025) for month in range(1, 13)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT zone, at, timezone(zone, at) - timezone('UTC', at) FROM unnest(%s::text[]) zone, unnest(%s::timestamptz[]) at",
            [zones, at],
        )
        theirs = {(zone, when.astimezone(UTC)): apart for zone, when, apart in cursor}

    ours: dict[tuple[str, datetime], timedelta | None] = {
        (zone, when): when.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones for when in at
    }
    assert len(ours) > 20_000
    assert {key: apart for key, apart in theirs.items() if ours[key] != apart} == {}
