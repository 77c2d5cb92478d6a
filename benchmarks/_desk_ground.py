"""What the desk's half of bench-pages stands on: many contracts, and many claims of the last months, most of them closed.

Like `_booking_ground`: nothing of Django is imported before its `standing()` has started the servers.
"""

from __future__ import annotations

import uuid

from benchmarks._booking_ground import contracts
from benchmarks._sweep_ground import _others, _run, tidied
from config.embedded import DATABASE

# Three minutes apart. Of a hundred: one was just sent, one is in review, one a draft; the others are closed. Each is for a report of
# its own. Seeded without triggers, by the superuser: it is not what is measured.
SEED_CLAIMS = """
WITH place AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM entitlements_contract WHERE id = ANY(%(contracts)s)),
drawn AS MATERIALIZED (
    SELECT nextval('sla_failure_id_seq') AS failure, nextval('sla_claim_id_seq') AS claim, place.id AS contract,
           %(batch)s || i AS name, %(now)s::timestamptz - i * interval '3 minutes' AS at,
           CASE i %% 100 WHEN 0 THEN 'submitted' WHEN 1 THEN 'in_review' WHEN 2 THEN 'draft'
                ELSE CASE i %% 3 WHEN 0 THEN 'denied' WHEN 1 THEN 'credited' ELSE 'withdrawn' END END AS state
      FROM generate_series(1, %(n)s) AS i JOIN place ON place.n = i %% %(places)s),
made AS MATERIALIZED (
    SELECT *, state IN ('denied', 'credited', 'withdrawn') AS over,
           CASE state WHEN 'draft' THEN greatest(at, %(now)s) ELSE at END + interval '12 days' AS closes FROM drawn),
failure AS (
    INSERT INTO sla_failure (id, reference, contract_id, kind, state, began_at, description, incident, channel, responder_country,
        configured_delay_minutes, reported_at, reported_by_id, reported_late, occurred_at, closes_at, form_key{failure})
    SELECT failure, 'DF' || name, contract, 'A', 'claimed', at - interval '2 days', '', '', '', '', 0, at - interval '1 day', %(by)s, false,
           at - interval '2 days', closes, gen_random_uuid(){of_failure} FROM made),
link AS (
    INSERT INTO sla_claimfailure (claim_id, failure_id) SELECT claim, failure FROM made)
INSERT INTO sla_claim (id, reference, contract_id, state, method, opened_at, opened_by_id, saved_at, closes_at, sends_itself, contact_name,
    contact_email, contact_phone, received_by_the_clock, received_at, submitted_by_id, taken_at, taken_by_id, closed_at{claim})
SELECT claim, 'CL' || name, contract, state, 'transactions', at - interval '1 day', %(by)s, at, closes, true, '', '', '', false,
       CASE WHEN state <> 'draft' THEN at END, CASE WHEN state <> 'draft' THEN %(by)s END,
       CASE WHEN over OR state = 'in_review' THEN at + interval '1 hour' END, CASE WHEN over OR state = 'in_review' THEN %(by)s END,
       CASE WHEN over THEN at + interval '5 days' END{of_claim} FROM made
"""


def seeded(postgres, *, claims: int, places: int, by, now) -> None:
    """So many claims until `now`, spread over so many contracts of as many customers."""
    from sla.models import Claim, Failure

    keys = [contract for contract, _ in contracts(postgres, places, by, first=now.date().replace(month=1, day=1))]
    columns, rest = {}, {}
    for name, model in (("claim", Claim), ("failure", Failure)):
        others = _others(model, SEED_CLAIMS)
        columns[name] = "".join(f", {column}" for column in others)
        columns[f"of_{name}"] = "".join(f", %({column})s" for column in others)
        rest |= others
    values = {
        "contracts": keys,
        "places": places,
        "batch": uuid.uuid4().hex[:5].upper(),
        "n": claims,
        "by": by.pk,
        "now": now,
    }
    _run(postgres, DATABASE, SEED_CLAIMS.format(**columns), rest | values)
    tidied(postgres)
