"""C1.8, P32, P39: whose session has ended, or whose page is too old, finds again what they typed; nobody else does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from entitlements.kept_answers import AGAIN, MOST_SIGNS
from sla.models import Claim, Failure
from tests.factories import NOW, draft, member
from tests.shared import shared

REPORT = reverse("report_failure")
TYPED = {"kind": "A", "began_day": "2026-06-09", "began_time": "10:00", "description": "Nobody was alerted."}
OURS = {"Origin": "http://testserver", "Referer": f"http://testserver{REPORT}"}


@shared
def begun() -> Claim:
    return draft()


@pytest.fixture
def ana(begun: Claim) -> Any:
    return begun.opened_by


@pytest.fixture
def browser(ana: Any, clock: Any) -> Client:
    """She has a page open; nothing is done after it for longer than a session lasts."""
    browser = Client(enforce_csrf_checks=False)
    browser.force_login(ana)
    browser.get(REPORT)
    return browser


@pytest.fixture
def hour_later(browser: Client, clock: Any, settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = 3600
    clock(NOW + timedelta(hours=1))


@pytest.mark.usefixtures("hour_later")
class TestASessionThatHasEnded:
    def test_what_was_typed_is_there_again_once_and_not_done(self, browser, ana):
        sent_away = browser.post(REPORT, TYPED)
        browser.force_login(ana)
        page = browser.get(REPORT)

        assert parse_qs(urlsplit(sent_away.url).query)["next"] == [REPORT]
        assert AGAIN in page.content.decode()
        assert {name: page.context["form"][name].value() for name in TYPED} == TYPED
        assert not Failure.objects.filter(description=TYPED["description"]).exists()
        assert browser.get(REPORT).context["form"]["description"].value() is None

        browser.post(REPORT, TYPED | {"all_the_same": "on"})
        assert Failure.objects.filter(description=TYPED["description"]).exists()

    def test_nobody_else_finds_it(self, browser, begun):
        browser.post(REPORT, TYPED)
        browser.force_login(member(customer=begun.contract.customer))

        page = browser.get(REPORT)

        assert page.context["form"]["description"].value() is None
        assert AGAIN not in page.content.decode()

    def test_what_is_only_posted_leads_back_to_its_page(self, browser, begun):
        page, url = (reverse(name, args=[begun.reference]) for name in ("claim", "claim_declare"))

        sent_away = browser.post(url, headers={"Referer": f"http://testserver{page}"})

        assert parse_qs(urlsplit(sent_away.url).query)["next"] == [page]

    @pytest.mark.parametrize(
        "came_from", ["https://evil.example/x", "//evil.example", "http://testserver//evil.example"]
    )
    def test_it_never_leads_elsewhere(self, browser, came_from):
        """P39."""
        sent_away = browser.post(REPORT, TYPED, headers={"Referer": came_from})

        (back,) = parse_qs(urlsplit(sent_away.url).query)["next"]
        assert not back.startswith("//")
        assert "evil" not in urlsplit(back).netloc

    def test_of_a_browser_that_nobody_was_signed_in_by_nothing_is_kept(self, browser, db):
        stranger = Client()
        stranger.post(REPORT, TYPED)
        assert settings.SESSION_COOKIE_NAME not in stranger.cookies

        browser.post(REPORT, TYPED | {"description": "x" * MOST_SIGNS})
        assert "kept_answers" not in browser.session


class TestAPageThatIsTooOld:
    """Signed in again in another tab, a page that was open has a token of before."""

    @pytest.fixture
    def strict(self, browser):
        browser.handler.enforce_csrf_checks = True
        return browser

    def test_what_was_typed_is_there_again(self, strict):
        sent_away = strict.post(REPORT, TYPED, headers=OURS)
        page = strict.get(sent_away.url)

        assert sent_away.url == REPORT
        assert AGAIN in page.content.decode()
        assert page.context["form"]["description"].value() == TYPED["description"]

    @pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
    def test_of_what_another_page_posts_nothing_is_kept(self, strict, headers):
        assert strict.post(REPORT, TYPED, headers=headers).status_code == 403
        assert "kept_answers" not in strict.session
