"""Words of the claim letters that `makegood` does not have: short moments in text, and what bounds a credit."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django import template

from entitlements import wording
from sla import claim_windows
from sla.models import Claim, Failure
from sla.wording import BOUNDS, line_of_ledger

register = template.Library()


@register.simple_tag
def to_send_by(claim: Claim, now: datetime, failures: list[Failure] | None = None) -> datetime:
    """S13: by when a draft is to be sent so that nothing of it is lost. `failures`: its own, where they are read."""
    return claim_windows.to_send_by(claim, now, failures)


@register.simple_tag
def each_window(claim: Claim, now: datetime, failures: list[Failure] | None = None) -> list[tuple[Failure, bool]]:
    """S13: the windows of a claim's failures where they differ."""
    return claim_windows.each_window(claim, now, failures)


@register.simple_tag
def deadline_short_text(instant: datetime, zone: str) -> str:
    return wording.deadline_in_short(instant, ZoneInfo(zone))


@register.filter
def bound_in_words(bound: str) -> str:
    """S11: which of the three bounds a credit has."""
    return BOUNDS.get(bound, "none")


@register.simple_tag
def credit_line_text(kind: str, amount: Decimal, currency: str, corrected: str = "") -> str:
    """S19: what a line of the ledger does, with its sum."""
    return line_of_ledger(kind, amount, currency, corrected)
