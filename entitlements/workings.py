"""The working (X4) as a page shows it: the tree of steps, closed until somebody asks; on paper always open.

Put together here, not by a template: a page has hundreds of these steps, and a template that includes itself takes four times as long.
Every word is escaped where it is put in.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from entitlements import wording
from entitlements.rules.working import Figure, Step


def working_shown(step: Step, zone: ZoneInfo, currency: str = "", *, opened: bool = False) -> SafeString:
    """The tree of a step; `opened`: its first level too, which else is closed. Sums are named in the currency, where there is one."""
    return SafeString(f'<div class="working">{_shown(step.shortened(), zone, currency, opened=opened)}</div>')


def figure_shown(value: Figure, zone: ZoneInfo, currency: str = "") -> SafeString:
    """Any figure of a working, several as a list."""
    return SafeString(_figure(value, zone, currency))


def _figure(value: Figure, zone: ZoneInfo, currency: str = "") -> str:
    if isinstance(value, tuple) and value:
        items = "".join(f"<li>{_one(one, zone, currency)}</li>" for one in value)
        return f'<ul class="figures">{items}</ul>'
    return _one(value, zone, currency)


def _one(value: Figure, zone: ZoneInfo, currency: str) -> str:
    kind = "text" if isinstance(value, str) else "fig"
    return f'<span class="{kind}">{escape(wording.one_of_several_in_words(value, zone, currency))}</span>'


def _shown(step: Step, zone: ZoneInfo, currency: str, *, opened: bool) -> str:
    clause = escape(step.clause)
    head = (
        f'<span class="name">{escape(wording.label_in_words(step.name))}</span> <span class="clause">{clause}</span> '
        f'<span class="result">{_figure(step.result, zone)}</span>'
    )
    if not (step.inputs or step.steps or step.note):
        return f'<div class="head" data-clause="{clause}">{head}</div>'
    within = "".join(_within(step, zone, currency))
    return (
        f'<details{" open" if opened else ""} data-clause="{clause}">\n<summary>{head}</summary>\n'
        f'<div class="within">{within}</div>\n</details>'
    )


def _within(step: Step, zone: ZoneInfo, currency: str) -> Iterator[str]:
    if step.note:
        yield f"<p>{escape(step.note)}</p>"
    if step.inputs:
        pairs = ((escape(wording.label_in_words(label)), _figure(value, zone)) for label, value in step.inputs)
        yield f"<dl>{''.join(f'<div><dt>{label}</dt><dd>{value}</dd></div>' for label, value in pairs)}</dl>"
    if step.steps:
        below = "".join(f"<li>{_shown(one, zone, '', opened=True)}</li>" for one in step.steps)
        yield f'<ul class="steps">{below}</ul>'
    if currency:
        yield f'<p class="quiet small">Sums of money in {escape(currency)}.</p>'
