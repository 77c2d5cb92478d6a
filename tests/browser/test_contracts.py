from __future__ import annotations

from datetime import timedelta

from entitlements.clock import database_now
from entitlements.models import Contract
from tests import factories as make
from tests.browser.following import follow
from tests.desk import sign_in


def test_a_manager_overrides_a_cap_and_sees_it_beside_the_policys_own(page, live_url):
    """E8, M3: typed, looked at, confirmed; what was chosen by a button is carried through the confirmation."""
    now = database_now()
    first = (now - timedelta(days=200)).date().replace(day=1)
    contract = make.contract(first=first, last=first + timedelta(days=729), level="premium", now=now)
    sign_in(page, live_url, make.manager())

    page.goto(f"/admin/contracts/{contract.pk}/")
    follow(page.get_by_role("link", name="Add an override"))
    page.get_by_label("Cap of", exact=True).select_option("Product Roadmap Session")
    page.get_by_label("Without limit").check()
    page.get_by_label("Document").fill("Order form, 4.2")
    page.get_by_label("Why").fill("Agreed at signing.")
    follow(page.get_by_role("button", name="See what it does"))
    follow(page.get_by_role("button", name="Confirm: add an override"))

    page.get_by_text("The override is on record.").wait_for()
    row = page.get_by_role("row").filter(has_text="Product Roadmap Session")
    assert "N/A" in row.inner_text()
    assert "no limit" in row.inner_text()
    assert Contract.objects.get().overrides.get().unlimited
