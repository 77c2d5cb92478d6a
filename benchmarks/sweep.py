"""bench-sweep: drafts whose window ended lapse with all effects, against the same effects by one set-based statement.

Work: a whole turn of the clock, as both doorbells ring it: batches of 1,000, a commit each, every draft with its line in the log,
its report, its letter with the frozen context, and the lines of the triggers that hang on its own. Floor: the same rows by one
statement over all that is due, triggers included, in which nobody asks which reminder failed. In turn, A B A B, each on drafts of
its own; afterwards both have written equally many rows of each kind, and as many acts have changes of their own. Told beside it: the
floor without triggers, which writes their lines itself, of no act. Left out: sending the letters.
"""

from __future__ import annotations

import argparse
import statistics
import time

from benchmarks._sweep_ground import AS_OF, customers, drafts, standing, tidied, turn

GOAL, GOAL_OF_FEW, FEW = 0.75, 0.4, 1_000

CLAIMS = """
WITH due AS MATERIALIZED (
    SELECT claim.id, claim.reference, claim.closes_at, claim.opened_by_id, customer.id AS customer, customer.name, contract.zone,
           contract.currency
      FROM sla_claim AS claim JOIN entitlements_contract AS contract ON contract.id = claim.contract_id
      JOIN entitlements_customer AS customer ON customer.id = contract.customer_id
     WHERE claim.state = 'draft' AND claim.closes_at <= %(until)s ORDER BY claim.closes_at, claim.id
       FOR NO KEY UPDATE OF claim SKIP LOCKED),
act AS (
    INSERT INTO entitlements_event (happened_at, verb, matter, note, "table", row_id)
    SELECT closes_at, 'claim.lapsed', reference, '', '', '' FROM due RETURNING id, matter),
part AS (
    SELECT reference, reference AS matter FROM due
     UNION ALL SELECT failure.reference, due.reference
      FROM due JOIN sla_claimfailure AS link ON link.claim_id = due.id AND link.released_at IS NULL
      JOIN sla_failure AS failure ON failure.id = link.failure_id),
told AS MATERIALIZED (
    SELECT set_config('makegood.event', jsonb_object_agg(part.reference, act.id)::text, true) AS event
      FROM act JOIN part USING (matter)),
lapsed AS (
    UPDATE sla_claim AS claim SET state = 'lapsed', closed_at = claim.closes_at, remind_at = NULL FROM due, told
     WHERE claim.id = due.id AND claim.state = 'draft' RETURNING claim.id),
closed AS (
    UPDATE sla_failure AS failure SET state = 'closed', closed_at = due.closes_at FROM due, sla_claimfailure AS link
     WHERE link.claim_id = due.id AND failure.id = link.failure_id AND failure.state = 'claimed' RETURNING failure.id),
letter AS (
    INSERT INTO entitlements_letter (kind, matter, deadline, addressee, point, customer_id, person_id, context, attachments,
        written_at, due_at, urgent, message_id, state, attempts, subject, text, html, accepted_by_server, may_have_gone_twice,
        last_error)
    SELECT 'window_ended', reference, closes_at, person.email, '', customer, person.id,
           jsonb_build_object('of', jsonb_build_object('reference', reference, 'customer', due.name, 'zone', due.zone,
               'currency', currency, 'closes_at', jsonb_build_object('instant', closes_at::text),
               'link', jsonb_build_object('page', jsonb_build_array('claim', reference)),
               'draft', reference, 'missed', jsonb_build_array())),
           '[]', %(now)s, %(now)s, false,
           '<' || left(encode(sha256(convert_to(concat_ws(E'\\n', 'window_ended', reference, closes_at::text, '', person.email),
                                                'UTF8')), 'hex'), 40) || '@example.com>',
           'queued', 0, '', '', '', '', false, ''
      FROM due JOIN entitlements_membership AS member ON member.customer_id = customer AND member.left_at IS NULL
      JOIN entitlements_user AS person ON person.id = member.user_id AND person.is_active
       AND (person.id = due.opened_by_id OR member.roles && ARRAY['owner', 'claims']::varchar[])
    ON CONFLICT DO NOTHING RETURNING id)
"""
WITH_TRIGGERS = CLAIMS + "SELECT count(*) FROM lapsed"
WITHOUT_TRIGGERS = (
    CLAIMS
    + """
INSERT INTO entitlements_event (happened_at, verb, matter, note, "table", row_id, changes)
SELECT %(now)s, 'update', '', '', 'sla_claim', id::text, '{"state": ["draft", "lapsed"]}'::jsonb FROM lapsed
UNION ALL SELECT %(now)s, 'update', '', '', 'sla_failure', id::text, '{"state": ["claimed", "closed"]}' FROM closed
UNION ALL SELECT %(now)s, 'insert', '', '', 'entitlements_letter', id::text, '{"context": "changed"}' FROM letter
"""
)


def written():
    """How many rows of each kind there are: acts that have changes, acts, lines of changes, lapsed drafts, closed reports, letters."""
    from entitlements.models import Event, Letter
    from sla.models import Claim, Failure

    events = Event.objects.exclude(table="entitlements_sweeprun")
    of_acts = events.filter(part_of__isnull=False).values("part_of").distinct()
    counts = (of_acts, events.filter(verb="claim.lapsed"), events.filter(verb="update"), events.filter(verb="insert"))
    states = (Claim.objects.filter(state="lapsed"), Failure.objects.filter(state="closed"))
    return [rows.count() for rows in (*counts, *states, Letter.objects)]


def timed(postgres, n, do, *, of_acts=True):
    """Drafts a second, on drafts of its own; and that there are n more of each kind of row than before."""
    drafts(postgres, n, due=True)
    tidied(postgres)
    before, begun = written(), time.perf_counter()
    do()
    seconds = time.perf_counter() - begun
    more = [after - was for was, after in zip(before, written(), strict=True)]
    assert more == [n * of_acts, n, 2 * n, n, n, n, n], more
    return n / seconds


def by_statement(postgres, statement, *, replica=False):
    """The floor, under the application's role; without triggers only the superuser can."""
    import psycopg

    with psycopg.connect(postgres.url("postgres")) as connection:
        connection.execute("SET session_replication_role = replica" if replica else "SET ROLE makegood_app")
        psycopg.ClientCursor(connection).execute(statement, {"until": AS_OF, "now": AS_OF})


def compare(postgres, name, n, goal, pairs):
    floor = lambda: by_statement(postgres, WITH_TRIGGERS)  # noqa: E731
    turn_and_floor = [(timed(postgres, n, turn), timed(postgres, n, floor)) for _ in range(pairs)]
    bare = timed(postgres, n, lambda: by_statement(postgres, WITHOUT_TRIGGERS, replica=True), of_acts=False)
    ratio = statistics.median(ours / theirs for ours, theirs in turn_and_floor)
    ours, theirs = (statistics.median(column) for column in zip(*turn_and_floor, strict=True))
    print(
        f"{name}: {ours:,.0f} drafts/s, one statement {theirs:,.0f}, one without triggers {bare:,.0f} (ratio {ours / bare:.2f})"
    )
    return f'bench: {name} ratio={ratio:.2f} goal={goal} floor="one set-based statement" n={n}'


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--of", type=int, default=60_000, help="drafts that are not due; in full 1000000")
    options.add_argument("--due", type=int, default=3_000, help="drafts that are; in full 100000")
    options.add_argument("--pairs", type=int, default=5)
    given = options.parse_args()
    with standing() as postgres:
        customers(postgres)
        drafts(postgres, given.of, due=False)
        timed(postgres, 100, turn)
        print(f"{given.due:,} due of {given.of:,}; the goal is for 100,000 of 1,000,000 (--due 100000 --of 1000000)")
        few = compare(postgres, "sweep-few", FEW, GOAL_OF_FEW, given.pairs)
        print(few, compare(postgres, "sweep", given.due, GOAL, given.pairs), sep="\n")


if __name__ == "__main__":
    main()
