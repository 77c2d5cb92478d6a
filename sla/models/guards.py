"""Triggers that guard a table of this app, as `entitlements.models.guards` are for all."""

from __future__ import annotations

import pgtrigger


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
