"""Words of the claim letters that `makegood` does not have: short moments in text, and what bounds a credit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.links import path_of
from entitlements.templatetags.makegood import moment_short, money
from sla import claim_windows
from sla.drafts import AttemptShown
from sla.models import Claim, Failure
from sla.wording import BOUNDS, line_of_ledger

register = template.Library()
OUTSIDE, NOT_COUNTED = SafeString("<br><b>Outside the remedy period</b>"), SafeString("<br><b>Not counted</b>")


@register.simple_tag
def to_send_by(claim: Claim, now: datetime, failures: list[Failure] | None = None) -> datetime:
    """S13: by when a draft is to be sent so that nothing of it is lost. `failures`: its own, where they are read."""
    return claim_windows.to_send_by(claim, now, failures)


@register.simple_tag
def each_window(claim: Claim, now: datetime, failures: list[Failure] | None = None) -> list[tuple[Failure, bool]]:
    """S13: the windows of a claim's failures where they differ."""
    return claim_windows.each_window(claim, now, failures)


@register.simple_tag
def transaction_rows(lines: Iterable[AttemptShown], zone: str, removable_from: Claim | None = None) -> SafeString:
    """S9: the rows of a list of lost transactions, a hundred on a page. `removable_from`: the draft from which each can be taken, by a
    button of the form around the table."""
    return format_html_join(
        "\n", "<tr>{}{}</tr>", ((_cells(one, zone), _removing(one, removable_from)) for one in lines)
    )


def _cells(one: AttemptShown, zone: str) -> SafeString:
    line = one.line
    return format_html(
        '<th scope="row">{}</th><td>{}{}{}</td><td>{}{}</td><td class="num">{}</td><td class="num">{}</td><td class="num">{}</td>',
        line.line,
        moment_short(line.attempted_at, zone),
        OUTSIDE if one.in_period is False else "",
        NOT_COUNTED if one.struck else "",
        line.what,
        format_html('<br><span class="quiet">{}</span>', one.struck) if one.struck else "",
        money(line.revenue),
        money(line.expenses),
        money(one.profit),
    )


def _removing(one: AttemptShown, claim: Claim | None) -> SafeString | str:
    if claim is None:
        return ""
    return format_html(
        '<td><button class="link" type="submit" formaction="{}">Remove<span class="visually-hidden"> line {}</span></button></td>',
        path_of("remove_transaction", claim.reference, one.line.pk),
        one.line.line,
    )


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
