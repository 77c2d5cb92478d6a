"""The figures of the Enterprise SLA as published, for tests. In production they are a row of the database."""

from datetime import date
from decimal import Decimal

from sla.rules.terms import EnterpriseTerms

PAPER_TERMS = EnterpriseTerms(
    name="paper",
    valid_from=date(2000, 1, 1),
    outage_minutes=30,
    outage_deduction_minutes=10,
    delivery_limit_minutes=5,
    maintenance_minutes_a_month=600,
    emergency_reason_hours=24,
    volume_multiple=11,
    volume_months=6,
    volume_quarter_minutes=15,
    rate_months=3,
    fee_months=3,
    fee_multiple=5,
    credit_cap=Decimal("3000000"),
    credit_cap_currency="USD",
    credit_cap_scope="per credit",
    report_flag_hours=24,
    claim_days=15,
    election_days=7,
    stay_reduction_percent=20,
    notice_business_days=1,
    deciding_logs={
        "phone": "provider_api_call",
        "push": "push_attempt",
        "sms": "sms_sent",
        "email": "email_sent",
    },
)
