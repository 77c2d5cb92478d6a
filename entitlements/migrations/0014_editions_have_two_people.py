"""E2: an edition of the policy is proposed by one person and published by another, and stays as it was proposed.

The edition that came with the installation has no proposer; the two checks are not asked of it (NOT VALID).
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0013_what_lapses_unused"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="activitydescription",
            name="locked_with_edition",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="policycell",
            name="locked_with_edition",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="policypool",
            name="locked_with_edition",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="productrequirement",
            name="locked_with_edition",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="sessionlength",
            name="locked_with_edition",
        ),
        migrations.AddField(
            model_name="policyedition",
            name="proposed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="policyedition",
            name="proposed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="policyedition",
            name="turn",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="Raised with every change: what was read of a draft stands as long as the turn does.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activitydescription",
            trigger=pgtrigger.compiler.Trigger(
                name="locked_with_edition",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF EXISTS (SELECT 1 FROM entitlements_policyedition WHERE (published_at IS NOT NULL OR proposed_at IS NOT NULL)\n                       AND id IN (OLD.edition_id, NEW.edition_id)) THEN\n                RAISE EXCEPTION 'a proposed or published edition never changes (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="0d6acf271fdbbe99160c3852ad70fcdad3afe6bc",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_locked_with_edition_47828",
                    table="entitlements_activitydescription",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="policycell",
            trigger=pgtrigger.compiler.Trigger(
                name="locked_with_edition",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF EXISTS (SELECT 1 FROM entitlements_policyedition WHERE (published_at IS NOT NULL OR proposed_at IS NOT NULL)\n                       AND id IN (OLD.edition_id, NEW.edition_id)) THEN\n                RAISE EXCEPTION 'a proposed or published edition never changes (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="0ae8dc2f228b58804e7223804a8f1cbb31f124f7",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_locked_with_edition_339a9",
                    table="entitlements_policycell",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="policyedition",
            trigger=pgtrigger.compiler.Trigger(
                name="stays_as_proposed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF OLD.proposed_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.proposed_at IS NOT NULL AND\n               to_jsonb(OLD) - ARRAY['published_at', 'published_by_id', 'turn'] <> to_jsonb(NEW) - ARRAY['published_at', 'published_by_id', 'turn']) THEN\n                RAISE EXCEPTION 'a proposed edition stays as it was proposed (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="8b75139b23ebe5e6b44b3505657451d72839e674",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_stays_as_proposed_97879",
                    table="entitlements_policyedition",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="policypool",
            trigger=pgtrigger.compiler.Trigger(
                name="locked_with_edition",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF EXISTS (SELECT 1 FROM entitlements_policyedition WHERE (published_at IS NOT NULL OR proposed_at IS NOT NULL)\n                       AND id IN (OLD.edition_id, NEW.edition_id)) THEN\n                RAISE EXCEPTION 'a proposed or published edition never changes (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="9c7151ff8bf1fb8b0db136d1f458c0b1a5b4dbaa",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_locked_with_edition_f15fa",
                    table="entitlements_policypool",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="productrequirement",
            trigger=pgtrigger.compiler.Trigger(
                name="locked_with_edition",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF EXISTS (SELECT 1 FROM entitlements_policyedition WHERE (published_at IS NOT NULL OR proposed_at IS NOT NULL)\n                       AND id IN (OLD.edition_id, NEW.edition_id)) THEN\n                RAISE EXCEPTION 'a proposed or published edition never changes (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="6ff1406282ee607612fa15347c1bf778f45686e6",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_locked_with_edition_36393",
                    table="entitlements_productrequirement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sessionlength",
            trigger=pgtrigger.compiler.Trigger(
                name="locked_with_edition",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF EXISTS (SELECT 1 FROM entitlements_policyedition WHERE (published_at IS NOT NULL OR proposed_at IS NOT NULL)\n                       AND id IN (OLD.edition_id, NEW.edition_id)) THEN\n                RAISE EXCEPTION 'a proposed or published edition never changes (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="f1d7692b3e36be8e075162934c70ebecc4866b31",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_locked_with_edition_fa018",
                    table="entitlements_sessionlength",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="policyedition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                    models.Q(("proposed_at__isnull", True), ("proposed_by__isnull", True)),
                    _connector="OR",
                ),
                name="policy_proposed_at_and_by_go_together",
            ),
        ),
        AddConstraintNotValid(
            model_name="policyedition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_by__isnull", False), _negated=True),
                    ("proposed_by__isnull", False),
                    _connector="OR",
                ),
                name="policy_is_proposed_before_it_is_published",
            ),
        ),
        AddConstraintNotValid(
            model_name="policyedition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_by__isnull", False), _negated=True),
                    models.Q(
                        models.Q(("published_by", models.F("proposed_by")), _negated=True),
                        models.Q(("published_by", models.F("drafted_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="policy_is_published_by_a_second_person",
            ),
        ),
    ]
