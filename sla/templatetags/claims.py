"""Words of the claim letters that `makegood` does not have: short moments in text, and what bounds a credit."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template

from entitlements import wording
from sla.wording import BOUNDS

register = template.Library()


@register.simple_tag
def deadline_short_text(instant: datetime, zone: str) -> str:
    return wording.deadline_in_short(instant, ZoneInfo(zone))


@register.filter
def bound_in_words(bound: str) -> str:
    """S11: which of the three bounds a credit has."""
    return BOUNDS.get(bound, "none")
