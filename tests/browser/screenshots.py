"""docs/screenshots, taken anew: `make screenshots`. The demo's story, played up to now, looked at in a real browser."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from entitlements.clock import database_now
from entitlements.models import Contract, ContractYear, ImportRun, Letter, Outcome, PolicyEdition, Standstill, User
from sla import demo
from sla.admin.alert_page import address_of
from sla.models import (
    Claim,
    ClaimState,
    Credit,
    Election,
    Failure,
    Finding,
    MaintenancePeriod,
    Notification,
    Outage,
    Posting,
    TransactionFile,
)

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screenshots"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
TALLEST = 3_000
"""CSS pixels: what is below that on a long page is more of the same."""


def test_take_them_all(page: Any, live_url: str, settings: Any) -> None:
    settings.DEMO = True  # what is shown is invented, and says so
    demo.load(now=database_now())
    FOLDER.mkdir(exist_ok=True)
    year = ContractYear.objects.filter(contract__customer__name="Northwind Retail").order_by("n")[1]
    scored = Outcome.objects.filter(kind="scorecard", engagement__year=year).latest("given_at")
    draft = Claim.objects.get(contract__customer__name="Copper Canyon Energy")
    sent = Claim.objects.get(contract__customer__name="Sagar Payments")
    asked = Claim.objects.get(state=ClaimState.INFORMATION_REQUESTED)
    proposed = Claim.objects.get(contract__customer__name="Alpenbahn")
    next_policy = PolicyEdition.objects.get(published_at=None)
    reported = Failure.objects.get(contract__customer__name="Pacific Outfitters")
    noticed = MaintenancePeriod.objects.filter(title="Database upgrade").latest("pk")
    down = Outage.objects.get(title="Incident tracking was down")
    agreed = Contract.objects.get(customer__name="Sagar Payments")

    credit = Credit.objects.get(customer__name="Northwind Retail")
    line = Posting.objects.waiting().get()
    still = Standstill.objects.get(extension__isnull=True)
    choosing = Election.objects.get(contract__customer__name="Pacific Outfitters")

    taken = [
        _shot(page, "dana@northwind.example", "/", "home"),
        _shot(page, "dana@northwind.example", f"/sessions/years/{year.pk}/", "year-card"),
        _shot(page, "dana@northwind.example", f"/sessions/request/{year.contract_id}/alert_strategies/", "refusal"),
        _shot(page, "dana@northwind.example", "/people/", "people"),
        _shot(page, "dana@northwind.example", "/account/", "account"),
        _shot(
            page, "dana@northwind.example", f"/sessions/engagements/{scored.engagement.reference}/outcome/", "outcome"
        ),
        _shot(page, "dana@northwind.example", f"/sessions/years/{year.pk}/statement/", "statement"),
        _shot(page, "jo@outfitters.example", f"/failures/{reported.reference}/", "failure-reported"),
        _shot(page, "ray@copper.example", f"/claims/{draft.reference}/check/", "claim-check"),
        _shot(page, "arjun@sagar.example", f"/claims/{sent.reference}/receipt/", "receipt"),
        _shot(page, "grace@lakeside.example", _file_of_transactions(), "transactions-by-a-file"),
        _shot(page, "luc@maple.example", f"/claims/{asked.reference}/answer/", "question-to-answer"),
        _shot(page, "morgan@vendor.example", "/admin/", "managers-first-page"),
        _shot(page, "morgan@vendor.example", f"/admin/standstills/{still.pk}/", "standstill-to-decide"),
        _shot(page, "morgan@vendor.example", "/admin/engagements/board/", "board"),
        _shot(page, "morgan@vendor.example", "/admin/engagements/calendar/", "team-calendar"),
        _shot(page, "morgan@vendor.example", "/admin/review-queue/", "review-queue"),
        _shot(page, "morgan@vendor.example", _desk_page(sent), "claim-under-decision"),
        _shot(page, "morgan@vendor.example", f"{_desk_page(sent)}lines/?stands=struck", "claim-lines"),
        _shot(page, "morgan@vendor.example", f"/admin/maintenance/{noticed.reference}/", "maintenance"),
        _shot(page, "morgan@vendor.example", "/admin/maintenance/month/", "maintenance-month"),
        _shot(page, "morgan@vendor.example", f"/admin/outages/{down.reference}/", "outage"),
        _shot(page, "morgan@vendor.example", _time_line(down), "outage-time-line"),
        _shot(page, "morgan@vendor.example", _late_alert(), "late-alert"),
        _shot(page, "morgan@vendor.example", f"/admin/findings/{Finding.objects.get().reference}/", "finding"),
        _shot(page, "morgan@vendor.example", _import_page(), "import"),
        _shot(page, "dana@northwind.example", f"/credits/{credit.reference}/", "credit"),
        _shot(page, "morgan@vendor.example", "/admin/sla/creditentry/", "ledger"),
        _shot(page, "idris@vendor.example", f"/admin/postings/{line.pk}/", "ledger-line-to-approve"),
        _shot(page, "jo@outfitters.example", f"/elections/{choosing.reference}/", "election"),
        _shot(page, "morgan@vendor.example", f"/admin/withdrawals/{choosing.withdrawal.reference}/", "withdrawal"),
        _shot(page, "morgan@vendor.example", _dossier_of(sent), "letter"),
        _shot(page, "idris@vendor.example", _desk_page(proposed), "proposal-to-approve"),
        _shot(page, "idris@vendor.example", f"/admin/policy/{next_policy.pk}/publish/", "policy-to-publish"),
        _shot(page, "morgan@vendor.example", f"/admin/contracts/{agreed.pk}/", "contract"),
        _shot(page, "dana@northwind.example", f"/sessions/years/{year.pk}/", "year-card-dark", scheme="dark"),
        _shot(page, "dana@northwind.example", f"/sessions/years/{year.pk}/", "year-card-phone", viewport=PHONE),
        _shot(page, "ray@copper.example", f"/claims/{draft.reference}/check/", "claim-check-phone", viewport=PHONE),
        _shot(page, "morgan@vendor.example", "/admin/", "managers-first-page-dark", scheme="dark"),
    ]

    assert all(path.stat().st_size > 5_000 for path in taken)


def _time_line(outage: Outage) -> str:
    return f"/admin/outages/{outage.reference}/customers/{outage.downtimes.earliest('pk').customer_id}/"


def _late_alert() -> str:
    """The one that took nine minutes."""
    late = Notification.objects.filter(customer__name="Northwind Retail", received_at__time=time(14, 4))
    return address_of(late.latest("received_at"))


def _file_of_transactions() -> str:
    """What it brought, and which of its rows were refused."""
    file = TransactionFile.objects.get()
    return f"/claims/{file.claim.reference}/transactions/file/{file.pk}/"


def _import_page() -> str:
    """What the import of the book did."""
    return f"/admin/imports/{ImportRun.objects.latest('pk').pk}/"


def _dossier_of(claim: Claim) -> str:
    """What went to whom, of the receipt of a claim."""
    letter = Letter.objects.filter(matter=claim.reference, kind="claim_received").earliest("pk")
    return f"/admin/entitlements/letter/{letter.pk}/change/"


def _desk_page(claim: Claim) -> str:
    assert claim.state in (ClaimState.IN_REVIEW, ClaimState.SUBMITTED)
    return f"/admin/claims/{claim.reference}/"


def _shot(page: Any, email: str, url: str, name: str, *, scheme: str = "light", viewport: Any = WIDE) -> Path:
    client = Client()
    client.force_login(User.objects.get(email=email))
    page.context.clear_cookies()
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "domain": "localhost",
                "path": "/",
            }
        ]
    )
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(viewport)
    response = page.goto(url)
    assert response.status == 200, f"{url}: {response.status}"
    path = FOLDER / f"{name}.png"
    height = page.evaluate("document.documentElement.scrollHeight")
    page.screenshot(
        path=path, full_page=True, clip={"x": 0, "y": 0, "width": viewport["width"], "height": min(height, TALLEST)}
    )
    return path
