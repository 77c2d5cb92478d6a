"""S16, T3: the clock that lists have by one question is that of the rule, in every zone and over every change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.db import connection
from django.db.models import DateTimeField, IntegerField, TextField, Value

from sla.elections_listed import _closes_at
from sla.models import Election
from sla.rules.elections import election_closes_at
from tests.worked_examples.paper_terms import PAPER_TERMS

pytestmark = pytest.mark.django_db
ODD = [
    "America/Havana",
    "America/Nuuk",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "America/Asuncion",
    "Africa/Cairo",
    "Atlantic/Azores",
    "CET",
    "EET",
    "MET",
    "WET",
]
"""Where midnight does not exist once a year, or comes twice; and names that the server takes for abbreviations, without summer time."""


def in_sql(moments):
    """The first instants too late, of pairs of a zone and an arrival."""
    compiler = Election.objects.all().query.get_compiler("default")
    any_moment = datetime(2000, 1, 1, tzinfo=UTC)
    zone, at, days = Value("z", TextField()), Value(any_moment, DateTimeField()), Value(7, IntegerField())
    sql, params = compiler.compile(_closes_at(at, zone, days).resolve_expression(Election.objects.all().query))
    found = []
    with connection.cursor() as cursor:
        for name, moment in moments:
            cursor.execute(f"SELECT {sql}", [{"z": name, any_moment: moment}.get(one, one) for one in params])
            found.append(cursor.fetchone()[0])
    return found


def test_the_first_instant_too_late_is_the_rules():
    zones = sorted({*ODD, *sorted(name for name in available_timezones() if "/" in name)[::23]})
    start = datetime(2024, 1, 1, 4, 30, tzinfo=UTC)  # a year of which our data and the server's know the same changes
    moments = [(name, start + timedelta(days=n, hours=n % 24)) for name in ODD for n in range(366)]
    moments += [(name, start + timedelta(days=n)) for name in zones for n in range(0, 366, 13)]

    expected = [election_closes_at(at, ZoneInfo(name), PAPER_TERMS) for name, at in moments]

    assert in_sql(moments) == expected
