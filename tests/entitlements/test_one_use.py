"""A link that works once is nobody's but the addressee's (N1, N2, C12.3): the archive, the desk and the file leave it out."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, get_resolver, reverse

from entitlements import notices
from entitlements.links import link
from entitlements.models import Letter, Role
from entitlements.models.accounts import kept_of
from entitlements.one_use import masked
from sla import export
from tests import accounts
from tests import factories as make
from tests.desk import at, signed_in
from tests.entitlements.portal import page, words
from tests.shared import shared

pytestmark = pytest.mark.django_db

NOW = make.NOW
TOKEN = "x9_" * 14 + "-"
KINDS = ["invitation", "contact_to_confirm"]
GONE = "The link was for {} only and is not shown here."


@shared
def acme():
    return make.contract().customer


@pytest.fixture
def secrets(acme):
    """Kind of letter: its secret. Both are sent."""
    tokens = [accounts.invitation(customer=acme)[1], accounts.contact(customer=acme)[1]]
    notices.send_due(clock=lambda: NOW)
    return dict(zip(KINDS, tokens, strict=True))


@pytest.fixture
def letters(secrets):
    return {kind: Letter.objects.get(kind=kind) for kind in KINDS}


@pytest.mark.parametrize("name", ["letter", "letter_as_html"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_reader_of_the_customer_gets_it(client, clock, acme, secrets, letters, kind, name):
    client.force_login(make.member(customer=acme, roles=[Role.READ_ONLY]))
    letter = letters[kind]

    html = page(client, name, letter.pk)

    assert secrets[kind] in letter.text
    assert secrets[kind] not in html
    assert GONE.format(letter.addressee) in words(html)


@pytest.mark.parametrize("kind", [*KINDS, "address_to_confirm"])
def test_no_manager_gets_it(monkeypatch, secrets, kind):
    at(monkeypatch, NOW)
    _, token = accounts.address_change()
    notices.send_due(clock=lambda: NOW)
    letter = Letter.objects.get(kind=kind)

    html = signed_in(make.manager()).get(reverse("admin:entitlements_letter_change", args=[letter.pk])).content.decode()

    assert {**secrets, "address_to_confirm": token}[kind] not in html
    assert GONE.format(letter.addressee) in html


def test_the_file_with_everything_has_none(acme, secrets):
    told = export.as_json(acme, NOW)

    assert not [kind for kind, token in secrets.items() if token in told or kept_of(token) in told]
    assert GONE.format("ana@acme.example") in told


def routes_with_a_token():
    patterns = get_resolver().url_patterns
    while patterns:
        inner = [one for pattern in patterns for one in getattr(pattern, "url_patterns", [])]
        yield from (
            pattern.name
            for pattern in patterns
            if isinstance(pattern, URLPattern) and set(pattern.pattern.converters) == {"token"}
        )
        patterns = inner


def test_every_address_of_ours_that_ends_in_a_secret_is_left_out():
    names = list(routes_with_a_token())

    assert {"invitation", "confirm_address", "confirm_legal_contact"} <= set(names)
    for name in names:
        told = masked(f'<a href="{link(name, TOKEN)}">{link(name, TOKEN)}</a>', "nora@acme.example")
        assert told == "<a>(The link was for nora@acme.example only and is not shown here.)</a>"


def test_any_other_link_stays():
    text = f"{link('engagement', 'ENG-2026-0001')} and {link('letter', 7)}"

    assert masked(text, "nora@acme.example") == text


def test_the_mailbox_gets_it(secrets, mailoutbox):
    sent = {mail.to[0]: mail for mail in mailoutbox}

    assert secrets["invitation"] in sent["ana@acme.example"].body


def test_the_page_of_the_html_runs_and_loads_nothing(client, clock, acme, letters):
    """C11.2"""
    client.force_login(make.member(customer=acme))

    answer = client.get(reverse("letter_as_html", args=[letters["invitation"].pk]))

    rule = answer["Content-Security-Policy"]
    assert rule == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


def test_a_letter_not_yet_written_out_has_no_html_and_its_page_says_that_it_waits(client, clock, acme):
    accounts.invitation(customer=acme)
    client.force_login(make.member(customer=acme))
    letter = Letter.objects.get(kind="invitation")

    assert client.get(reverse("letter_as_html", args=[letter.pk])).url == reverse("letter", args=[letter.pk])
