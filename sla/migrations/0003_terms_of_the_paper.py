"""S1: the first edition of the Enterprise terms with its figures, published and locked."""

from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import migrations

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
        published_at=datetime(2025, 1, 1, tzinfo=UTC),
        published_by=installer,
        **FIGURES,
    )


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_guards"), ("entitlements", "0003_policy_of_the_paper")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
