"""Tags and filters of the one design (docs/design.md). They choose words and marks, never an outcome."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import forms, template
from django.core.exceptions import ValidationError
from django.forms import BaseForm, BoundField
from django.forms.formsets import BaseFormSet
from django.template import Context
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from entitlements import wording
from entitlements.context_processors import site_facts
from entitlements.links import address_of
from entitlements.models import Recommendation
from entitlements.reader import likes
from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Figure, Step
from entitlements.workings import figure_shown, working_shown

register = template.Library()
register.simple_tag(site_facts)

Zone = ZoneInfo | str

# The shapes that carry a state without its colour, in a field of 16 × 16. "~" stands for an outline instead of a fill.
_SHAPES = {
    "ring": '<circle cx="8" cy="8" r="5" ~/>',
    "dot": '<circle cx="8" cy="8" r="6"/>',
    "half": '<circle cx="8" cy="8" r="5" ~/><path d="M8 3a5 5 0 0 1 0 10z"/>',
    "dashes": '<circle cx="8" cy="8" r="5.5" ~ stroke-dasharray="2.9 2.86"/>',
    "diamond": '<path d="M8 1.5 14.5 8 8 14.5 1.5 8z"/>',
    "tick": '<path d="m2.5 8.5 4 4 7-9" ~/>',
    "seal": '<path fill-rule="evenodd" d="M1 1h14v14H1zm2.3 7.6 3.3 3.6 6.3-7.3-1.6-1.4-4.8 5.6-1.7-1.9z"/>',
    "cross": '<path d="m3.5 3.5 9 9m0-9-9 9" ~/>',
    "bar": '<path d="M2.5 8h11" ~/>',
    "hourglass": '<path d="M3 1.5h10v1.8L9.3 8l3.7 4.7v1.8H3v-1.8L6.7 8 3 3.3z"/>',
    "lens": '<circle cx="7" cy="7" r="4.5" ~/><path d="m10.5 10.5 4 4" ~/>',
    "rings": '<circle cx="5.5" cy="8" r="4" ~/><circle cx="10.5" cy="8" r="4" ~/>',
}
_OUTLINE = 'fill="none" stroke="currentColor" stroke-width="2.2"'


def _zone(zone: Zone) -> ZoneInfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def _stamp(instant: datetime) -> str:
    """The instant as `<time datetime>` wants it, in UTC."""
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds" if utc.microsecond else "seconds") + "Z"


# --- times


@register.simple_tag
def deadline(instant: datetime, zone: Zone, now: datetime) -> SafeString:
    """A legal deadline in full (X1). `instant` is the stored one: the first that is too late."""
    return format_html(
        '<time class="deadline{}" datetime="{}">{} <span class="distance">— '
        '<b data-distance="{}" data-now="{}">{}</b></span></time>{}',
        "" if now < instant else " closed",
        _stamp(instant),
        wording.moment_of_deadline(instant, _zone(zone)),
        _stamp(instant),
        _stamp(now),
        wording.distance_in_words(instant, now),
        _in_own_zone(instant, _zone(zone)),
    )


def _in_own_zone(instant: datetime, zone: ZoneInfo) -> SafeString | str:
    """X1: the reader's own zone may follow on a second line; the contract's stays first."""
    own = likes().zone
    if own is None or own == zone:
        return ""
    return format_html('<br><span class="quiet small">Your time: {}</span>', wording.moment_of_deadline(instant, own))


@register.simple_tag
def deadline_short(instant: datetime, zone: Zone) -> SafeString:
    """A deadline in a table, whose page names it in full elsewhere."""
    return format_html(
        '<time class="when" datetime="{}">{}</time>', _stamp(instant), wording.deadline_in_short(instant, _zone(zone))
    )


@register.simple_tag
def moment(instant: datetime, zone: Zone, seconds: bool = True) -> SafeString:
    """When something happened, to the second, with its zone; what is planned needs no seconds."""
    words = wording.moment_in_words(instant, _zone(zone), seconds=seconds)
    return format_html('<time datetime="{}">{}</time>', _stamp(instant), words)


@register.simple_tag
def moment_short(instant: datetime, zone: Zone, seconds: bool = False) -> SafeString:
    """When something happened, for a table; a legal moment to the second."""
    words = wording.moment_in_short(instant, _zone(zone), seconds=seconds)
    return format_html('<time class="when" datetime="{}">{}</time>', _stamp(instant), words)


@register.simple_tag
def day(d: date) -> SafeString:
    words = wording.day_in_style(d, likes().date_style)
    return format_html('<time class="when" datetime="{}">{}</time>', d.isoformat(), words)


@register.filter
def zone_words(zone: Zone) -> str:
    """'Eastern Time', for a day that is one of this zone."""
    return wording.zone_in_words(_zone(zone))


@register.filter
def overdue_on(one: Recommendation, today: date) -> bool:
    """E13: whether a recommendation is overdue on a local day."""
    return one.is_overdue_on(today)


@register.filter
def local_clock(instant: datetime, zone: Zone) -> str:
    """'10:00 a.m.', where the day and the zone stand beside it."""
    return wording.clock_in_words(instant.astimezone(_zone(zone)))


@register.simple_tag
def days(first: date, last: date) -> SafeString:
    """A period of days, both ends included."""
    return format_html("{} – {}", day(first), day(last))


@register.simple_tag
def duration(length: timedelta) -> SafeString:
    return format_html('<span class="when">{}</span>', wording.duration_in_words(length))


# --- sums and workings


@register.simple_tag
def money(amount: Decimal | Fraction | int, currency: str = "") -> SafeString:
    """A sum; without a currency where the table's heading names it."""
    return format_html('<span class="money">{}</span>', wording.money_in_words(amount, currency))


@register.simple_tag
def figure(value: Figure, zone: Zone, currency: str = "") -> SafeString:
    """Any figure of a working, several as a list. Give the currency only where the figure is a sum of money."""
    return figure_shown(value, _zone(zone), currency)


@register.simple_tag
def working(step: Step | dict[str, Any], zone: Zone, currency: str = "", opened: bool = False) -> SafeString:
    """The working (X4): the tree of steps, closed until somebody asks; on paper always open."""
    tree = Step.from_json(step) if isinstance(step, dict) else step
    return working_shown(tree, _zone(zone), currency, opened=opened)


# --- states and refusals


@register.simple_tag
def status(object_or_value: Any) -> SafeString:
    """One word, a shape and a colour (X6), of an object with a `state` or of the state itself."""
    return _drawn(wording.state_of(getattr(object_or_value, "state", object_or_value)))


@lru_cache(maxsize=256)
def _drawn(state: wording.State) -> SafeString:
    """A list has the same few on each row."""
    return format_html(
        '<span class="status {}"><svg viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">{}</svg>{}</span>',
        state.tone,
        mark_safe(_SHAPES[state.shape].replace("~", _OUTLINE)),  # noqa: S308 -- our own constants
        state.word,
    )


@register.inclusion_tag("includes/refusal.html")
def refusal(r: Refusal | None, heading: str = "") -> dict[str, Any]:
    """Why not, by which clause, and what helps (X8): information, not an error. Nothing where nothing was refused."""
    return {"refusal": r, "heading": heading}


# --- the same in plain text, for letters


@register.simple_tag
def deadline_text(instant: datetime, zone: Zone, now: datetime) -> str:
    return wording.deadline_in_words(instant, _zone(zone), now)


@register.simple_tag
def closed_text(instant: datetime, zone: Zone) -> str:
    """A deadline that is over, in a sentence that needs no distance: its last full minute."""
    return wording.moment_of_deadline(instant, _zone(zone))


@register.simple_tag
def moment_text(instant: datetime, zone: Zone, seconds: bool = True) -> str:
    return wording.moment_in_words(instant, _zone(zone), seconds=seconds)


@register.simple_tag
def moment_short_text(instant: datetime, zone: Zone, seconds: bool = False) -> str:
    """'Sat Nov 21, 2026, 10:02 a.m. PST', for the subject of a letter; a legal moment to the second."""
    return wording.moment_in_short(instant, _zone(zone), seconds=seconds)


@register.simple_tag
def day_text(d: date) -> str:
    return wording.day_in_words(d)


@register.simple_tag
def money_text(amount: Decimal | Fraction | int, currency: str = "") -> str:
    return wording.money_in_words(amount, currency)


@register.simple_tag
def duration_text(length: timedelta) -> str:
    return wording.duration_in_words(length)


@register.simple_tag
def working_text(step: Step | dict[str, Any], zone: Zone, currency: str = "") -> str:
    tree = Step.from_json(step) if isinstance(step, dict) else step
    return "\n".join(wording.working_as_lines(tree.shortened(), _zone(zone), currency))


@register.simple_tag
def working_in_brief_text(step: Step | dict[str, Any], zone: Zone, currency: str = "") -> str:
    tree = Step.from_json(step) if isinstance(step, dict) else step
    return "\n".join(wording.working_in_brief(tree.shortened(), _zone(zone), currency))


@register.simple_tag
def status_text(object_or_value: Any) -> str:
    return wording.state_in_words(getattr(object_or_value, "state", object_or_value))


# --- pages


@register.simple_tag(takes_context=True)
def nav_link(context: Context, names: str, label: str, section: str) -> SafeString | str:
    """A link of the navigation to the first of the named URLs that exists, marked if the reader is in its section."""
    url = _first_url(names)
    if not url:
        return ""
    here = str(context.get("section") or _section_of(context)) == section
    current = mark_safe(' aria-current="true"') if here else ""
    return format_html('<a href="{}"{}>{}</a>', url, current, label)


# The words in a URL's name that put it in a section.
_SECTIONS = {
    "account": ("account", "mfa", "address", "settings", "sign_in", "kept", "export", "step_up"),
    "people": ("people", "person", "roles", "invitation", "leave_customer", "legal_contact"),
    "sessions": ("year", "engagement", "recommendation", "policy"),
    "credits": ("credit",),
    "failures": ("failure", "claim", "evidence", "transaction", "maintenance"),
    "letters": ("letter",),
    "home": ("home", "election", "choose"),
}


def _section_of(context: Context) -> str:
    match = getattr(context.get("request"), "resolver_match", None)
    name = getattr(match, "url_name", None) or ""
    return next((section for section, words in _SECTIONS.items() if any(word in name for word in words)), "")


def _first_url(names: str) -> str:
    return next(filter(None, map(address_of, names.split())), "")


@register.simple_tag(takes_context=True)
def as_of(context: Context, short: bool = False) -> SafeString | str:
    """The moment for which the page holds (X10), in the contract's zone where the page has one."""
    now = context.get("now") or getattr(context.get("request"), "now", None)
    show = moment_short if short else moment
    return show(now, context.get("zone") or "UTC") if now else ""


@register.simple_tag
def url_if_any(names: str) -> str:
    """The address of the first of the named URLs that exists; empty if none does."""
    return _first_url(names)


@register.filter
def in_words(label: str) -> str:
    """A name of ours as people read it: 'session_booked' is 'Session booked'."""
    return wording.label_in_words(label)


@register.filter
def error_links(form: BaseForm | BaseFormSet | list[BaseForm | BaseFormSet] | None) -> list[tuple[str, str]]:
    """(anchor, message) of each error of a form or formset, or of several on one page, for the error summary (X7)."""
    forms_of_page = form if isinstance(form, list) else [form] if form else []
    return [link for one in forms_of_page for link in _error_links(one)]


def _error_links(form: BaseForm | BaseFormSet) -> Iterator[tuple[str, str]]:
    if isinstance(form, BaseFormSet):
        yield from (("form-errors", str(message)) for message in form.non_form_errors())
        for one in form.forms:
            yield from _error_links(one)
        return
    if not form.errors:
        return
    yield from ((f"{form.prefix or 'form'}-errors", str(message)) for message in form.non_field_errors())
    for field in form:
        anchor = field.id_for_label or f"{field.auto_id}_0"  # radio buttons and tick boxes: the first
        yield from ((anchor, message) for message in field_errors(field))


@register.filter
def field_errors(field: BoundField) -> list[str]:
    """The messages of a field, the same in the summary and beside it; Django's own are said so that they tell what to do (X7)."""
    return [line for error in field.errors.as_data() for line in _in_our_words(field, error)]


def _in_our_words(field: BoundField, error: ValidationError) -> list[str]:
    """What a form of ours says itself is no lazy text, and stays."""
    if isinstance(error.message, Promise):
        match error.code:
            case "required":
                return [_what_to_do(field)]
            case "invalid_choice" | "invalid_pk_value":
                return [f"Choose one of the answers that are offered: {field.label}"]
            case "max_length":
                most, given = (f"{(error.params or {})[name]:,}" for name in ("limit_value", "show_value"))
                return [f"{field.label}: write at most {most} characters. These are {given}."]
    return [str(message) for message in error.messages]


def _what_to_do(field: BoundField) -> str:
    match field.field.widget:
        case forms.CheckboxInput():
            return f"Tick “{field.label}”."
        case forms.FileInput():
            return f"Choose a file: {field.label}."
        case forms.Select() | forms.RadioSelect() | forms.CheckboxSelectMultiple():
            return f"Choose an answer: {field.label}"
    return f"Fill in: {field.label}"
