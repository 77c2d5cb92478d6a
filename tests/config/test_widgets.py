"""The widgets that are drawn here are those of Django's templates, whatever is in them."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString

from config.widgets import DRAWN, WidgetsDrawnHere

ATTRS = {"id": 'a"b', "required": True, "disabled": False, "maxlength": 20, "data-x": "<&'"}
CHOICES = [("", "None"), ("<1>", "One & <more>"), ("Group 'A'", [(2, SafeString("<b>Two</b>")), (3, "Three")])]
DRAWN_HERE = [
    *(kind(ATTRS) for kind in (forms.TextInput, forms.EmailInput, forms.URLInput, forms.HiddenInput, forms.Textarea)),
    *(kind(ATTRS) for kind in (forms.NumberInput, forms.PasswordInput, forms.DateInput, forms.DateTimeInput)),
    forms.TimeInput(ATTRS),
    forms.CheckboxInput(ATTRS),
    forms.Select(ATTRS, choices=CHOICES),
    forms.SelectMultiple(ATTRS, choices=CHOICES),
    forms.NullBooleanSelect(ATTRS),
]


@pytest.mark.parametrize("value", [None, "", "<1>", 2, date(2026, 6, 10), SafeString("<i>"), "a\n<b>"])
@pytest.mark.parametrize("widget", DRAWN_HERE, ids=lambda widget: type(widget).__name__)
def test_a_widget_is_what_django_draws(widget, value) -> None:
    ours, theirs = (widget.render("na<me", value, renderer=one) for one in (WidgetsDrawnHere(), TemplatesSetting()))
    assert ours.split() == theirs.split()


def test_all_that_are_drawn_here_are_compared() -> None:
    assert {one.template_name for one in DRAWN_HERE} | {"django/forms/widgets/input.html"} == {*DRAWN}
