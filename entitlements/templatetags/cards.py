"""The figures of a year card's line, put together here: a card has a dozen lines, and a template asks for each name anew."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from entitlements.card_rows import Row
from entitlements.cards import Card
from entitlements.links import address_of

register = template.Library()
SIZE = SafeString('viewBox="0 0 100 12" width="110" height="13" aria-hidden="true" data-plot="PL1"')
STRIPES = SafeString(
    'width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M1 0v4" stroke="currentColor" stroke-width="1.6"/>'
)


@register.simple_tag
def card_figures(card: Card, row: Row) -> SafeString:
    """E2, E8: the cells of what is allowed, delivered and held, each figure leading to what is behind it, and the bar."""
    line = row.line
    policy = format_html('<br><span class="quiet small" data-clause="E8">policy: {}</span>', row.policy)
    kept = f"+ {line.kept} kept"
    return format_html(
        '<td class="num">{}{}</td>\n<td class="num">{}{}</td>\n<td class="num">{}</td>\n<td>{}</td>',
        row.cap,
        policy if line.override else "",
        _behind(card, row, "delivered", f"{line.delivered}", f"{line.delivered} delivered"),
        format_html("<br>{}", _behind(card, row, "kept", kept, kept, SafeString(' class="small"')))
        if line.kept
        else "",
        _behind(card, row, "held", f"{line.held}", f"{line.held} held"),
        card_bar(card, row),
    )


@register.simple_tag
def card_bar(card: Card, row: Row) -> SafeString | str:
    """PL1: full is delivered, striped is held, the frame is the cap, the upright line today's share of the year."""
    if (bar := row.bar) is None:
        return ""
    held = f"held-{card.year.pk}-{row.line.target}"
    today = '<path d="M{} 0v12" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 1.5"/>'
    return format_html(
        '<svg {}><defs><pattern id="{}" {}</pattern></defs>'
        '<rect x="0" y="2" width="{}" height="8" fill="currentColor"/><rect x="{}" y="2" width="{}" height="8" fill="url(#{})"/>'
        '<rect x=".5" y="1.5" width="{}" height="9" fill="none" stroke="currentColor"/>{}</svg>',
        SIZE,
        held,
        STRIPES,
        bar.delivered,
        bar.delivered,
        bar.held,
        held,
        bar.frame,
        "" if bar.today is None else format_html(today, bar.today),
    )


def _behind(card: Card, row: Row, use: str, figure: str, label: str, look: SafeString | str = "") -> SafeString:
    return format_html(
        '<a{} href="{}?year={}&amp;use={}{}" aria-label="{}: {}">{}</a>',
        look,
        address_of("engagement_list"),
        card.year.pk,
        use,
        row.query,
        label,
        row.name,
        figure,
    )
