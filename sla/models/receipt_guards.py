"""Triggers that keep a claim as it was received (S13): its lines, its documents, its rates, and how it may come in after its end."""

from __future__ import annotations

import pgtrigger

from sla.models.guards import refuse


def listed_before_it_is_sent() -> pgtrigger.Trigger:
    """S13, on lost transactions: none is added to a claim that was received; looked at once a statement, since lines come by the
    thousand."""
    return pgtrigger.Trigger(
        name="listed_before_it_is_sent",
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=f"""
            IF EXISTS (SELECT FROM sla_claim WHERE received_at IS NOT NULL AND id IN (SELECT claim_id FROM new_rows)) THEN
                {refuse("a claim that was received has no further lines", "what_was_received_is_complete")}
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - the sentence is ours
    )


def stated_before_it_is_sent() -> pgtrigger.Trigger:
    """S10, S13, on what a row states for its claim: it comes, changes and goes only until the claim is received."""
    return pgtrigger.Trigger(
        name="stated_before_it_is_sent",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF EXISTS (SELECT FROM sla_claim WHERE received_at IS NOT NULL AND id IN (OLD.claim_id, NEW.claim_id)) THEN
                {refuse("what was received stays", "what_was_received_stays")}
            END IF;
            RETURN COALESCE(NEW, OLD);
        """,
    )


def later_once_it_is_sent() -> pgtrigger.Trigger:
    """S13, on documents: one that comes to a claim that was received says that it came later."""
    return pgtrigger.Trigger(
        name="later_once_it_is_sent",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NOT NEW.later"),
        func=f"""
            IF EXISTS (SELECT FROM sla_claim WHERE received_at IS NOT NULL AND id = NEW.claim_id) THEN
                {refuse("a document of a claim that was received came later", "what_came_later_says_so")}
            END IF;
            RETURN NEW;
        """,
    )


def open_again_as_it_ended() -> pgtrigger.Trigger:
    """S13, T4, on claims: a lapsed one is a draft again only by a window that was made longer on record; without a waiver it is received
    only within an hour of its lapse, by the database's clock: by a request that was under way when the clock took it for lapsed."""
    return pgtrigger.Trigger(
        name="open_again_as_it_ended",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("state"),
        condition=pgtrigger.Condition("OLD.state = 'lapsed' AND NEW.state IN ('draft', 'submitted')"),
        func=f"""
            IF NEW.state = 'draft' AND NOT EXISTS (
                  SELECT FROM sla_extendedwindow WHERE matter = NEW.reference AND extended_to = NEW.closes_at)
               OR NEW.state = 'submitted' AND NEW.waived_at IS NULL AND NOT EXISTS (
                  SELECT FROM entitlements_event WHERE matter = NEW.reference AND verb = 'claim.lapsed'
                     AND recorded_at > clock_timestamp() - interval '1 hour') THEN
                {refuse("a lapsed claim comes in by two people", "a_late_claim_has_two_people")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - the sentence is ours
    )


def covered_by_a_credit() -> pgtrigger.Trigger:
    """S12, on claims: one that was received is covered only where its customer has a credit for its cause, or its own was set off."""
    return pgtrigger.Trigger(
        name="covered_by_a_credit",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("state"),
        condition=pgtrigger.Condition(
            "NEW.state = 'covered' AND OLD.state <> 'covered' AND NEW.received_at IS NOT NULL"
        ),
        func=f"""
            IF NOT EXISTS (
                SELECT FROM sla_credit AS credit JOIN entitlements_contract AS contract USING (customer_id)
                 WHERE contract.id = NEW.contract_id
                   AND CASE WHEN credit.voided_at IS NULL THEN credit.cause_id = NEW.cause_id ELSE credit.claim_id = NEW.id END) THEN
                {refuse("no credit of this customer covers the claim", "a_claim_is_covered_by_a_credit")}
            END IF;
            RETURN NEW;
        """,
    )
