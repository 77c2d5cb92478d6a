"""Who may see the failures, claims, evidence and credits of whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from entitlements.access import Visitor, keys_of_customers, may_manage, of_contracts_visible_to
from entitlements.models import Contract, Role, User
from entitlements.rules.days import local_day
from sla.models import Audit, Claim, Credit, CreditEntry, Evidence, Failure, MaintenancePeriod

STILL_OFFERED = timedelta(days=60)


def contracts_to_report_on(user: Visitor, now: datetime) -> list[Contract]:
    """The contracts for which the person may report a failure: those running by the clocks of their own zones, or ended not long ago;
    if none, the last ones."""
    own = Contract.objects.filter(customer__in=keys_of_customers(user, Role.OWNER, Role.CLAIMS)).select_related(
        "customer"
    )
    contracts = list(own)
    days = [(one, local_day(now, one.tz)) for one in contracts]
    return [one for one, day in days if one.first_day <= day <= one.last_day + STILL_OFFERED] or contracts


def failures_visible_to(user: Visitor) -> Any:
    return Failure.objects.filter(of_contracts_visible_to(user))


def claims_visible_to(user: Visitor) -> Any:
    """A customer's people see their own claims; a manager sees all that were sent, and which drafts there are."""
    return Claim.objects.filter(of_contracts_visible_to(user))


def audits_open_to(user: Visitor) -> Any:
    """S14: the audits that the person makes, while they are open: each opens its claim and nothing else."""
    if not isinstance(user, User) or not user.is_active:
        return Audit.objects.none()
    return Audit.objects.open().filter(auditor=user)


def evidence_visible_to(user: Visitor) -> Any:
    """What was taken back before sending is nobody's to see; of a claim that was never received nothing is the vendor's. Who audits
    a claim sees its documents too (S14)."""
    kept = Evidence.objects.filter(removed_at__isnull=True)
    if may_manage(user):
        return kept.filter(claim__received_at__isnull=False)
    return kept.filter(Q(claim__in=claims_visible_to(user)) | Q(claim__in=audits_open_to(user).values("claim")))


def credit_entries_visible_to(user: Visitor) -> Any:
    if may_manage(user):
        return CreditEntry.objects.all()
    return CreditEntry.objects.filter(customer__in=keys_of_customers(user))


def credits_visible_to(user: Visitor) -> Any:
    """S12: a customer's people see the credits of their own customers; a manager sees all."""
    if may_manage(user):
        return Credit.objects.all()
    return Credit.objects.filter(customer__in=keys_of_customers(user))


def maintenance_visible_to(user: Visitor) -> Any:
    """S15: a customer's people see the maintenance that concerns them."""
    if may_manage(user):
        return MaintenancePeriod.objects.all()
    return MaintenancePeriod.objects.of_any(keys_of_customers(user))
