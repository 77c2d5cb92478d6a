"""V2, P36: each form of accounts and bookings, asked with nothing, with the wrong kind of answer, with too much and with what is no choice."""

from __future__ import annotations

import pytest
from django import forms

from entitlements.books import book_visible_to
from entitlements.cards import cards_of, years_visible_to
from entitlements.forms.accounts import AddressForm, ContactForm, CopiesForm, DisplayForm
from entitlements.forms.engagements import CancelForm
from entitlements.forms.ledger import AsOfForm, LedgerFilter
from entitlements.forms.moves import MoveRequestForm, MoveSessionsForm
from entitlements.forms.outcomes import FeedbackForm, MoveForm
from entitlements.forms.people import InviteForm, RolesForm
from entitlements.forms.requests import RequestForm
from entitlements.offers import offered
from entitlements.views.step_up import CodeForm
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW = make.NOW
PLAIN = (
    AddressForm,
    CancelForm,
    CodeForm,
    ContactForm,
    CopiesForm,
    DisplayForm,
    FeedbackForm,
    InviteForm,
    MoveForm,
    RolesForm,
)
ODD = {
    "wrong": "\x00not what was asked\x00",
    "long": "x" * 100_000,
    "no choice": "🜁",
    "before all time": "0001-01-01",
    "after all time": "9999-12-31",
    "first instant": "0001-01-01T00:00:00+00:00",
    "last instant": "9999-12-31T23:59:59.999999+00:00",
    "far off": "-9223372036854775809",
}


def test_an_empty_form_says_so_at_each_field_that_is_needed():
    for form_class in PLAIN:
        form = form_class({})
        needed = {name for name, field in form.fields.items() if field.required}

        assert set(form.errors) == needed, form_class


@pytest.mark.parametrize("odd", ODD)
def test_no_odd_answer_is_taken_and_none_breaks_the_form(odd):
    for form_class in PLAIN:
        names = form_class().fields
        form = form_class(dict.fromkeys(names, ODD[odd]))
        strict = {name for name, field in names.items() if isinstance(field, forms.ChoiceField | forms.EmailField)}

        assert not form.is_valid() or not strict
        assert strict <= set(form.errors), form_class
        if odd in ("wrong", "long"):
            limited = {name for name, field in names.items() if getattr(field, "max_length", None)}
            assert limited <= set(form.errors), form_class


@pytest.fixture
def booking(silver, booker):
    """The forms that list free times or read a card, each with what they are asked about."""
    make.engineer()
    book = book_visible_to(booker, silver.pk, NOW)
    waiting = make.request(contract=silver)
    scheduled = make.scheduled(contract=silver)
    [card, *_] = cards_of(years_visible_to(booker), booker, NOW)
    length = make.DAY / 48
    return [
        lambda data: RequestForm(data, offer=offered(book, "integration"), now=NOW, sent=True),
        lambda data: MoveRequestForm(data, engagement=waiting, now=NOW, length=length),
        lambda data: MoveSessionsForm(data, engagement=scheduled, now=NOW, sessions=list(scheduled.sessions.all())),
        lambda data: AsOfForm(data, card=card, now=NOW),
        lambda data: LedgerFilter(data, card=card),
    ]


def test_forms_of_bookings_refuse_nothing_and_anything_odd_in_words(booking):
    for build in booking:
        names = build(None).fields
        for odd in ("", *ODD.values()):
            form = build(dict.fromkeys(names, odd))
            if odd or any(field.required for field in names.values()):
                assert not form.is_valid(), (type(form), odd[:20])
            assert all(message.strip() for messages in form.errors.values() for message in messages)


def test_what_was_not_asked_for_is_dropped_and_logged(booking, caplog):
    """P36"""
    for build in (*PLAIN, *booking):
        form = build({"state": "delivered", "customer": "1", "is_staff": "on"})
        form.is_valid()

        asked = {"state"} & set(form.fields)
        assert not {"customer", "is_staff", *({"state"} - asked)} & set(form.cleaned_data)
        assert "is_staff" in caplog.text, type(form)
        caplog.clear()
