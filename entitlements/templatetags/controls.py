"""A field of a form in the theme's look, for templates/bootstrap5/field.html: put together here, in a fifth of a template's time."""

from __future__ import annotations

from django import forms, template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from entitlements.templatetags.makegood import field_errors

register = template.Library()


@register.simple_tag
def in_full(field: BoundField) -> SafeString:
    """Label, help, errors and control, in this order, so that what helps is read before the answer is given; a tick box stands before
    its label."""
    if field.is_hidden:
        return mark_safe(str(field))  # noqa: S308 -- as a template writes it
    parts = _of_a_tick_box(field) if isinstance(field.field.widget, forms.CheckboxInput) else _of_an_answer(field)
    classes = " ".join(filter(None, ["mb-3", "has-error" if field.errors else "", field.css_classes()]))
    return format_html('<div id="div_{}" class="{}">{}</div>', field.auto_id, classes, parts)


def _of_a_tick_box(field: BoundField) -> SafeString:
    return format_html(
        '{}<div class="form-check">{}<label for="{}" class="form-check-label{}">{}</label>{}</div>',
        _errors(field),
        _control(field, "form-check-input"),
        field.id_for_label,
        _required(field.field.required),
        field.label,
        _help(field),
    )


def _of_an_answer(field: BoundField) -> SafeString:
    """Several choices are a group of their own."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect):
        control = render_to_string("bootstrap5/layout/radio_checkbox_select.html", {"field": field})
    else:
        control = _control(field, "form-select" if isinstance(widget, forms.Select) else "form-control")
    below = format_html("{}{}{}", _help(field), _errors(field), control)
    if not field.label:
        return below
    if not field.use_fieldset:
        return format_html("{}{}", _label(field), below)
    described = format_html(' aria-describedby="{}"', told) if (told := field.aria_describedby) else ""
    legend = format_html('<legend class="form-label{}">{}</legend>', _required(field.field.required), field.label)
    return format_html("<fieldset{}>{}{}</fieldset>", described, legend, below)


def _label(field: BoundField) -> SafeString:
    before = getattr(field.field, "needed_before", "")
    return format_html(
        '<label for="{}" class="form-label{}">{}{}</label>',
        field.id_for_label,
        _required(field.field.required or before),
        field.label,
        format_html(' <span class="quiet">(needed before {})</span>', before) if before else "",
    )


def _required(needed: object) -> str:
    return " requiredField" if needed else ""


def _help(field: BoundField) -> SafeString | str:
    """Our own words, which may hold a link."""
    if not field.help_text:
        return ""
    words = mark_safe(field.help_text)  # noqa: S308 -- as Django's own forms do
    return format_html('<div id="{}_helptext" class="form-text">{}</div>', field.auto_id, words)


def _errors(field: BoundField) -> SafeString | str:
    if not field.errors:
        return ""
    messages = format_html_join("", "<p>{}</p>", ((message,) for message in field_errors(field)))
    return format_html('<div id="{}_error" class="invalid-feedback">{}</div>', field.auto_id, messages)


def _control(field: BoundField, look: str) -> SafeString:
    """The widget, and each part of one that has several, with the class of its kind and the look of the theme."""
    whole = field.field.widget
    for widget in getattr(whole, "widgets", [whole]):
        kept = widget.attrs.get("class", "").split()
        marks = [type(widget).__name__.lower(), look, "is-invalid" if field.errors else ""]
        widget.attrs["class"] = " ".join(dict.fromkeys(filter(None, [*kept, *marks])))
    return field.as_widget()
