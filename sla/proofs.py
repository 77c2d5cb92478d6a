"""M6, P20, P22: does the ledger add up, and is the log as it was sealed? Proved once a day by the clock, and told on the first page.

Every question is part of one statement, so all of them see the ledger at one moment.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction

from entitlements.health import Sign
from entitlements.models.worded import Worded
from entitlements.seals import kept_heads, verify
from entitlements.wording import counted, moment_in_short
from sla.business_days import vendor_zone
from sla.models import LedgerProof
from sla.models.ledger_guards import HASH

LATE = timedelta(hours=26)
MOST_NAMED = 5
log = structlog.get_logger(__name__)

# What must not be there, each as the keys of lines, postings or credits, and the sentence that names them.
_MUST_NOT_BE = {
    "Lines that are not what two people decided: {}.": """
        SELECT entry.id FROM sla_creditentry AS entry JOIN sla_credit AS credit ON credit.id = entry.credit_id
          JOIN sla_proposal AS proposal ON proposal.id = credit.proposal_id LEFT JOIN sla_posting AS posting ON posting.id = posting_id
         WHERE CASE entry.kind WHEN 'grant' THEN proposal.approved_at IS NULL OR proposal.outcome <> 'approve'
                   OR (proposal.credited, proposal.proposed_by_id, proposal.approved_by_id) IS DISTINCT FROM
                      (entry.amount, entry.proposed_by_id, entry.approved_by_id)
               ELSE posting.approved_at IS NULL
                   OR (posting.credit_id, posting.kind, posting.amount, posting.proposed_by_id, posting.approved_by_id)
                      IS DISTINCT FROM (entry.credit_id, entry.kind, entry.amount, entry.proposed_by_id, entry.approved_by_id) END""",
    "Credits without their grant: {}.": """
        SELECT id FROM sla_credit WHERE NOT EXISTS
               (SELECT FROM sla_creditentry AS entry WHERE entry.credit_id = sla_credit.id AND entry.kind = 'grant')""",
    "Lines that were approved and not posted: {}.": """
        SELECT id FROM sla_posting WHERE approved_at IS NOT NULL AND NOT EXISTS
               (SELECT FROM sla_creditentry AS entry WHERE entry.posting_id = sla_posting.id)""",
    "Credits below zero: {}.": "SELECT credit_id FROM sla_creditentry GROUP BY credit_id HAVING sum(amount) < 0",
    "Credits beyond their bounds: {}.": """
        SELECT entry.credit_id FROM sla_creditentry AS entry LEFT JOIN sla_creditentry AS about ON about.id = entry.corrects_id
          JOIN sla_credit AS credit ON credit.id = entry.credit_id JOIN sla_proposal AS proposal ON proposal.id = credit.proposal_id
         WHERE 'grant' IN (entry.kind, about.kind)
         GROUP BY entry.credit_id, proposal.capped HAVING sum(entry.amount) NOT BETWEEN 0 AND proposal.capped""",
    "Numbers of memos that are missing before: {}.": """
        SELECT memo FROM (SELECT memo, lag(memo, 1, 0) OVER (ORDER BY memo) AS before FROM sla_creditentry
                           WHERE memo IS NOT NULL) AS one WHERE memo <> before + 1""",
    "Customers with two credits for one cause: {}.": """
        SELECT customer_id FROM sla_credit WHERE voided_at IS NULL GROUP BY customer_id, cause_id HAVING count(*) > 1""",
}

_FIGURES = f"""
    SELECT (SELECT count(*) FROM sla_creditentry), (SELECT coalesce(max(id), 0) FROM sla_creditentry),
           (SELECT coalesce(jsonb_object_agg(currency, sum::text), '{{}}') FROM
               (SELECT currency, sum(amount) FROM sla_creditentry GROUP BY currency) AS one(currency, sum)),
           {HASH.format("%s")}, {HASH.format("(SELECT coalesce(max(id), 0) FROM sla_creditentry)")},
           {", ".join(f"ARRAY({asked} ORDER BY 1)" for asked in _MUST_NOT_BE.values())}
"""  # noqa: S608 - our own questions


def prove(*, now: datetime) -> LedgerProof | None:
    """M6: add the ledger up and keep what was found; once a day (UTC). None where today's is there already."""
    day = now.astimezone(UTC).date()
    if LedgerProof.objects.filter(day=day).exists():
        return None
    found = verify(kept_heads())
    with transaction.atomic():
        last = LedgerProof.objects.first()
        facts, troubles = _added_up(last)
        if found.trouble:
            troubles.append(f"The event log is not as it was sealed: {found.trouble}")
        sealed = {"seals": found.head.number, "head": found.head.digest} if found.head else {}
        proof, is_new = LedgerProof.objects.get_or_create(
            day=day, defaults={"made_at": now, "troubles": troubles, **facts, **sealed}
        )
    if is_new:
        log.info("ledger_proved", balanced=proof.balanced, hash=proof.hash, head=proof.head, **_plain(facts))
    return proof if is_new else None


def _added_up(last: LedgerProof | None) -> tuple[dict[str, Any], list[str]]:
    """What the ledger comes to, and what is wrong with it, once whoever is posting has finished: `waits_for_the_proof`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('makegood.ledger'))")
        cursor.execute(_FIGURES, [last.last_entry if last else 0])
        entries, last_entry, balances, as_then, hash_now, *bad = cursor.fetchone()
    named = zip(_MUST_NOT_BE, bad, strict=True)
    troubles = [sentence.format(_first(keys)) for sentence, keys in named if keys]
    if last and as_then != last.hash:
        troubles.append(f"A line that was proved on {last.day} has been touched since, or is gone.")
    sums = json.loads(balances) if isinstance(balances, str) else balances
    return {"entries": entries, "last_entry": last_entry, "balances": sums, "hash": hash_now}, troubles


def _first(keys: list[int]) -> str:
    more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
    return ", ".join(map(str, keys[:MOST_NAMED])) + more


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in ("entries", "balances")}


LAST = Worded(lambda now: LedgerProof.objects.all()[:1])


def sign(proof: LedgerProof | None, now: datetime) -> Sign | None:
    """M1.3: the last proof, on the first page; an alarm where it does not balance, or is late."""
    if proof is None:
        return Sign("ledger", "Ledger", "Not proved yet: the clock does it once a day.")
    lines, when = counted(proof.entries, "entry", "entries"), moment_in_short(proof.made_at, vendor_zone())
    if not proof.balanced:
        remedy = (
            "Post nothing. manage.py verify names the first line of the log that was touched; a backup has the rest."
        )
        words = f"{' '.join(proof.troubles)} Proved {when}."
        return Sign("ledger", "Ledger", words, "the ledger does not add up", proof.made_at, remedy)
    words = f"Balanced, {lines}, hash {proof.hash[:12]}…, proved {when}."
    if now - proof.made_at <= LATE:
        return Sign("ledger", "Ledger", words)
    remedy = "Start worker and beat, or run manage.py sweep once."
    return Sign("ledger", "Ledger", words, "the ledger was not proved today", proof.made_at, remedy)
