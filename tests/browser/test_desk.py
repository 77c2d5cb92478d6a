from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from entitlements.admin import paging
from entitlements.admin.customers import CustomerAdmin
from entitlements.clock import database_now
from entitlements.models import BookedSession
from tests import factories as make
from tests.browser.axe import violations
from tests.browser.following import follow, too_wide
from tests.desk import sign_in


def complaints(page):
    """What the browser itself objects to: a script or style that the policy does not allow, an error in a script."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def a_contract(now):
    first = (now - timedelta(days=200)).date().replace(day=1)
    return make.contract(first=first, last=first + timedelta(days=729), now=now)


def a_claim(now, contract=None):
    failure = make.failure(contract=contract or a_contract(now), began=now - make.DAY, now=now - make.HOUR)
    draft = make.draft(failure=failure, complete=True, now=now - make.HOUR)
    return make.sent_claim(draft=draft, received_at=now - timedelta(minutes=30))


class TestAtTheDesk:
    """E5, E15, S12, S19: the manager's half of both paths, in a browser."""

    def test_a_manager_schedules_a_request(self, page, live_url):
        now = database_now()
        day = now.date() + timedelta(days=7)
        request = make.request(contract=a_contract(now), day=day, now=now)
        make.engineer(name="Lars Holm")
        sign_in(page, live_url, make.manager())
        heard = complaints(page)

        page.goto("/admin/")
        follow(page.get_by_role("link", name="Requests waiting to be scheduled"))
        follow(page.get_by_role("link", name=request.reference))
        page.get_by_label("begins at").fill("10:30")
        page.get_by_label("Session, 30 minutes: engineer").select_option("Lars Holm")
        follow(page.get_by_role("button", name="Accept and schedule"))

        page.get_by_text(f"{request.reference} is scheduled.").wait_for()
        session = BookedSession.objects.get()
        assert session.during.lower.astimezone(request.contract.tz).strftime("%H:%M") == "10:30"
        assert not heard

    def test_a_print_has_no_card_of_which_only_the_heading_is_left(self, page, live_url):
        """X15: what is typed into is not printed, nor what stood around it."""
        claim = a_claim(database_now())
        sign_in(page, live_url, make.manager())
        page.goto(f"/admin/claims/{claim.reference}/")
        shown = "all => all.filter(one => one.offsetHeight).map(one => [one.querySelector('h2')?.id, one.innerText.trim().split('\\n').length])"
        assert "propose" in dict(page.locator("#content .card").evaluate_all(shown))

        page.emulate_media(media="print")

        printed = page.locator("#content .card").evaluate_all(shown)
        assert {"timely", "logs", "evidence"} <= {name for name, _ in printed}
        assert {"propose", "put-aside", "information", "audit"}.isdisjoint(name for name, _ in printed)
        assert [name for name, lines in printed if lines < 2] == []
        page.goto(f"/admin/claims/{claim.reference}/lines/")
        assert page.get_by_role("columnheader", name="Profit", exact=True).is_visible()
        assert not page.get_by_text("Tick", exact=True).is_visible()
        assert too_wide(page, 700) == []  # A4 between its margins

    def test_one_proposes_another_approves_and_the_ledger_shows_it(self, page, live_url):
        claim = a_claim(database_now())
        one, other = make.manager(), make.approver()
        heard = complaints(page)

        sign_in(page, live_url, one)
        page.goto("/admin/")
        follow(page.get_by_role("link", name=claim.reference))
        follow(page.get_by_role("button", name="Take this claim"))
        page.get_by_label("For the customer").first.fill("Our logs show the outage.")
        follow(page.get_by_role("button", name="Propose to approve"))
        follow(page.get_by_role("link", name="See the proposal"))
        assert page.get_by_role("button", name="Approve this decision").count() == 0

        sign_in(page, live_url, other)
        page.goto("/admin/")
        follow(page.get_by_role("link", name=claim.reference))
        assert "Our logs show the outage." in page.get_by_label("Text of the letter").inner_text()
        follow(page.get_by_role("button", name="Approve this decision"))
        page.get_by_text("Approved. The customer gets the letter.").wait_for()

        follow(page.get_by_role("link", name="Credits", exact=True))
        row = page.get_by_role("row").filter(has_text=claim.reference)
        assert "USD 2,000.00" in row.inner_text()
        assert one.name in row.inner_text()
        assert other.name in row.inner_text()
        assert not heard


class TestEveryPageOfTheDesk:
    """X13: no barrier that axe finds, in light and in dark; nothing scrolls sideways but tables; nothing against the policy."""

    @pytest.fixture
    def addresses(self, live_url):
        now = database_now()
        contract = a_contract(now)
        waiting = make.request(contract=contract, activity="incident_lifecycle", now=now, day=now.date() + make.DAY)
        booked = make.scheduled(contract=contract, start=now + make.DAY, now=now)
        diary = booked.sessions.get()
        claim = a_claim(now, contract)
        proposed = make.proposal(claim=a_claim(now), now=now)
        credited = make.decided(proposal=make.proposal(claim=a_claim(now), now=now), now=now)
        still_open = make.outage(customer=contract.customer, start=now - make.HOUR, minutes=None, now=now)
        person = make.one_of(contract.customer)
        return [
            *("/admin/", "/admin/records/", "/admin/find/?q=customer", "/admin/find/?q=zzz", "/admin/outages/record/"),
            reverse("admin:engagement", args=[waiting.reference]),
            reverse("admin:engagement", args=[booked.reference]),
            reverse("admin:engagement_act", args=[booked.reference, "move-sessions"]),
            reverse("admin:engagement_board"),
            reverse("admin:engagement_calendar") + f"?day={(now + make.DAY).date()}",
            reverse("admin:reschedule")
            + f"?engineer={diary.engineer_id}&first={now.date()}&last={now.date() + 9 * make.DAY}",
            reverse("admin:new_engagement") + f"?contract={contract.pk}&activity=integration",
            reverse("admin:claim", args=[claim.reference]) + "?strike=1",
            reverse("admin:claim", args=[credited.reference]),
            reverse("admin:proposal", args=[proposed.pk]),
            reverse("admin:outage", args=[still_open.reference]),
            reverse("admin:sla_claim_changelist"),
            reverse("admin:sla_creditentry_changelist") + f"?customer={credited.contract.customer_id}",
            reverse("admin:entitlements_engagement_changelist") + "?work=today",
            reverse("admin:contract", args=[contract.pk]),
            reverse("admin:change_contract", args=[contract.pk, "add-override"]),
            reverse("admin:entitlements_user_change", args=[person.pk]),
            reverse("admin:sla_termsedition_changelist"),
        ]

    def test_is_open_to_everybody(self, page, live_url, addresses):
        sign_in(page, live_url, make.approver())
        heard, found = complaints(page), []

        for address in addresses:
            assert page.goto(address).status == 200, address
            found += [f"{address}: {one}" for one in heard]
            found += [f"{address} scrolls sideways at {width}" for width in too_wide(page, 320, 1280)]
            found += [f"{address} in {one}" for one in violations(page)]
            heard.clear()  # axe itself sets styles

        assert not found, "\n".join(found)

    def test_each_page_of_a_long_list_that_is_linked_can_be_read_and_gone_to(self, page, live_url, monkeypatch):
        """X11, WCAG 1.4.10: the pages from both ends stand below each other where there is no room beside."""
        monkeypatch.setattr(paging, "COUNTED_TO", 20)
        monkeypatch.setattr(CustomerAdmin, "list_per_page", 1)
        for n in range(21):
            make.customer(name=f"Firm {n:02}")
        sign_in(page, live_url, make.manager())
        page.set_viewport_size({"width": 320, "height": 640})

        page.goto(reverse("admin:entitlements_customer_changelist") + "?p=-9")

        links = page.locator(".paginator a")
        cut_off = "one.scrollWidth > one.clientWidth || one.getBoundingClientRect().right > innerWidth"
        assert "last but 11" in links.all_inner_texts()
        assert links.evaluate_all(f"all => all.filter(one => {cut_off}).map(one => one.innerText)") == []

    def test_a_list_is_printed_with_all_its_columns(self, page, live_url):
        """X15: on a page as wide as A4 between its margins."""
        make.scheduled(start=database_now() + make.DAY, now=database_now())
        sign_in(page, live_url, make.manager())
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 703, "height": 1000})

        for name in ("entitlements_letter", "entitlements_contract"):
            page.goto(reverse(f"admin:{name}_changelist"))

            assert page.evaluate("document.querySelector('#result_list').getBoundingClientRect().right <= innerWidth")
            assert page.evaluate("getComputedStyle(document.querySelector('.results')).overflowX") == "visible"
