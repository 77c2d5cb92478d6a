"""How often a page asks the database: a number of its own, whatever it shows (PERFORMANCE, `pages`)."""

from __future__ import annotations

import pytest
from django.core.paginator import EmptyPage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from entitlements.admin import paging
from entitlements.admin.customers import CustomerAdmin
from entitlements.admin.paging import FoundOnce, KeysFirst
from entitlements.models import Customer
from entitlements.views import lists
from sla.actions.drafts import add_transactions
from sla.models import Claim
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def asked(client: Client, address: str) -> int:
    """How many questions the page asks, opened for the second time."""
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connection) as questions:
        client.get(address)
    return len(questions)


def more_lines(claim: Claim, lines: int = 7) -> None:
    began = claim.failures.get().began_at
    add_transactions(claim=claim, lines=make.transactions(began=began, lines=lines), by=claim.opened_by, now=NOW)


class TestThePortal:
    @pytest.mark.parametrize(("page", "most"), [("transactions", 10), ("check", 12)])
    def test_asks_no_more_for_more_lines(self, signed_in, complete_draft, page, most) -> None:
        client = signed_in(complete_draft.opened_by)
        address = f"/claims/{complete_draft.reference}/{page}/"
        few = asked(client, address)
        more_lines(complete_draft)
        assert (asked(client, address), few <= most) == (few, True)

    def test_asks_no_more_for_more_engagements_on_the_year_card(self, signed_in, requested) -> None:
        client = signed_in(make.one_of(requested.contract.customer))
        few = asked(client, "/sessions/")
        make.request(contract=requested.contract, day=make.TODAY + 40 * make.DAY)
        assert (asked(client, "/sessions/"), few <= 4) == (few, True)


class TestTheDesk:
    def test_asks_no_more_for_more_claims(self, signed_in, clock, sent_claim) -> None:
        most = {"/admin/sla/claim/": 3, "/admin/review-queue/": 3, "/admin/": 5}
        client = signed_in(make.manager())
        clock(NOW + make.DAY)
        few = {address: asked(client, address) for address in most}
        make.sent_claim()
        make.draft(failure=make.failure(contract=sent_claim.contract, began=NOW - 3 * make.DAY))
        assert {address: asked(client, address) for address in most} == few
        assert {address: few[address] <= most[address] for address in most} == dict.fromkeys(most, True)

    def test_reads_for_a_workspace_what_it_shows_once(self, signed_in, sent_claim) -> None:
        assert asked(signed_in(make.manager()), f"/admin/claims/{sent_claim.reference}/") <= 18


class TestSizes:
    def test_a_workspace_opens_the_working_of_its_lines_when_asked(self, signed_in, complete_draft) -> None:
        by = complete_draft.opened_by
        more_lines(complete_draft, 18)
        claim = make.sent_claim(draft=make.declare(claim=complete_draft, by=by, now=NOW))
        client, address = signed_in(make.manager()), f"/admin/claims/{claim.reference}/"
        page, whole = (client.get(address + asked_for).content.decode() for asked_for in ("", "?worked=lines"))
        assert len(page.encode()) <= 60_000
        assert "Realized loss" in page
        assert 'href="?worked=lines#figures"' in page
        assert "Counted attempt" not in page
        assert whole.count("Counted attempt") == claim.transactions.count() == page.count("#to-strike")
        assert 'href="?#figures"' in whole

    def test_a_full_page_of_the_review_queue_is_small(self, signed_in, clock, sent_claim) -> None:
        make.alike(claim=sent_claim, how_many=29)
        clock(NOW + make.DAY)
        page = signed_in(make.manager()).get("/admin/review-queue/").content
        assert page.count(b'data-key="t"') == 30
        assert len(page) <= 60_000


class TestPagesByTheirKeys:
    @pytest.fixture
    def firms(self):
        def made(how_many):
            for n in range(how_many):
                make.customer(name=f"Firm {n % 3}")
            return Customer.objects.order_by("-name", "pk")

        return made

    @pytest.mark.parametrize("most", [0, 1, 5, 6, 7])
    @pytest.mark.parametrize("kind", [KeysFirst, FoundOnce])
    def test_are_those_of_the_whole_list(self, firms, kind, most) -> None:
        rows = firms(most)
        pages = kind(rows, 2)
        shown = [list(pages.page(n)) for n in pages.page_range]
        assert pages.count == most
        assert [one for page in shown for one in page] == list(rows)
        assert all(len(page) == 2 for page in shown[:-1])

    @pytest.mark.parametrize("kind", [KeysFirst, FoundOnce])
    def test_of_a_list_that_is_longer_than_counted_are_those_of_both_ends(self, firms, monkeypatch, kind) -> None:
        """X11: from the end the last comes first, and nothing is passed over beyond what is counted."""
        monkeypatch.setattr(paging, "COUNTED_TO", 6)
        rows = list(firms(9))
        pages = kind(Customer.objects.order_by("-name", "pk"), 2)
        assert [list(pages.page(n)) for n in (1, 2, 3)] == [rows[0:2], rows[2:4], rows[4:6]]
        assert [list(pages.page(n)) for n in (-1, -2, -3)] == [rows[7:9], rows[5:7], rows[3:5]]
        for beyond in (0, 4, -4):
            with pytest.raises(EmptyPage):
                pages.page(beyond)

    @pytest.mark.parametrize(
        ("here", "shown"),
        [
            (1, [1, 2, 3, 4, "…", -2, -1]),
            (9, [1, 2, "…", 6, 7, 8, 9, 10, 11, 12, "…", -2, -1]),
            (19, [1, 2, "…", 16, 17, 18, 19, 20, "…", -2, -1]),
            (-1, [1, 2, "…", -4, -3, -2, -1]),
            (-9, [1, 2, "…", -12, -11, -10, -9, -8, -7, -6, "…", -2, -1]),
        ],
    )
    def test_of_a_longer_list_have_links_near_this_one_and_at_both_ends(self, monkeypatch, here, shown) -> None:
        monkeypatch.setattr(paging, "COUNTED_TO", 20)
        pages = KeysFirst(Customer.objects.none(), 1)
        pages.count = 21
        assert list(pages.get_elided_page_range(here)) == shown

    def test_are_looked_for_once_by_a_search(self, signed_in) -> None:
        for n in range(60):
            make.customer(name=f"Firm {n:03}")
        client, address = signed_in(make.manager()), "/admin/entitlements/customer/?q="
        for asked_for, rows in {"firm": 50, "firm&p=2": 10, "'Firm 007'": 1, "none": 0}.items():
            with CaptureQueriesContext(connection) as questions:
                page = client.get(address + asked_for).content.decode()
            searches = [one["sql"] for one in questions if "LIKE" in one["sql"]]
            assert sum('"id" IN (' not in sql for sql in searches) == 1
            assert page.count('<td class="field-page">') == rows

    def test_have_links_in_a_list_of_many(self, signed_in, monkeypatch) -> None:
        for n in range(20):
            make.customer(name=f"Firm {n:03}")
        monkeypatch.setattr(CustomerAdmin, "list_per_page", 1)
        page = signed_in(make.manager()).get("/admin/entitlements/customer/?p=6").content.decode()
        links = strip_tags(page.partition('<p class="paginator">')[2].partition("</p>")[0]).split()
        assert links == [*"123456789", "…", "19", "20", "20", "customers", "Show", "all"]

    def test_a_longer_list_says_so_and_leads_to_its_last_page(self, signed_in, monkeypatch) -> None:
        """X11: 'over 10,000', here over 60."""
        for module in (paging, lists):
            monkeypatch.setattr(module, "COUNTED_TO", 60)
        customers = [make.customer(name=f"Firm {n:03}") for n in range(61)]
        client, address = signed_in(make.manager()), "/admin/entitlements/customer/"
        first = client.get(address).content.decode()
        last = client.get(address + "?p=-1").content.decode()
        assert "over 60 customers" in first
        assert '<a href="?p=-2">last but 1</a> <a href="?p=-1">last</a>' in first
        assert (customers[0].name in first, customers[60].name in first) == (True, False)
        assert customers[60].name in last
        assert '<span class="this-page" aria-current="page">last</span>' in last
        assert client.get(address + "?p=2")["Location"].endswith("?e=1")
        assert asked(client, address) == 3
