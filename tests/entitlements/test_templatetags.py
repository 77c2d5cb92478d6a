"""The tags of the one design: what a page, and a letter, is made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Step
from entitlements.wording import STATES

ZONE = "America/Los_Angeles"
DEADLINE = datetime(2026, 11, 5, 8, tzinfo=UTC)
NOW = DEADLINE - timedelta(days=3, hours=4)


def shown(text: str, **context: object) -> str:
    return engines["django"].from_string("{% load makegood %}" + text).render({"zone": ZONE, "now": NOW, **context})


class Report(forms.Form):
    kind = forms.ChoiceField(label="What failed?", choices=[("A", "All of it")], widget=forms.RadioSelect)
    revenue = forms.DecimalField(label="Revenue", error_messages={"invalid": "Give the revenue as 1,200.50"})
    evidence = forms.FileField(label="Evidence")
    sure = forms.BooleanField(label="I am sure")

    def clean(self) -> None:
        raise forms.ValidationError("It cannot have ended before it began.")


def test_a_deadline_is_text_and_stored_instant_in_one_element():
    html = shown("{% deadline at zone now %}", at=DEADLINE)
    assert html.startswith(
        '<time class="deadline" datetime="2026-11-05T08:00:00Z">Wednesday, November 4, 2026, 11:59 p.m.'
    )
    assert "Pacific Time (PST, UTC−8)" in html
    assert html.endswith(">3 days 4 hours left</b></span></time>")
    assert 'class="deadline closed"' in shown("{% deadline at zone at %}", at=DEADLINE)


def test_the_same_moment_on_page_and_in_text():
    words = "Sunday, November 1, 2026, 8:00:00 p.m. Pacific Time (PST, UTC−8)"
    assert shown("{% moment at zone %}", at=NOW) == f'<time datetime="2026-11-02T04:00:00Z">{words}</time>'
    assert shown("{% moment_text at zone %}", at=NOW) == words
    assert shown("{% deadline_text at zone now %}", at=DEADLINE).endswith(" — 3 days 4 hours left")


def test_money_names_its_currency_or_leaves_it_to_the_table():
    assert shown('{% money m "USD" %}', m=Decimal("1234.5")) == '<span class="money">USD 1,234.50</span>'
    assert shown("{% money m %}", m=Decimal("-1")) == '<span class="money">−1.00</span>'


def test_a_figure_is_escaped_and_several_are_a_list():
    assert shown("{% figure f zone %}", f="<b>") == '<span class="text">&lt;b&gt;</span>'
    assert shown("{% figure f zone %}", f=(1, 2)).count("<li>") == 2


def test_every_state_has_word_and_shape():
    pages = {state: shown("{% status s %}", s=SimpleNamespace(state=state)) for state in STATES}

    assert [state for state, html in pages.items() if STATES[state].word not in html] == []
    assert [state for state, html in pages.items() if "<svg" not in html or "~" in html] == []


def test_a_working_shows_every_step_with_its_clause_from_the_tree_or_its_json():
    tree = Step("credit", "S11", Decimal("1.00"), steps=(Step("remedy period", "S8", None, inputs=(("minutes", 37),)),))
    html = shown('{% working step zone "USD" %}', step=tree)
    assert html == shown('{% working step zone "USD" %}', step=tree.as_json())
    assert 'data-clause="S11"' in html
    assert 'data-clause="S8"' in html
    assert html.count("Sums of money in USD") == 1
    assert html.count("<details open") == 1, "the outer one is closed, what is inside it is open"


def test_a_refusal_is_no_error():
    html = shown("{% refusal r %}", r=Refusal("E2", "not_at_level", "Not at your level.", "Ask for an agreement."))
    assert 'data-clause="E2"' in html
    assert "Ask for an agreement." in html
    assert "error" not in html
    assert "invalid" not in html
    assert shown("{% refusal r %}", r=None).strip() == ""


def test_the_error_summary_links_each_message_to_its_field_and_says_the_same():
    form = Report({"revenue": "1.200,50"})
    html = shown(
        '{% load crispy_forms_filters %}{% include "includes/error_summary.html" %}{{ form|crispy }}', form=form
    )
    summary, fields = html.split("</ul>", 1)
    for anchor, message in (
        ("form-errors", "It cannot have ended before it began."),
        ("id_kind_0", "Choose an answer: What failed?"),
        ("id_revenue", "Give the revenue as 1,200.50"),
        ("id_evidence", "Choose a file: Evidence."),
        ("id_sure", "Tick “I am sure”."),
    ):
        assert f'<a href="#{anchor}">{message}</a>' in summary
        assert f'id="{anchor}"' in fields
        assert f"<p>{message}</p>" in fields
    assert 'tabindex="-1" autofocus' in summary


def test_a_form_without_errors_and_no_form_at_all_have_no_summary():
    for form in (Report(), None):
        assert shown('{% include "includes/error_summary.html" %}', form=form).strip() == ""


def test_the_layout_stands_for_a_stranger_and_without_any_context():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    page = render_to_string("portal.html", {"user": AnonymousUser()}, request)
    assert page.index("Skip to the content") < page.index("<header")
    assert 'aria-label="Main"' not in page
    assert render_to_string("500.html").count("<h1>") == 1


@pytest.mark.parametrize(
    ("url_name", "section"),
    [("home", "home"), ("withdraw_engagement", "sessions"), ("claim_check", "failures"), ("mfa_index", "account")],
)
def test_the_navigation_marks_the_section_of_the_page(url_name: str, section: str):
    request = RequestFactory().get("/")
    request.resolver_match = SimpleNamespace(url_name=url_name)
    link = '{% nav_link "no_such_url account_logout" "Label" "SECTION" %}'
    for one in ("home", "sessions", "failures", "letters", "account"):
        assert ("aria-current" in shown(link.replace("SECTION", one), request=request)) is (one == section)


def test_a_link_to_a_page_that_does_not_exist_is_left_out():
    assert shown('{% nav_link "no_such_url" "Label" "home" %}') == ""


def test_a_title_says_error_first_when_the_form_has_one():
    assert "<title>Error: " in render_to_string("portal.html", {"form": Report({})})
    assert "<title>Error: " not in render_to_string("portal.html", {"form": Report()})


def test_pages_carry_no_inline_script_style_or_handler():
    html = render_to_string("500.html") + shown("{% status 'draft' %}{% deadline now zone now %}")
    for forbidden in ("<style", " style=", " onclick=", "<script>"):
        assert forbidden not in html


def test_a_text_letter_is_not_escaped_and_signed():
    letter = engines["django"].from_string(
        '{% extends "emails/_layout.txt" %}{% block body %}{{ who }} may claim.{% endblock %}'
    )
    text = letter.render({"who": "Smith & Sons", "reference": "CLM-7K4Q-2M9X"})
    assert "Smith & Sons may claim." in text
    assert "\n-- \nReference: CLM-7K4Q-2M9X\n" in text
    assert "cannot be switched off" in text
