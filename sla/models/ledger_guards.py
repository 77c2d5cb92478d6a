"""Triggers that guard the ledger of credits: two people, no more than there is, numbers without gaps (M6)."""

from __future__ import annotations

import pgtrigger

from sla.models.guards import refuse


def numbered_without_gaps() -> pgtrigger.Trigger:
    """M6, on lines of the ledger: one that changes what is granted is a memo, and has the next number. Whoever posts waits for
    whoever is posting, and a number that is given back with its transaction is given again."""
    return pgtrigger.Trigger(
        name="numbered_without_gaps",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="""
            NEW.memo := NULL;
            IF NEW.kind = 'grant' OR EXISTS (SELECT FROM sla_creditentry WHERE id = NEW.corrects_id AND kind = 'grant') THEN
                PERFORM pg_advisory_xact_lock(hashtext('makegood.memo'));
                NEW.memo := (SELECT coalesce(max(memo), 0) + 1 FROM sla_creditentry);
            END IF;
            RETURN NEW;
        """,
    )


_LINE = """
    jsonb_build_array(id, credit_id, customer_id, kind, amount, currency, proposed_by_id, approved_by_id, posted_at AT TIME ZONE 'UTC',
                      note, corrects_id, posting_id, invoice, memo, made_out_to, recorded_at AT TIME ZONE 'UTC')::text"""
HASH = f"""
    (SELECT encode(sha256(convert_to(coalesce(string_agg({_LINE}, chr(10) ORDER BY id), ''), 'UTF8')), 'hex')
       FROM sla_creditentry WHERE id <= {{}})"""  # noqa: S608 - our own columns
"""One digest over all lines up to a key."""


def proved_as_it_is() -> pgtrigger.Trigger:
    """M6, on proofs: one is of the day on which it was made, and says what the ledger has at that moment; none is made up."""
    return pgtrigger.Trigger(
        name="proved_as_it_is",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            PERFORM pg_advisory_xact_lock(hashtext('makegood.ledger'));
            IF NEW.day <> (NEW.made_at AT TIME ZONE 'UTC')::date OR NEW.hash <> {HASH.format("NEW.last_entry")} OR NOT EXISTS (
                  SELECT FROM sla_creditentry HAVING (count(*), coalesce(max(id), 0)) = (NEW.entries, NEW.last_entry)) THEN
                {refuse("the ledger is not as this proof says", "a_proof_says_what_there_is")}
            END IF;
            RETURN NEW;
        """,
    )


def waits_for_the_proof() -> pgtrigger.Trigger:
    """M6, on lines of the ledger: taken before a line has its key, so that no key below the last one that was proved appears afterwards;
    whoever posts waits only for a proof, never for another."""
    return pgtrigger.Trigger(
        name="waits_for_the_proof",
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        operation=pgtrigger.Insert,
        func="PERFORM pg_advisory_xact_lock_shared(hashtext('makegood.ledger')); RETURN NULL;",
    )


def as_two_people_decided() -> pgtrigger.Trigger:
    """S11, S19, on lines of the ledger: a line is what a decision or a posting says that two people have approved, and takes no more
    than there is; one that is void takes none (S12). The credit is locked, so that two lines at one moment are added up one after the
    other."""
    return pgtrigger.Trigger(
        name="as_two_people_decided",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        declare=[("about", "sla_creditentry"), ("net", "numeric"), ("most", "numeric")],
        func=f"""
            PERFORM 1 FROM sla_credit WHERE id = NEW.credit_id FOR NO KEY UPDATE;
            IF EXISTS (SELECT FROM sla_credit WHERE id = NEW.credit_id AND voided_at IS NOT NULL) THEN
                {refuse("a void credit takes no more lines", "a_void_credit_takes_no_line")}
            END IF;
            SELECT proposal.capped INTO most
              FROM sla_credit AS credit
              JOIN sla_proposal AS proposal ON proposal.id = credit.proposal_id
              JOIN sla_claim AS claim ON claim.id = credit.claim_id AND claim.id = proposal.claim_id
              JOIN entitlements_contract AS contract ON contract.id = claim.contract_id
             WHERE credit.id = NEW.credit_id AND credit.customer_id = NEW.customer_id AND contract.currency = NEW.currency
               AND (NEW.kind <> 'grant' OR (NEW.amount, NEW.proposed_by_id, NEW.approved_by_id, NEW.corrects_id IS NULL) =
                                           (proposal.credited, proposal.proposed_by_id, proposal.approved_by_id, true));
            IF NOT FOUND OR NEW.kind <> 'grant' AND NOT EXISTS (
                SELECT FROM sla_posting WHERE id = NEW.posting_id AND approved_at IS NOT NULL
                   AND (credit_id, kind, amount, invoice, proposed_by_id, approved_by_id) =
                       (NEW.credit_id, NEW.kind, NEW.amount, NEW.invoice, NEW.proposed_by_id, NEW.approved_by_id)
                   AND corrects_id IS NOT DISTINCT FROM NEW.corrects_id) THEN
                {refuse("a line of the ledger is not what two people decided", "a_line_is_as_two_people_decided")}
            END IF;
            IF (SELECT sum(amount) FROM sla_creditentry WHERE credit_id = NEW.credit_id) < 0 THEN
                {refuse("more would be taken from a credit than is left of it", "a_credit_is_never_below_zero")}
            END IF;
            IF NEW.corrects_id IS NOT NULL THEN
                SELECT * INTO about FROM sla_creditentry
                 WHERE id = NEW.corrects_id AND credit_id = NEW.credit_id AND kind IN ('grant', 'application');
                SELECT about.amount + sum(amount) INTO net FROM sla_creditentry WHERE corrects_id = NEW.corrects_id;
                IF about.kind IS NULL OR NEW.kind = 'reversal' AND net <> 0
                   OR about.kind = 'grant' AND NOT net BETWEEN 0 AND most OR about.kind = 'application' AND net > 0 THEN
                    {refuse("a line does not undo or correct what it points to within its bounds", "a_line_stays_in_bounds")}
                END IF;
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - the sentences are ours
    )


def posted_by_who_may() -> pgtrigger.Trigger:
    """S19, on lines for the ledger: one comes in unsettled; who approves it works here, may approve, and neither of the two is or was
    one of the customer's people."""
    return pgtrigger.Trigger(
        name="posted_by_who_may",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("approved_at", "approved_by_id"),
        condition=pgtrigger.Condition("NEW.approved_at IS NOT NULL"),
        func=f"""
            IF TG_OP = 'INSERT' OR NOT EXISTS (
                    SELECT FROM entitlements_user WHERE id = NEW.approved_by_id AND is_active AND is_staff AND may_approve)
               OR EXISTS (
                    SELECT FROM entitlements_membership AS member JOIN sla_credit AS credit USING (customer_id)
                     WHERE credit.id = NEW.credit_id AND member.user_id IN (NEW.approved_by_id, NEW.proposed_by_id)) THEN
                {refuse("a line of the ledger is not theirs to approve", "a_line_is_approved_by_who_may")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - the sentence is ours
    )


def void_once_undone() -> pgtrigger.Trigger:
    """S12: a credit leaves its place only when a merge of causes has set it off: nothing is left of it, by a line of two people."""
    return pgtrigger.Trigger(
        name="void_once_undone",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("voided_at"),
        condition=pgtrigger.Condition("NEW.voided_at IS NOT NULL"),
        func=f"""
            IF (SELECT coalesce(sum(amount), 0) FROM sla_creditentry WHERE credit_id = NEW.id) <> 0 OR NOT EXISTS (
                SELECT FROM sla_posting JOIN sla_creditentry AS entry ON entry.posting_id = sla_posting.id
                 WHERE entry.credit_id = NEW.id AND set_off_by_id IS NOT NULL) THEN
                {refuse("a credit is void only when a merge of causes has set it off", "a_void_credit_is_set_off")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - the sentence is ours
    )
