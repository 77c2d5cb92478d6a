"""S1: an edition of the terms is drafted and proposed by one person and published by another, and stays as it was proposed.

The edition that came with the installation was drafted by it and has no proposer; the two checks are not asked of it (NOT VALID).
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

# It is published and locked, so its lock is opened once; what the update leaves to the end of the transaction is checked at once.
WHO_DRAFTED_IT = """
ALTER TABLE sla_termsedition DISABLE TRIGGER USER;
UPDATE sla_termsedition SET drafted_at = published_at, drafted_by_id = published_by_id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE sla_termsedition ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sla", "0011_two_equal_transactions_are_two"),
        ("entitlements", "0014_editions_have_two_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="termsedition",
            name="drafted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="termsedition",
            name="drafted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.RunSQL(WHO_DRAFTED_IT, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="termsedition",
            name="drafted_at",
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name="termsedition",
            name="drafted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="termsedition",
            name="proposed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="termsedition",
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
            model_name="termsedition",
            name="turn",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="Raised with every change: what was read of a draft stands as long as the turn does.",
            ),
        ),
        migrations.AlterField(
            model_name="termsedition",
            name="valid_from",
            field=models.DateField(help_text="Judges what occurs on this local day or later (S1).", unique=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="termsedition",
            trigger=pgtrigger.compiler.Trigger(
                name="stays_as_proposed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF OLD.proposed_at IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.proposed_at IS NOT NULL AND\n               to_jsonb(OLD) - ARRAY['published_at', 'published_by_id', 'turn'] <> to_jsonb(NEW) - ARRAY['published_at', 'published_by_id', 'turn']) THEN\n                RAISE EXCEPTION 'a proposed edition stays as it was proposed (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                    hash="dcf59af8f8e250698653fb99be411289967069ad",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_stays_as_proposed_a22d9",
                    table="sla_termsedition",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="termsedition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("drafted_at__isnull", False), ("drafted_by__isnull", False)),
                    models.Q(("drafted_at__isnull", True), ("drafted_by__isnull", True)),
                    _connector="OR",
                ),
                name="terms_drafted_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="termsedition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                    models.Q(("proposed_at__isnull", True), ("proposed_by__isnull", True)),
                    _connector="OR",
                ),
                name="terms_proposed_at_and_by_go_together",
            ),
        ),
        AddConstraintNotValid(
            model_name="termsedition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_by__isnull", False), _negated=True),
                    ("proposed_by__isnull", False),
                    _connector="OR",
                ),
                name="terms_is_proposed_before_it_is_published",
            ),
        ),
        AddConstraintNotValid(
            model_name="termsedition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_by__isnull", False), _negated=True),
                    models.Q(
                        models.Q(("published_by", models.F("proposed_by")), _negated=True),
                        models.Q(("published_by", models.F("drafted_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="terms_is_published_by_a_second_person",
            ),
        ),
    ]
