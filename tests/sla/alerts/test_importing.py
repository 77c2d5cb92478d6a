"""S4, M9: what a file of alert logs comes to: its rows as they are stored, what is refused and why, what is on record already."""

from __future__ import annotations

import gzip
import json
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from entitlements.actions.refused import Refused
from entitlements.models import Letter
from entitlements.notices import rendering
from sla import alert_letters
from sla.actions import alerts as actions
from sla.actions.presumptions import find_otherwise, take_finding_back
from sla.alerts import converting, loading, matching, plain
from sla.alerts.columns import Kind, guessed
from sla.models import AlertImport, AlertQuarter, Notification
from sla.rules.terms import EnterpriseTerms
from sla.rules.volume import quarters_of
from tests import factories as make
from tests.factories import NOW
from tests.sla.alerts.files import (
    HEADS,
    T0,
    check,
    checked,
    confirmed,
    counts,
    csv_of,
    handed_in,
    imported,
    row,
    stored,
    told,
    undone,
    worked,
)
from tests.sla.alerts.test_two_ways import nothing_plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("customer")]


def columns(**more):
    return {**dict(zip(("customer_id", "high_urgency"), ("customer", "urgency"), strict=True)), **more}


class TestARow:
    def test_it_is_stored_as_the_rules_read_it(self, customer):
        source = imported(
            csv_of(row(1), row(2, channel="Push", push_attempt_at="2026-05-04T12:11:00.000Z", sms_sent_at=""))
        )

        first, second = Notification.objects.order_by("line")
        assert (source.state, counts(source)) == ("imported", (2, 2, 0, 0))
        assert (first.customer_id, first.line, second.channel) == (customer.pk, 2, "push")
        assert first.facts().due == datetime(2026, 5, 4, 12, 1, tzinfo=UTC)
        assert first.facts().logs == (("sms_sent", datetime(2026, 5, 4, 12, 1, 3, tzinfo=UTC)),)
        assert (first.occurred_at, first.provider_at) == (datetime(2026, 5, 4, 11, 59, 59, tzinfo=UTC), None)

    def test_the_plain_way_and_row_by_row_store_the_same(self, monkeypatch):
        rows = [row(n, located="" if n % 3 else "CA", delay=str(n % 4)) for n in range(1, 40)]
        rows += [row(n, received_at=f"2026-04-30T23:{n}:00.000Z", sms_sent_at="") for n in range(50, 60)]
        with transaction.atomic(), monkeypatch.context() as patched:
            patched.setattr(converting.Converter, "_stored", None)
            imported(csv_of(*rows))
            fast = stored()
            transaction.set_rollback(True)
        monkeypatch.setattr(plain.Plain, "sorted", nothing_plain)

        imported(csv_of(*rows))

        strip = lambda found: [{k: v for k, v in one.items() if k != "source_id"} for one in found]  # noqa: E731
        assert len(fast) == 49
        assert strip(stored()) == strip(fast)

    def test_a_day_that_is_none_is_looked_at_row_by_row(self):
        source = checked(csv_of(row(1), row(2, resolved_at="2026-02-30T00:00:00.000Z"), row(3)))

        assert counts(source) == (3, 2, 1, 0)
        assert told(source) == [(3, "resolved_at", "instant")]

    def test_an_instant_of_utc_stays_one_whatever_the_zone_of_the_connection(self):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL timezone = 'Asia/Tokyo'")
            imported(csv_of(row(1)))
            cursor.execute("SET LOCAL timezone = 'UTC'")

        assert Notification.objects.get().received_at == datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

    def test_an_entry_of_another_kind_is_kept(self):
        named = {**guessed(HEADS), "log:fax_sent": "fax"}

        imported(csv_of(row(1, fax="2026-05-04T12:00:30Z"), heads=[*HEADS, "fax"]), columns=named)

        assert stored()[0]["other_logs"] == '{"fax_sent": "2026-05-04T12:00:30+00:00"}'

    def test_an_offset_that_is_not_that_of_utc_counts(self):
        imported(csv_of(row(1, received_at="2026-05-31T22:00:00-03:00", sms_sent_at="", acknowledged_at="")))

        assert stored()[0]["received_at"] == datetime(2026, 6, 1, 1, tzinfo=UTC)


class TestAsAWhole:
    def test_with_a_refused_row_nothing_comes_in_unless_it_is_chosen(self):
        source = checked(csv_of(row(1), row(2, located="USA")))

        with pytest.raises(Refused, match="Some rows of the file are refused"):
            actions.confirm(source=source, without_refused=False, by=source.uploaded_by, now=NOW)

        assert confirmed(source, without_refused=True).without_refused
        assert len(stored()) == 1

    def test_a_file_without_a_good_row_cannot_be_confirmed(self):
        source = checked(csv_of(row(1, located="USA")))

        with pytest.raises(Refused, match="No row of the file"):
            actions.confirm(source=source, without_refused=True, by=source.uploaded_by, now=NOW)

    def test_named_anew_it_is_checked_anew(self):
        source = checked(csv_of(row(1, delay="90")))

        again = check(source, delay_unit="seconds")

        assert counts(again) == (1, 1, 0, 0)
        assert stored(f"SELECT delay FROM sla_notification_{source.pk}_202605")[0]["delay"] == timedelta(seconds=90)

    def test_whoever_handed_it_in_gets_a_letter_when_it_stands(self):
        source = imported(csv_of(row(1)))

        letter = Letter.objects.get(kind="alert_import")
        assert (letter.matter, letter.person) == (source.reference, source.uploaded_by)

    def test_the_letter_writes_large_numbers_as_the_pages_do(self):
        source = imported(csv_of(row(1)))
        source.rows = source.good = 1_000_000

        alert_letters.checked(source, now=NOW)

        letter = Letter.objects.filter(kind="alert_import").latest("pk")
        rendering.make(letter, NOW)
        assert "Rows of the file: 1,000,000. Good: 1,000,000." in letter.text

    def test_what_cannot_be_read_any_more_goes_back_to_whoever_handed_it_in(self, monkeypatch):
        source = handed_in(csv_of(row(1)))
        AlertImport.objects.filter(pk=source.pk).update(stored_as="gone.bin")

        source = check(source)

        assert (source.state, source.trouble[:20]) == ("mapping", "It could not be done")


class TestWhatIsThere:
    def test_the_same_file_again_adds_nothing(self):
        first = imported(csv_of(row(1)))

        with pytest.raises(Refused, match=first.reference):
            handed_in(csv_of(row(1)))

    def test_rows_that_an_earlier_file_brought_are_told_and_left_out(self):
        first = imported(csv_of(*(row(n) for n in range(1, 6))))

        second = imported(csv_of(*(row(n) for n in range(4, 9))))

        assert counts(second) == (5, 3, 0, 2)
        assert second.left_out == {first.reference: 2}
        assert len(stored()) == 8

    def test_one_that_contradicts_an_earlier_file_is_refused(self):
        first = imported(csv_of(row(1)))

        second = checked(csv_of(row(1, located="CA"), row(2)))

        assert counts(second) == (2, 1, 1, 0)
        assert f"{first.reference}, line 2" in second.refusals.get().sentence

    def test_a_row_twice_in_a_file_comes_in_once_and_two_that_contradict_do_not(self):
        source = imported(csv_of(row(1), row(1), row(2), row(2, located="CA"), row(3)), without_refused=True)

        assert counts(source) == (5, 2, 2, 1)
        assert [line for line, _, why in told(source) if why == "twins"] == [4, 5]
        assert [one["line"] for one in stored()] == [2, 6]

    def test_what_came_between_check_and_import_is_shown_before_it_comes_in(self):
        later = checked(csv_of(row(1), row(2)))
        first = imported(csv_of(row(1)))

        shown_again = confirmed(later)

        assert (shown_again.state, counts(shown_again)) == ("checked", (2, 1, 0, 1))
        assert shown_again.trouble.startswith("Another file was imported")
        assert confirmed(shown_again).state == "imported"
        assert shown_again.left_out == {first.reference: 1}

    def test_a_month_that_was_let_go_since_the_check_does_not_come_back(self):
        old = row(1, received_at="2020-05-04T12:00:00Z", sms_sent_at="", acknowledged_at="", occurred_at="")
        later = checked(csv_of(old, row(2)))
        actions.let_month_go(month=date(2020, 5, 1), by=None, now=NOW)

        later = confirmed(later)

        assert (later.state, later.trouble[:38]) == ("checked", "The logs of 2020-05 are not kept any m")
        assert stored() == []
        assert told(check(later)) == [(2, "received_at", "dropped")]


def test_the_server_knows_a_large_table_before_anybody_reads_it(monkeypatch):
    small = checked(csv_of(row(1)))
    monkeypatch.setattr(matching, "WORTH_ANALYZING", 2)

    large = checked(csv_of(row(1), row(2)))

    known = stored(
        "SELECT DISTINCT tablename FROM pg_stats WHERE attname = 'customer_id' AND tablename LIKE 'sla_not%'"
    )
    assert [one["tablename"] for one in known] == [f"sla_notification_{large.pk}_202605"]
    assert (small.state, large.state) == ("checked", "checked")


class TestUndoing:
    def test_it_goes_as_a_whole_and_can_come_again(self):
        source = imported(csv_of(row(1), row(2)))

        gone = undone(source)

        assert (gone.state, gone.undone_by, stored(), list(AlertQuarter.objects.all())) == (
            "undone",
            source.uploaded_by,
            [],
            [],
        )
        assert imported(csv_of(row(1), row(2))).state == "imported"

    def test_not_while_another_file_was_imported_without_rows_of_it(self):
        first = imported(csv_of(row(1), row(2)))
        second = imported(csv_of(row(2), row(3)))

        with pytest.raises(Refused, match=second.reference):
            undone(first)

        undone(second)
        undone(first)
        assert stored() == []

    def test_not_while_a_finding_about_one_of_its_alerts_stands(self, customer):
        """S8: the file that comes in its place would bring the alert, and not what a reviewer found of it."""
        make.outage(customer=customer, start=T0, minutes=45)
        source = imported(csv_of(row(1, sms_sent_at="2026-05-04T12:20:00.000Z", acknowledged_at="")))
        alert, by = Notification.objects.get(), source.uploaded_by
        find_otherwise(alert=alert, reason="The carrier's own log.", by=by, now=NOW)

        with pytest.raises(Refused, match="line 2 of this file"):
            undone(source)

        take_finding_back(alert=alert, by=by, now=NOW)
        assert undone(source).state == "undone"

    def test_only_what_was_imported_is_undone_and_only_what_was_not_is_left(self):
        source = checked(csv_of(row(1)))

        with pytest.raises(Refused, match="not at the step"):
            undone(source)

        assert actions.leave(source=source, by=source.uploaded_by, now=NOW).state == "left"

    def test_it_counts_in_full_until_the_background_has_undone_it_and_is_asked_for_once(self):
        source = imported(csv_of(row(1)))

        asked = actions.undo(source=source, by=source.uploaded_by, now=NOW)

        assert (asked.step, len(stored()), AlertQuarter.objects.count()) == ("Being undone", 1, 1)
        with pytest.raises(Refused, match="not at the step"):
            actions.undo(source=source, by=source.uploaded_by, now=NOW)
        with pytest.raises(Refused, match=f"The same file is being undone as {source.reference}"):
            handed_in(csv_of(row(1)))

    def test_it_stays_where_another_file_came_to_rest_on_it_since_and_whoever_asked_is_told(self):
        source = imported(csv_of(row(1), row(2)))
        second = handed_in(csv_of(row(2), row(3)))
        asked_by = make.manager()
        actions.undo(source=source, by=asked_by, now=NOW)
        second.rests_on.add(source)

        stays = worked(source)

        assert (stays.step, len(stored()), stays.confirmed_by) == ("Imported", 2, source.confirmed_by)
        assert stays.trouble.startswith(f"{second.reference} has rows that came in with this file")
        letter = Letter.objects.filter(kind="alert_import").latest("pk")
        rendering.make(letter, NOW)
        assert (letter.person, letter.subject) == (asked_by, f"[{source.reference}] Alert log could not be undone")
        assert f"alerts.csv is still on record: {second.reference} has rows" in letter.text


class TestQuarters:
    def test_a_trigger_counts_once_however_many_files_have_notifications_of_it(self, customer):
        rows = [row(1), row(1, responder="U2"), row(2), row(3, initial="false"), row(4)]
        imported(csv_of(rows[0], rows[2], rows[3]))

        second = imported(csv_of(rows[1], rows[4]))

        found = AlertQuarter.objects.filter(customer=customer).values_list("start", "volume", "incidents")
        triggers = {
            one["received_at"]: one["initial"] for one in stored("SELECT * FROM sla_notification ORDER BY initial")
        }
        terms = EnterpriseTerms.__new__(EnterpriseTerms)
        object.__setattr__(terms, "volume_quarter_minutes", 15)
        expected = quarters_of(triggers, [at for at, initial in triggers.items() if initial], terms)
        total: dict = {}
        for start, volume, incidents in found:
            before = total.get(start, (0, 0))
            total[start] = (before[0] + volume, before[1] + incidents)
        assert total == {one.start: (one.volume, one.incidents) for one in expected}
        assert second.rests_on.count() == 1

    def test_one_that_two_files_have_is_added_up_also_once_the_second_is_undone(self):
        """S7: alone is only what no other import has; the spans of the two files have no instant in common."""
        at = "2026-05-04T{}:00Z".format
        first = imported(csv_of(*(row(n, received_at=at(hour)) for n, hour in [(1, "11:50"), (2, "12:01")])))

        second = imported(csv_of(*(row(n, received_at=at(hour)) for n, hour in [(3, "12:02"), (4, "12:16")])))

        assert alone() == {
            (first.pk, "11:45"): True,
            (first.pk, "12:00"): False,
            (second.pk, "12:00"): False,
            (second.pk, "12:15"): True,
        }
        undone(second)
        assert alone() == {(first.pk, "11:45"): True, (first.pk, "12:00"): False}


def alone():
    found = AlertQuarter.objects.values_list("source", "start", "alone")
    return {(source, f"{start:%H:%M}"): told for source, start, told in found}


class TestOtherFormats:
    def test_json_lines(self):
        lines = b"\n".join(
            json.dumps({**row(n), "delay": 1.5, "initial": True, "resolved_at": None}).encode() for n in (1, 2)
        )

        source = imported(lines + b'\n[1]\n{"a":\n', name="alerts.jsonl", without_refused=True)

        assert told(source) == [(3, "", "json"), (4, "", "json")]
        assert [one["delay"] for one in stored()] == [timedelta(seconds=90)] * 2

    def test_text_that_is_packed(self):
        assert counts(imported(gzip.compress(csv_of(row(1))), name="alerts.csv.gz")) == (1, 1, 0, 0)


def test_the_file_is_read_on_while_the_server_loads_what_was_read(monkeypatch):
    monkeypatch.setattr("sla.alerts.files.BLOCK", 1_000)
    convert, write = converting.Converter.block, loading._Copying.write
    converted, written = [], []
    two_are_converted = threading.Event()

    def counted(self, block):
        converted.append(convert(self, block))
        if len(converted) == 2:
            two_are_converted.set()
        return converted[-1]

    def written_late(self, one):
        assert two_are_converted.wait(10)
        written.append(one)
        write(self, one)

    monkeypatch.setattr(converting.Converter, "block", counted)
    monkeypatch.setattr(loading._Copying, "write", written_late)

    source = imported(csv_of(*(row(n) for n in range(1, 40))))

    assert counts(source) == (39, 39, 0, 0)
    assert len(written) == len(converted) > 4


def test_of_what_is_refused_no_more_is_held_than_is_told(monkeypatch):
    held, convert = [], converting.Converter.block

    def looked_into(self, block):
        done = convert(self, block)
        held.append((done.refused, len(done.told), "USA" in self.plain.known[Kind.COUNTRY]))
        return done

    monkeypatch.setattr(converting, "MOST_TOLD", 2)
    monkeypatch.setattr(converting.Converter, "block", looked_into)

    source = checked(csv_of(*(row(n, located="USA") for n in range(1, 6))))

    assert counts(source) == (5, 0, 5, 0)
    assert held == [(5, 2, False)]


def test_a_batch_is_small_beside_a_file():
    assert loading.BATCH <= 8 * 1024**2
