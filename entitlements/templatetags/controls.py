"""The control of a field, for templates/bootstrap5/field.html: the form pack's tag works its arguments out anew for each field."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def control(field: BoundField, look: str) -> SafeString:
    """The widget, and each part of one that has several, with the class of its kind and the look of the theme."""
    whole = field.field.widget
    for widget in getattr(whole, "widgets", [whole]):
        kept = widget.attrs.get("class", "").split()
        marks = [type(widget).__name__.lower(), look, "is-invalid" if field.errors else ""]
        widget.attrs["class"] = " ".join(dict.fromkeys(filter(None, [*kept, *marks])))
    return field.as_widget()
