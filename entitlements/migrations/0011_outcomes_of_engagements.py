"""E13: outcomes of engagements in versions, recommendations with owner and state, scorecards, and the customer's feedback."""

from decimal import Decimal

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# E13: the kind of outcome of each activity; a maturity assessment has one of two forms, by the contract's products.
KINDS = {
    "alert_strategies": "recommendations",
    "automation_ideation": "recommendations",
    "incident_lifecycle": "findings",
    "integration": "approach",
    "maturity": "maturity",
    "product_feature": "recommendations",
    "roadmap": "feedback",
}

# What was given stays as it was; an outcome, once written, is never taken away.
ONLY_ADDED_TO = """
REVOKE UPDATE, DELETE, TRUNCATE ON entitlements_outcomeversion FROM makegood_app;
REVOKE DELETE, TRUNCATE ON entitlements_outcome, entitlements_customerfeedback FROM makegood_app;
"""


def name_the_kinds(apps, schema_editor):
    activities = apps.get_model("entitlements", "Activity").objects.using(schema_editor.connection.alias)
    for key, kind in KINDS.items():
        activities.filter(pk=key).update(outcome=kind)


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0010_periods_say_what_they_refuse"),
    ]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("recommendations", "Recommendations"),
                    ("findings", "Findings and recommendations"),
                    ("approach", "Integration approach"),
                    ("feedback", "Feedback taken"),
                    ("configuration_review", "Configuration review"),
                    ("scorecard", "Maturity scorecard"),
                    ("maturity", "A maturity assessment, in one of two forms"),
                ],
                default="recommendations",
                help_text="E13: the kind of its outcome.",
                max_length=24,
            ),
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("recommendations", "Recommendations"),
                            ("findings", "Findings and recommendations"),
                            ("approach", "Integration approach"),
                            ("feedback", "Feedback taken"),
                            ("configuration_review", "Configuration review"),
                            ("scorecard", "Maturity scorecard"),
                        ],
                        max_length=24,
                    ),
                ),
                ("summary", models.TextField(blank=True)),
                ("drafted_at", models.DateTimeField()),
                ("given_at", models.DateTimeField(blank=True, null=True)),
                (
                    "turn",
                    models.PositiveIntegerField(
                        default=0,
                        editable=False,
                        help_text="Raised by every saving: whoever read an earlier one is told so.",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "engagement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcome",
                        to="entitlements.engagement",
                    ),
                ),
                (
                    "given_by",
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
                "ordering": ["-given_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="OutcomeFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("what", models.CharField(max_length=120)),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("unit", models.CharField(max_length=40)),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="figures", to="entitlements.outcome"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="OutcomeLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="entitlements.outcome"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="OutcomeVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.PositiveSmallIntegerField(verbose_name="version")),
                (
                    "content",
                    models.JSONField(help_text="The outcome in words, with the names of the owners as they were."),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it was amended; the customer reads it.")),
                ("written_at", models.DateTimeField()),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="entitlements.outcome"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-n"],
            },
        ),
        migrations.CreateModel(
            name="Recommendation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(help_text="Stays when others go: people name it.")),
                ("text", models.TextField()),
                (
                    "horizon",
                    models.CharField(
                        blank=True,
                        choices=[("quick_win", "Quick win"), ("roadmap", "Roadmap")],
                        help_text="On a scorecard only.",
                        max_length=10,
                    ),
                ),
                ("due", models.DateField(help_text="The last local day on which it is in time.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("in_progress", "In progress"),
                            ("done", "Done"),
                            ("declined", "Declined"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("decline_reason", models.TextField(blank=True)),
                ("moved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "moved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recommendations",
                        to="entitlements.outcome",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["outcome", "number"],
            },
        ),
        migrations.CreateModel(
            name="ScorecardLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dimension",
                    models.CharField(
                        choices=[
                            ("foundations", "Foundations of Automation"),
                            ("design", "Design Maturity"),
                            ("outcomes", "Outcomes/KPI Maturity"),
                        ],
                        max_length=12,
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("note", models.TextField(blank=True)),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scores", to="entitlements.outcome"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CustomerFeedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rating", models.PositiveSmallIntegerField(help_text="1 to 5, 5 is best.")),
                ("words", models.TextField(blank=True)),
                ("given_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "engagement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="entitlements.engagement",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "customer feedback",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rating__gte", 1), ("rating__lte", 5)), name="a_rating_is_from_one_to_five"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("given_at__isnull", False), ("given_by__isnull", False)),
                            models.Q(("given_at__isnull", True), ("given_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="feedback_given_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("changed_at__isnull", False), ("changed_by__isnull", False)),
                            models.Q(("changed_at__isnull", True), ("changed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="feedback_changed_at_and_by_go_together",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customerfeedback",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['words']::text[]); RETURN NULL;",
                    hash="c585ed4cb32b6d5b7740cbcfb10916c2639b8c8b",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_00828",
                    table="entitlements_customerfeedback",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("drafted_at__isnull", False), ("drafted_by__isnull", False)),
                    models.Q(("drafted_at__isnull", True), ("drafted_by__isnull", True)),
                    _connector="OR",
                ),
                name="outcome_drafted_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_at__isnull", False), ("given_by__isnull", False)),
                    models.Q(("given_at__isnull", True), ("given_by__isnull", True)),
                    _connector="OR",
                ),
                name="outcome_given_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="outcome",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['summary']::text[]); RETURN NULL;",
                    hash="8678008765fdde7c98541dd8fb19b831f2ea6a50",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_bce2b",
                    table="entitlements_outcome",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomefigure",
            constraint=models.UniqueConstraint(fields=("outcome", "position"), name="one_figure_of_value_at_a_place"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="outcomefigure",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="9d81c0301accfc27382eaae0de8c734ae3f4cb8b",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_a6eed",
                    table="entitlements_outcomefigure",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomeline",
            constraint=models.UniqueConstraint(fields=("outcome", "position"), name="one_outcome_line_at_a_place"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="outcomeline",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['text']::text[]); RETURN NULL;",
                    hash="902ff63840884142efb4d28bfcfed107dcbb1066",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_0e5a8",
                    table="entitlements_outcomeline",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomeversion",
            constraint=models.UniqueConstraint(fields=("outcome", "n"), name="one_outcome_version_of_a_number"),
        ),
        migrations.AddConstraint(
            model_name="outcomeversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("n", 1), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="an_amended_outcome_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="outcomeversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("written_at__isnull", False), ("written_by__isnull", False)),
                    models.Q(("written_at__isnull", True), ("written_by__isnull", True)),
                    _connector="OR",
                ),
                name="outcome_version_written_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="outcomeversion",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="445bb316e957fcf08ef8559dad09da3abd16173e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_edd47",
                    table="entitlements_outcomeversion",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="recommendation",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "in_progress"])), fields=["due"], name="advice_to_do"
            ),
        ),
        migrations.AddConstraint(
            model_name="recommendation",
            constraint=models.UniqueConstraint(fields=("outcome", "number"), name="one_recommendation_of_a_number"),
        ),
        migrations.AddConstraint(
            model_name="recommendation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "declined"), models.Q(("decline_reason", ""), _negated=True)),
                    models.Q(models.Q(("state", "declined"), _negated=True), ("decline_reason", "")),
                    _connector="OR",
                ),
                name="a_declined_recommendation_and_no_other_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="recommendation",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "open"), ("moved_at__isnull", False), _connector="OR"),
                name="a_recommendation_was_moved_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="recommendation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("moved_at__isnull", False), ("moved_by__isnull", False)),
                    models.Q(("moved_at__isnull", True), ("moved_by__isnull", True)),
                    _connector="OR",
                ),
                name="recommendation_moved_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recommendation",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['text', 'decline_reason']::text[]); RETURN NULL;",
                    hash="c5d0448c572d445313a94dbca22e59e5d6a40b31",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_ea617",
                    table="entitlements_recommendation",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecardlevel",
            constraint=models.UniqueConstraint(fields=("outcome", "dimension"), name="one_level_of_a_dimension"),
        ),
        migrations.AddConstraint(
            model_name="scorecardlevel",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", [1, 2, 3, 4, 5])), name="a_level_is_on_the_scale"
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecardlevel",
            constraint=models.CheckConstraint(
                condition=models.Q(("dimension__in", ["foundations", "design", "outcomes"])),
                name="a_level_is_of_one_of_the_dimensions",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="scorecardlevel",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['note']::text[]); RETURN NULL;",
                    hash="5b980cc839a1133835973bdaa604eab9a9786333",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_fd2c6",
                    table="entitlements_scorecardlevel",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunPython(name_the_kinds, migrations.RunPython.noop),
        migrations.RunSQL(ONLY_ADDED_TO, migrations.RunSQL.noop),
    ]
