"""A field of a form in full: what is read before the answer stands before it, and nothing that is typed is markup."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.template import Context, Template

CHOICES = [("a", "One"), ("b", "<Two>")]


class Asked(forms.Form):
    name = forms.CharField(label="Who & why?", help_text="In <b>your</b> words.", max_length=3)
    kind = forms.ChoiceField(label="Which?", choices=CHOICES, required=False)
    one_of = forms.ChoiceField(label="One of", choices=CHOICES, widget=forms.RadioSelect, help_text="Or none.")
    agreed = forms.BooleanField(label="I agree", help_text="Both of us.")
    key = forms.CharField(widget=forms.HiddenInput, initial="<k>")
    later = forms.CharField(label="Later", required=False)
    later.needed_before = "it is given"


def drawn(name, data=None):
    page = Template("{% load crispy_forms_filters %}{{ field|as_crispy_field }}")
    return page.render(Context({"field": Asked(data)[name]})).strip()


def order(text, *parts):
    return [part for _, part in sorted((text.index(part), part) for part in parts)]


def test_label_help_error_and_control_come_in_this_order():
    text = drawn("name", {"name": "<script>"})
    parts = ['<label for="id_name"', 'id="id_name_helptext"', 'id="id_name_error"', "<input"]
    assert order(text, *parts) == parts
    assert text.startswith('<div id="div_id_name" class="mb-3 has-error">')
    assert "is-invalid" in text
    assert "Who &amp; why?" in text
    assert "In <b>your</b> words." in text
    assert "<script>" not in text


def test_what_describes_the_control_is_there():
    described = re.search(r'<input[^>]*aria-describedby="([^"]*)"', drawn("name", {"name": "four"}))[1].split()
    assert described
    assert all(f'id="{one}"' in drawn("name", {"name": "four"}) for one in described)


@pytest.mark.parametrize(
    ("name", "look"), [("name", "form-control"), ("kind", "form-select"), ("agreed", "form-check-input")]
)
def test_has_the_look_of_its_kind(name, look):
    assert re.search(rf'<(input|select)[^>]*class="[^"]*{look}', drawn(name))


def test_a_tick_box_stands_before_its_label():
    parts = ['id="id_agreed_error"', "<input", '<label for="id_agreed"', 'id="id_agreed_helptext"']
    assert order(drawn("agreed", {}), *parts) == parts


def test_choices_are_a_group_with_a_legend():
    text = drawn("one_of")
    parts = [
        "<fieldset",
        '<legend class="form-label requiredField">One of',
        'id="id_one_of_helptext"',
        "<input",
        "</fieldset>",
    ]
    assert order(text, *parts) == parts
    assert text.count('type="radio"') == 2
    assert "&lt;Two&gt;" in text


def test_one_that_is_hidden_is_nothing_else():
    assert drawn("key") == '<input type="hidden" name="key" value="&lt;k&gt;" id="id_key">'


def test_says_before_what_it_is_needed():
    assert 'requiredField">Later <span class="quiet">(needed before it is given)</span></label>' in drawn("later")
    assert "requiredField" not in drawn("kind")
