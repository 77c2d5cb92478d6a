"""An import in a browser: from the list that somebody has to what it did."""

from __future__ import annotations

from entitlements.models import Customer
from tests import factories as make
from tests.browser.axe import violations
from tests.browser.following import follow
from tests.browser.test_desk import complaints
from tests.desk import sign_in
from tests.entitlements.imports.files import CUSTOMER, WHOLE, workbook


def test_a_manager_brings_in_a_list(page, live_url):
    sign_in(page, live_url, make.manager())
    heard = complaints(page)
    sheets = {**WHOLE, "customers": [*CUSTOMER, ["N-2", "Corner Shop"], ["N-3", ""]]}
    file = {"name": "book.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(sheets)}

    page.goto("/admin/imports/")
    page.get_by_label("File", exact=True).set_input_files(file)
    follow(page.get_by_role("button", name="Show what it would do"))
    page.get_by_text("Nothing is changed yet").wait_for()
    before, shown = Customer.objects.count(), violations(page)
    follow(page.get_by_role("button", name="Apply 8 rows"))
    page.get_by_text("book.xlsx is imported").wait_for()

    assert before == 0
    assert Customer.objects.count() == 2
    assert shown == violations(page) == []
    assert not heard
