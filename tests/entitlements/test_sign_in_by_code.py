"""Signing in outside the demo: a customer asks for a code, gets it by e-mail, and types it (C1)."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories as make
from tests.entitlements.portal import words

pytestmark = pytest.mark.django_db

ASK, CONFIRM = "account_request_login_code", "account_confirm_login_code"


@pytest.fixture
def ana():
    return make.member(name="Ana Archer", email="ana@acme.example")


def code_of(message):
    return re.search(r"sign in:\s+(\S+)\s", message.get_content() if hasattr(message, "get_content") else message.body)[
        1
    ]


def ask(client, address):
    return client.post(reverse(ASK), {"email": address}, follow=True)


def test_the_code_comes_by_mail_and_signs_in_at_once(client, ana, smtp_backend):
    asked = ask(client, "Ana@acme.example")
    (letter,) = smtp_backend.messages
    before = client.session.session_key
    response = client.post(reverse(CONFIRM), {"code": code_of(letter)})

    assert asked.redirect_chain[-1][0].startswith(reverse(CONFIRM))
    assert letter["To"] == "ana@acme.example"
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(ana.pk)
    assert client.session.session_key != before
    assert len(smtp_backend.messages) == 1


def test_the_letter_is_in_our_words(client, ana):
    ask(client, ana.email)
    (letter,) = mail.outbox
    code = code_of(letter)

    assert letter.subject == "Your code for Makegood, PagerDuty"
    assert letter.body.rstrip() == (
        "Your code to sign in:\n"
        "\n"
        f"{code}\n"
        "\n"
        "Type it on the page that asked for it. It is good for a few minutes and works once.\n"
        "\n"
        "If you did not ask for it, do nothing: without the code nobody gets in. We never ask you to tell it to anyone.\n"
        "\n"
        "PagerDuty Customer Success\n"
        "https://support.example.com\n"
        "\n"
        "-- \n"
        "You can answer this letter; a person reads support@example.com."
    )


def test_the_address_is_verified_by_the_code_that_came_back(client, ana):
    ask(client, ana.email)
    client.post(reverse(CONFIRM), {"code": code_of(mail.outbox[0])})

    assert EmailAddress.objects.get(user=ana).verified


def test_a_code_works_once(client, ana):
    ask(client, ana.email)
    code = code_of(mail.outbox[0])
    client.post(reverse(CONFIRM), {"code": code})
    client.logout()
    response = client.post(reverse(CONFIRM), {"code": code})

    assert "_auth_user_id" not in client.session
    assert response.url.startswith("/accounts/")


def test_another_code_does_not_work(client, ana):
    ask(client, ana.email)
    response = client.post(reverse(CONFIRM), {"code": "WRONG-CODE"})

    assert "_auth_user_id" not in client.session
    assert response.status_code == 200


def test_an_unknown_address_gets_the_same_words_and_a_letter_without_a_code(client, ana):
    known = ask(client, ana.email)
    client.logout()
    client.cookies.clear()
    unknown = ask(client, "who@acme.example")

    def page(response, address):
        html = response.content.decode()
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|<time.*?</time>', "", html).replace(address, "ADDRESS")

    assert known.redirect_chain == unknown.redirect_chain
    assert page(known, ana.email) == page(unknown, "who@acme.example")
    assert mail.outbox[1].to == ["who@acme.example"]
    assert "We do not know this address, so there is no code." in mail.outbox[1].body
    assert "sign up" not in mail.outbox[1].body


@pytest.mark.parametrize("asked", [ASK, "account_login"])
def test_known_unknown_and_closed_accounts_cost_and_say_the_same(clock, ana, asked, settings):
    """C1.1: the same words, status and questions to the database, so that nothing tells them apart but chance."""
    settings.ACCOUNT_RATE_LIMITS = False
    make.member(email="gone@acme.example", is_active=False)
    staff = make.manager(email="mona@vendor.example")
    answers = []
    for address in ("nobody@acme.example", ana.email, staff.email, "gone@acme.example"):
        typed = {"email": address, "login": address, "password": "not it at all"}
        with CaptureQueriesContext(connection) as queries:
            page = Client().post(reverse(asked), typed, follow=True)
        answers.append((page.status_code, len(queries), words(page.content.decode().replace(address, "A"))))

    assert answers == [answers[0]] * 4


def test_whoever_may_no_longer_sign_in_gets_no_code(client, ana):
    ana.is_active = False
    ana.save()
    ask(client, ana.email)

    assert "there is no code" in mail.outbox[0].body


def test_the_reader_lands_where_the_link_led(client, ana):
    client.get(reverse(ASK), {"next": "/sessions/"})
    client.post(reverse(ASK) + "?next=/sessions/", {"email": ana.email, "next": "/sessions/"})
    response = client.post(reverse(CONFIRM), {"code": code_of(mail.outbox[0]), "next": "/sessions/"})

    assert response.url == "/sessions/"
