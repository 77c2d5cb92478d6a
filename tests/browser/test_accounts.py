"""An account in a browser: sign in by a code, add an app, see the recovery codes once (C1, C12.6, X13); a card on one page of paper."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.urls import reverse

from entitlements.clock import database_now
from entitlements.rules.days import local_day
from tests import factories as make
from tests.browser.axe import violations
from tests.browser.following import follow

DAY = make.DAY


@pytest.fixture
def ana(live_url: str, settings: Any) -> Any:
    """Somebody of a customer whose contract began forty days ago."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.MFA_TOTP_TOLERANCE = 1
    now = database_now()
    first = local_day(now, make.NOW.tzinfo) - 40 * DAY
    contract = make.contract(level="silver", first=first, last=first + 700 * DAY, now=now)
    return make.member(customer=contract.customer, name="Ana Archer", email="ana@acme.example")


def test_an_app_is_added_and_its_codes_are_shown_once(page: Any, ana: Any) -> None:
    page.goto(reverse("account_request_login_code"))
    page.get_by_label("E-mail address").fill(ana.email)
    follow(page.get_by_role("button", name="Send me a code"))
    page.get_by_label("Code").fill(re.search(r"sign in:\s+(\S+)\s", str(mail.outbox[-1].body))[1])  # type: ignore[index]
    follow(page.get_by_role("button", name="Continue"))
    page.goto(reverse("year_card"))
    paper = len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4")))

    page.goto(reverse("mfa_activate_totp"))
    follow(page.get_by_role("button", name="Use this app"))
    wrong = page.title(), page.locator("#error-summary").inner_text(), violations(page)
    page.get_by_label("Code").fill(code_now(page.locator("dd code").inner_text()))
    follow(page.get_by_role("button", name="Use this app"))
    shown = page.locator(".codes li").count(), violations(page)
    page.reload()

    assert wrong == ("Error: Set up an authenticator app – Makegood", "There is a problem\nGive the code.", [])
    assert shown == (10, [])
    assert page.locator(".codes li").count() == 0
    assert paper == 1


def test_a_password_can_be_looked_at_while_it_is_typed(page: Any, live_url: str) -> None:
    """C1.2"""
    page.goto(reverse("account_login"))
    field, button = page.get_by_label("Password", exact=True), page.get_by_role("button", name="Show password")
    field.fill("p" * 80)
    button.click()

    assert (field.get_attribute("type"), button.get_attribute("aria-pressed")) == ("text", "true")
    assert field.input_value() == "p" * 80
    assert violations(page) == []


def code_now(secret: str) -> str:
    _, now, _ = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now))
