"""C1, C12: invitations, contacts for legal notices, changes of address; and S19 in the database: nobody is both ours and theirs."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

NOTHING_IS_TAKEN_AWAY = """
REVOKE DELETE, TRUNCATE ON entitlements_invitation, entitlements_legalcontact, entitlements_addresschange,
    entitlements_membership FROM makegood_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0014_editions_have_two_people"),
    ]

    operations = [
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
            ],
            options={
                "ordering": ["-asked_at", "-id"],
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
                        ],
                        max_length=20,
                    ),
                ),
            ],
            options={
                "ordering": ["-invited_at", "-id"],
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
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.AddField(
            model_name="membership",
            name="copies",
            field=django.contrib.postgres.fields.ArrayField(
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
        migrations.AddField(
            model_name="user",
            name="date_style",
            field=models.CharField(
                choices=[("long", "November 21, 2026"), ("day_first", "21 November 2026"), ("numbers", "2026-11-21")],
                default="long",
                max_length=10,
                verbose_name="how days are written",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="zone",
            field=models.CharField(
                blank=True,
                help_text="Shown beside the contract's zone; deadlines are always told in the contract's.",
                max_length=50,
                verbose_name="own time zone",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
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
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
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
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("copies__contained_by", ["claims", "bookings"])),
                name="copies_are_of_letters_that_are_sent",
            ),
        ),
        migrations.AddField(
            model_name="addresschange",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="address_changes", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="accepted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="entitlements.customer"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="invited_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="legalcontact",
            name="added_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="legalcontact",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="legal_contacts", to="entitlements.customer"
            ),
        ),
        migrations.AddField(
            model_name="legalcontact",
            name="removed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="addresschange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("confirmed_at__isnull", True), ("replaced_at__isnull", True)),
                fields=("user",),
                name="one_change_of_address_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="addresschange",
            constraint=models.CheckConstraint(
                condition=models.Q(("confirmed_at__isnull", True), ("replaced_at__isnull", True), _connector="OR"),
                name="a_change_of_address_ends_in_one_way",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="addresschange",
            trigger=pgtrigger.compiler.Trigger(
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
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="addresschange",
            trigger=pgtrigger.compiler.Trigger(
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
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                models.F("customer"),
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("accepted_at__isnull", True), ("ended_at__isnull", True)),
                name="one_live_invitation_for_an_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("roles__contained_by", ["owner", "claims", "bookings", "read_only", "signatory"]),
                    models.Q(("roles", []), _negated=True),
                ),
                name="invitation_roles_are_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("accepted_at__isnull", True), ("ended_at__isnull", True), _connector="OR"),
                name="an_invitation_ends_in_one_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end", ""), ("ended_at__isnull", True)),
                    models.Q(models.Q(("end", ""), _negated=True), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="an_ended_invitation_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("invited_at__isnull", False), ("invited_by__isnull", False)),
                    models.Q(("invited_at__isnull", True), ("invited_by__isnull", True)),
                    _connector="OR",
                ),
                name="invitation_invited_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at__isnull", False), ("accepted_by__isnull", False)),
                    models.Q(("accepted_at__isnull", True), ("accepted_by__isnull", True)),
                    _connector="OR",
                ),
                name="invitation_accepted_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    _connector="OR",
                ),
                name="invitation_ended_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitation",
            trigger=pgtrigger.compiler.Trigger(
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
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invitation",
            trigger=pgtrigger.compiler.Trigger(
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
        ),
        migrations.AddConstraint(
            model_name="legalcontact",
            constraint=models.UniqueConstraint(
                models.F("customer"),
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("removed_at__isnull", True)),
                name="one_legal_contact_for_an_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="legalcontact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("added_at__isnull", False), ("added_by__isnull", False)),
                    models.Q(("added_at__isnull", True), ("added_by__isnull", True)),
                    _connector="OR",
                ),
                name="legalcontact_added_at_and_by_go_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="legalcontact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                    models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                    _connector="OR",
                ),
                name="legalcontact_removed_at_and_by_go_together",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="legalcontact",
            trigger=pgtrigger.compiler.Trigger(
                name="logged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM log_change(TG_TABLE_NAME, TG_OP, to_jsonb(OLD), to_jsonb(NEW), ARRAY['email', 'name', 'token_hash']::text[]); RETURN NULL;",
                    hash="7662c8478e9dd3537fb3e189df6c0b934fa8912f",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_logged_d8a41",
                    table="entitlements_legalcontact",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(NOTHING_IS_TAKEN_AWAY, migrations.RunSQL.noop),
    ]
