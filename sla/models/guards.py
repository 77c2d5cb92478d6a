"""Triggers that guard a table of this app, as `entitlements.models.guards` are for all."""

from __future__ import annotations

import pgtrigger

_REFUSE = """
                RAISE EXCEPTION '{}' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{}';"""


def refuse(sentence: str, name: str) -> str:
    """The statement that refuses, for a trigger: what is wrong, and the name by which tests and screens know it."""
    return _REFUSE.format(f"{sentence} ({name})", name)


def under_no_merged_cause() -> pgtrigger.Trigger:
    """S12: nothing comes under a cause that was merged into another: it would be credited twice. The cause is locked, so that a
    merge at the same moment waits, or is seen."""
    return pgtrigger.Trigger(
        name="under_no_merged_cause",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("cause_id"),
        func="""
            IF NEW.cause_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.cause_id IS DISTINCT FROM OLD.cause_id) THEN
                PERFORM 1 FROM sla_cause WHERE id = NEW.cause_id FOR KEY SHARE;
                IF EXISTS (SELECT FROM sla_cause WHERE id = NEW.cause_id AND merged_into_id IS NOT NULL) THEN
                    RAISE EXCEPTION 'nothing comes under a merged cause (%)', TG_TABLE_NAME USING
                        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nothing_comes_under_a_merged_cause';
                END IF;
            END IF;
            RETURN NEW;
        """,
    )


def late_only_by_a_waiver() -> pgtrigger.Trigger:
    """S13: a claim is marked as waived only where two people have waived that it was late, and the mark stays; a claim that has
    lapsed comes in only with that mark, unless it was received in time (T4)."""
    return pgtrigger.Trigger(
        name="late_only_by_a_waiver",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("waived_at", "state"),
        func="""
            IF TG_OP = 'UPDATE' AND OLD.waived_at IS NOT NULL AND NEW.waived_at IS DISTINCT FROM OLD.waived_at
               OR TG_OP = 'UPDATE' AND OLD.state = 'lapsed' AND NEW.state = 'submitted' AND NEW.waived_at IS NULL
                  AND NEW.received_at >= NEW.closes_at
               OR NEW.waived_at IS NOT NULL AND NOT EXISTS (
                    SELECT FROM sla_waiver WHERE claim_id = NEW.id AND approved_at = NEW.waived_at
                       AND approved_by_id <> proposed_by_id) THEN
                RAISE EXCEPTION 'claim % is late, and no second person has waived it', NEW.reference USING
                    ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_late_claim_has_two_people';
            END IF;
            RETURN NEW;
        """,
    )


_RECEIVED = ("received_at", "contract_id", "method", "declared_at", "declared_by_id", "submitted_by_id")
_OLD, _NEW = (", ".join(f"{row}.{column}" for column in _RECEIVED) for row in ("OLD", "NEW"))


def received_once() -> pgtrigger.Trigger:
    """S10, S13, on claims: when one was received, of which contract, by which method and on whose word, stays."""
    return pgtrigger.Trigger(
        name="received_once",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(*_RECEIVED),
        condition=pgtrigger.Condition(f"OLD.received_at IS NOT NULL AND ({_OLD}) IS DISTINCT FROM ({_NEW})"),
        func=refuse("what was received stays", "what_was_received_stays"),
    )


def taken_back_before_it_is_sent() -> pgtrigger.Trigger:
    """S13, on documents: what belongs to a claim that was received is not taken back."""
    return pgtrigger.Trigger(
        name="taken_back_before_it_is_sent",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("removed_at"),
        condition=pgtrigger.AnyChange("removed_at"),
        func=f"""
            IF OLD.removed_at IS NOT NULL OR EXISTS (
                  SELECT FROM sla_claim WHERE id = NEW.claim_id AND received_at IS NOT NULL) THEN
                {refuse("what was received is kept", "what_was_received_is_kept")}
            END IF;
            RETURN NEW;
        """,
    )


def confirmed_by_who_may() -> pgtrigger.Trigger:
    """S13, S19, on entries: one comes in unconfirmed; both who enter and confirm it work here, and are none of the customer's people."""
    return pgtrigger.Trigger(
        name="confirmed_by_who_may",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("confirmed_at", "confirmed_by_id"),
        condition=pgtrigger.Condition("NEW.confirmed_at IS NOT NULL"),
        func=f"""
            IF TG_OP = 'INSERT'
               OR NOT EXISTS (SELECT FROM entitlements_user WHERE id = NEW.confirmed_by_id AND is_active AND is_staff)
               OR EXISTS (
                    SELECT FROM entitlements_membership AS member JOIN entitlements_contract AS contract USING (customer_id)
                     WHERE contract.id = NEW.contract_id AND member.user_id IN (NEW.confirmed_by_id, NEW.entered_by_id)) THEN
                {refuse("an entry is not theirs to confirm", "an_entry_is_confirmed_by_who_may")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - the sentence is ours
    )


def approved_by_who_may() -> pgtrigger.Trigger:
    """S19: it comes in unsettled; who approves it works here, may approve, and is or was none of the customer's people."""
    return pgtrigger.Trigger(
        name="approved_by_who_may",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("approved_at", "approved_by_id"),
        func="""
            IF NEW.approved_at IS NULL THEN
                RETURN NEW;
            END IF;
            IF TG_OP = 'INSERT' OR NOT EXISTS (
                    SELECT FROM entitlements_user WHERE id = NEW.approved_by_id AND is_active AND is_staff AND may_approve)
               OR EXISTS (
                    SELECT FROM entitlements_membership AS member
                      JOIN entitlements_contract AS contract ON contract.customer_id = member.customer_id
                      JOIN sla_claim AS claim ON claim.contract_id = contract.id
                     WHERE claim.id = NEW.claim_id AND member.user_id IN (NEW.approved_by_id, NEW.proposed_by_id)) THEN
                RAISE EXCEPTION 'not theirs to approve (%)', TG_TABLE_NAME USING
                    ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approved_by_who_may_approve';
            END IF;
            RETURN NEW;
        """,
    )


def credited_as_approved() -> pgtrigger.Trigger:
    """S12, S19: a credit rests on the approved proposal of its own claim, for the cause and the customer of that; to another cause it
    comes only with the merge of its own."""
    return pgtrigger.Trigger(
        name="credited_as_approved",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("claim_id", "customer_id", "proposal_id", "cause_id"),
        func="""
            IF NOT EXISTS (
                    SELECT FROM sla_proposal AS proposal
                      JOIN sla_claim AS claim ON claim.id = proposal.claim_id
                      JOIN entitlements_contract AS contract ON contract.id = claim.contract_id
                     WHERE proposal.id = NEW.proposal_id AND claim.id = NEW.claim_id
                       AND contract.customer_id = NEW.customer_id AND proposal.outcome = 'approve'
                       AND proposal.approved_at IS NOT NULL
                       AND (TG_OP = 'UPDATE' OR proposal.cause_id = NEW.cause_id))
               OR TG_OP = 'UPDATE' AND NEW.cause_id <> OLD.cause_id AND NOT EXISTS (
                    SELECT FROM sla_cause WHERE id = OLD.cause_id AND merged_into_id = NEW.cause_id) THEN
                RAISE EXCEPTION 'no second person has approved credit %', NEW.reference USING
                    ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_credit_has_two_people';
            END IF;
            RETURN NEW;
        """,
    )


def kept_once_received() -> pgtrigger.Trigger:
    """S13: of a claim that was received nothing is deleted; looked at once a statement, since lines go by the thousand."""
    return pgtrigger.Trigger(
        name="kept_once_received",
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        operation=pgtrigger.Delete,
        referencing=pgtrigger.Referencing(old="old_rows"),
        func="""
            IF EXISTS (SELECT FROM sla_claim WHERE received_at IS NOT NULL AND id IN (SELECT claim_id FROM old_rows)) THEN
                RAISE EXCEPTION 'what was received is kept (%)', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        """,
    )
