"""M10: the one log. A line for each action, with its business time beside the recorded one; a line for each row that changed."""

from __future__ import annotations

from datetime import timedelta

import pgtrigger
import pytest
from django.db import DatabaseError, connection, connections, transaction

from entitlements.actions.log import record
from entitlements.models import Customer, Engagement, Event, Letter, LetterEvent, User
from entitlements.models.letters import COURSE, FACTS, MOVED
from tests import factories as make
from tests.factories import DAY, NOW

database = pytest.mark.django_db


def lines(**which):
    return Event.objects.filter(**which).order_by("id")


def raw(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def forget_the_action():
    """A test is one transaction, in the product each action is its own: what follows belongs to none."""
    raw("SELECT set_config('makegood.event', '', true)")


@database
class TestAnAction:
    def test_it_is_one_line_with_its_business_time_beside_the_recorded_one(self, requested):
        (line,) = lines(matter=requested.reference, part_of=None)

        assert (line.verb, line.actor, line.happened_at) == ("engagement.requested", requested.requested_by, NOW)
        assert abs(line.recorded_at - NOW) > DAY  # the database's own clock, whatever was handed in
        assert line.database_role != "makegood_owner"

    def test_the_rows_that_it_changed_hang_on_it(self, requested):
        action = lines(verb="engagement.requested").get()

        changes = action.changes_made.all()

        assert {line.table for line in changes} == {"entitlements_engagement"}
        assert {(line.actor, line.matter, line.happened_at) for line in changes} == {
            (requested.requested_by, requested.reference, NOW)
        }

    def test_no_setting_switches_the_triggers_off(self):
        customer = make.customer(name="Old")

        with pgtrigger.ignore("entitlements.Customer:logged"):
            Customer.objects.filter(pk=customer.pk).update(name="New")

        assert lines(table="entitlements_customer", verb="update").get().changes == {"name": ["Old", "New"]}

    def test_one_by_the_clock_has_nobody(self):
        with transaction.atomic():
            record("thing.lapsed", matter="X-1", by=None, now=NOW)

        assert lines(verb="thing.lapsed").get().who == "automatically"

    def test_a_second_action_in_one_transaction_takes_its_own_changes(self):
        engineer, desk = make.engineer(), make.manager()
        engagement = make.scheduled(engineer=engineer, by=desk)

        requested, scheduled = lines(matter=engagement.reference, part_of=None)

        assert {line.table for line in requested.changes_made.all()} == {"entitlements_engagement"}
        assert {line.table for line in scheduled.changes_made.all()} == {
            "entitlements_engagement",
            "entitlements_bookedsession",
            "entitlements_letter",
        }


@database
class TestAChangedRow:
    """By any way: the columns that differ, before and after; hidden ones only as changed."""

    def test_only_what_differs_is_noted(self):
        customer = make.customer(name="Old")
        customer.name = "New"
        customer.save()

        assert lines(table="entitlements_customer").last().changes == {"name": ["Old", "New"]}

    def test_a_save_that_changes_nothing_is_no_line(self):
        customer = make.customer()
        before = Event.objects.count()

        customer.save()

        assert Event.objects.count() == before

    @pytest.mark.parametrize(
        "change",
        [
            lambda: Customer.objects.update(name="New"),
            lambda: raw("UPDATE entitlements_customer SET name = 'New'"),
            lambda: Customer.objects.bulk_update([named(c, "New") for c in Customer.objects.all()], ["name"]),
        ],
        ids=["in bulk", "by raw SQL", "bulk_update"],
    )
    def test_each_row_is_noted_however_it_was_changed(self, change):
        customers = [make.customer(name="Old") for _ in range(3)]

        change()

        noted = lines(table="entitlements_customer", verb="update")
        assert [line.row_id for line in noted] == [str(customer.pk) for customer in customers]
        assert all(line.changes == {"name": ["Old", "New"]} for line in noted)

    def test_what_comes_in_bulk_is_noted(self):
        Customer.objects.bulk_create(Customer(name=n, external_id=n) for n in ("a", "b"))

        assert [line.changes["name"] for line in lines(verb="insert", table="entitlements_customer")] == [
            [None, "a"],
            [None, "b"],
        ]

    def test_what_is_taken_away_is_noted_with_what_it_was(self, gold):
        gold.products.filter(product="im").delete()

        line = lines(verb="delete", table="entitlements_contractproduct").get()
        assert line.changes["product_id"] == ["im", None]

    @pytest.mark.usefixtures("requested")
    def test_outside_an_action_it_stands_alone_with_the_databases_time(self):
        forget_the_action()

        raw("UPDATE entitlements_customer SET name = 'New'")

        line = lines(table="entitlements_customer").last()
        assert (line.part_of, line.actor, line.matter) == (None, None, "")
        assert abs(line.happened_at - line.recorded_at) < timedelta(hours=1)

    @pytest.mark.parametrize(
        ("columns", "change"),
        [
            (("email", "name"), lambda: User.objects.filter(pk=make.person().pk).update(email="s@x.y", name="S")),
            (("topic",), lambda: Engagement.objects.update(topic="Secret")),
            (("text", "subject", "addressee"), lambda: Letter.objects.update(text="S", subject="S", addressee="s@x.y")),
        ],
        ids=["a person", "an engagement", "a letter"],
    )
    @pytest.mark.usefixtures("scheduled")
    def test_what_is_personal_is_named_and_not_repeated(self, columns, change):
        change()

        changes = lines(verb="update").last().changes
        assert {changes[column] for column in columns} == {"changed"}


class TestALettersCourse:
    """M10, T2: of a letter is logged what it is, and in which state it is; each step of its course is a row that is only added."""

    def test_each_column_is_a_fact_or_its_state_or_of_its_course(self):
        columns = {field.attname for field in Letter._meta.concrete_fields} - {"id"}

        assert sorted([*FACTS, *MOVED, *COURSE]) == sorted(columns)

    @database
    @pytest.mark.parametrize("under_an_act", [False, True], ids=["a sender's", "an act's"])
    @pytest.mark.usefixtures("scheduled")
    def test_a_move_names_what_moved(self, under_an_act):
        forget_the_action()
        if under_an_act:
            record("letter.queued_again", matter="X-1", by=None, now=NOW)
        letter = Letter.objects.filter(pk=Letter.objects.first().pk)
        letter.update(attempts=3)
        letter.update(state="failed")
        letter.update(state="accepted", accepted_at=NOW)

        failed, accepted = lines(table="entitlements_letter", verb="update")
        assert failed.changes == {"state": ["queued", "failed"]}
        assert accepted.changes.pop("accepted_at")[0] is None
        assert accepted.changes == {"state": ["failed", "accepted"]}
        assert [one.part_of is not None for one in (accepted, failed)] == [under_an_act] * 2


def named(customer, name):
    customer.name = name
    return customer


LEDGERS = ["entitlements_event", "entitlements_letterevent", "entitlements_usageentry", "sla_creditentry"]
NEVER_TAKEN_AWAY = [
    "entitlements_letter",
    "entitlements_engagement",
    "entitlements_contract",
    "entitlements_customer",
    "entitlements_user",
    "sla_claim",
    "sla_failure",
    "sla_evidence",
    "sla_proposal",
    "sla_credit",
]


@database
class TestWhatIsOnlyAddedTo:
    """P22, P23: ledgers and the log: the application's role may only add, and a trigger says so to everybody else."""

    @pytest.mark.parametrize("table", LEDGERS)
    @pytest.mark.parametrize("sql", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
    def test_the_application_may_not_change_it(self, table, sql):
        with pytest.raises(DatabaseError, match="permission denied"):
            raw(sql.format(table))

    @pytest.mark.parametrize("table", NEVER_TAKEN_AWAY)
    @pytest.mark.parametrize("sql", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
    def test_the_application_may_not_take_it_away(self, table, sql):
        with pytest.raises(DatabaseError, match="permission denied"):
            raw(sql.format(table))

    @pytest.mark.parametrize(
        "sql",
        [
            "DROP TABLE entitlements_event",
            "ALTER TABLE entitlements_event DISABLE TRIGGER ALL",
            "CREATE TABLE mine (id int)",
            "SET session_replication_role = replica",
            "DELETE FROM django_migrations",
        ],
    )
    def test_the_application_may_not_get_round_it(self, sql):
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
            raw(sql)


class TestTheOwner:
    def test_even_the_owner_cannot_change_or_delete_a_line(self, committed_db):
        make.decided()
        make.request()
        letter = Letter.objects.first()
        LetterEvent.objects.create(letter=letter, kind="delivered", at=NOW)

        for table in LEDGERS:
            for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
                with (
                    connections["owner"].cursor() as cursor,
                    pytest.raises(DatabaseError, match="Cannot update or delete"),
                ):
                    cursor.execute(sql)


class TestTheFirstLine:
    def test_outside_a_transaction_it_is_refused(self, committed_db):
        with pytest.raises(RuntimeError, match="one transaction"):
            record("thing.done", matter="X-1", by=None, now=NOW)


def test_an_action_of_another_transaction_takes_none_of_it(committed_db):
    with transaction.atomic():
        record("thing.done", matter="X-1", by=None, now=NOW)

    with transaction.atomic():
        raw("SELECT set_config('makegood.event', (SELECT max(id)::text FROM entitlements_event), true)")
        make.customer()

    assert lines(table="entitlements_customer").get().part_of is None
