"""S6: exclusions are findings of cause, with evidence, author and from–to; what was found stays, and may be withdrawn."""

import uuid

import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

STAYS = """
REVOKE DELETE, TRUNCATE ON sla_finding FROM makegood_app;
REVOKE UPDATE, DELETE, TRUNCATE ON sla_findingdocument, sla_findingcustomer, sla_examination FROM makegood_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0034_matters_in_quarantine"),
        ("sla", "0030_a_state_is_looked_at_when_it_moves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("i", "Customer's own telecommunications, internet provider or e-mail domain"),
                            ("ii", "Force majeure"),
                            ("iii", "Systemic internet failure"),
                            ("vi", "Customer responsibility"),
                            ("vii", "Provider of the push channel"),
                            ("viii", "Another cause outside the vendor's control"),
                        ],
                        max_length=4,
                    ),
                ),
                (
                    "detail",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("government", "Act or order of a government"),
                            ("labor", "Labor dispute or stoppage"),
                            ("disaster", "Natural disaster or fire"),
                            ("war", "War, terrorism or civil disorder"),
                            ("provider", "Telecommunications or services provider"),
                            ("beyond_control", "Other cause beyond reasonable control"),
                            ("configuration", "Configuration and use according to the documentation"),
                            ("procedure", "Procedure in communicating the incident"),
                            ("contacts", "Contact information kept up to date"),
                        ],
                        max_length=16,
                    ),
                ),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="from–to")),
                ("statement", models.TextField(help_text="Customers read it.")),
                ("evidence", models.CharField(help_text="What the document shows, or where in it.", max_length=300)),
                (
                    "rests_on",
                    models.CharField(
                        blank=True, help_text="Of (vi): by which document the customer had to act.", max_length=300
                    ),
                ),
                (
                    "state_then",
                    models.TextField(blank=True, help_text="Of (vi): how that document, and what it asks, stood then."),
                ),
                ("everybody", models.BooleanField(default=False, verbose_name="concerns all customers")),
                ("channel", models.CharField(blank=True, help_text="Only alerts by it.", max_length=20)),
                (
                    "incident",
                    models.CharField(blank=True, help_text="Only alerts of it, as the log has it.", max_length=200),
                ),
                ("found_at", models.DateTimeField()),
                ("reason", models.TextField(blank=True, help_text="Of a correction: why it is another.")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_reason", models.TextField(blank=True)),
                (
                    "form_key",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        help_text="Of the form that recorded it: sent twice, once (X9).",
                        unique=True,
                    ),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="sla.finding",
                    ),
                ),
                (
                    "found_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "outage",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="sla.outage",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-found_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="FindingCustomer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.customer"
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="named", to="sla.finding"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FindingDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                ("kind", models.CharField(max_length=10)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("stored_as", models.CharField(max_length=80, unique=True)),
                (
                    "flag",
                    models.CharField(blank=True, help_text="Encrypted or damaged: kept, and said.", max_length=200),
                ),
                ("uploaded_at", models.DateTimeField()),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="finding",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="sla.findingdocument"
            ),
        ),
        migrations.CreateModel(
            name="Examination",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("i", "Customer's own telecommunications, internet provider or e-mail domain"),
                            ("ii", "Force majeure"),
                            ("iii", "Systemic internet failure"),
                            ("vi", "Customer responsibility"),
                            ("vii", "Provider of the push channel"),
                            ("viii", "Another cause outside the vendor's control"),
                        ],
                        max_length=4,
                    ),
                ),
                ("note", models.TextField(help_text="What was looked at.")),
                ("examined_at", models.DateTimeField()),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="examinations", to="sla.claim"
                    ),
                ),
                (
                    "examined_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-examined_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("examined_at__isnull", False), ("examined_by__isnull", False)),
                            models.Q(("examined_at__isnull", True), ("examined_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="examination_examined_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("note", ""), _negated=True), name="an_examination_says_what_was_looked_at"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["i", "ii", "iii", "vi", "vii", "viii"])),
                        name="only_what_is_found_by_people_is_examined",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="examination",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4354d8bc1b94f5f52aff3b13a4870e1a9a202ca1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_356ed",
                    table="sla_examination",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="findingcustomer",
            constraint=models.UniqueConstraint(fields=("finding", "customer"), name="a_finding_names_a_customer_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="findingcustomer",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="5ad7c2d20484715460725fd67bd96ebc688592fe",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5abaf",
                    table="sla_findingcustomer",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="findingdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("uploaded_at__isnull", False), ("uploaded_by__isnull", False)),
                    models.Q(("uploaded_at__isnull", True), ("uploaded_by__isnull", True)),
                    _connector="OR",
                ),
                name="finding_document_uploaded_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="findingdocument",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c06c8ff4a4514e2d09c60625286d8223fff85c8f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0a965",
                    table="sla_findingdocument",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=django.contrib.postgres.indexes.GistIndex(
                condition=models.Q(("withdrawn_at__isnull", True)), fields=["during"], name="findings_that_stand"
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("found_at__isnull", False), ("found_by__isnull", False)),
                    models.Q(("found_at__isnull", True), ("found_by__isnull", True)),
                    _connector="OR",
                ),
                name="finding_found_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                    _connector="OR",
                ),
                name="finding_withdrawn_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("during__isempty", False),
                    ("during__lower_inf", False),
                    ("during__upper_inf", False),
                    ("during__lower_inc", True),
                    ("during__upper_inc", False),
                ),
                name="a_finding_has_a_from_and_a_to",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["i", "ii", "iii", "vi", "vii", "viii"])),
                name="maintenance_and_volume_are_computed_not_found",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("detail__in", ["government", "labor", "disaster", "war", "provider", "beyond_control"]),
                        ("kind", "ii"),
                    ),
                    models.Q(("detail__in", ["configuration", "procedure", "contacts"]), ("kind", "vi")),
                    models.Q(models.Q(("kind__in", ["ii", "vi"]), _negated=True), ("detail", "")),
                    _connector="OR",
                ),
                name="force_majeure_and_responsibility_say_which",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("statement", ""), _negated=True), models.Q(("evidence", ""), _negated=True)
                ),
                name="no_finding_is_silent",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "vi"),
                        models.Q(("rests_on", ""), _negated=True),
                        models.Q(("state_then", ""), _negated=True),
                    ),
                    models.Q(models.Q(("kind", "vi"), _negated=True), ("rests_on", ""), ("state_then", "")),
                    _connector="OR",
                ),
                name="a_responsibility_has_its_document_and_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("kind", "vii"), _negated=True), ("channel", "push"), _connector="OR"),
                name="a_failure_of_push_is_of_the_push_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outage__isnull", True), models.Q(("channel", ""), ("incident", "")), _connector="OR"
                ),
                name="a_finding_is_of_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("incident", ""), ("everybody", False), _connector="OR"),
                name="an_incident_is_of_named_customers",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("corrects__isnull", True), ("reason", "")),
                    models.Q(("corrects__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="a_corrected_finding_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_reason", "")),
                    models.Q(("withdrawn_at__isnull", False), models.Q(("withdrawn_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="a_withdrawn_finding_says_why",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="finding",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="f72b200de173d02767e67eb4651509f4500ad78e",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_99b18",
                    table="sla_finding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="finding",
            trigger=pgtrigger.compiler.Trigger(
                name="the_others_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."detail" IS DISTINCT FROM (NEW."detail") OR OLD."during" IS DISTINCT FROM (NEW."during") OR OLD."statement" IS DISTINCT FROM (NEW."statement") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."document_id" IS DISTINCT FROM (NEW."document_id") OR OLD."rests_on" IS DISTINCT FROM (NEW."rests_on") OR OLD."state_then" IS DISTINCT FROM (NEW."state_then") OR OLD."everybody" IS DISTINCT FROM (NEW."everybody") OR OLD."outage_id" IS DISTINCT FROM (NEW."outage_id") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."incident" IS DISTINCT FROM (NEW."incident") OR OLD."found_at" IS DISTINCT FROM (NEW."found_at") OR OLD."found_by_id" IS DISTINCT FROM (NEW."found_by_id") OR OLD."corrects_id" IS DISTINCT FROM (NEW."corrects_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."form_key" IS DISTINCT FROM (NEW."form_key"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="58cb80f3167d19d100da1bfcf26ea4e411e1edd2",
                    operation="UPDATE",
                    pgid="pgtrigger_the_others_stay_4db06",
                    table="sla_finding",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="finding",
            trigger=pgtrigger.compiler.Trigger(
                name="locked_once_withdrawn_at",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."withdrawn_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ea05937eb0e915964c80a2c257690fa1f8714c97",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_locked_once_withdrawn_at_1f3fd",
                    table="sla_finding",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(STAYS, migrations.RunSQL.noop),
    ]
