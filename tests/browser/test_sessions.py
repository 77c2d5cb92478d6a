"""The customer's entitlement path in a browser: sign in, see the card, ask, be refused with the reason, read the letter."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from entitlements import notices
from entitlements.actions.engagements import PlannedSession, schedule_engagement
from entitlements.clock import database_now
from entitlements.models import Engagement, Letter, Role
from entitlements.rules.days import local_day
from entitlements.views.demo import link_for
from tests import factories as make
from tests.browser.axe import violations
from tests.browser.following import enter_by_link, follow, press_enter, too_wide, wait_for_focus

DAY = timedelta(days=1)


@pytest.fixture
def acme(live_url: str, settings: Any) -> SimpleNamespace:
    """A customer on Silver in the first year of a contract that began forty days ago, in the demo."""
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.entitlements.demo_urls"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    now = database_now()
    customer = make.customer(name="Acme")
    first = local_day(now, make.NOW.tzinfo) - 40 * DAY
    contract = make.contract(customer=customer, level="silver", first=first, last=first + 700 * DAY, now=now)
    owner = make.member(customer=customer, name="Olivia Owner", email="olivia@acme.example")
    return SimpleNamespace(customer=customer, contract=contract, owner=owner, now=now, day=first + 60 * DAY)


def schedule(engagement: Engagement, now: Any) -> None:
    """What the manager does at the desk, and the worker after it."""
    session = PlannedSession(start=now + 10 * DAY, engineer=make.engineer(name="Eve Engineer"))
    schedule_engagement(engagement=engagement, sessions=[session], by=make.manager(), now=now)
    notices.send_due(clock=database_now)


def ask(page: Any, day: Any) -> None:
    for answer in page.get_by_label("We have this").all():
        answer.check()
    page.get_by_label("Or another day").fill(day.isoformat())
    page.get_by_label("What it is about").fill("What comes next year?")
    follow(page.get_by_role("button", name="Continue"))
    if page.locator(".refusal").count():
        return
    page.get_by_label("We bring this").check()
    page.get_by_label("I understand that a CSE gives advice").check()
    follow(page.get_by_role("button", name="Send the request"))


def test_a_customer_asks_is_refused_the_second_time_and_reads_the_letter(page: Any, acme: SimpleNamespace) -> None:
    """E2, E5, E6, E7, E11, E12"""
    enter_by_link(page, link_for(acme.owner))
    page.goto(reverse("year_card"))
    follow(page.get_by_role("link", name="Request Product Roadmap Session"))
    ask(page, acme.day)

    assert "We have your request. Its reference is ENG-" in page.inner_text("main")
    assert "Requested" in page.inner_text("main")

    page.goto(reverse("request_engagement", args=[acme.contract.pk, "roadmap"]))
    ask(page, acme.day)

    refusal = page.locator(".refusal").first.inner_text()
    assert "This request was not taken" in refusal
    assert "would be number 2 where the cap is 1" in refusal
    assert "The next place opens on" in refusal
    assert page.get_by_label("What it is about").input_value() == "What comes next year?"
    assert page.title().startswith("Refused: ")

    schedule(Engagement.objects.get(), acme.now)
    page.goto(reverse("letter_list"))
    follow(page.get_by_role("link", name="Product Roadmap Session"))

    assert "Booked: " in page.inner_text("pre")
    assert "with Eve Engineer" in page.inner_text("pre")


def test_the_whole_path_without_a_script(browser: Any, live_url: str, acme: SimpleNamespace) -> None:
    """X12"""
    context = browser.new_context(base_url=live_url, java_script_enabled=False)
    page = context.new_page()
    page.goto(link_for(acme.owner))
    follow(page.get_by_role("button", name="Continue as Olivia Owner"))
    page.goto(reverse("year_card"))
    follow(page.get_by_role("link", name="Request Integration Consultation"))
    follow(page.get_by_role("button", name="Continue"))
    errors = page.locator("#error-summary").inner_text()
    ask(page, acme.day)
    follow(page.get_by_role("link", name="Withdraw the request"))
    follow(page.get_by_role("button", name="Withdraw the request"))

    assert "give the day that you wish for" in errors
    assert "is withdrawn. Its place is back." in page.inner_text("main")
    assert Engagement.objects.get().state == "withdrawn"
    context.close()


def test_a_request_by_keyboard_alone(page: Any, acme: SimpleNamespace) -> None:
    enter_by_link(page, link_for(acme.owner))
    page.goto(reverse("request_engagement", args=[acme.contract.pk, "integration"]))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    wait_for_focus(page.locator("#main"))
    for question in ("bring", "recommended", "any_of"):
        tab_to(page, f"id_{question}_0")
        page.keyboard.press("Space")
    tab_to(page, "id_topic")
    page.keyboard.type("Connect the ticket system.")
    tab_to(page, "id_wished_day")
    page.keyboard.type(acme.day.strftime("%m%d%Y"))
    press_enter(page)
    tab_to(page, "id_preparation")
    page.keyboard.press("Space")
    tab_to(page, "id_advice")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    press_enter(page)

    assert "/sessions/engagements/ENG-" in page.url
    assert Engagement.objects.get().wished_day == acme.day
    assert Engagement.objects.get().topic == "Connect the ticket system."


def tab_to(page: Any, name: str) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    raise AssertionError(f"{name} cannot be reached by the Tab key")


def test_every_screen_passes_axe_and_fits_320_pixels(page: Any, acme: SimpleNamespace) -> None:
    """X13"""
    make.override(contract=acme.contract, activity="integration", cap=6)
    waiting = make.request(contract=acme.contract, day=acme.day, by=acme.owner, now=acme.now)
    booked = make.request(contract=acme.contract, activity="roadmap", day=acme.day, by=acme.owner, now=acme.now)
    schedule(booked, acme.now)
    reader = make.member(customer=acme.customer, roles=[Role.READ_ONLY])
    letter = Letter.objects.filter(addressee=acme.owner.email).get()
    enter_by_link(page, link_for(acme.owner))
    screens = {
        "year_card": [],
        "contract_year": [acme.contract.years.get(n=2).pk],
        "contract_year_ledger": [acme.contract.years.get(n=1).pk],
        "engagement_list": [],
        "engagement": [booked.reference],
        "withdraw_engagement": [waiting.reference],
        "cancel_engagement": [booked.reference],
        "request_engagement": [acme.contract.pk, "alert_strategies"],
        "letter_list": [],
        "letter": [letter.pk],
    }
    for name, args in screens.items():
        page.goto(reverse(name, args=args))
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert violations(page) == [], name
        assert too_wide(page, 320, 1100) == [], name
    page.goto(reverse("request_engagement", args=[acme.contract.pk, "integration"]))
    follow(page.get_by_role("button", name="Continue"))
    assert violations(page) == []
    ask(page, acme.day + 5000 * DAY)
    assert violations(page) == []

    page.context.clear_cookies()
    page.route("**/makegood*.js", lambda route: route.abort())
    page.goto(link_for(reader))
    assert violations(page) == []
