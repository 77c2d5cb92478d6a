"""Triggers that guard withdrawals and elections: two people, a notice that stays as it was given, no deadline drawn nearer (S16, S19)."""

from __future__ import annotations

import pgtrigger

from sla.models.guards import refuse

_SETTLES_IT = "ARRAY['state', 'released_at', 'released_by_id', 'cancelled_at', 'cancelled_by_id', 'cancel_reason']"
_ITS_COURSE = """ARRAY['state', 'contract_ends_at', 'notice', 'noticed_at', 'opened_at', 'opened_by_id', 'reached_at', 'deadline',
                       'remind_at', 'choice', 'decided_by', 'settled_at', 'effect_day', 'new_fee', 'unused', 'credit', 'lasts_until',
                       'held_plan', 'held_discount_percent', 'held_cost', 'held_costs', 'working']"""
_PAID_AHEAD = "ARRAY['fee', 'prepaid', 'prepaid_days']"


def released_by_who_may() -> pgtrigger.Trigger:
    """S16, S19, on withdrawals: one begins in preparation, stays as it was proposed, and is released by another who works here and may
    approve; who proposed and who released it stay."""
    return pgtrigger.Trigger(
        name="released_by_who_may",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
            IF TG_OP = 'INSERT' THEN
                IF NEW.state <> 'prepared' THEN
                    {refuse("a withdrawal begins in preparation", "a_withdrawal_begins_in_preparation")}
                END IF;
                RETURN NEW;
            END IF;
            IF OLD.proposed_at IS NOT NULL AND NEW.proposed_at IS NOT NULL
                  AND to_jsonb(OLD) - {_SETTLES_IT} <> to_jsonb(NEW) - {_SETTLES_IT}
               OR OLD.released_at IS NOT NULL AND (NEW.proposed_at, NEW.released_at, NEW.released_by_id)
                  IS DISTINCT FROM (OLD.proposed_at, OLD.released_at, OLD.released_by_id) THEN
                {refuse("a withdrawal stays as it was proposed and released", "a_withdrawal_stays_as_proposed")}
            END IF;
            IF OLD.released_at IS NULL AND NEW.released_at IS NOT NULL AND (OLD.state <> 'proposed'
               OR NOT EXISTS (SELECT FROM entitlements_user WHERE id = NEW.proposed_by_id AND is_active AND is_staff)
               OR NOT EXISTS (SELECT FROM entitlements_user
                               WHERE id = NEW.released_by_id AND is_active AND is_staff AND may_approve)) THEN
                {refuse("a withdrawal is not theirs to release", "a_withdrawal_is_released_by_who_may")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - the sentences are ours
    )


def the_notice_stays() -> pgtrigger.Trigger:
    """S16, S17, on elections: one comes, goes and is changed in preparation only, runs once its withdrawal was released, and keeps what
    its notice said, but for what is paid ahead on the day that follows from a new deadline; no deadline comes nearer. What came of it
    stays, but for a choice in writing that is entered with the change. Where the contract's zone is not the notice's any more, the first
    day after the deadline may be a day less in it."""
    return pgtrigger.Trigger(
        name="the_notice_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("of_withdrawal", "text"), ("course", f"text[] := {_ITS_COURSE}")],
        func=f"""
            SELECT state INTO of_withdrawal FROM sla_withdrawal WHERE id = coalesce(NEW.withdrawal_id, OLD.withdrawal_id);
            IF TG_OP <> 'UPDATE' AND of_withdrawal <> 'prepared' OR TG_OP = 'INSERT' AND NEW.state <> 'prepared' THEN
                {refuse("an election comes and goes in preparation", "an_election_comes_and_goes_in_preparation")}
            ELSIF TG_OP <> 'UPDATE' THEN
                RETURN coalesce(NEW, OLD);
            END IF;
            IF OLD.state = 'prepared' AND NEW.state = 'sent' AND of_withdrawal <> 'released' THEN
                {refuse("an election runs once its withdrawal was released", "an_election_runs_once_released")}
            END IF;
            IF NEW.deadline IS DISTINCT FROM OLD.deadline THEN
                course := course || {_PAID_AHEAD};
            END IF;
            IF OLD.noticed_at IS NOT NULL AND to_jsonb(OLD) - course <> to_jsonb(NEW) - course
               OR OLD.noticed_at IS NULL AND of_withdrawal <> 'prepared'
                  AND (OLD.vendor_choice, OLD.vendor_choice_why, OLD.contract_id, OLD.withdrawal_id)
                   <> (NEW.vendor_choice, NEW.vendor_choice_why, NEW.contract_id, NEW.withdrawal_id) THEN
                {refuse("what a notice says stays as it was proposed and given", "what_a_notice_says_stays")}
            END IF;
            IF OLD.settled_at IS NOT NULL AND OLD IS DISTINCT FROM NEW AND (OLD.state <> 'decided' OR NOT EXISTS (
                  SELECT FROM sla_electionchoice WHERE election_id = NEW.id AND late_id IS NOT NULL
                     AND recorded_at >= transaction_timestamp())) THEN
                {refuse("what came of an election stays", "what_came_of_an_election_stays")}
            END IF;
            IF NEW.deadline < OLD.deadline OR NEW.reached_at <> OLD.reached_at THEN
                {refuse("the time to choose is never made shorter", "a_deadline_comes_no_nearer")}
            END IF;
            IF NEW.effect_day < (NEW.deadline AT TIME ZONE server_zone(NEW.zone))::date - EXISTS (
                  SELECT FROM entitlements_zoneperiod WHERE contract_id = NEW.contract_id AND zone <> NEW.zone)::integer THEN
                {refuse("an election takes effect after the time to choose", "an_effect_follows_the_deadline")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - the sentences are ours
    )


def late_by_two_people() -> pgtrigger.Trigger:
    """S16, on choices: once an election is settled, one is added only as two people confirmed it, by what its document says."""
    return pgtrigger.Trigger(
        name="late_by_two_people",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF (SELECT settled_at IS NOT NULL FROM sla_election WHERE id = NEW.election_id) AND NOT EXISTS (
                  SELECT FROM sla_latechoice
                   WHERE id = NEW.late_id AND approved_at IS NOT NULL
                     AND (election_id, choice, received_at, signer, sha256, stored_as, proposed_by_id) =
                         (NEW.election_id, NEW.choice, NEW.received_at, NEW.signer, NEW.sha256, NEW.stored_as, NEW.entered_by_id)) THEN
                {refuse("a choice that is entered late has two people", "a_choice_entered_late_has_two_people")}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - the sentences are ours
    )


def numbered_on(table: str) -> pgtrigger.Trigger:
    """M6, on memos: each has the next number. Whoever writes one waits for whoever is writing another, and a number that is given back
    with its transaction is given again."""
    return pgtrigger.Trigger(
        name="numbered_without_gaps",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            PERFORM pg_advisory_xact_lock(hashtext('makegood.{table}'));
            NEW.number := (SELECT coalesce(max(number), 0) + 1 FROM {table});
            RETURN NEW;
        """,  # noqa: S608 - the table's name is ours
    )


def as_the_election_says() -> pgtrigger.Trigger:
    """S17, on memos of shift credits: those of an election come to what it credits, for its customer, in its contract's currency."""
    return pgtrigger.Trigger(
        name="as_the_election_says",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func=f"""
            IF NOT EXISTS (
                SELECT FROM sla_election AS election JOIN entitlements_contract AS contract ON contract.id = election.contract_id
                 WHERE election.id = NEW.election_id AND election.state = 'decided' AND contract.customer_id = NEW.customer_id
                   AND contract.currency = NEW.currency AND coalesce(election.credit, 0) =
                       (SELECT sum(amount) FROM sla_shiftmemo WHERE election_id = NEW.election_id)) THEN
                {refuse("a memo is not what its election credits", "a_shift_memo_is_as_its_election_says")}
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - the sentences are ours
    )
