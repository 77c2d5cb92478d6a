"""The tables of contracts, engagements, people and letters, with all that guards them."""

import uuid
from decimal import Decimal

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import entitlements.models.contracts
from entitlements.migrations import _calls, _ground, _guards


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("entitlements", "0001_initial"),
        ("entitlements", "0002_guards"),
        ("entitlements", "0004_an_event_names_any_order_form"),
        ("entitlements", "0005_a_suspension_has_its_days"),
        ("entitlements", "0006_the_turn_of_a_year"),
        ("entitlements", "0007_places_given_back_and_moved"),
        ("entitlements", "0008_a_request_in_one_call"),
        ("entitlements", "0009_the_engineers_time"),
        ("entitlements", "0010_periods_say_what_they_refuse"),
        ("entitlements", "0011_outcomes_of_engagements"),
        ("entitlements", "0012_zone_and_plan_are_dated"),
        ("entitlements", "0013_what_lapses_unused"),
        ("entitlements", "0014_editions_have_two_people"),
        ("entitlements", "0015_people_are_invited"),
        ("entitlements", "0016_an_event_names_its_sweep"),
        ("entitlements", "0017_imports"),
        ("entitlements", "0018_feeds_and_leavers"),
        ("entitlements", "0019_invitations_end_with_the_right_to_invite"),
        ("entitlements", "0020_what_lapsed_is_corrected"),
        ("entitlements", "0021_what_a_leaver_leaves"),
        ("entitlements", "0022_letters_keep_their_course"),
        ("entitlements", "0023_the_clocks_work"),
        ("entitlements", "0024_where_people_meet"),
        ("entitlements", "0025_the_ledger_says_what_it_was"),
        ("entitlements", "0026_many_lapse_at_once"),
        ("entitlements", "0027_a_plain_request_reads_less"),
        ("entitlements", "0028_letters_that_come_back"),
        ("entitlements", "0029_reminders_that_were_missed"),
        ("entitlements", "0030_whoever_is_on_call"),
        ("entitlements", "0031_statements_are_logged_as_a_whole"),
        ("entitlements", "0032_plain_rooms_are_kept"),
        ("entitlements", "0033_a_letter_is_noted_by_one_call"),
        ("entitlements", "0034_matters_in_quarantine"),
        ("entitlements", "0035_a_letter_costs_less_to_note"),
    ]

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        *_ground.OPERATIONS,
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("name", models.CharField(max_length=200)),
                ("is_active", models.BooleanField(default=True, verbose_name="may sign in")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False, help_text="Signs in to the admin site.", verbose_name="works at the desk"
                    ),
                ),
                (
                    "may_approve",
                    models.BooleanField(
                        default=False,
                        help_text="May be the second person of a decision that needs two (S19).",
                        verbose_name="may approve",
                    ),
                ),
                (
                    "on_call",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Gets the alarms of the clockwork (N27); while nobody is, everybody at the desk does.",
                        verbose_name="is on call",
                    ),
                ),
                ("joined_at", models.DateTimeField(auto_now_add=True)),
                (
                    "zone",
                    models.CharField(
                        blank=True,
                        help_text="Shown beside the contract's zone; deadlines are always told in the contract's.",
                        max_length=50,
                        verbose_name="own time zone",
                    ),
                ),
                (
                    "date_style",
                    models.CharField(
                        choices=[
                            ("long", "November 21, 2026"),
                            ("day_first", "21 November 2026"),
                            ("numbers", "2026-11-21"),
                        ],
                        default="long",
                        max_length=10,
                        verbose_name="how days are written",
                    ),
                ),
                (
                    "switched_off",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        help_text="Kinds of letter that the person does not want; only those that may be switched off are kept back (C12.4).",
                        size=None,
                    ),
                ),
                (
                    "bounced_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="A letter to the address came back for ever.",
                        null=True,
                        verbose_name="letters come back since",
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="one_person_for_an_address"
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['password', 'last_login', 'email', 'name']::text[]); RETURN NULL;",
                            hash="26329337f16992bb4708e01f225db3b18c53152a",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_69944",
                            table="entitlements_user",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="no_member",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.is_staff)",
                            func="\n            IF EXISTS (SELECT FROM entitlements_membership WHERE user_id = NEW.id AND left_at IS NULL) THEN\n                RAISE EXCEPTION 'nobody works at the desk and for a customer' USING\n                    ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nobody_works_at_the_desk_and_for_a_customer';\n            END IF;\n            RETURN NEW;\n        ",
                            hash="80417580018e618bd7043d3bc740ef670bedab5e",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_no_member_2601d",
                            table="entitlements_user",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Activity",
            fields=[
                ("key", models.SlugField(max_length=40, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("plural", models.CharField(max_length=80)),
                (
                    "position",
                    models.PositiveSmallIntegerField(help_text="Order on the year card and in the policy's table."),
                ),
                (
                    "outcome",
                    models.CharField(
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
            ],
            options={
                "verbose_name_plural": "activities",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                (
                    "external_id",
                    models.CharField(
                        help_text="As in your CRM; imports find the customer by it.",
                        max_length=60,
                        unique=True,
                        verbose_name="customer number",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="3039e294a1cae0b65873bb923caca9f9cb3d4ca0",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_24f3c",
                            table="entitlements_customer",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Contract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order_form", models.CharField(help_text="Number of the order form.", max_length=60, unique=True)),
                (
                    "account",
                    models.CharField(help_text="The customer's account that the products run on.", max_length=100),
                ),
                (
                    "term",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        help_text="First day to the day after the last day."
                    ),
                ),
                (
                    "zone",
                    models.CharField(
                        help_text="Counts days, years and deadlines. Example: America/New_York.",
                        max_length=60,
                        validators=[entitlements.models.contracts.check_zone],
                    ),
                ),
                ("currency", models.CharField(default="USD", max_length=3)),
                ("plan", models.CharField(max_length=60)),
                (
                    "discount_percent",
                    models.DecimalField(decimal_places=6, default=0, max_digits=9, verbose_name="discount"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("suspended", "Suspended"), ("terminated", "Terminated")],
                        default="active",
                        max_length=12,
                    ),
                ),
                (
                    "external_id",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="As in your CRM, if it has one there.",
                        max_length=60,
                        verbose_name="contract number",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="entitlements.customer",
                    ),
                ),
            ],
            options={
                "ordering": ["customer__name", "order_form"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("customer", "="), ("account", "="), ("term", "&&")],
                        name="one_contract_for_an_account_on_a_day",
                        violation_error_message="Another contract of this customer covers the same account on some of these days.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("term__endswith__isnull", False),
                            ("term__startswith__isnull", False),
                            ("term__isempty", False),
                        ),
                        name="contract_term_has_a_first_and_a_last_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=("external_id",),
                        name="one_contract_for_an_external_id",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="b190a94ab9a3e35e9b5029f3ca8d54f8b407f02f",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_10e35",
                            table="entitlements_contract",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="turns_the_years",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."term" IS DISTINCT FROM (NEW."term"))',
                            func="UPDATE entitlements_contractyear SET turn = turn + 1 WHERE contract_id = NEW.id; RETURN NULL;",
                            hash="ae5ea83c8b0f7ce16d2d6d093d22c71f441def63",
                            operation='UPDATE OF "status", "term"',
                            pgid="pgtrigger_turns_the_years_3511d",
                            table="entitlements_contract",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContractYear",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.PositiveSmallIntegerField(verbose_name="number")),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "ends_at",
                    models.DateTimeField(
                        help_text="The first instant after the year in the contract's zone. Never recomputed."
                    ),
                ),
                (
                    "turn",
                    models.PositiveIntegerField(
                        db_default=0,
                        default=0,
                        editable=False,
                        help_text="Raised when the contract's levels, caps or state change: what was read of them stands as long as the turn does.",
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Its end, once what was unused of it has lapsed in the ledger (E3).",
                        null=True,
                    ),
                ),
                (
                    "remind_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When to look next whether unused places have to be told of (T1); empty: once it begins.",
                        null=True,
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="years", to="entitlements.contract"
                    ),
                ),
            ],
            options={
                "ordering": ["contract", "n"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=["ends_at", "id"],
                        name="years_not_closed",
                    ),
                    models.Index(
                        django.db.models.functions.comparison.Coalesce(
                            models.F("remind_at"),
                            models.Func(
                                models.F("days"),
                                output_field=models.DateTimeField(),
                                template="(lower(%(expressions)s) - 1)::timestamp AT TIME ZONE 'UTC'",
                            ),
                        ),
                        models.F("id"),
                        condition=models.Q(("closed_at__isnull", True)),
                        name="years_to_look_at",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("contract", "n"), name="one_year_of_a_number"),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("contract", "="), ("days", "&&")], name="contract_years_do_not_overlap"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="5b050d5010badcd486bded2224c98dbfa3eed8da",
                            operation="INSERT OR DELETE",
                            pgid="pgtrigger_logged_3b93f",
                            table="entitlements_contractyear",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="changes_logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."closed_at" IS DISTINCT FROM (NEW."closed_at") OR OLD."contract_id" IS DISTINCT FROM (NEW."contract_id") OR OLD."days" IS DISTINCT FROM (NEW."days") OR OLD."ends_at" IS DISTINCT FROM (NEW."ends_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."n" IS DISTINCT FROM (NEW."n"))',
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="2cc0132f86b9d23b12ed62954477da2a80497a45",
                            operation="UPDATE",
                            pgid="pgtrigger_changes_logged_57278",
                            table="entitlements_contractyear",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="turns",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."days" IS DISTINCT FROM (NEW."days"))',
                            func="NEW.turn := OLD.turn + 1; RETURN NEW;",
                            hash="5b5eedaf1d8f43dd513d2def4883ce0e0359889e",
                            operation='UPDATE OF "days"',
                            pgid="pgtrigger_turns_a675c",
                            table="entitlements_contractyear",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Engineer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "zone",
                    models.CharField(
                        help_text="Their working hours are times of its clock. Example: Asia/Tokyo.",
                        max_length=60,
                        validators=[entitlements.models.contracts.check_zone],
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="takes engagements")),
                (
                    "leaves_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="The first instant after the last day, in their zone.",
                        null=True,
                        verbose_name="leaves the firm",
                    ),
                ),
                (
                    "skills",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The activities that they can be booked for (E15).",
                        related_name="engineers",
                        to="entitlements.activity",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who finishes, after the last day, what is left.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="entitlements.engineer",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engineer",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "CSE",
                "ordering": ["user__name"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("leaves_at__isnull", False)),
                        fields=["leaves_at", "id"],
                        name="engineers_who_leave",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="98aa8919d20588386061dec6839cc7338b1c50c6",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_698b2",
                            table="entitlements_engineer",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="sessions_stay_in_time",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            func="PERFORM refuse_sessions_out_of_hours(NEW.id); RETURN NULL;",
                            hash="a2fd8dbc90f0a8c043fcf2cbaac5044db1034ffb",
                            operation='UPDATE OF "zone"',
                            pgid="pgtrigger_sessions_stay_in_time_6ee8c",
                            table="entitlements_engineer",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Engagement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("scheduled", "Scheduled"),
                            ("delivered", "Delivered"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("cancelled", "Cancelled"),
                            ("no_show", "No-show"),
                            ("lapsed", "Lapsed"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                (
                    "day",
                    models.DateField(
                        help_text="The local date of the first session, or the wished day while none is scheduled."
                    ),
                ),
                ("wished_day", models.DateField()),
                (
                    "wished_start",
                    models.DateTimeField(blank=True, help_text="The instant wished for, if one was.", null=True),
                ),
                (
                    "preparation",
                    models.JSONField(
                        blank=True,
                        help_text="E12: what was answered to each thing to bring: yes, not yet, not sure.",
                        null=True,
                    ),
                ),
                ("topic", models.TextField(blank=True)),
                (
                    "ps_reference",
                    models.CharField(
                        blank=True,
                        help_text="With one, no place is counted (E7).",
                        max_length=60,
                        verbose_name="Professional Services agreement",
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("advice_accepted_at", models.DateTimeField()),
                ("advice_wording", models.TextField(help_text="E11: the wording that was accepted.")),
                ("preparation_confirmed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decline_reason", models.TextField(blank=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_side",
                    models.CharField(
                        blank=True, choices=[("customer", "Customer"), ("vendor", "Vendor")], max_length=8
                    ),
                ),
                ("end_reason", models.TextField(blank=True)),
                ("counted_at", models.DateTimeField(blank=True, null=True)),
                ("count_reason", models.TextField(blank=True, help_text="Why a no-show is counted all the same (E5).")),
                ("given_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "give_back_reason",
                    models.TextField(blank=True, help_text="Why its place was given back all the same (E5)."),
                ),
                ("first_session_held_at", models.DateTimeField(blank=True, null=True)),
                (
                    "form_key",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        help_text="Of the form that asked: sent twice, it asks once (X9).",
                        unique=True,
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.activity"
                    ),
                ),
                (
                    "advice_accepted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engagements",
                        to="entitlements.contract",
                    ),
                ),
                (
                    "counted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "given_back_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "preparation_confirmed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engagements",
                        to="entitlements.contractyear",
                    ),
                ),
                (
                    "finished_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who finishes it once whoever had its last session has left (E15).",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="entitlements.engineer",
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "-id"],
                "indexes": [
                    models.Index(fields=["contract", "day"], name="engagements_of_a_contract"),
                    models.Index(condition=models.Q(("state", "requested")), fields=["day"], name="requests_waiting"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("requested_at__isnull", False), ("requested_by__isnull", False)),
                            models.Q(("requested_at__isnull", True), ("requested_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="engagement_requested_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("advice_accepted_at__isnull", False), ("advice_accepted_by__isnull", False)),
                            models.Q(("advice_accepted_at__isnull", True), ("advice_accepted_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="engagement_advice_accepted_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("preparation_confirmed_at__isnull", False), ("preparation_confirmed_by__isnull", False)
                            ),
                            models.Q(
                                ("preparation_confirmed_at__isnull", True), ("preparation_confirmed_by__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="engagement_preparation_confirmed_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="engagement_decided_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="engagement_ended_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("counted_at__isnull", False), ("counted_by__isnull", False)),
                            models.Q(("counted_at__isnull", True), ("counted_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="engagement_counted_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("given_back_at__isnull", False), ("given_back_by__isnull", False)),
                            models.Q(("given_back_at__isnull", True), ("given_back_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="engagement_given_back_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "declined"), _negated=True),
                            models.Q(("decline_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_declined_request_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("given_back_at__isnull", True),
                            models.Q(("give_back_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_place_given_back_says_why",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['topic']::text[]); RETURN NULL;",
                            hash="c53c8fc54684df9785b09d5eec976cfa654c8fa1",
                            operation="INSERT OR DELETE",
                            pgid="pgtrigger_logged_126c2",
                            table="entitlements_engagement",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="changes_logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE acts jsonb := nullif(current_setting('makegood.event', true), '');",
                            func="\n    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, \"table\", row_id, changes)\n    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,\n           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns\n      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM (SELECT to_jsonb(old_row), to_jsonb(new_row) FROM old_rows AS old_row FULL JOIN new_rows AS new_row USING (id)) AS pair(before, after) OFFSET 0) AS row\n     CROSS JOIN LATERAL\n           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY['topic']::text[])\n                       THEN '\"changed\"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns\n              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)\n             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing\n      LEFT JOIN LATERAL\n           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)\n           AS act ON true\n     WHERE differing.columns IS NOT NULL;\n    RETURN NULL;\n",
                            hash="e0b3df0600a75342ca2f6fa3cfb8bb76fd66861f",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_changes_logged_bfedc",
                            referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                            table="entitlements_engagement",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="allowed_moves_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{requested:scheduled,requested:declined,requested:withdrawn,requested:cancelled,requested:lapsed,scheduled:delivered,scheduled:cancelled,scheduled:no_show,no_show:scheduled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="383674593ecade6d6e5559fc06f846516135546c",
                            operation="UPDATE",
                            pgid="pgtrigger_allowed_moves_only_3a6b3",
                            table="entitlements_engagement",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BookedSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.PositiveSmallIntegerField(default=1)),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "meet_at",
                    models.CharField(
                        blank=True,
                        help_text="A link to the call, or a room. Empty: not said yet.",
                        max_length=300,
                        verbose_name="where to meet",
                    ),
                ),
                (
                    "released_at",
                    models.DateTimeField(blank=True, help_text="Set when the time is free again.", null=True),
                ),
                ("held_at", models.DateTimeField(blank=True, null=True)),
                ("calendar_uid", models.CharField(max_length=80)),
                ("calendar_sequence", models.PositiveSmallIntegerField(default=0)),
                (
                    "remind_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the day before it is told of (T1); empty: not, or not any more.",
                        null=True,
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="entitlements.engagement",
                    ),
                ),
                (
                    "engineer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sessions", to="entitlements.engineer"
                    ),
                ),
            ],
            options={
                "ordering": ["during"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("released_at__isnull", True), ("remind_at__isnull", False)),
                        fields=["remind_at", "id"],
                        name="sessions_to_be_told_of",
                    )
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("released_at__isnull", True)),
                        expressions=[("engineer", "="), ("during", "&&")],
                        name="no_engineer_is_booked_twice_at_one_time",
                        violation_error_message="This engineer is already booked at that time.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("released_at__isnull", True)),
                        fields=("engagement", "part"),
                        name="one_live_session_for_a_part",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="378312594b0b2c8a36f975c17113dea38dba80fc",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_119dc",
                            table="entitlements_bookedsession",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="in_working_hours_and_not_on_leave",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."released_at" IS NULL)',
                            func="\n                    IF TG_OP = 'INSERT' OR (OLD.engineer_id, OLD.during, OLD.released_at)\n                        IS DISTINCT FROM (NEW.engineer_id, NEW.during, NEW.released_at)\n                    THEN PERFORM refuse_session_off_work(NEW.engineer_id, NEW.during); END IF;\n                    RETURN NULL;\n                ",
                            hash="be4222a26f643e739d42fc7f6da9a7dd6a977b97",
                            operation='INSERT OR UPDATE OF "engineer_id", "during", "released_at"',
                            pgid="pgtrigger_in_working_hours_and_not_on_leave_bb799",
                            table="entitlements_bookedsession",
                            when="AFTER",
                        ),
                    ),
                ],
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
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['words']::text[]); RETURN NULL;",
                            hash="c585ed4cb32b6d5b7740cbcfb10916c2639b8c8b",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_00828",
                            table="entitlements_customerfeedback",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("happened_at", models.DateTimeField()),
                (
                    "verb",
                    models.CharField(
                        help_text="What was done: claim.sent; or the operation on a table.", max_length=80
                    ),
                ),
                ("matter", models.CharField(blank=True, help_text="The reference that it belongs to.", max_length=60)),
                ("note", models.TextField(blank=True)),
                ("table", models.CharField(blank=True, max_length=63)),
                ("row_id", models.CharField(blank=True, max_length=63)),
                ("changes", models.JSONField(blank=True, help_text="Column: [before, after].", null=True)),
                (
                    "database_role",
                    models.CharField(
                        db_default=models.Func(function="SESSION_USER", template="%(function)s"), max_length=63
                    ),
                ),
                (
                    "sweep",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.NullIf(
                                models.Func(
                                    models.Value("makegood.sweep"), models.Value(True), function="current_setting"
                                ),
                                models.Value(""),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                        help_text="The turn of the clock that did it; empty: a request did.",
                        null=True,
                    ),
                ),
                ("transaction", models.BigIntegerField(db_default=models.Func(function="txid_current"), null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who did it; empty: the clock.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "part_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="changes_made",
                        to="entitlements.event",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("matter", ""), _negated=True),
                        fields=["matter", "id"],
                        name="events_of_a_matter",
                    ),
                    models.Index(
                        condition=models.Q(("table", ""), _negated=True),
                        fields=["table", "row_id"],
                        name="events_of_a_row",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="6d26922f25944b9d1001610a44da2b08e55371e6",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_df70e",
                            table="entitlements_event",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FeeMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="The first day of the month.")),
                ("cost_per_seat", models.DecimalField(decimal_places=6, max_digits=18)),
                ("paid_seats", models.PositiveIntegerField()),
                (
                    "days",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        blank=True, help_text="The days of the month for which it held. Empty: all of them.", null=True
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fee_months",
                        to="entitlements.contract",
                    ),
                ),
            ],
            options={
                "ordering": ["month", "days"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("contract", "="),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    "days",
                                    models.Func(
                                        models.F("month"),
                                        output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                        template="daterange(%(expressions)s, (%(expressions)s + interval '1 month')::date)",
                                    ),
                                ),
                                "&&",
                            ),
                        ],
                        name="one_fee_on_a_day",
                        violation_error_message="Fees are on record already for some of these days.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days__isnull", True),
                            (
                                "days__contained_by",
                                models.Func(
                                    models.F("month"),
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    template="daterange(%(expressions)s, (%(expressions)s + interval '1 month')::date)",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="fee_days_lie_in_the_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="fee_month_is_the_first_of_a_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cost_per_seat__gte", 0)), name="cost_per_seat_is_not_negative"
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="00a3760411c77a5f72fe06bd5346cbc1d8f20f13",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_4f688",
                            table="entitlements_feemonth",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                (
                    "rows_are",
                    models.CharField(
                        blank=True, help_text="What a CSV has; a workbook says it by its sheets.", max_length=20
                    ),
                ),
                ("kind", models.CharField(choices=[("csv", "CSV"), ("xlsx", "XLSX")], max_length=4)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("stored_as", models.CharField(max_length=100, unique=True)),
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("uploaded_at__isnull", False), ("uploaded_by__isnull", False)),
                            models.Q(("uploaded_at__isnull", True), ("uploaded_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="import_file_uploaded_at_and_by_go_together",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="2d3b286a9fedf61ddc6714665ab5102ec5649ec0",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_4af87",
                            table="entitlements_importfile",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("applied_at", models.DateTimeField()),
                ("new", models.PositiveIntegerField()),
                ("changed", models.PositiveIntegerField()),
                ("unchanged", models.PositiveIntegerField()),
                ("refused", models.PositiveIntegerField()),
                (
                    "rows",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        help_text="Each row's kind, number, state, changes and refusals.",
                    ),
                ),
                (
                    "applied_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="entitlements.importfile"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("applied_at__isnull", False), ("applied_by__isnull", False)),
                            models.Q(("applied_at__isnull", True), ("applied_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="import_run_applied_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("new__gt", 0), ("changed__gt", 0), _connector="OR"),
                        name="an_import_changes_something",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="59f39a782c3acc2f1667c05e2b6bd2cfb73b818c",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_1b769",
                            table="entitlements_importrun",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("name", models.CharField(max_length=200)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("owner", "Owner"),
                                ("claims", "Claims"),
                                ("bookings", "Bookings"),
                                ("read_only", "Read only"),
                                ("signatory", "Signs elections"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("invited_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "end",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("withdrawn", "It was taken back."),
                            ("replaced", "A newer one was sent since."),
                            ("address_changed", "The address that it went to is no longer the right one."),
                            ("sender_left", "Whoever sent it has left the firm since."),
                            ("sender_no_owner", "Whoever sent it is no owner any more."),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="entitlements.customer",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-invited_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("customer"),
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("accepted_at__isnull", True), ("ended_at__isnull", True)),
                        name="one_live_invitation_for_an_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("roles__contained_by", ["owner", "claims", "bookings", "read_only", "signatory"]),
                            models.Q(("roles", []), _negated=True),
                        ),
                        name="invitation_roles_are_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("accepted_at__isnull", True), ("ended_at__isnull", True), _connector="OR"),
                        name="an_invitation_ends_in_one_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end", ""), ("ended_at__isnull", True)),
                            models.Q(models.Q(("end", ""), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="an_ended_invitation_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("invited_at__isnull", False), ("invited_by__isnull", False)),
                            models.Q(("invited_at__isnull", True), ("invited_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="invitation_invited_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at__isnull", False), ("accepted_by__isnull", False)),
                            models.Q(("accepted_at__isnull", True), ("accepted_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="invitation_accepted_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="invitation_ended_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['email', 'name', 'token_hash']::text[]); RETURN NULL;",
                            hash="af5710b13b744e5a30c5b427306b23f7b30d8bfe",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_63960",
                            table="entitlements_invitation",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="the_others_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."roles" IS DISTINCT FROM (NEW."roles") OR OLD."token_hash" IS DISTINCT FROM (NEW."token_hash") OR OLD."invited_at" IS DISTINCT FROM (NEW."invited_at") OR OLD."invited_by_id" IS DISTINCT FROM (NEW."invited_by_id") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="8d17aa9b45e457b05f0b3756a9b3e1e1490b647e",
                            operation="UPDATE",
                            pgid="pgtrigger_the_others_stay_5fc37",
                            table="entitlements_invitation",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Leave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "reason",
                    models.CharField(help_text="Only the desk reads it. Example: annual leave.", max_length=200),
                ),
                ("entered_at", models.DateTimeField()),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "engineer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leaves", to="entitlements.engineer"
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "stand_in",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who takes over.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stands_in",
                        to="entitlements.engineer",
                    ),
                ),
                (
                    "taken_back_by",
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
                "ordering": ["during"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("taken_back_at__isnull", True)),
                        expressions=[("engineer", "="), ("during", "&&")],
                        name="no_engineer_is_on_leave_twice_at_one_time",
                        violation_error_message="This engineer is on leave in that time already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("during__isempty", False), ("during__lower_inf", False), ("during__upper_inf", False)
                        ),
                        name="a_leave_begins_and_ends",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="a_leave_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(("stand_in", models.F("engineer")), _negated=True),
                        name="nobody_stands_in_for_themselves",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("entered_at__isnull", False), ("entered_by__isnull", False)),
                            models.Q(("entered_at__isnull", True), ("entered_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="leave_entered_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("taken_back_at__isnull", False), ("taken_back_by__isnull", False)),
                            models.Q(("taken_back_at__isnull", True), ("taken_back_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="leave_taken_back_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['reason']::text[]); RETURN NULL;",
                            hash="092d819821aa155a0b563123b08ca39a5a97ffbf",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_7cd3e",
                            table="entitlements_leave",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="no_leave_over_sessions",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."taken_back_at" IS NULL)',
                            func="PERFORM refuse_leave_over_sessions(NEW.engineer_id, NEW.during); RETURN NULL;",
                            hash="840d9710383a671b7cbcfdfe858bc3111ce23232",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_no_leave_over_sessions_ed579",
                            table="entitlements_leave",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LegalContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("name", models.CharField(help_text="A person or an office: Legal department.", max_length=200)),
                ("added_at", models.DateTimeField()),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("link_sent_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "bounced_at",
                    models.DateTimeField(blank=True, help_text="When a letter to it last came back.", null=True),
                ),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="legal_contacts",
                        to="entitlements.customer",
                    ),
                ),
                (
                    "removed_by",
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
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("customer"),
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("removed_at__isnull", True)),
                        name="one_legal_contact_for_an_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("added_at__isnull", False), ("added_by__isnull", False)),
                            models.Q(("added_at__isnull", True), ("added_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="legalcontact_added_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                            models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="legalcontact_removed_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['email', 'name', 'token_hash']::text[]); RETURN NULL;",
                            hash="7662c8478e9dd3537fb3e189df6c0b934fa8912f",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_d8a41",
                            table="entitlements_legalcontact",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("matter", models.CharField(max_length=40)),
                ("deadline", models.DateTimeField(blank=True, null=True)),
                ("addressee", models.EmailField(max_length=254)),
                (
                    "point",
                    models.CharField(
                        blank=True, help_text="Of a reminder: which point of its ladder (T1).", max_length=20
                    ),
                ),
                ("context", models.JSONField(help_text="Frozen with the cause; the templates see nothing else.")),
                ("attachments", models.JSONField(blank=True, default=list, help_text="[name, type, text] each.")),
                ("written_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "To be sent"),
                            ("accepted", "Accepted by the mail server"),
                            ("no_longer_true", "Not sent: no longer true"),
                            ("not_wanted", "Not sent: its reader switched such letters off, or its address takes none"),
                            ("failed", "Could not be sent"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("urgent", models.BooleanField(default=False, help_text="States a deadline: sent before the others.")),
                ("due_at", models.DateTimeField(help_text="Not to be sent before; moved on by a retry or a lease.")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField(blank=True)),
                ("html", models.TextField(blank=True)),
                (
                    "raw",
                    models.BinaryField(
                        blank=True,
                        db_default=b"",
                        default=bytes,
                        help_text="The whole message as it goes, byte for byte.",
                    ),
                ),
                (
                    "sha256",
                    models.CharField(blank=True, db_default="", help_text="Of the whole message.", max_length=64),
                ),
                ("message_id", models.CharField(max_length=200)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("accepted_by_server", models.CharField(blank=True, max_length=200)),
                (
                    "handed_over_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When it was last given to the server; with no answer kept it may go twice.",
                        null=True,
                    ),
                ),
                ("may_have_gone_twice", models.BooleanField(default=False)),
                ("last_error", models.TextField(blank=True)),
                ("opened_at", models.DateTimeField(blank=True, help_text="First opened in the portal.", null=True)),
                (
                    "bounced_at",
                    models.DateTimeField(blank=True, help_text="When it came back for ever, if it did.", null=True),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="entitlements.customer",
                    ),
                ),
                (
                    "in_place_of",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The letter that did not reach its addressee, so that this one was written.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="substitutes",
                        to="entitlements.letter",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-written_at", "-id"],
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("urgent"), descending=True),
                        models.OrderBy(models.Case(models.When(then="deadline", urgent=True)), nulls_last=True),
                        models.OrderBy(models.F("written_at")),
                        models.OrderBy(models.F("id")),
                        condition=models.Q(("state", "queued")),
                        name="letters_to_send",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "failed"])),
                        fields=["state", "written_at"],
                        name="letters_not_sent",
                    ),
                    models.Index(fields=["customer", "-written_at"], name="letters_of_a_customer"),
                    models.Index(fields=["matter"], name="letters_of_a_matter"),
                    models.Index(
                        condition=models.Q(("in_place_of__isnull", False)),
                        fields=["in_place_of"],
                        name="letters_in_place_of_others",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "matter", "deadline", "addressee", "point"),
                        name="no_letter_is_written_twice",
                        nulls_distinct=False,
                    ),
                    models.UniqueConstraint(fields=("message_id",), name="a_message_id_is_of_one_letter"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at__isnull", False), ("state", "accepted")),
                            models.Q(models.Q(("state", "accepted"), _negated=True), ("accepted_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="an_accepted_letter_has_its_moment",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="additions_logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE acts jsonb := nullif(current_setting('makegood.event', true), '');",
                            func="\n    INSERT INTO entitlements_event (happened_at, verb, matter, actor_id, note, part_of_id, \"table\", row_id, changes)\n    SELECT coalesce(act.happened_at, clock_timestamp()), lower(TG_OP), coalesce(act.matter, ''), act.actor_id, '', act.id,\n           TG_TABLE_NAME, row.after_or_before ->> 'id', differing.columns\n      FROM (SELECT *, coalesce(after, before) AS after_or_before FROM (SELECT NULL::jsonb, to_jsonb(new_row) FROM new_rows AS new_row) AS pair(before, after) OFFSET 0) AS row\n     CROSS JOIN LATERAL\n           (SELECT jsonb_object_agg(coalesce(key, old_key), CASE WHEN coalesce(key, old_key) = ANY(ARRAY['context', 'addressee', 'attachments', 'subject', 'text', 'html', 'raw', 'sha256']::text[])\n                       THEN '\"changed\"'::jsonb ELSE jsonb_build_array(old_value, value) END) AS columns\n              FROM ROWS FROM (jsonb_each(before), jsonb_each(after)) AS one(old_key, old_value, key, value)\n             WHERE old_value IS DISTINCT FROM value AND NOT (TG_OP = 'INSERT' AND value = 'null')) AS differing\n      LEFT JOIN LATERAL\n           (SELECT * FROM entitlements_event WHERE id = act_of(acts, after_or_before) AND transaction = txid_current() OFFSET 0)\n           AS act ON true\n     WHERE differing.columns IS NOT NULL;\n    RETURN NULL;\n",
                            hash="9542819738f77c7da2af15f7bdc8d5bbec4db431",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_additions_logged_72ae1",
                            referencing="REFERENCING NEW TABLE AS new_rows ",
                            table="entitlements_letter",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['context', 'addressee', 'attachments', 'subject', 'text', 'html', 'raw', 'sha256']::text[]); RETURN NULL;",
                            hash="917d7256479d054fc34d5aadb639def160a5e38c",
                            operation="DELETE",
                            pgid="pgtrigger_logged_0b1bc",
                            table="entitlements_letter",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="changes_logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."addressee" IS DISTINCT FROM (NEW."addressee") OR OLD."attachments" IS DISTINCT FROM (NEW."attachments") OR OLD."bounced_at" IS DISTINCT FROM (NEW."bounced_at") OR OLD."context" IS DISTINCT FROM (NEW."context") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."deadline" IS DISTINCT FROM (NEW."deadline") OR OLD."in_place_of_id" IS DISTINCT FROM (NEW."in_place_of_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."matter" IS DISTINCT FROM (NEW."matter") OR OLD."message_id" IS DISTINCT FROM (NEW."message_id") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."point" IS DISTINCT FROM (NEW."point") OR OLD."urgent" IS DISTINCT FROM (NEW."urgent") OR OLD."written_at" IS DISTINCT FROM (NEW."written_at"))',
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['context', 'addressee', 'attachments', 'subject', 'text', 'html', 'raw', 'sha256']::text[]); RETURN NULL;",
                            hash="78899a4b1564c54d7f9b53a4245d72d7fc84768e",
                            operation='UPDATE OF "kind", "matter", "point", "deadline", "urgent", "addressee", "customer_id", "person_id", "in_place_of_id", "context", "attachments", "message_id", "written_at", "opened_at", "bounced_at"',
                            pgid="pgtrigger_changes_logged_dbf85",
                            table="entitlements_letter",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="moves_logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."accepted_at" IS DISTINCT FROM (NEW."accepted_at") OR OLD."state" IS DISTINCT FROM (NEW."state"))',
                            func="\n    IF nullif(current_setting('makegood.event', true), '') IS NOT NULL OR OLD.state = NEW.state THEN\n        PERFORM log_change(TG_TABLE_NAME, TG_OP, jsonb_build_object('id', OLD.id, 'state', OLD.state, 'accepted_at', OLD.accepted_at), jsonb_build_object('id', NEW.id, 'state', NEW.state, 'accepted_at', NEW.accepted_at), ARRAY[]::text[]);\n        RETURN NULL;\n    END IF;\n    INSERT INTO entitlements_event (happened_at, verb, matter, note, \"table\", row_id, changes)\n    VALUES (clock_timestamp(), 'update', '', '', TG_TABLE_NAME, NEW.id,\n            jsonb_build_object('state', jsonb_build_array(OLD.state, NEW.state)) ||\n            CASE WHEN OLD.accepted_at IS DISTINCT FROM NEW.accepted_at\n                 THEN jsonb_build_object('accepted_at', jsonb_build_array(OLD.accepted_at, NEW.accepted_at)) ELSE '{}' END);\n    RETURN NULL;\n",
                            hash="9e0236884b501546d98c582b2404dc8506367700",
                            operation='UPDATE OF "state", "accepted_at"',
                            pgid="pgtrigger_moves_logged_0c384",
                            table="entitlements_letter",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="allowed_moves_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state"))',
                            declare="DECLARE _is_valid_transition BOOLEAN;",
                            func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{queued:accepted,queued:no_longer_true,queued:not_wanted,queued:failed,failed:queued,failed:accepted,no_longer_true:accepted,not_wanted:accepted}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                            hash="ef2a7c769dc927034691ae143b887fe24379b2ed",
                            operation="UPDATE",
                            pgid="pgtrigger_allowed_moves_only_115ec",
                            table="entitlements_letter",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="written_once",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.sha256 <> '')",
                            func="\n            IF (OLD.subject, OLD.text, OLD.html, OLD.raw, OLD.sha256) IS DISTINCT FROM (NEW.subject, NEW.text, NEW.html, NEW.raw, NEW.sha256) THEN\n                RAISE EXCEPTION 'what was sent stays as it was sent (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN NEW;\n        ",
                            hash="6cb0e7715f9cc5432a2ee03941c9e5c98182b4bf",
                            operation='UPDATE OF "subject", "text", "html", "raw", "sha256"',
                            pgid="pgtrigger_written_once_97ed1",
                            table="entitlements_letter",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LetterEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("handed_over", "Given to the mail server"),
                            ("accepted", "Accepted by the mail server"),
                            ("busy", "Refused by the mail server for now"),
                            ("refused", "Refused by the mail server for ever"),
                            ("not_reached", "Mail server not reached"),
                            ("no_answer", "The line broke before the mail server answered"),
                            ("not_made", "Could not be made"),
                            ("given_up", "Given up after many tries"),
                            ("not_sent", "Not sent"),
                            ("queued_again", "Put back to be sent"),
                            ("delivered", "Reported as delivered"),
                            ("delayed", "Reported as delayed"),
                            ("bounced", "Came back"),
                            ("passed_on", "Sent to somebody else instead"),
                            ("opened", "Opened in the portal"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        help_text="By the business clock; of a report: when it says that it happened."
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "host",
                    models.CharField(
                        blank=True, db_default="", help_text="The mail server that said so.", max_length=200
                    ),
                ),
                ("reply", models.TextField(blank=True, db_default="", help_text="What it said, as it said it.")),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="Of a report: what it is known by; it counts once.",
                        max_length=300,
                        null=True,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="entitlements.letter"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="What went instead.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="entitlements.letter",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("kind", "handed_over")), fields=["at"], name="letters_handed_over"
                    ),
                    models.Index(
                        condition=models.Q(("by__isnull", False)), fields=["by"], name="letter_events_by_people"
                    ),
                    models.Index(
                        condition=models.Q(("other__isnull", False)),
                        fields=["other"],
                        name="letter_events_of_two_letters",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("by__isnull", False), ("kind", "opened")),
                            models.Q(("kind", "opened"), _negated=True),
                            _connector="OR",
                        ),
                        name="an_opening_names_its_reader",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "passed_on"), ("other__isnull", False)),
                            models.Q(models.Q(("kind", "passed_on"), _negated=True), ("other__isnull", True)),
                            _connector="OR",
                        ),
                        name="a_letter_passed_on_names_the_other",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "opened")),
                        fields=("letter",),
                        name="a_letter_is_opened_for_the_first_time_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("source__isnull", False)),
                        fields=("source",),
                        name="a_report_counts_once_for_a_letter",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="c037052647af09f4525b46977e92f1713b4b1b91",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_22b1e",
                            table="entitlements_letterevent",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LevelPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("none", "No Services"),
                            ("premium", "Premium Support"),
                            ("silver", "Silver Services"),
                            ("gold", "Gold Services"),
                        ],
                        max_length=10,
                    ),
                ),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="levels", to="entitlements.contract"
                    ),
                ),
            ],
            options={
                "ordering": ["days"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("contract", "="), ("days", "&&")],
                        name="one_level_on_a_day",
                        violation_error_message="The contract has another level on some of these days.",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="aeedaa4e11952771906811b686c162c817e4a408",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_a4185",
                            table="entitlements_levelperiod",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="turns_the_years",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            UPDATE entitlements_contractyear SET turn = turn + 1 WHERE contract_id IN (OLD.contract_id, NEW.contract_id);\n            RETURN NULL;\n        ",
                            hash="75617f2ca2e3fbd8d21649a80977a55304bcfbfc",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_turns_the_years_ea23e",
                            table="entitlements_levelperiod",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("owner", "Owner"),
                                ("claims", "Claims"),
                                ("bookings", "Bookings"),
                                ("read_only", "Read only"),
                                ("signatory", "Signs elections"),
                            ],
                            max_length=20,
                        ),
                        help_text="Owner may do everything; the others only what they name.",
                        size=None,
                    ),
                ),
                (
                    "copies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("owner", "Owner"),
                                ("claims", "Claims"),
                                ("bookings", "Bookings"),
                                ("read_only", "Read only"),
                                ("signatory", "Signs elections"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        help_text="Letters that go to these roles come to this person too: it adds letters and takes none away.",
                        size=None,
                    ),
                ),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="entitlements.customer",
                    ),
                ),
                (
                    "left_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at__isnull", True)),
                        fields=("user", "customer"),
                        name="one_current_membership_for_a_person",
                        violation_error_message="This person already belongs to the customer.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("roles__contained_by", ["owner", "claims", "bookings", "read_only", "signatory"]),
                            models.Q(("roles", []), _negated=True),
                        ),
                        name="membership_roles_are_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("copies__contained_by", ["claims", "bookings"])),
                        name="copies_are_of_letters_that_are_sent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("left_at__isnull", False), ("left_by__isnull", False)),
                            models.Q(("left_at__isnull", True), ("left_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="membership_left_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="8feb36e77e1b5d8997d7a6843214c4543ada7597",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_02c4c",
                            table="entitlements_membership",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="no_staff",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            IF NEW.left_at IS NULL THEN\n                PERFORM 1 FROM entitlements_user WHERE id = NEW.user_id FOR SHARE;\n                IF (SELECT is_staff FROM entitlements_user WHERE id = NEW.user_id) THEN\n                    RAISE EXCEPTION 'nobody works at the desk and for a customer' USING\n                        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nobody_works_at_the_desk_and_for_a_customer';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ",
                            hash="e1987e2a291c64f8a854c86c1f3b1edac26e1a5b",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_no_staff_9d90f",
                            table="entitlements_membership",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MissedReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("matter", models.CharField(help_text="As its letters name it.", max_length=40)),
                ("point", models.CharField(max_length=20)),
                ("due_at", models.DateTimeField(help_text="When the point was.")),
                ("deadline", models.DateTimeField(help_text="What it was to remind of.")),
                ("noted_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="missed_reminders",
                        to="entitlements.customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "missed reminder",
                "ordering": ["-noted_at", "-id"],
                "indexes": [models.Index(fields=["noted_at"], name="reminders_missed_of_late")],
                "constraints": [
                    models.UniqueConstraint(fields=("matter", "deadline", "point"), name="a_reminder_is_missed_once")
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="8bd1820d01dee25daf06234f24798c5c4f002576",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_7a6c8",
                            table="entitlements_missedreminder",
                            when="BEFORE",
                        ),
                    )
                ],
            },
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("drafted_at__isnull", False), ("drafted_by__isnull", False)),
                            models.Q(("drafted_at__isnull", True), ("drafted_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="outcome_drafted_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("given_at__isnull", False), ("given_by__isnull", False)),
                            models.Q(("given_at__isnull", True), ("given_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="outcome_given_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['summary']::text[]); RETURN NULL;",
                            hash="8678008765fdde7c98541dd8fb19b831f2ea6a50",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_bce2b",
                            table="entitlements_outcome",
                            when="AFTER",
                        ),
                    )
                ],
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
                "constraints": [
                    models.UniqueConstraint(fields=("outcome", "position"), name="one_figure_of_value_at_a_place")
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="9d81c0301accfc27382eaae0de8c734ae3f4cb8b",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_a6eed",
                            table="entitlements_outcomefigure",
                            when="AFTER",
                        ),
                    )
                ],
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
                "constraints": [
                    models.UniqueConstraint(fields=("outcome", "position"), name="one_outcome_line_at_a_place")
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['text']::text[]); RETURN NULL;",
                            hash="902ff63840884142efb4d28bfcfed107dcbb1066",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_0e5a8",
                            table="entitlements_outcomeline",
                            when="AFTER",
                        ),
                    )
                ],
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
                "constraints": [
                    models.UniqueConstraint(fields=("outcome", "n"), name="one_outcome_version_of_a_number"),
                    models.CheckConstraint(
                        condition=models.Q(("n", 1), models.Q(("reason", ""), _negated=True), _connector="OR"),
                        name="an_amended_outcome_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("written_at__isnull", False), ("written_by__isnull", False)),
                            models.Q(("written_at__isnull", True), ("written_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="outcome_version_written_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="445bb316e957fcf08ef8559dad09da3abd16173e",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_edd47",
                            table="entitlements_outcomeversion",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlainRoom",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("turn", models.PositiveIntegerField(help_text="The year's when it was worked out.")),
                (
                    "activities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SlugField(max_length=40), help_text="Those that share the places.", size=None
                    ),
                ),
                ("places", models.SmallIntegerField(help_text="Empty: without limit.", null=True)),
                (
                    "activity",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="entitlements.activity",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="entitlements.contract",
                    ),
                ),
                (
                    "year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="entitlements.contractyear"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contract", "activity", "days"), name="one_plain_room_of_an_activity_on_its_days"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("plan", models.CharField(max_length=60)),
                (
                    "discount_percent",
                    models.DecimalField(decimal_places=6, default=0, max_digits=9, verbose_name="discount"),
                ),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="entitlements.contract"
                    ),
                ),
            ],
            options={
                "ordering": ["days"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("contract", "="), ("days", "&&")],
                        name="one_plan_on_a_day",
                        violation_error_message="The contract has another plan on some of these days.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("discount_percent__gte", 0), ("discount_percent__lte", 100)),
                        name="a_discount_is_a_part_of_the_price",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="a0efcdf5ac2a9701240eaa2b8bdf95ad41b8f569",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_9bd6e",
                            table="entitlements_planperiod",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyEdition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("drafted_at", models.DateTimeField()),
                ("proposed_at", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "turn",
                    models.PositiveIntegerField(
                        db_default=0,
                        default=0,
                        editable=False,
                        help_text="Raised with every change: what was read of a draft stands as long as the turn does.",
                    ),
                ),
                (
                    "valid_from",
                    models.DateField(
                        help_text="Governs every contract year whose first day is this or later.", unique=True
                    ),
                ),
                (
                    "advice_wording",
                    models.TextField(help_text="What a requester accepts before asking for an engagement (E11)."),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
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
                "ordering": ["-valid_from"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("drafted_at__isnull", False), ("drafted_by__isnull", False)),
                            models.Q(("drafted_at__isnull", True), ("drafted_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="policy_drafted_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                            models.Q(("proposed_at__isnull", True), ("proposed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="policy_proposed_at_and_by_go_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                            models.Q(("published_at__isnull", True), ("published_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="policy_published_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="d6e63f7bcbb850664586792f443f02076a74802f",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_86e41",
                            table="entitlements_policyedition",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="locked_once_published_at",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."published_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="1580027fd6279cfdbad87feb1609d22a4eb0e271",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_locked_once_published_at_1ef34",
                            table="entitlements_policyedition",
                            when="BEFORE",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
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
                    pgtrigger.compiler.Trigger(
                        name="turns_the_years",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.published_at IS NOT NULL)",
                            func="\n            UPDATE entitlements_contractyear AS year SET turn = turn + 1\n             WHERE NEW.id = (SELECT id FROM entitlements_policyedition WHERE published_at IS NOT NULL\n                              ORDER BY valid_from <= lower(year.days) DESC, abs(valid_from - lower(year.days)) LIMIT 1);\n            RETURN NULL;\n        ",
                            hash="c53f75eb10699f45f7a02ad85b23b2e54a335d95",
                            operation='INSERT OR UPDATE OF "published_at"',
                            pgid="pgtrigger_turns_the_years_6d648",
                            table="entitlements_policyedition",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyPool",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=40)),
                ("name", models.CharField(max_length=80)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("none", "No Services"),
                            ("premium", "Premium Support"),
                            ("silver", "Silver Services"),
                            ("gold", "Gold Services"),
                        ],
                        max_length=10,
                    ),
                ),
                ("cap", models.PositiveSmallIntegerField()),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pools",
                        to="entitlements.policyedition",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("edition", "key", "level"), name="one_pool_of_a_key_at_a_level")
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="locked_with_edition",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            IF EXISTS (SELECT 1 FROM entitlements_policyedition WHERE (published_at IS NOT NULL OR proposed_at IS NOT NULL)\n                       AND id IN (OLD.edition_id, NEW.edition_id)) THEN\n                RAISE EXCEPTION 'a proposed or published edition never changes (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                            hash="9c7151ff8bf1fb8b0db136d1f458c0b1a5b4dbaa",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_locked_with_edition_f15fa",
                            table="entitlements_policypool",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("none", "No Services"),
                            ("premium", "Premium Support"),
                            ("silver", "Silver Services"),
                            ("gold", "Gold Services"),
                        ],
                        max_length=10,
                    ),
                ),
                ("cap", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.activity"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cells",
                        to="entitlements.policyedition",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cells",
                        to="entitlements.policypool",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "level", "activity"), name="one_cell_for_level_and_activity"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cap__isnull", True), ("pool__isnull", True), _connector="OR"),
                        name="cell_has_its_own_cap_or_a_pool",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="locked_with_edition",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            IF EXISTS (SELECT 1 FROM entitlements_policyedition WHERE (published_at IS NOT NULL OR proposed_at IS NOT NULL)\n                       AND id IN (OLD.edition_id, NEW.edition_id)) THEN\n                RAISE EXCEPTION 'a proposed or published edition never changes (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                            hash="0ae8dc2f228b58804e7223804a8f1cbb31f124f7",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_locked_with_edition_339a9",
                            table="entitlements_policycell",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("key", models.SlugField(max_length=40, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("position", models.PositiveSmallIntegerField()),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="ProductRequirement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("required", "Required"),
                            ("any_of", "Any one of these"),
                            ("recommended", "Recommended"),
                            ("optional", "Optional"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.activity"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requirements",
                        to="entitlements.policyedition",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.product"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "activity", "product"), name="a_product_is_asked_for_in_one_way"
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="locked_with_edition",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            IF EXISTS (SELECT 1 FROM entitlements_policyedition WHERE (published_at IS NOT NULL OR proposed_at IS NOT NULL)\n                       AND id IN (OLD.edition_id, NEW.edition_id)) THEN\n                RAISE EXCEPTION 'a proposed or published edition never changes (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                            hash="6ff1406282ee607612fa15347c1bf778f45686e6",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_locked_with_edition_36393",
                            table="entitlements_productrequirement",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Quarantine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job", models.CharField(help_text="What the clock was to do.", max_length=40)),
                ("row", models.BigIntegerField(help_text="The key of the row that it was to be done to.")),
                ("matter", models.CharField(help_text="Its reference, or what else it is called.", max_length=60)),
                ("first_seen_at", models.DateTimeField(verbose_name="failed first")),
                ("last_seen_at", models.DateTimeField(verbose_name="failed last")),
                ("tries", models.PositiveIntegerField(default=1)),
                ("error", models.TextField()),
                ("try_again_at", models.DateTimeField(verbose_name="tried again")),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("release_reason", models.TextField(blank=True, verbose_name="why it was released")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="over")),
                (
                    "released_by",
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
                "verbose_name": "matter in quarantine",
                "verbose_name_plural": "matters in quarantine",
                "ordering": ["-last_seen_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("job", "row"),
                        name="nothing_is_in_quarantine_twice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("released_at__isnull", False), ("released_by__isnull", False)),
                            models.Q(("released_at__isnull", True), ("released_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="quarantine_released_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['error']::text[]); RETURN NULL;",
                            hash="d9229590b0c762d7c2dbb0a8f1be4e7df5e56e6d",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_18e87",
                            table="entitlements_quarantine",
                            when="AFTER",
                        ),
                    )
                ],
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["open", "in_progress"])), fields=["due"], name="advice_to_do"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("outcome", "number"), name="one_recommendation_of_a_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "declined"), models.Q(("decline_reason", ""), _negated=True)),
                            models.Q(models.Q(("state", "declined"), _negated=True), ("decline_reason", "")),
                            _connector="OR",
                        ),
                        name="a_declined_recommendation_and_no_other_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "open"), ("moved_at__isnull", False), _connector="OR"),
                        name="a_recommendation_was_moved_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("moved_at__isnull", False), ("moved_by__isnull", False)),
                            models.Q(("moved_at__isnull", True), ("moved_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="recommendation_moved_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['text', 'decline_reason']::text[]); RETURN NULL;",
                            hash="c5d0448c572d445313a94dbca22e59e5d6a40b31",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_ea617",
                            table="entitlements_recommendation",
                            when="AFTER",
                        ),
                    )
                ],
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
                "constraints": [
                    models.UniqueConstraint(fields=("outcome", "dimension"), name="one_level_of_a_dimension"),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", [1, 2, 3, 4, 5])), name="a_level_is_on_the_scale"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("dimension__in", ["foundations", "design", "outcomes"])),
                        name="a_level_is_of_one_of_the_dimensions",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['note']::text[]); RETURN NULL;",
                            hash="5b980cc839a1133835973bdaa604eab9a9786333",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_fd2c6",
                            table="entitlements_scorecardlevel",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SessionLength",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.PositiveSmallIntegerField()),
                (
                    "name",
                    models.CharField(
                        help_text="What the session is called: session, discovery, follow-up.", max_length=40
                    ),
                ),
                ("minutes", models.PositiveSmallIntegerField()),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.activity"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="session_lengths",
                        to="entitlements.policyedition",
                    ),
                ),
            ],
            options={
                "ordering": ["activity", "part"],
                "constraints": [
                    models.UniqueConstraint(fields=("edition", "activity", "part"), name="one_length_for_a_part")
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="locked_with_edition",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            IF EXISTS (SELECT 1 FROM entitlements_policyedition WHERE (published_at IS NOT NULL OR proposed_at IS NOT NULL)\n                       AND id IN (OLD.edition_id, NEW.edition_id)) THEN\n                RAISE EXCEPTION 'a proposed or published edition never changes (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                            hash="f1d7692b3e36be8e075162934c70ebecc4866b31",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_locked_with_edition_fa018",
                            table="entitlements_sessionlength",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Suspension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "days",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        help_text="First day to the day after the last day; no last day: until further notice."
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suspensions",
                        to="entitlements.contract",
                    ),
                ),
            ],
            options={
                "ordering": ["days"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("contract", "="), ("days", "&&")],
                        name="one_suspension_on_a_day",
                        violation_error_message="The contract is suspended already on some of these days.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days__startswith__isnull", False), ("days__isempty", False)),
                        name="a_suspension_has_a_first_day",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="402b249a8fa4b2ae7ce0137f1781517e7fb2115a",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_a6eae",
                            table="entitlements_suspension",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SweepRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rung_by",
                    models.CharField(
                        choices=[("beat", "Celery beat"), ("command", "manage.py sweep")],
                        db_default="command",
                        default="command",
                        max_length=10,
                        verbose_name="rung by",
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("as_of", models.DateTimeField(help_text="The instant it acted for; in the demo it may lie ahead.")),
                ("clock_offset_ms", models.IntegerField(help_text="The application's clock minus the database's.")),
                ("done", models.JSONField(default=dict, help_text="How many of each kind.")),
                (
                    "left",
                    models.JSONField(
                        db_default=models.Value({}, models.JSONField()),
                        default=dict,
                        help_text="How many of each kind were still due when its time was up; the next turn goes on.",
                    ),
                ),
                (
                    "latest_by_seconds",
                    models.PositiveIntegerField(default=0, help_text="How late the latest of them was."),
                ),
                ("alarm", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="UsageEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hold", "Held"),
                            ("delivery", "Delivered"),
                            ("release", "Given back"),
                            ("count", "Counted by the manager"),
                            ("give_back", "Given back by the manager"),
                            ("schedule", "Scheduled"),
                            ("move", "Moved"),
                            ("lapse", "Lapsed"),
                            ("unused", "Lapsed unused"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "places",
                    models.SmallIntegerField(help_text="+1 takes a place of the year, −1 gives it back, 0 only notes."),
                ),
                ("day", models.DateField(help_text="The engagement's day when this was written.")),
                ("happened_at", models.DateTimeField()),
                ("reason", models.TextField(blank=True)),
                (
                    "target",
                    models.SlugField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Of what lapsed unused: the activity or the pool.",
                        max_length=40,
                    ),
                ),
                (
                    "unused",
                    models.SmallIntegerField(
                        blank=True,
                        help_text="How many places of it lapsed (E3); less than 0: as many did not after all.",
                        null=True,
                    ),
                ),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "by",
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
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="usage",
                        to="entitlements.engagement",
                    ),
                ),
                (
                    "year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="usage",
                        to="entitlements.contractyear",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "usage entries",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("places__in", [-1, 0, 1])), name="an_entry_moves_at_most_one_place"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("engagement__isnull", False), ("target", ""), ("unused__isnull", True)),
                            models.Q(
                                ("engagement__isnull", True),
                                ("kind", "unused"),
                                ("places", 0),
                                models.Q(
                                    ("unused__gt", 0),
                                    models.Q(("by__isnull", False), ("unused__lt", 0)),
                                    _connector="OR",
                                ),
                                models.Q(("target", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="an_entry_is_of_an_engagement_or_of_what_lapsed_unused",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("by__isnull", True), ("kind", "unused")),
                        fields=("year", "target"),
                        name="what_is_unused_lapses_once",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="17e3adec7efed4bcc0812b90d75c8ea7d6ec1b25",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_4370b",
                            table="entitlements_usageentry",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkingHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "days",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        help_text="From the first day on; without an end: until further notice."
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ]
                    ),
                ),
                (
                    "minutes",
                    django.contrib.postgres.fields.ranges.IntegerRangeField(
                        help_text="Minutes since midnight, the first to the one after the last."
                    ),
                ),
                (
                    "engineer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hours", to="entitlements.engineer"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "working hours",
                "ordering": ["days", "weekday", "minutes"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("engineer", "="), ("weekday", "="), ("days", "&&"), ("minutes", "&&")],
                        name="no_working_hours_twice_at_one_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minutes__contained_by", (0, 1440)),
                            ("minutes__isempty", False),
                            ("minutes__lower_inf", False),
                            ("minutes__upper_inf", False),
                        ),
                        name="working_hours_lie_within_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days__isempty", False), ("days__lower_inf", False)),
                        name="working_hours_have_a_first_day",
                    ),
                    models.CheckConstraint(condition=models.Q(("weekday__lte", 6)), name="a_week_has_seven_days"),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="ecd5a1ce1a60e23f24687b531759aa52fb98b0d1",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_7b256",
                            table="entitlements_workinghours",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="sessions_stay_in_time",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            func="PERFORM refuse_sessions_out_of_hours(coalesce(NEW.engineer_id, OLD.engineer_id)); RETURN NULL;",
                            hash="c6baadbb65ec925b8a25511adfa89507c8e3bf94",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_sessions_stay_in_time_d5897",
                            table="entitlements_workinghours",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ZonePeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("zone", models.CharField(max_length=60, validators=[entitlements.models.contracts.check_zone])),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="zones", to="entitlements.contract"
                    ),
                ),
            ],
            options={
                "ordering": ["days"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("contract", "="), ("days", "&&")],
                        name="one_zone_on_a_day",
                        violation_error_message="The contract has another zone on some of these days.",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="38e6386ceef92497cb300760738b104fdb31beb7",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_06411",
                            table="entitlements_zoneperiod",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ActivityDescription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("summary", models.TextField()),
                ("outcome", models.TextField()),
                ("should_bring", models.TextField(help_text="The requester confirms this before asking.")),
                ("recommended", models.TextField(blank=True, help_text="Good to have; shown, not confirmed.")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.activity"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="descriptions",
                        to="entitlements.policyedition",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("edition", "activity"), name="one_description_of_an_activity")
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="locked_with_edition",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            IF EXISTS (SELECT 1 FROM entitlements_policyedition WHERE (published_at IS NOT NULL OR proposed_at IS NOT NULL)\n                       AND id IN (OLD.edition_id, NEW.edition_id)) THEN\n                RAISE EXCEPTION 'a proposed or published edition never changes (%)', TG_TABLE_NAME\n                    USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            RETURN COALESCE(NEW, OLD);\n        ",
                            hash="0d6acf271fdbbe99160c3852ad70fcdad3afe6bc",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_locked_with_edition_47828",
                            table="entitlements_activitydescription",
                            when="BEFORE",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="new e-mail address")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("replaced_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="address_changes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("confirmed_at__isnull", True), ("replaced_at__isnull", True)),
                        fields=("user",),
                        name="one_change_of_address_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_at__isnull", True), ("replaced_at__isnull", True), _connector="OR"
                        ),
                        name="a_change_of_address_ends_in_one_way",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['email', 'token_hash']::text[]); RETURN NULL;",
                            hash="8c3bd766f58e42c7aaba91996c07874c8b8c45a2",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_fbdf5",
                            table="entitlements_addresschange",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="the_others_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."token_hash" IS DISTINCT FROM (NEW."token_hash") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="3f53e54708b0cbb52e5e59173bba09b146893825",
                            operation="UPDATE",
                            pgid="pgtrigger_the_others_stay_840b8",
                            table="entitlements_addresschange",
                            when="BEFORE",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cause", models.CharField(help_text="The sign that was beyond its limit.", max_length=20)),
                ("words", models.TextField(verbose_name="what it was")),
                ("since", models.DateTimeField(blank=True, help_text="Since when, where that is known.", null=True)),
                ("raised_at", models.DateTimeField()),
                ("over_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-raised_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("over_at__isnull", True)), fields=("cause",), name="one_alarm_for_a_cause"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("over_at__isnull", True), ("over_at__gte", models.F("raised_at")), _connector="OR"
                        ),
                        name="an_alarm_is_over_after_it_was_raised",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "engineer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="feeds", to="entitlements.engineer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("engineer",),
                        name="one_live_feed_for_an_engineer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("made_at__isnull", False), ("made_by__isnull", False)),
                            models.Q(("made_at__isnull", True), ("made_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="calendarfeed_made_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['token_hash']::text[]); RETURN NULL;",
                            hash="9314858df790b55f87c8fcd81443099a44854c6f",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_3096e",
                            table="entitlements_calendarfeed",
                            when="AFTER",
                        ),
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CapOverride",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pool_key", models.SlugField(blank=True, max_length=40)),
                (
                    "cap",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Leave empty for N/A or without limit.", null=True
                    ),
                ),
                ("unlimited", models.BooleanField(default=False, verbose_name="without limit")),
                (
                    "days",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        blank=True, help_text="Empty: always.", null=True
                    ),
                ),
                (
                    "document",
                    models.CharField(help_text="The agreement that says so, with its section.", max_length=200),
                ),
                ("reason", models.TextField()),
                ("agreed_at", models.DateTimeField()),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="entitlements.activity",
                    ),
                ),
                (
                    "agreed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overrides",
                        to="entitlements.contract",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("activity__isnull", False), ("pool_key", "")),
                            models.Q(("activity__isnull", True), models.Q(("pool_key", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="override_is_for_an_activity_or_a_pool",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unlimited", False), ("cap__isnull", True), _connector="OR"),
                        name="override_is_a_number_or_without_limit",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("contract", "="),
                            (django.db.models.functions.comparison.Coalesce("activity_id", "pool_key"), "="),
                            (
                                django.db.models.functions.comparison.Coalesce(
                                    "days",
                                    models.Value(
                                        "(,)", output_field=django.contrib.postgres.fields.ranges.DateRangeField()
                                    ),
                                ),
                                "&&",
                            ),
                        ],
                        name="one_override_of_a_cap_on_a_day",
                        violation_error_message="Another override of this cap holds on some of these days.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed_at__isnull", False), ("agreed_by__isnull", False)),
                            models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True)),
                            _connector="OR",
                        ),
                        name="override_agreed_at_and_by_go_together",
                    ),
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="aa356076d5146eefcb0b1c0fec916928501f248c",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_5fc6e",
                            table="entitlements_capoverride",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="turns_the_years",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            UPDATE entitlements_contractyear SET turn = turn + 1 WHERE contract_id IN (OLD.contract_id, NEW.contract_id);\n            RETURN NULL;\n        ",
                            hash="960c3f5d2acbc9af96a52cebbf78056ac400938e",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_turns_the_years_8e0f6",
                            table="entitlements_capoverride",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContractProduct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="products", to="entitlements.contract"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="entitlements.product"
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("contract", "="), ("product", "="), ("days", "&&")],
                        name="a_product_is_held_once_on_a_day",
                        violation_error_message="The contract includes this product already on some of these days.",
                    )
                ],
                "triggers": [
                    pgtrigger.compiler.Trigger(
                        name="logged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                            hash="e694a0abbafe66138b87a2c8ac6086bc8e279674",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_logged_5d406",
                            table="entitlements_contractproduct",
                            when="AFTER",
                        ),
                    ),
                    pgtrigger.compiler.Trigger(
                        name="turns_the_years",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n            UPDATE entitlements_contractyear SET turn = turn + 1 WHERE contract_id IN (OLD.contract_id, NEW.contract_id);\n            RETURN NULL;\n        ",
                            hash="fd64f9d0fbc0d842839dc111dadb8830eb03f3bd",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_turns_the_years_dbf8d",
                            table="entitlements_contractproduct",
                            when="AFTER",
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MailOutage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("host", models.CharField(max_length=200)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveIntegerField(default=1)),
                ("next_try_at", models.DateTimeField()),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["-began_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("host",),
                        name="one_open_outage_for_a_mail_server",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("ended_at__gte", models.F("began_at")), _connector="OR"
                        ),
                        name="an_outage_of_mail_ends_after_it_began",
                    ),
                ],
            },
        ),
        *_guards.OPERATIONS,
        *_calls.OPERATIONS,
    ]
