"""S16, S17: Enterprise terms end by two people, so does what is chosen late, and shift credits have memos with numbers."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0038_the_comparisons_are_called_so"),
        ("sla", "0055_another_attempt"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LateChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("proposed_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("return_reason", models.TextField(blank=True)),
                (
                    "choice",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("shift", "Shift to the next lower plan"),
                            ("stay", "Stay on the plan at a reduced fee"),
                        ],
                        help_text="Empty: taken back.",
                        max_length=5,
                    ),
                ),
                ("received_at", models.DateTimeField(help_text="The recorded arrival of the document.")),
                ("signer", models.CharField(help_text="Who chose, by name.", max_length=200)),
                ("original_name", models.CharField(max_length=255)),
                ("stored_as", models.CharField(max_length=80)),
                ("file_kind", models.CharField(max_length=10)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["-proposed_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ShiftMemo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.PositiveIntegerField(
                        editable=False, help_text="Given by the database.", null=True, unique=True
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, help_text="Signed.", max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                ("made_out_to", models.CharField(help_text="The customer's name on that day.", max_length=200)),
                ("issued_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="TermsCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("proposed_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("return_reason", models.TextField(blank=True)),
                ("first", models.DateField(help_text="The first day on Standard terms.")),
                ("reason", models.TextField(help_text="What was wrong, and how it came to be.")),
                ("document", models.CharField(help_text="The agreement that says so.", max_length=200)),
            ],
            options={
                "ordering": ["-proposed_at", "-id"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="election",
            name="the_notice_stays",
        ),
        migrations.RemoveConstraint(
            model_name="recomputation",
            name="recomputation_recomputed_at_and_by_go_together",
        ),
        migrations.AlterField(
            model_name="recomputation",
            name="recomputed_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: the clock.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="election",
            trigger=pgtrigger.compiler.Trigger(
                name="the_notice_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE of_withdrawal text; course text[] := ARRAY['state', 'contract_ends_at', 'notice', 'noticed_at', 'opened_at', 'opened_by_id', 'reached_at', 'deadline',\n                       'remind_at', 'choice', 'decided_by', 'settled_at', 'effect_day', 'new_fee', 'unused', 'credit', 'lasts_until',\n                       'working'];",
                    func="\n            SELECT state INTO of_withdrawal FROM sla_withdrawal WHERE id = coalesce(NEW.withdrawal_id, OLD.withdrawal_id);\n            IF TG_OP <> 'UPDATE' AND of_withdrawal <> 'prepared' OR TG_OP = 'INSERT' AND NEW.state <> 'prepared' THEN\n                \n                RAISE EXCEPTION 'an election comes and goes in preparation (an_election_comes_and_goes_in_preparation)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'an_election_comes_and_goes_in_preparation';\n            ELSIF TG_OP <> 'UPDATE' THEN\n                RETURN coalesce(NEW, OLD);\n            END IF;\n            IF OLD.state = 'prepared' AND NEW.state = 'sent' AND of_withdrawal <> 'released' THEN\n                \n                RAISE EXCEPTION 'an election runs once its withdrawal was released (an_election_runs_once_released)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'an_election_runs_once_released';\n            END IF;\n            IF NEW.deadline IS DISTINCT FROM OLD.deadline THEN\n                course := course || ARRAY['fee', 'prepaid', 'prepaid_days'];\n            END IF;\n            IF OLD.noticed_at IS NOT NULL AND to_jsonb(OLD) - course <> to_jsonb(NEW) - course\n               OR OLD.noticed_at IS NULL AND of_withdrawal <> 'prepared'\n                  AND (OLD.vendor_choice, OLD.vendor_choice_why, OLD.contract_id, OLD.withdrawal_id)\n                   <> (NEW.vendor_choice, NEW.vendor_choice_why, NEW.contract_id, NEW.withdrawal_id) THEN\n                \n                RAISE EXCEPTION 'what a notice says stays as it was proposed and given (what_a_notice_says_stays)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'what_a_notice_says_stays';\n            END IF;\n            IF OLD.settled_at IS NOT NULL AND OLD IS DISTINCT FROM NEW AND (OLD.state <> 'decided' OR NOT EXISTS (\n                  SELECT FROM sla_electionchoice WHERE election_id = NEW.id AND late_id IS NOT NULL\n                     AND recorded_at >= transaction_timestamp())) THEN\n                \n                RAISE EXCEPTION 'what came of an election stays (what_came_of_an_election_stays)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'what_came_of_an_election_stays';\n            END IF;\n            IF NEW.deadline < OLD.deadline OR NEW.reached_at <> OLD.reached_at THEN\n                \n                RAISE EXCEPTION 'the time to choose is never made shorter (a_deadline_comes_no_nearer)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_deadline_comes_no_nearer';\n            END IF;\n            IF NEW.effect_day < (NEW.deadline AT TIME ZONE NEW.zone)::date THEN\n                \n                RAISE EXCEPTION 'an election takes effect after the time to choose (an_effect_follows_the_deadline)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'an_effect_follows_the_deadline';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="e3d9840adc2bd1995f61d3dc019184ace3013dea",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_the_notice_stays_62eea",
                    table="sla_election",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="electionchoice",
            trigger=pgtrigger.compiler.Trigger(
                name="late_by_two_people",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF (SELECT settled_at IS NOT NULL FROM sla_election WHERE id = NEW.election_id) AND NOT EXISTS (\n                  SELECT FROM sla_latechoice\n                   WHERE id = NEW.late_id AND approved_at IS NOT NULL\n                     AND (election_id, choice, received_at, signer, sha256, stored_as, proposed_by_id) =\n                         (NEW.election_id, NEW.choice, NEW.received_at, NEW.signer, NEW.sha256, NEW.stored_as, NEW.entered_by_id)) THEN\n                \n                RAISE EXCEPTION 'a choice that is entered late has two people (a_choice_entered_late_has_two_people)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_choice_entered_late_has_two_people';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="cd01eca67ff19ece5b201a0cc04bead1d192d3be",
                    operation="INSERT",
                    pgid="pgtrigger_late_by_two_people_b2463",
                    table="sla_electionchoice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="termsperiod",
            trigger=pgtrigger.compiler.Trigger(
                name="enterprise_ends_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE turns date;",
                    func="\n            IF TG_OP = 'DELETE' THEN\n                IF OLD.terms = 'enterprise' THEN\n                    \n                RAISE EXCEPTION 'Enterprise terms stay on record (enterprise_terms_end_by_two_people)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'enterprise_terms_end_by_two_people';\n                END IF;\n                RETURN OLD;\n            ELSIF TG_OP = 'INSERT' THEN\n                turns := lower(NEW.days);\n                IF NEW.terms = 'enterprise' OR NOT EXISTS (SELECT FROM sla_termsperiod WHERE contract_id = NEW.contract_id)\n                   OR EXISTS (SELECT FROM sla_election WHERE contract_id = NEW.contract_id AND state = 'decided' AND effect_day = turns)\n               OR EXISTS (SELECT FROM sla_termscorrection\n                           WHERE contract_id = NEW.contract_id AND approved_at IS NOT NULL AND first = turns) THEN\n                    RETURN NEW;\n                END IF;\n            ELSIF OLD.terms = 'standard' AND NEW.contract_id = OLD.contract_id THEN\n                RETURN NEW;\n            ELSIF NEW.contract_id = OLD.contract_id AND NEW.terms = 'standard' THEN\n                turns := lower(OLD.days);\n                IF lower(NEW.days) = turns AND (EXISTS (SELECT FROM sla_election WHERE contract_id = NEW.contract_id AND state = 'decided' AND effect_day = turns)\n               OR EXISTS (SELECT FROM sla_termscorrection\n                           WHERE contract_id = NEW.contract_id AND approved_at IS NOT NULL AND first = turns)) THEN\n                    RETURN NEW;\n                END IF;\n            ELSIF NEW.contract_id = OLD.contract_id THEN\n                turns := upper(NEW.days);\n                IF (NEW.days @> OLD.days OR upper(NEW.days) >= upper(OLD.days) OR EXISTS (SELECT FROM sla_election WHERE contract_id = NEW.contract_id AND state = 'decided' AND effect_day = turns)\n               OR EXISTS (SELECT FROM sla_termscorrection\n                           WHERE contract_id = NEW.contract_id AND approved_at IS NOT NULL AND first = turns))\n                   AND (lower(NEW.days) <= lower(OLD.days) OR lower(NEW.days) =\n                        (SELECT lower(term) FROM entitlements_contract WHERE id = NEW.contract_id)) THEN\n                    RETURN NEW;\n                END IF;\n            END IF;\n            \n                RAISE EXCEPTION 'Enterprise terms end by an election, or by a correction of two people (enterprise_terms_end_by_two_people)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'enterprise_terms_end_by_two_people';\n        ",
                    hash="463a447ef3d4900e2b419849ca46fad1ce4171b9",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_enterprise_ends_by_two_9e1a3",
                    table="sla_termsperiod",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="latechoice",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="latechoice",
            name="election",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="late_choices", to="sla.election"
            ),
        ),
        migrations.AddField(
            model_name="latechoice",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="latechoice",
            name="returned_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="electionchoice",
            name="late",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                help_text="What two people confirmed, where it was entered after the effect.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="made",
                to="sla.latechoice",
            ),
        ),
        migrations.AddField(
            model_name="shiftmemo",
            name="choice",
            field=models.ForeignKey(
                blank=True,
                help_text="The choice that was entered after the effect, where it changed the outcome.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="memos",
                to="sla.electionchoice",
            ),
        ),
        migrations.AddField(
            model_name="shiftmemo",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="shift_memos", to="entitlements.customer"
            ),
        ),
        migrations.AddField(
            model_name="shiftmemo",
            name="election",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="memos", to="sla.election"
            ),
        ),
        migrations.AddField(
            model_name="termscorrection",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="termscorrection",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="terms_corrections",
                to="entitlements.contract",
            ),
        ),
        migrations.AddField(
            model_name="termscorrection",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="termscorrection",
            name="returned_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="latechoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                    models.Q(("proposed_at__isnull", True), ("proposed_by__isnull", True)),
                    _connector="OR",
                ),
                name="late_choice_proposed_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="latechoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                    models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                    _connector="OR",
                ),
                name="late_choice_approved_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="latechoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("returned_at__isnull", False), ("returned_by__isnull", False)),
                    models.Q(("returned_at__isnull", True), ("returned_by__isnull", True)),
                    _connector="OR",
                ),
                name="late_choice_returned_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="latechoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("signer", ""), _negated=True),
                    models.Q(("stored_as", ""), _negated=True),
                    models.Q(("sha256", ""), _negated=True),
                ),
                name="a_late_choice_has_its_document",
            ),
        ),
        migrations.AddConstraint(
            model_name="latechoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("received_at__lte", models.F("proposed_at"))),
                name="a_late_choice_arrived_before_it_is_entered",
            ),
        ),
        migrations.AddConstraint(
            model_name="latechoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="a_late_choice_has_two_people",
                violation_error_message="You entered this choice. Somebody else has to confirm it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="latechoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("approved_at__isnull", True), ("returned_at__isnull", True), _connector="OR"),
                name="a_late_choice_is_approved_or_returned",
            ),
        ),
        migrations.AddConstraint(
            model_name="latechoice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("approved_at__isnull", True), ("returned_at__isnull", True)),
                fields=("election",),
                name="one_late_choice_waits_for_an_election",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="latechoice",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['signer', 'original_name']::text[]); RETURN NULL;",
                    hash="df6d8a87f4bbeaa78e53d825e816873b5aab8080",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_bfcc4",
                    table="sla_latechoice",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="latechoice",
            trigger=pgtrigger.compiler.Trigger(
                name="locked_once_approved_at",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."approved_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="598d944d40d45cd8073435dd2d82154f06be18ab",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_locked_once_approved_at_44f2d",
                    table="sla_latechoice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="latechoice",
            trigger=pgtrigger.compiler.Trigger(
                name="locked_once_returned_at",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."returned_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2f880515b51cfc2e7b6b729b6b071434366438be",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_locked_once_returned_at_2f17a",
                    table="sla_latechoice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="latechoice",
            trigger=pgtrigger.compiler.Trigger(
                name="the_others_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at") OR OLD."proposed_by_id" IS DISTINCT FROM (NEW."proposed_by_id") OR OLD."election_id" IS DISTINCT FROM (NEW."election_id") OR OLD."choice" IS DISTINCT FROM (NEW."choice") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at") OR OLD."signer" IS DISTINCT FROM (NEW."signer") OR OLD."original_name" IS DISTINCT FROM (NEW."original_name") OR OLD."stored_as" IS DISTINCT FROM (NEW."stored_as") OR OLD."file_kind" IS DISTINCT FROM (NEW."file_kind") OR OLD."size" IS DISTINCT FROM (NEW."size") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="e7829a18221bccded781dff3f97cdea6270b0a0b",
                    operation="UPDATE",
                    pgid="pgtrigger_the_others_stay_835db",
                    table="sla_latechoice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="latechoice",
            trigger=pgtrigger.compiler.Trigger(
                name="approved_by_who_may",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.approved_at IS NOT NULL)",
                    func="\n            IF TG_OP = 'INSERT' OR false OR NOT EXISTS (\n                    SELECT FROM entitlements_user WHERE id = NEW.approved_by_id AND is_active AND is_staff AND may_approve)\n               OR NOT EXISTS (SELECT FROM entitlements_user WHERE id = NEW.proposed_by_id AND is_active AND is_staff)\n               OR EXISTS (\n                    SELECT FROM entitlements_membership AS member JOIN entitlements_contract AS contract USING (customer_id)\n                     WHERE contract.id = (SELECT election.contract_id FROM sla_election AS election WHERE election.id = NEW.election_id) AND member.user_id IN (NEW.approved_by_id, NEW.proposed_by_id)) THEN\n                \n                RAISE EXCEPTION 'this is not theirs to approve (approved_by_who_may_approve)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approved_by_who_may_approve';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="b3fe0926c1b2343b3045a33abb79a7acd1e67a07",
                    operation='INSERT OR UPDATE OF "approved_at", "approved_by_id"',
                    pgid="pgtrigger_approved_by_who_may_d220e",
                    table="sla_latechoice",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="shiftmemo",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="a_shift_memo_is_about_a_sum"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shiftmemo",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY[]::text[]); RETURN NULL;",
                    hash="db06d2d5ba6724687a0a5cb8d64a1e8e044befc2",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_f856e",
                    table="sla_shiftmemo",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shiftmemo",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="cbdf90539308f85a29f2d8ad36993184b422fcf4",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b6d6f",
                    table="sla_shiftmemo",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shiftmemo",
            trigger=pgtrigger.compiler.Trigger(
                name="numbered_without_gaps",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            PERFORM pg_advisory_xact_lock(hashtext('makegood.sla_shiftmemo'));\n            NEW.number := (SELECT coalesce(max(number), 0) + 1 FROM sla_shiftmemo);\n            RETURN NEW;\n        ",
                    hash="6fe9aa4e3d97a67f14ceba3d0a7e8d9511eab79c",
                    operation="INSERT",
                    pgid="pgtrigger_numbered_without_gaps_20b4c",
                    table="sla_shiftmemo",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shiftmemo",
            trigger=pgtrigger.compiler.Trigger(
                name="as_the_election_says",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF NOT EXISTS (\n                SELECT FROM sla_election AS election JOIN entitlements_contract AS contract ON contract.id = election.contract_id\n                 WHERE election.id = NEW.election_id AND election.state = 'decided' AND contract.customer_id = NEW.customer_id\n                   AND contract.currency = NEW.currency AND coalesce(election.credit, 0) =\n                       (SELECT sum(amount) FROM sla_shiftmemo WHERE election_id = NEW.election_id)) THEN\n                \n                RAISE EXCEPTION 'a memo is not what its election credits (a_shift_memo_is_as_its_election_says)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_shift_memo_is_as_its_election_says';\n            END IF;\n            RETURN NULL;\n        ",
                    hash="3d741ffde7c2aadff5299dc7718c04a52e40ad3d",
                    operation="INSERT",
                    pgid="pgtrigger_as_the_election_says_64aa7",
                    table="sla_shiftmemo",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="termscorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                    models.Q(("proposed_at__isnull", True), ("proposed_by__isnull", True)),
                    _connector="OR",
                ),
                name="terms_correction_proposed_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="termscorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                    models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                    _connector="OR",
                ),
                name="terms_correction_approved_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="termscorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("returned_at__isnull", False), ("returned_by__isnull", False)),
                    models.Q(("returned_at__isnull", True), ("returned_by__isnull", True)),
                    _connector="OR",
                ),
                name="terms_correction_returned_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="termscorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("reason", ""), _negated=True), models.Q(("document", ""), _negated=True)),
                name="a_correction_of_terms_says_why_and_by_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="termscorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="terms_are_corrected_by_two_people",
                violation_error_message="You proposed this correction. Somebody else has to approve it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="termscorrection",
            constraint=models.CheckConstraint(
                condition=models.Q(("approved_at__isnull", True), ("returned_at__isnull", True), _connector="OR"),
                name="a_correction_of_terms_is_approved_or_returned",
            ),
        ),
        migrations.AddConstraint(
            model_name="termscorrection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("approved_at__isnull", True), ("returned_at__isnull", True)),
                fields=("contract",),
                name="one_correction_of_terms_waits_for_a_contract",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="termscorrection",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['reason']::text[]); RETURN NULL;",
                    hash="8218a8c6e5d08be0928696167bd72ee8f0d97d0a",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_8ce4b",
                    table="sla_termscorrection",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="termscorrection",
            trigger=pgtrigger.compiler.Trigger(
                name="locked_once_approved_at",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."approved_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e7668eb7b023ca8a4df7b0378594222122252d03",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_locked_once_approved_at_4bd24",
                    table="sla_termscorrection",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="termscorrection",
            trigger=pgtrigger.compiler.Trigger(
                name="locked_once_returned_at",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."returned_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4e5d2ebcdcf25dc982ec793d1bf58276990628b3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_locked_once_returned_at_5a3a9",
                    table="sla_termscorrection",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="termscorrection",
            trigger=pgtrigger.compiler.Trigger(
                name="the_others_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at") OR OLD."proposed_by_id" IS DISTINCT FROM (NEW."proposed_by_id") OR OLD."contract_id" IS DISTINCT FROM (NEW."contract_id") OR OLD."first" IS DISTINCT FROM (NEW."first") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."document" IS DISTINCT FROM (NEW."document"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="a35ecf48536ef4c5409b014c643c90426aa984c2",
                    operation="UPDATE",
                    pgid="pgtrigger_the_others_stay_944b4",
                    table="sla_termscorrection",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="termscorrection",
            trigger=pgtrigger.compiler.Trigger(
                name="approved_by_who_may",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.approved_at IS NOT NULL)",
                    func="\n            IF TG_OP = 'INSERT' OR EXISTS (SELECT FROM sla_election WHERE contract_id = NEW.contract_id AND state IN ('sent', 'open')) OR NOT EXISTS (\n                    SELECT FROM entitlements_user WHERE id = NEW.approved_by_id AND is_active AND is_staff AND may_approve)\n               OR NOT EXISTS (SELECT FROM entitlements_user WHERE id = NEW.proposed_by_id AND is_active AND is_staff)\n               OR EXISTS (\n                    SELECT FROM entitlements_membership AS member JOIN entitlements_contract AS contract USING (customer_id)\n                     WHERE contract.id = (NEW.contract_id) AND member.user_id IN (NEW.approved_by_id, NEW.proposed_by_id)) THEN\n                \n                RAISE EXCEPTION 'this is not theirs to approve (approved_by_who_may_approve)' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approved_by_who_may_approve';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="f41ea0953ebeb7a163ebaafbec9bd6c176b2fefb",
                    operation='INSERT OR UPDATE OF "approved_at", "approved_by_id"',
                    pgid="pgtrigger_approved_by_who_may_ef6d0",
                    table="sla_termscorrection",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(
            "REVOKE DELETE, TRUNCATE ON sla_termscorrection, sla_latechoice FROM makegood_app;"
            "REVOKE UPDATE, DELETE, TRUNCATE ON sla_shiftmemo FROM makegood_app",
            migrations.RunSQL.noop,
        ),
    ]
