"""S1: the first edition of the Enterprise terms with its figures, published and locked.

It came with the installation: nobody proposed it, and the two checks of later ones are not asked of it (NOT VALID).
"""

from datetime import UTC, date, datetime
from decimal import Decimal

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

PUBLISHED = datetime(2025, 1, 1, tzinfo=UTC)
FIGURES = {
    "outage_minutes": 30,
    "outage_deduction_minutes": 10,
    "delivery_limit_minutes": 5,
    "maintenance_minutes_a_month": 600,
    "emergency_reason_hours": 24,
    "volume_multiple": 11,
    "volume_months": 6,
    "volume_quarter_minutes": 15,
    "rate_months": 3,
    "fee_months": 3,
    "fee_multiple": 5,
    "credit_cap": Decimal("3000000"),
    "credit_cap_currency": "USD",
    "credit_cap_scope": "per credit",
    "report_flag_hours": 24,
    "claim_days": 15,
    "election_days": 7,
    "stay_reduction_percent": Decimal(20),
    "notice_business_days": 1,
    "deciding_logs": {
        "phone": "provider_api_call",
        "push": "push_attempt",
        "sms": "sms_sent",
        "email": "email_sent",
    },
}


def load(apps, schema_editor):
    db = schema_editor.connection.alias
    installer = apps.get_model("entitlements", "User").objects.using(db).get(email="installation@makegood.example")
    apps.get_model("sla", "TermsEdition").objects.using(db).create(
        name="Enterprise terms, first edition",
        valid_from=date(2025, 1, 1),
        drafted_at=PUBLISHED,
        drafted_by=installer,
        published_at=PUBLISHED,
        published_by=installer,
        **FIGURES,
    )


class Migration(migrations.Migration):
    replaces = [("sla", "0003_terms_of_the_paper")]

    dependencies = [("sla", "0001_squashed_0034_tables"), ("entitlements", "0035_the_first_policy")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),  # nothing waits for the commit
        AddConstraintNotValid(
            "termsedition",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_by__isnull", False), _negated=True),
                    ("proposed_by__isnull", False),
                    _connector="OR",
                ),
                name="terms_is_proposed_before_it_is_published",
            ),
        ),
        AddConstraintNotValid(
            "termsedition",
            models.CheckConstraint(
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
