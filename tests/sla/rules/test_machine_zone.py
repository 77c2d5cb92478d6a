import time
from datetime import timedelta

import pytest

from sla.rules.maintenance import maintenance_account
from sla.rules.maintenance_notice import inside_normal_hours
from sla.rules.volume import quarter_start
from tests.sla.rules.given import LONDON, TERMS, at, maintenance, month, span


@pytest.fixture
def machine_in_nepal(monkeypatch):
    """The machine's own zone is five hours and three quarters ahead of UTC."""
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("machine_in_nepal")
class TestTheZoneOfTheMachine:
    """S3, S7, S15"""

    def test_does_not_move_the_month_of_maintenance(self):
        account = maintenance_account([maintenance("2026-05-31 20:00", "2026-05-31 21:00")], TERMS)

        assert account.left(month("2026-05")) == timedelta(hours=9)

    def test_does_not_move_the_quarter_hour(self):
        found = quarter_start(at("10:20"), TERMS.quarter)

        assert (found, found.utcoffset()) == (at("10:15"), timedelta())

    def test_does_not_move_the_normal_hours(self):
        saturday_night_and_sunday = [(5, timedelta(hours=22), timedelta(hours=20))]
        sunday_evening = span("2026-05-17 18:30", "2026-05-17 19:00")  # Monday in Nepal

        assert inside_normal_hours(sunday_evening, saturday_night_and_sunday, LONDON)
