"""X5, M1.8: at the desk every kind of reference is found by its page, however it is typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse

from sla.admin.search import PAGES
from tests import election_factories as elect
from tests import factories as make
from tests import finding_factories as findings
from tests.factories import DAY, NOW
from tests.question_factories import entered

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parent.parent.parent
WITHOUT_A_PAGE = {"INV"}
"""An invitation is a line on the page of its person."""

MADE = {
    "admin:election": elect.election,
    "admin:withdrawal": lambda: elect.election().withdrawal,
    "admin:entry": entered,
    "admin:finding": lambda: findings.finding(start=NOW - DAY, outage=make.outage()),
}


@pytest.mark.parametrize("page", MADE)
def test_a_reference_opens_its_page(page, signed_in):
    found = MADE[page]().reference

    answers = [
        signed_in(make.manager()).get(reverse("admin:find"), {"q": typed})
        for typed in (found, found.replace("-", "").lower())
    ]

    assert {answer.url for answer in answers} == {reverse(page, args=[found])}


def test_a_credit_memo_opens_its_credit_by_its_number(signed_in):
    credit = make.decided().credits.get()
    number = credit.entries.get().memo

    assert where_to(signed_in, f"CM-{number:06}", f" cm {number} ", f"Cm{number}") == {
        reverse("admin:credit", args=[credit.reference])
    }


def test_a_shift_memo_opens_its_election_by_its_number(signed_in):
    memo = elect.shifted(contract=make.contract()).memos.get()

    assert where_to(signed_in, memo.memo_number, f"sm{memo.number}") == {
        reverse("admin:election", args=[memo.election.reference])
    }


@pytest.mark.parametrize("typed", ["CM-999999", "SM-000000", "CM-", "CM-99999999999", "XCM-000001"])
def test_a_number_that_no_memo_has_finds_nothing(typed, signed_in):
    answer = signed_in(make.manager()).get(reverse("admin:find"), {"q": typed})

    assert "Nothing was found" in answer.text


def where_to(signed_in, *typed):
    browser = signed_in(make.manager())
    return {browser.get(reverse("admin:find"), {"q": one}).url for one in typed}


def test_no_kind_of_reference_is_left_out():
    source = "".join(path.read_text() for app in ("sla", "entitlements") for path in (ROOT / app).rglob("*.py"))

    assert set(re.findall(r"new_reference\(\"(\w+)\"\)", source)) == {*PAGES} | WITHOUT_A_PAGE
