"""The customer's claim in a real browser: with and without script, by keyboard, in light and dark, on a narrow screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from entitlements.models import User
from sla.models import Claim, ClaimState
from tests.browser.axe import violations
from tests.browser.following import follow, press_enter, too_wide, wait_for_focus
from tests.browser.test_desk import complaints
from tests.desk import sign_in
from tests.factories import (
    DAY,
    NOW,
    contract,
    customer,
    decided,
    document,
    draft,
    evidence,
    failure,
    member,
    outage,
    proposal,
    sent_claim,
    transaction_file,
)

ORDERS = {
    "name": "lost.csv",
    "mimeType": "text/csv",
    "buffer": b"transaction,attempted,revenue,expenses\n4711,2026-06-09 07:20,1200.50,200\n4712,2026-06-09 07:21,5,\n4713,6/9/2026,5,\n",
}
CSV = {"name": "orders.csv", "mimeType": "text/csv", "buffer": b"order,sum\n4711,1200.50\n"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: Any) -> None:
    """The database's clock as a request reads it stands at NOW."""
    monkeypatch.setattr("entitlements.middleware.arrived_at", lambda _: NOW)


@pytest.fixture
def ana(live_url: str) -> User:
    """Somebody who may claim for a customer in California, whose service was down yesterday from 7:00 to 8:35."""
    lakeside = customer(name="Lakeside Freight")
    contract(customer=lakeside, zone="America/Los_Angeles")
    outage(customer=lakeside, start=NOW - DAY)
    return member(customer=lakeside, name="Ana Ortiz", email="ana@lakeside.example")


def report(page: Any) -> None:
    page.goto("/")
    follow(page.get_by_role("link", name="Report a delivery failure"))
    page.get_by_label("The service was not available").check()
    page.get_by_label("On which day did it begin?").fill("2026-06-09")
    page.get_by_label("At what time did it begin?").fill("07:00")
    follow(page.get_by_role("button", name="Send the report"))


def claim(page: Any) -> None:
    follow(page.get_by_role("button", name="Start the claim now"))
    follow(page.get_by_role("link", name="Lost transactions"))
    page.get_by_label("What was it?").fill("Order 4711")
    page.get_by_label("Time of the attempt").fill("07:20")
    page.get_by_label("Revenue that it would have brought").fill("1,200.50")
    page.get_by_label("Expenses that you saved").fill("200.5")
    follow(page.get_by_role("button", name="Add to the list"))
    follow(page.get_by_role("link", name="Go on to evidence"))
    page.get_by_label("What does it show?").fill("The orders of that morning")
    page.get_by_label("File", exact=True).set_input_files(CSV)
    follow(page.get_by_role("button", name="Upload"))
    follow(page.get_by_role("link", name="Go on to contact and audit"))
    page.get_by_label("We agree that the records behind this claim may be audited").check()
    follow(page.get_by_role("button", name="Save"))


def send(page: Any) -> None:
    follow(page.get_by_role("link", name="Check and send"))
    assert "1,000.00" in page.inner_text("main")
    page.get_by_label("I, Ana Ortiz, declare for Lakeside Freight").check()
    follow(page.get_by_role("button", name="Send claim CLM-"))


class TestTheWholePath:
    """X12, S13: report, claim, evidence, sending, receipt; no step of it needs a script."""

    def test_from_the_failure_to_the_receipt(self, page: Any, live_url: str, ana: User) -> None:
        """With a script running; without one it is walked by keyboard below."""
        sign_in(page, live_url, ana)
        said = complaints(page)

        report(page)
        assert "Wednesday, June 24, 2026, 11:59 p.m. Pacific Time" in page.inner_text("main")
        claim(page)
        send(page)

        assert page.get_by_role("heading", level=1).inner_text() == "Claim received"
        sent = Claim.objects.get()
        assert sent.reference in page.inner_text("main")
        assert sent.evidence.get().sha256 in page.inner_text("main")
        assert (sent.state, sent.received_at) == (ClaimState.SUBMITTED, NOW)
        page.reload()
        assert page.get_by_role("heading", level=1).inner_text() == "Claim received"
        assert said == []

    def test_an_answer_that_is_wrong_comes_back_with_the_summary_in_focus(
        self, page: Any, live_url: str, ana: User
    ) -> None:
        """X7."""
        sign_in(page, live_url, ana)
        page.goto(reverse("report_failure"))
        page.get_by_label("On which day did it begin?").fill("2026-06-09")
        follow(page.get_by_role("button", name="Send the report"))

        assert page.title().startswith("Error: ")
        wait_for_focus(page.locator("#error-summary"))
        page.get_by_role("link", name="Fill in: At what time did it begin?").click()
        wait_for_focus(page.get_by_label("At what time did it begin?"))
        assert page.get_by_label("On which day did it begin?").input_value() == "2026-06-09"

    def test_by_keyboard_alone_without_script_on_a_phone_in_the_dark(
        self, browser: Any, live_url: str, ana: User
    ) -> None:
        """WCAG 2.1.1, 1.4.10, X12: nothing on the whole path needs a pointer, a script or more than 320 px."""
        context = browser.new_context(
            base_url=live_url,
            java_script_enabled=False,
            viewport={"width": 320, "height": 640},
            color_scheme="dark",
            locale="en-US",
        )
        page = context.new_page()
        sign_in(page, live_url, ana)
        page.goto("/")
        page.keyboard.press("Tab")
        assert focused(page).startswith("skip|")
        press(page, "Report a delivery failure")
        tab_to(page, "kind")
        page.keyboard.press("Space")
        type_into(page, "began_day", "06092026")
        type_into(page, "began_time", "0700AM")
        press(page, "Send the report")
        press(page, "Start the claim now")

        press(page, "Lost transactions")
        press(page, "bring them in by a file")
        page.get_by_label("File of transactions").set_input_files(ORDERS)
        press(page, "Show what it would bring")
        assert "1 row refused" in page.inner_text("main")
        press(page, "Add 2 lines to the list")
        press(page, "Back to the steps")
        press(page, "Expenses")
        tab_to(page, "repair_costs")
        page.keyboard.press("ArrowDown")
        press(page, "Save")
        press(page, "Evidence")
        type_into(page, "label", "The orders of that morning")
        page.get_by_label("File", exact=True).set_input_files(CSV)
        press(page, "Upload")
        press(page, "Go on to contact and audit")
        tab_to(page, "audit_consent")
        page.keyboard.press("Space")
        press(page, "Save")
        press(page, "Check and send")
        tab_to(page, "declared")
        page.keyboard.press("Space")
        press(page, "Send claim CLM-")

        assert page.get_by_role("heading", level=1).inner_text() == "Claim received"
        sent = Claim.objects.get()
        assert (sent.received_at, sent.repair_costs, sent.transactions.count()) == (NOW, False, 2)
        context.close()

    def test_what_was_typed_and_not_sent_is_there_after_back(self, page: Any, live_url: str, ana: User) -> None:
        """C1.8: the browser keeps it for this tab, until it is sent and taken."""
        begun = draft(failure=failure(contract=ana.memberships.get().customer.contracts.get(), by=ana), by=ana)
        sign_in(page, live_url, ana)
        page.goto(reverse("claim_transactions", args=[begun.reference]))
        page.get_by_label("What was it?").fill("Order 4711")
        page.get_by_label("Time of the attempt").fill("07:20")
        follow(page.get_by_role("link", name="Back to the steps"))

        page.go_back()
        assert page.get_by_label("What was it?").input_value() == "Order 4711"
        page.get_by_label("Revenue that it would have brought").fill("5")
        follow(page.get_by_role("button", name="Add to the list"))
        assert page.get_by_label("What was it?").input_value() == ""

    def test_the_questions_about_an_alert_are_asked_for_an_alert(self, page: Any, live_url: str, ana: User) -> None:
        sign_in(page, live_url, ana)
        page.goto(reverse("report_failure"))

        page.get_by_label("The service was not available").check()
        assert not page.get_by_label("Number of the incident or event").is_visible()
        page.get_by_label("An alert came late or not at all").check()
        assert page.get_by_label("Number of the incident or event").is_visible()

    def test_a_document_is_downloaded_and_runs_nothing(self, page: Any, live_url: str, ana: User) -> None:
        """P27."""
        begun = draft(failure=failure(contract=ana.memberships.get().customer.contracts.get(), by=ana), by=ana)
        evidence(claim=begun, by=ana)
        sign_in(page, live_url, ana)
        page.goto(reverse("claim_evidence", args=[begun.reference]))

        with page.expect_download() as started:
            page.get_by_role("button", name="Download").click()

        assert started.value.suggested_filename == "orders.csv"
        assert page.url.endswith("/evidence/")


class TestEveryScreen:
    """X13, WCAG 2.2 AA: axe finds nothing in light and dark, and at 320 px nothing but a table's region scrolls sideways."""

    @pytest.fixture
    def addresses(self, ana: User) -> list[str]:
        here = ana.memberships.get().customer.contracts.get()
        alert = failure(contract=here, kind="B", by=ana, began=NOW - 2 * DAY, channel="sms", incident="Q1XYZ")
        begun = draft(failure=failure(contract=here, by=ana), complete=True, by=ana)
        longest = evidence(claim=begun, by=ana, file=document(name="x" * 150 + ".csv", content=b"another,file\n"))
        empty = draft(failure=failure(contract=here, by=ana, began=NOW - 3 * DAY), by=ana)
        by_file = transaction_file(claim=empty, content=ORDERS["buffer"])
        sent = sent_claim(failure=failure(contract=here, by=ana, began=NOW - 4 * DAY))
        credited = decided(
            proposal=proposal(claim=sent_claim(failure=failure(contract=here, by=ana, began=NOW - 5 * DAY)))
        )
        steps = ["claim", "claim_what_happened", "claim_transactions", "bring_transactions", "claim_rates"]
        steps += ["claim_expenses", "claim_evidence", "claim_contact", "claim_check"]
        return [
            *(reverse(name) for name in ("home", "failure_list", "claim_list", "report_failure")),
            *(reverse("failure", args=[one.reference]) for one in (alert, begun.failures.get())),
            *(reverse(name, args=[one.reference]) for name in steps for one in (begun, empty)),
            reverse("transaction_file", args=[empty.reference, by_file.pk]),
            reverse("remove_evidence", args=[begun.reference, longest.pk]),
            *(
                reverse(name, args=[sent.reference])
                for name in ("claim", "claim_receipt", "claim_evidence", "withdraw_claim")
            ),
            reverse("claim", args=[credited.reference]),
            f"{reverse('failure_list')}?q=DF-2222-2222",
        ]

    def test_axe_finds_nothing_in_light_and_dark_and_nothing_is_too_wide(
        self, page: Any, live_url: str, ana: User, addresses: list[str]
    ) -> None:
        """One visit a page: to look at each three times would take a minute more."""
        sign_in(page, live_url, ana)

        found, titles = {}, []
        for address in addresses:
            assert page.goto(address).status == 200
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            if widths := too_wide(page, 320, 1280):
                found[address, "sideways"] = widths
            if objections := violations(page):
                found[address, "axe"] = objections
            titles.append(page.title())
            assert page.locator("h1").count() == 1, address

        assert found == {}
        assert len(set(titles[:-1])) == len(titles) - 1, "each page but the filtered list has a title of its own"

    def test_axe_finds_nothing_on_a_form_with_errors(self, page: Any, live_url: str, ana: User) -> None:
        sign_in(page, live_url, ana)
        page.goto(reverse("report_failure"))
        follow(page.get_by_role("button", name="Send the report"))

        assert violations(page) == []


def focused(page: Any) -> str:
    """Class, name and text of what has the focus, also where no script runs."""
    return str(
        page.evaluate("(one => `${one.className}|${one.name || ''}|${one.textContent}`)(document.activeElement)")
    )


def tab_to(page: Any, name: str) -> None:
    """Press Tab until the element with this text or field name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if re.search(re.escape(name), focused(page)):
            return
    raise AssertionError(f"{name} cannot be reached by Tab")


def type_into(page: Any, name: str, text: str) -> None:
    tab_to(page, f"|{name}|")
    page.keyboard.type(text)


def press(page: Any, name: str) -> None:
    """Go to the link or button of this name by Tab, press Enter, and look at the next page: nothing of it is wider than the screen."""
    tab_to(page, name)
    press_enter(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], page.url
