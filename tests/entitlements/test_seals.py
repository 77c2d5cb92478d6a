"""P22: what is under seal cannot be touched unseen, and sealing costs no writer anything."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.urls import reverse

from entitlements import checks
from entitlements.models import Event, EventSeal
from entitlements.seals import Head, digest_of, kept_heads, seal_log, verify
from tests import factories as make
from tests.desk import signed_in
from tests.factories import NOW

TABLES = ("entitlements_event", "entitlements_eventseal")


def owner(sql):
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)


def lines(count):
    """As an action writes them, and what the database says of each."""
    columns = 'happened_at, verb, matter, note, "table", row_id'
    write = f"INSERT INTO entitlements_event ({columns}) SELECT %s, 'thing.' || n, '', '', '', '' FROM generate_series(1, %s) AS n"
    with connection.cursor() as cursor:
        cursor.execute(f"{write} RETURNING id", [NOW, count])
        return [Event(pk=key) for (key,) in cursor.fetchall()]


def seal():
    """Twice: the first turn only notes how far the log has come."""
    return seal_log() + seal_log()


class TestAHead:
    @pytest.mark.parametrize("text", ["3 ABC", "3:abc", "3 abc\n"])
    def test_it_is_read_as_people_copy_it(self, text):
        assert Head.read(text) == Head(3, "abc")


class TestTheSeals:
    def test_what_is_finished_comes_under_seal_once(self, committed_db, settings, tmp_path):
        settings.SEALS_FILE = str(tmp_path / "seals.txt")
        there = Event.objects.count() + len(lines(5))

        assert (seal_log(), seal_log(), seal_log()) == (0, there, 0)
        lines(2)
        assert (seal_log(), seal_log()) == (0, 2)

        found = verify(kept_heads())
        assert (found.trouble, found.lines) == ("", there + 2)
        assert kept_heads()[-1] == found.head
        call_command("verify", head=[str(found.head)])

    def test_a_line_that_is_still_being_written_is_waited_for(self, committed_db):
        """Whoever was writing when the last batch was sealed may still have a lower line than others."""
        there = Event.objects.count()
        with transaction.atomic(using="owner"):
            owner(
                'INSERT INTO entitlements_event (happened_at, verb, matter, note, "table", row_id)'
                " VALUES (now(), 'slow', '', '', '', '')"
            )
            lines(3)
            assert (seal_log(), seal_log(), seal_log()) == (0, 0, 0)

        assert (seal_log(), seal_log()) == (there + 4, 0)
        assert verify().trouble == ""

    def test_many_lines_are_sealed_in_batches(self, committed_db, monkeypatch):
        monkeypatch.setattr("entitlements.seals.MOST", 2)
        there = Event.objects.count() + len(lines(5))

        assert seal() == there
        sizes = [len(one.ids) for one in EventSeal.objects.order_by("id")]
        assert (max(sizes), sum(sizes)) == (2, there)
        assert verify().trouble == ""

    def test_whatever_is_touched_is_named_and_the_cut_end_is_missed(self, committed_db):
        made = lines(3)
        owner("SELECT nextval('entitlements_event_id_seq')")  # of a transaction that was rolled back
        made += lines(3)
        seal()
        head, (first, second, third, *_, last) = verify().head, [one.pk for one in made]
        gap = made[3].pk - 1
        for table in TABLES:
            owner(f"CREATE TABLE kept_{table} AS TABLE {table}")
            owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        copied = ", ".join(f.column if f.column != "table" else '"table"' for f in Event._meta.concrete_fields[1:])
        told = {
            f"UPDATE entitlements_event SET note = 'x' WHERE id = {second}": f"Line {second} was changed.",
            f"UPDATE entitlements_event SET recorded_at = now() WHERE id IN ({second}, {third})": f"Line {second} was changed.",
            f"DELETE FROM entitlements_event WHERE id = {third}": f"Line {third} was taken away.",
            f"UPDATE entitlements_event SET id = -1 WHERE id = {first}; UPDATE entitlements_event SET id = {first}"
            f" WHERE id = {last}; UPDATE entitlements_event SET id = {last} WHERE id = -1": f"Line {first} was changed.",
            f"INSERT INTO entitlements_event (id, {copied}) OVERRIDING SYSTEM VALUE SELECT {gap}, {copied}"
            f" FROM entitlements_event WHERE id = {first}": f"Line {gap} was put in after its neighbours had been sealed.",
            "UPDATE entitlements_eventseal SET digests = digests || digests WHERE id = (SELECT max(id) FROM entitlements_eventseal)": (
                "Seal 2 is not as it was made."
            ),
            "TRUNCATE entitlements_event; DELETE FROM entitlements_eventseal WHERE array_length(ids, 1) > 0": (
                "The end of the log is cut off: seal 2 was made, and is not there."
            ),
        }

        for touch, said in told.items():
            for statement in touch.split(";"):
                owner(statement)
            assert verify([head]).trouble == said
            for table in TABLES:
                owner(f"TRUNCATE {table} CASCADE")
                owner(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM kept_{table}")

        assert verify([head]).trouble == ""
        with pytest.raises(CommandError, match="made anew"):
            call_command("verify", head=[f"2:{'0' * 64}"])

    @pytest.mark.django_db
    def test_before_anything_is_sealed_nothing_is_wrong(self):
        make.customer()

        assert verify() == type(verify())("", 0, None)


@pytest.mark.django_db
class TestThePage:
    """M10: filtered by kind, person and object; as a file with the digest of each line."""

    def test_it_is_filtered_and_the_file_has_the_digests(self):
        by = make.manager(name="Ada Lund")
        make.request(contract=make.contract(by=by))
        desk, here = signed_in(by), reverse("admin:entitlements_event_changelist")

        acts = desk.get(here, {"kind": "acts", "who": "people", "q": "Ada Lund"}).context["cl"].queryset
        assert acts
        assert {(one.actor_id, one.table) for one in acts} == {(by.pk, "")}
        assert not desk.get(here, {"kind": "read"}).context["cl"].queryset
        rows = list(
            csv.DictReader(
                io.StringIO(desk.get(here, {"kind": "acts", "format": "csv"}).getvalue().decode("utf-8-sig"))
            )
        )

        assert rows
        assert rows[0]["sha256"] == digest_of(Event.objects.filter(table="").order_by("-id").first().pk)

    def test_a_line_shows_its_digest(self):
        make.customer()
        line = Event.objects.latest("id")

        page = signed_in(make.manager()).get(reverse("admin:entitlements_event_change", args=[line.pk]))

        assert digest_of(line.pk) in page.content.decode()


@pytest.mark.parametrize(("file", "said"), [("", ["makegood.W001"]), ("/var/log/seals.txt", [])])
def test_a_production_without_a_file_for_the_heads_is_warned(settings, file, said):
    """P22: without one, an end that was cut off with its seals is seen by nobody."""
    settings.SEALS_FILE = file

    assert [one.id for one in checks.the_heads_are_kept_outside()] == said
