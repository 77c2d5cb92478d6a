"""Every zone that may be on record has the same clock on the server, by the name that the server is asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from entitlements.models.contracts import check_zone
from entitlements.rules.days import zone_names
from entitlements.server_zones import as_the_server_knows

pytestmark = pytest.mark.django_db
ZONES = sorted(zone_names())


def of_each_zone(expression):
    """What the server says of each zone's name, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT array_agg({expression} ORDER BY n) FROM unnest(%s::text[]) WITH ORDINALITY AS z (zone, n)", [ZONES]
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("month", [1, 7])
def test_a_function_of_the_database_has_the_programs_clock(month):
    noon = datetime(2024, month, 15, 12, tzinfo=UTC)

    clocks = of_each_zone(f"'{noon.isoformat()}' AT TIME ZONE server_zone(zone)")

    assert clocks == [noon.astimezone(ZoneInfo(name)).replace(tzinfo=None) for name in ZONES]


def test_the_program_and_the_database_use_the_same_names():
    assert of_each_zone("server_zone(zone)") == [as_the_server_knows(ZoneInfo(name)).key for name in ZONES]


def test_what_means_another_zone_on_each_machine_is_none():
    with pytest.raises(ValidationError, match="localtime is not a time zone"):
        check_zone("localtime")
