"""M1.3, X10: the strip says when alert logs came in last, and that one waits for a worker that is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sla.actions import alerts as actions
from sla.alerts.columns import guessed
from sla.models import AlertImport
from tests.desk import sign
from tests.factories import DAY, NOW
from tests.sla.alerts.files import HEADS, csv_of, handed_in, imported, row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("customer")]


def test_without_any_file_it_says_so():
    assert (sign("alert_logs", NOW).words, sign("alert_logs", NOW).alarm) == ("No file has been imported yet.", False)


def test_the_last_import_and_how_far_it_reaches():
    imported(csv_of(row(1), row(2)))

    assert sign("alert_logs", AlertImport.objects.get().imported_at + 2 * DAY).words == (
        "The last file was imported 2 days ago, with alerts through Mon May 4, 2026, 5:10 a.m. PDT."
    )


class TestAFileThatNobodyWorksAt:
    @pytest.mark.parametrize(("minutes", "alarm"), [(15, False), (16, True)])
    def test_is_an_alarm_after_a_quarter_of_an_hour(self, minutes, alarm):
        source = handed_in(csv_of(row(1)))
        assert not sign("alert_logs", NOW + DAY).alarm  # it waits for a person, who names its columns
        actions.check(source=source, naming=actions.Naming(guessed(HEADS)), by=source.uploaded_by, now=NOW)

        found = sign("alert_logs", NOW + timedelta(minutes=minutes))

        assert found.alarm is alarm
        assert found.words.startswith("A file has waited 16 minutes for the worker." if alarm else "No file has been")
        assert found.since == (NOW if alarm else None)

    def test_is_one_that_is_to_be_undone_too(self):
        source = imported(csv_of(row(1)))
        actions.undo(source=source, by=source.uploaded_by, now=NOW)

        assert [sign("alert_logs", NOW + timedelta(minutes=n)).alarm for n in (15, 16)] == [False, True]

    def test_counts_from_the_end_of_the_lease_of_a_worker_that_died(self):
        source = handed_in(csv_of(row(1)))
        actions.check(source=source, naming=actions.Naming(guessed(HEADS)), by=source.uploaded_by, now=NOW)
        AlertImport.objects.filter(pk=source.pk).update(lease_until=NOW + timedelta(minutes=5))

        assert [sign("alert_logs", NOW + timedelta(minutes=n)).alarm for n in (20, 21)] == [False, True]

    def test_one_that_waits_behind_another_counts_from_when_nobody_works_at_that(self):
        for n in (1, 2):
            source = handed_in(csv_of(row(n)))
            actions.check(source=source, naming=actions.Naming(guessed(HEADS)), by=source.uploaded_by, now=NOW)
        first = AlertImport.objects.order_by("pk")[:1]
        AlertImport.objects.filter(pk__in=first).update(lease_until=NOW + timedelta(minutes=40))

        assert [sign("alert_logs", NOW + timedelta(minutes=n)).alarm for n in (16, 39, 55, 56)] == [
            False,
            False,
            False,
            True,
        ]
