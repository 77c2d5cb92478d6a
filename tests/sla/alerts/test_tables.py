"""S4: where notifications lie: a table for each import and month, which only functions of the owner make, attach and drop."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from entitlements.rules.spans import Span
from sla.alerts.cells import MOST_SIGNS
from sla.evidence.circumstances import Circumstances
from sla.evidence.ground import Ground
from sla.evidence.questions import late_by_customer
from sla.models import AlertImport, AlertPart, Notification
from sla.models.alerts import MAY_BE_LATE, WAITED
from tests import factories as make
from tests.factories import NOW
from tests.worked_examples.paper_terms import PAPER_TERMS

pytestmark = pytest.mark.django_db

MAY = date(2020, 5, 1)
"""Long past: no claim can rest on it any more, whatever the machine's clock says."""


def a_file(**fields):
    given = {"sha256": "ab" * 32, "stored_as": f"{len(AlertImport.objects.all())}.bin", "uploaded_by": make.manager()}
    reference = f"LOG-{AlertImport.objects.count()}"
    return AlertImport.objects.create(
        reference=reference, name="alerts.csv", kind="csv", size=1, uploaded_at=NOW, **given | fields
    )


def ask(question, *values):
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchall() if cursor.description else None


def put(source, **fields):
    """A row in the table that an import has for May."""
    row = {
        "customer_id": 1,
        "received_at": datetime(2020, 5, 4, 12, tzinfo=UTC),
        "delay": timedelta(minutes=1),
        "line": 2,
        **dict.fromkeys(("initial", "first_responder", "high_urgency"), True),
        "channel": "sms",
        **dict.fromkeys(("incident", "responder", "provider_reference"), "one"),
        "sms_sent_at": datetime(2020, 5, 4, 12, 2, tzinfo=UTC),
        "other_logs": '{"fax_sent": "2020-05-04T12:01:30+00:00"}',
    } | fields
    (table,) = ask("SELECT make_alert_table(%s, %s)", source.pk, MAY)[0]
    ask(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", *row.values())


def moved(source, state, **fields):
    AlertImport.objects.filter(pk=source.pk).update(state=state, **fields)


def plan_by(terms):
    """How the server finds what all customers' late alerts of May come to by an edition."""
    may = Span(datetime(2020, 5, 1, tzinfo=UTC), datetime(2020, 6, 1, tzinfo=UTC))
    ground = tuple(Ground(customer, may, ZoneInfo("UTC"), terms) for customer in (1, 2))
    with CaptureQueriesContext(connection) as asked:
        late_by_customer(Circumstances(ground=ground, now=NOW))
    return str(ask(f"EXPLAIN {asked.captured_queries[-1]['sql']}"))


@pytest.fixture
def standing(db):
    source = a_file()
    moved(source, "checking")
    put(source)
    ask("SELECT index_alert_table(%s, %s)", source.pk, MAY)
    moved(source, "checked", rows=1, good=1)
    moved(source, "importing")
    ask("SELECT attach_alert_tables(%s)", source.pk)
    moved(source, "imported", imported_at=NOW)
    return source


class TestTheTables:
    def test_what_is_attached_counts_and_reads_as_the_rules_read_it(self, standing):
        alert = Notification.objects.get(source=standing).facts()

        assert alert.due == datetime(2020, 5, 4, 12, 1, tzinfo=UTC)
        assert alert.logs == (
            ("fax_sent", datetime(2020, 5, 4, 12, 1, 30, tzinfo=UTC)),
            ("sms_sent", datetime(2020, 5, 4, 12, 2, tzinfo=UTC)),
        )

    def test_what_is_not_attached_does_not_count(self, db):
        source = a_file()
        moved(source, "checking")

        put(source)

        assert not Notification.objects.exists()

    @pytest.mark.parametrize(
        "what", ["UPDATE {0} SET line = 3", "DELETE FROM {0}", "INSERT INTO {0} SELECT * FROM {0}"]
    )
    def test_nobody_changes_what_is_attached(self, standing, what):
        for table in ("sla_notification", "sla_notification_202005", f"sla_notification_{standing.pk}_202005"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                ask(what.format(table))

    def test_the_index_of_what_may_be_late_is_found_by_its_predicate(self, standing):
        ask("SET LOCAL enable_seqscan = off")

        late = f"{MAY_BE_LATE} AND {WAITED} > interval '5 minutes'"
        plan = str(ask(f"EXPLAIN SELECT 1 FROM sla_notification WHERE customer_id = 1 AND {late}"))

        assert "_late" in plan
        assert "Filter" not in plan  # nor is a row looked at that waited for less

    def test_what_all_customers_come_to_is_read_from_that_index_alone(self, standing):
        ask("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        late = f"using sla_notification_{standing.pk}_202005_late"

        assert f"Index Only Scan {late}" in plan_by(PAPER_TERMS)
        assert f"Index Scan {late}" in plan_by(replace(PAPER_TERMS, deciding_logs={"fax": "fax_sent"}))

    def test_an_entry_of_that_index_has_room_for_the_longest_texts(self, db):
        """No two signs are alike, so that none of it is kept in fewer bytes."""
        source = a_file()
        moved(source, "checking")
        longest = "".join(chr(0x20000 + 193 * n) for n in range(MOST_SIGNS))

        put(source, **dict.fromkeys(("incident", "responder", "provider_reference"), longest), sms_sent_at=None)

        ask("SELECT index_alert_table(%s, %s)", source.pk, MAY)

    def test_the_same_notification_twice_is_found_by_the_first_index(self, db):
        source = a_file()
        moved(source, "checking")
        put(source)
        put(source, line=3)

        with pytest.raises(IntegrityError, match="_once"), transaction.atomic():
            ask("SELECT index_alert_table(%s, %s)", source.pk, MAY)

    @pytest.mark.parametrize("state", ["mapping", "left"])
    def test_only_a_file_that_is_being_checked_gets_a_table(self, db, state):
        source = a_file(state=state)

        with pytest.raises(DatabaseError, match="takes no rows"):
            ask("SELECT make_alert_table(%s, %s)", source.pk, MAY)

    def test_only_what_is_being_imported_is_attached_and_what_stands_is_not_dropped(self, standing):
        for function in ("attach_alert_tables", "drop_alert_tables"):
            with pytest.raises(DatabaseError, match=f"import {standing.pk}"), transaction.atomic():
                ask(f"SELECT {function}(%s)", standing.pk)

    def test_what_stands_is_not_analyzed_by_whoever_asks(self, standing):
        with pytest.raises(DatabaseError, match="not being checked"):
            ask("SELECT analyze_alert_table(%s, %s)", standing.pk, MAY)

    def test_what_is_undone_is_dropped_as_a_whole(self, standing):
        moved(standing, "undone", undone_at=NOW, undone_by=make.manager())

        ask("SELECT drop_alert_tables(%s)", standing.pk)

        assert not Notification.objects.exists()
        assert not AlertPart.objects.exists()

    def test_a_month_goes_and_one_that_a_claim_rests_on_stays(self, standing):
        with transaction.atomic():
            ask("SELECT drop_alert_month(%s)", MAY)
            assert not Notification.objects.exists()
            transaction.set_rollback(True)
        make.failure(kind="B", began=datetime(2020, 4, 28, 12, tzinfo=UTC), now=NOW)  # matched within three days

        with pytest.raises(IntegrityError, match="the logs of 2020-05 stay"):
            ask("SELECT drop_alert_month(%s)", MAY)

    def test_a_month_stays_while_somebody_can_still_claim_by_it(self, db):
        """S7, S13: six months of the median, fifteen days to claim after the day, three of matching, by the edition's row."""
        last = ask(
            "SELECT (date_trunc('month', now() AT TIME ZONE 'UTC' - interval '19 days') - interval '7 months')::date"
        )[0][0]

        with pytest.raises(IntegrityError, match="a claim can rest on them until"), transaction.atomic():
            ask("SELECT drop_alert_month((%s + interval '1 month')::date)", last)
        ask("SELECT drop_alert_month(%s)", last)

    def test_no_report_comes_in_while_a_month_goes(self, db):
        ask("SELECT drop_alert_month(%s)", MAY)

        held = "SELECT mode FROM pg_locks WHERE relation = 'sla_failure'::regclass AND pid = pg_backend_pid()"
        assert ("ShareLock",) in ask(held)


REFUSED = {
    "a_file_of_alerts_stands_once": lambda: [a_file(), a_file()],
    "the_counts_of_an_alert_import_add_up": lambda: a_file(state="checked", rows=3, good=1, refused=1),
    "refused_alerts_are_left_out_by_choice": lambda: a_file(state="importing", rows=2, good=1, refused=1),
    "an_imported_file_of_alerts_says_when": lambda: a_file(state="imported"),
    "one_table_for_an_import_and_month": lambda: [
        AlertPart.objects.create(source=AlertImport.objects.first() or a_file(), month=MAY) for _ in range(2)
    ],
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_list_of_imports_refuses(name):
    with pytest.raises(IntegrityError, match=name):
        REFUSED[name]()


def test_a_file_that_was_left_or_undone_can_come_again(db):
    left = a_file(state="left")

    assert a_file().pk != left.pk
