"""Triggers that guard what contracts are on: Enterprise terms end by an election, or as two people correct them (S1, S16)."""

from __future__ import annotations

import pgtrigger

from sla.models.guards import refuse

_TWO_DECIDED = """EXISTS (SELECT FROM sla_election WHERE contract_id = NEW.contract_id AND state = 'decided' AND effect_day = turns)
               OR EXISTS (SELECT FROM sla_termscorrection
                           WHERE contract_id = NEW.contract_id AND approved_at IS NOT NULL AND first = turns)"""


def enterprise_terms_end_by_two() -> pgtrigger.Trigger:
    """S16, on periods of terms: a day of Enterprise terms turns to Standard terms, or to none, only from the day of an election's effect
    or of a correction of two people on. A contract that has no terms yet begins with either; at its first day periods follow the term."""
    return pgtrigger.Trigger(
        name="enterprise_ends_by_two",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("turns", "date")],
        func=f"""
            IF TG_OP = 'DELETE' THEN
                IF OLD.terms = 'enterprise' THEN
                    {refuse("Enterprise terms stay on record", "enterprise_terms_end_by_two_people")}
                END IF;
                RETURN OLD;
            ELSIF TG_OP = 'INSERT' THEN
                turns := lower(NEW.days);
                IF NEW.terms = 'enterprise' OR NOT EXISTS (SELECT FROM sla_termsperiod WHERE contract_id = NEW.contract_id)
                   OR {_TWO_DECIDED} THEN
                    RETURN NEW;
                END IF;
            ELSIF OLD.terms = 'standard' AND NEW.contract_id = OLD.contract_id THEN
                RETURN NEW;
            ELSIF NEW.contract_id = OLD.contract_id AND NEW.terms = 'standard' THEN
                turns := lower(OLD.days);
                IF lower(NEW.days) = turns AND ({_TWO_DECIDED}) THEN
                    RETURN NEW;
                END IF;
            ELSIF NEW.contract_id = OLD.contract_id THEN
                turns := upper(NEW.days);
                IF (NEW.days @> OLD.days OR upper(NEW.days) >= upper(OLD.days) OR {_TWO_DECIDED})
                   AND (lower(NEW.days) <= lower(OLD.days) OR lower(NEW.days) =
                        (SELECT lower(term) FROM entitlements_contract WHERE id = NEW.contract_id)) THEN
                    RETURN NEW;
                END IF;
            END IF;
            {refuse("Enterprise terms end by an election, or by a correction of two people", "enterprise_terms_end_by_two_people")}
        """,  # noqa: S608 - the sentences are ours
    )


def approved_for_its_customer(contract: str, *, unless: str = "false") -> pgtrigger.Trigger:
    """S16, S19: it comes in unsettled; who approves it works here, may approve, and neither of the two is or was one of the customer's
    people. `contract`: the SQL of the contract's key; `unless`: of what else stands in the way."""
    return pgtrigger.Trigger(
        name="approved_by_who_may",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("approved_at", "approved_by_id"),
        condition=pgtrigger.Condition("NEW.approved_at IS NOT NULL"),
        func=f"""
            IF TG_OP = 'INSERT' OR {unless} OR NOT EXISTS (
                    SELECT FROM entitlements_user WHERE id = NEW.approved_by_id AND is_active AND is_staff AND may_approve)
               OR NOT EXISTS (SELECT FROM entitlements_user WHERE id = NEW.proposed_by_id AND is_active AND is_staff)
               OR EXISTS (
                    SELECT FROM entitlements_membership AS member JOIN entitlements_contract AS contract USING (customer_id)
                     WHERE contract.id = ({contract}) AND member.user_id IN (NEW.approved_by_id, NEW.proposed_by_id)) THEN
                {refuse("this is not theirs to approve", "approved_by_who_may_approve")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - the sentences are ours
    )
