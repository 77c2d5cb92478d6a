"""The working (X4) as a page shows it: the tree of steps, closed until somebody asks; on paper always open.

Put together here, not by a template: a page has hundreds of these steps, and a template that includes itself takes four times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.rules.working import Figure, Step

_STEP = '<span class="name">{}</span> <span class="clause">{}</span> <span class="result">{}</span>'


def working_shown(step: Step, zone: ZoneInfo, currency: str = "", *, opened: bool = False) -> SafeString:
    """The tree of a step; `opened`: its first level too, which else is closed. Sums are named in the currency, where there is one."""
    return format_html('<div class="working">{}</div>', _shown(step.shortened(), zone, currency, opened=opened))


def figure_shown(value: Figure, zone: ZoneInfo, currency: str = "") -> SafeString:
    """Any figure of a working, several as a list."""
    if isinstance(value, tuple) and value:
        items = format_html_join("", "<li>{}</li>", ((figure_shown(one, zone, currency),) for one in value))
        return format_html('<ul class="figures">{}</ul>', items)
    kind = "text" if isinstance(value, str) else "fig"
    return format_html('<span class="{}">{}</span>', kind, wording.figure_in_words(value, zone, currency))


def _shown(step: Step, zone: ZoneInfo, currency: str, *, opened: bool) -> SafeString:
    head = format_html(_STEP, wording.label_in_words(step.name), step.clause, figure_shown(step.result, zone))
    if not (step.inputs or step.steps or step.note):
        return format_html('<div class="head" data-clause="{}">{}</div>', step.clause, head)
    return format_html(
        '<details{} data-clause="{}">\n<summary>{}</summary>\n<div class="within">{}</div>\n</details>',
        " open" if opened else "",
        step.clause,
        head,
        format_html_join("", "{}", ((part,) for part in _within(step, zone, currency))),
    )


def _within(step: Step, zone: ZoneInfo, currency: str) -> Iterator[SafeString]:
    if step.note:
        yield format_html("<p>{}</p>", step.note)
    if step.inputs:
        pairs = ((wording.label_in_words(label), figure_shown(value, zone)) for label, value in step.inputs)
        yield format_html("<dl>{}</dl>", format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", pairs))
    if step.steps:
        below = ((_shown(one, zone, "", opened=True),) for one in step.steps)
        yield format_html('<ul class="steps">{}</ul>', format_html_join("", "<li>{}</li>", below))
    if currency:
        yield format_html('<p class="quiet small">Sums of money in {}.</p>', currency)
