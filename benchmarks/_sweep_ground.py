"""What the benchmarks of the clock stand on: a thousand customers and as many drafts as are asked for, due or not.

Like `_booking_ground`: nothing of Django is imported before `standing()` has started the servers.
"""

from __future__ import annotations

import re
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime

from benchmarks._booking_ground import standing
from config.embedded import DATABASE

__all__ = ["AS_OF", "customers", "drafts", "inside", "standing", "tidied", "turn"]

AS_OF = datetime(2026, 6, 10, 14, 0, tzinfo=UTC)
CUSTOMERS = 1_000

# Without levels: no question of the clock's asks for them here, so without the trigger that does.
SEED_CONTRACTS = """
INSERT INTO entitlements_contract (customer_id, order_form, account, term, zone, currency, plan, discount_percent, status)
SELECT id, 'OF-' || id, 'account', '[2026-01-01,2028-01-01)', 'America/New_York', 'USD', 'Business', 0, 'active'
  FROM entitlements_customer
"""

# Each draft has its report; a second apart, due before the moment of the turn, or not due after it. Without triggers, by the
# superuser: seeding is not what is measured.
SEED_DRAFTS = """
WITH owner AS MATERIALIZED (
    SELECT contract.id, membership.user_id, row_number() OVER (ORDER BY contract.id) - 1 AS n
      FROM entitlements_contract AS contract JOIN entitlements_membership AS membership USING (customer_id)),
draft AS MATERIALIZED (
    SELECT nextval('sla_failure_id_seq') AS failure, nextval('sla_claim_id_seq') AS claim, owner.id AS contract, owner.user_id AS by,
           %(batch)s || i AS name,
           %(now)s::timestamptz + CASE WHEN %(due)s THEN -interval '1 day' ELSE interval '1 day' END
                                + i * CASE WHEN %(due)s THEN -1 ELSE 1 END * interval '0.1 second' AS closes_at
      FROM generate_series(1, %(n)s) AS i JOIN owner ON owner.n = i %% %(customers)s),
failure AS (
    INSERT INTO sla_failure (id, reference, contract_id, kind, state, began_at, description, incident, channel, responder_country,
        configured_delay_minutes, reported_at, reported_by_id, reported_late, occurred_at, closes_at, form_key{failure})
    SELECT failure, 'DF' || name, contract, 'A', 'claimed', closes_at - interval '16 days', '', '', '', '', 0,
           closes_at - interval '15 days', by, false, closes_at - interval '16 days', closes_at, gen_random_uuid(){of_failure} FROM draft),
link AS (
    INSERT INTO sla_claimfailure (claim_id, failure_id) SELECT claim, failure FROM draft)
INSERT INTO sla_claim (id, reference, contract_id, state, method, opened_at, opened_by_id, saved_at, closes_at, sends_itself,
    contact_name, contact_email, contact_phone, received_by_the_clock, remind_at{claim})
SELECT claim, 'CL' || name, contract, 'draft', 'transactions', closes_at - interval '15 days', by, closes_at - interval '15 days',
       closes_at, true, '', '', '', false, CASE WHEN NOT %(due)s THEN closes_at END{of_claim} FROM draft
"""


def customers(postgres):
    """A thousand customers with a contract and an owner each."""
    from entitlements.models import Customer, Membership, Role, User

    some = range(CUSTOMERS)
    firms = Customer.objects.bulk_create(Customer(name=f"Customer {n}", external_id=f"C-{n}") for n in some)
    people = User.objects.bulk_create(User(email=f"person{n}@customer.example", name=f"Person {n}") for n in some)
    pairs = list(zip(firms, people, strict=True))
    Membership.objects.bulk_create(Membership(customer=firm, user=one, roles=[Role.OWNER]) for firm, one in pairs)
    _run(postgres, DATABASE, SEED_CONTRACTS)


def drafts(postgres, n: int, *, due: bool, database=DATABASE):
    """So many drafts with their reports, in portions; those that are due have no reminder ahead of them."""
    from sla.models import Claim, Failure

    columns, rest = {}, {}
    for name, model in (("claim", Claim), ("failure", Failure)):
        others = _others(model)
        columns[name] = "".join(f", {column}" for column in others)
        columns[f"of_{name}"] = "".join(f", %({column})s" for column in others)
        rest |= others
    while n > 0:
        portion = min(n, 250_000)
        values = {"n": portion, "batch": uuid.uuid4().hex[:8].upper(), "due": due, "now": AS_OF, "customers": CUSTOMERS}
        _run(postgres, database, SEED_DRAFTS.format(**columns), rest | values)
        n -= portion


def _others(model, statement=SEED_DRAFTS):
    """The columns that cannot be empty and that the statement does not name, with what the product writes into them by itself."""
    from django.db import connection

    named = set(re.findall(r"\w+", statement))
    fields = (field for field in model._meta.concrete_fields if not field.null and not field.primary_key)
    return {
        one.column: one.get_db_prep_save(one.get_default(), connection) for one in fields if one.column not in named
    }


def tidied(postgres, database=DATABASE):
    """As autovacuum leaves it."""
    for table in ("sla_claim", "sla_failure", "sla_claimfailure", "entitlements_letter", "entitlements_event"):
        _run(postgres, database, f"VACUUM (ANALYZE) {table}")


def turn(now=AS_OF):
    """One turn of the clock, as both doorbells ring it, with all the time that it wants."""
    from datetime import timedelta

    from sla.sweep import sweep

    run = sweep(now=now, application_now=now, budget=timedelta(hours=3))
    assert (run.alarm, run.left) == ("", {})
    return run


@contextmanager
def inside(database):
    """The application, pointed at another database."""
    from django.db import connections

    here = connections["default"].settings_dict
    before = here["NAME"]
    if before != database:
        connections.close_all()
        here["NAME"] = database
    try:
        yield
    finally:
        if before != database:
            connections.close_all()
            here["NAME"] = before


def _run(postgres, database, statement, values=None):
    import psycopg

    with psycopg.connect(postgres.url("postgres", database), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        psycopg.ClientCursor(connection).execute(statement, values)
