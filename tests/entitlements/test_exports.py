"""P31, X10, X11: a list as a file is exactly the list, and nothing in it is a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib import admin
from django.urls import reverse
from python_calamine import load_workbook

from config.middleware import NotTooOften
from entitlements import exports
from tests import factories as make
from tests.desk import at, signed_in
from tests.shared import shared

ASKED = {"contract": 1, "activity": "integration"}
ADDRESSES = {
    "request_engagement": ASKED,
    "request_professional_services": ASKED,
    "move_engagement": {"reference": "ENG-1"},
    "claim_evidence": {"reference": "CLM-1"},
    "bring_transactions": {"reference": "CLM-1"},
}
AT = datetime(2026, 6, 10, 14, 0, tzinfo=UTC)


class TestACell:
    @pytest.mark.parametrize("begins", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"])
    def test_that_would_begin_a_formula_is_marked_as_text(self, begins):
        assert exports.as_text(begins) == "'" + begins
        assert self.read(self.written(begins))[1][0] == "'" + begins.replace("\r", "\r")

    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            (Decimal("-1200.50"), "-1200.50"),
            (Decimal("1E+3"), "1000"),
            (-7, "-7"),
            (date(2026, 2, 28), "2026-02-28"),
            (AT, "2026-06-10T14:00:00+00:00"),
            (True, "yes"),
            (None, ""),
            ("Röhre, „groß“", "Röhre, „groß“"),
        ],
    )
    def test_of_a_number_or_day_stays_one(self, cell, text):
        assert exports.as_text(cell) == text

    def test_of_a_workbook_has_its_type(self):
        written = self.read(self.written(Decimal("-1200.5"), date(2026, 2, 28), "007", "https://a.example"))

        assert written[1] == [-1200.5, date(2026, 2, 28), "007", "https://a.example"]

    def test_beyond_what_a_sheet_holds_go_on_in_another(self, monkeypatch):
        monkeypatch.setattr(exports, "MOST_ROWS", 2)
        book = load_workbook(io.BytesIO(exports.workbook([("list", ["A"], [[n] for n in range(5)])])))

        assert {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names} == {
            "list": [["A"], [0], [1]],
            "list (2)": [["A"], [2], [3]],
            "list (3)": [["A"], [4]],
        }

    def test_of_a_head_is_no_formula_either(self):
        assert next(exports.csv_lines([["=A", "B"]])) == "'=A,B\r\n"

    def written(self, *cells):
        file = io.BytesIO()
        exports.write_workbook(file, [("list", ["A"] * len(cells), [cells])])
        return file

    def read(self, file):
        file.seek(0)
        return load_workbook(file).get_sheet_by_index(0).to_python()


def table(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.getvalue().decode())))


LISTS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.mark.django_db
class TestAListOfTheDesk:
    @pytest.fixture(autouse=True)
    def _now(self, monkeypatch):
        at(monkeypatch, make.NOW)

    def address(self, model):
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    @pytest.mark.usefixtures("decided_claim", "scheduled")
    def test_each_opens_and_can_be_had_as_a_file_by_a_manager_without_permission_rows(self):
        client = signed_in(make.person(is_staff=True))

        for model in LISTS:
            shown = client.get(self.address(model)).context["cl"].result_count
            rows = table(client.get(self.address(model), {"format": "csv"}))
            book = load_workbook(io.BytesIO(client.get(self.address(model), {"format": "xlsx"}).getvalue()))
            assert len(rows) == shown + 1, model
            assert len({len(row) for row in rows}) == 1, model
            assert len(book.get_sheet_by_index(0).to_python()) == shown + 1, model

    def test_it_has_exactly_the_filtered_rows_in_their_order(self):
        for name in ("Bluebird", "Alder", "=cmd()"):
            make.customer(name=name)
        client = signed_in(make.manager())
        address = reverse("admin:entitlements_customer_changelist")

        found = table(client.get(address, {"q": "b", "format": "csv"}))
        backwards = table(client.get(address, {"o": "-1", "format": "csv"}))
        shown = [exports.safe(one.name) for one in client.get(address, {"o": "-1"}).context["cl"].result_list]

        assert [row[0] for row in found] == ["name", "Bluebird"]
        assert [row[0] for row in backwards] == ["name", *shown]
        assert "'=cmd()" in shown

    @pytest.mark.usefixtures("decided_claim")
    def test_money_is_a_number_and_a_day_is_iso(self):
        client = signed_in(make.manager())

        credits = table(client.get(reverse("admin:sla_creditentry_changelist"), {"format": "csv"}))
        contracts = table(client.get(reverse("admin:entitlements_contract_changelist"), {"format": "csv"}))
        entry, contract = (dict(zip(rows[0], rows[1], strict=True)) for rows in (credits, contracts))

        assert entry["posted"] == "2026-06-12T14:00:00+00:00"
        assert Decimal(entry["amount"]) == Decimal(entry["customer's balance after it"]) > 0
        assert entry["currency"] == "USD"
        assert (contract["first day"], contract["last day"]) == ("2026-01-01", "2027-12-31")

    def test_its_name_says_as_of_when(self):
        answer = signed_in(make.manager()).get(reverse("admin:entitlements_customer_changelist"), {"format": "csv"})

        assert answer["Content-Disposition"] == 'attachment; filename="customers-2026-06-10-1400Z.csv"'
        assert "no-store" in answer["Cache-Control"]

    def test_who_asks_for_too_many_a_minute_is_told_when_to_ask_again(self, monkeypatch):
        """V8: by the person; the page itself stays open, and so do the files of others."""
        monkeypatch.setattr(NotTooOften, "RATES", {"export": "2/m/user"})
        client, other = signed_in(make.manager()), signed_in(make.manager())
        address = reverse("admin:entitlements_customer_changelist")

        answers = [client.get(address, {"format": kind}) for kind in ("csv", "xlsx", "csv")]

        assert [one.status_code for one in answers] == [200, 200, 429]
        assert answers[-1]["Retry-After"] == "60"
        assert "Wait a minute" in answers[-1].content.decode()
        assert client.get(address).status_code == other.get(address, {"format": "csv"}).status_code == 200

    @pytest.mark.parametrize("name", NotTooOften.POSTS)
    def test_nor_does_anybody_send_as_often_as_a_machine(self, monkeypatch, name):
        """V8: what is counted is the sending, by the person and by what it is for; the page stays open."""
        monkeypatch.setattr(NotTooOften, "RATES", {NotTooOften.POSTS[name]: "1/m/user"})
        address = reverse(name, kwargs=ADDRESSES.get(name, {}))
        client = signed_in(make.manager() if name.startswith("admin:") else make.member())

        first, second = client.post(address), client.post(address)

        assert (first.status_code != 429, second.status_code, second["Retry-After"]) == (True, 429, "60")
        assert client.get(address).status_code != 429

    def test_it_is_for_whom_the_list_is(self):
        assert signed_in(make.member()).get("/admin/entitlements/customer/?format=csv").status_code == 403


@shared
def of_another_customer():
    return make.sent_claim()


@pytest.mark.django_db
class TestAListOfThePortal:
    @pytest.mark.usefixtures("sent_claim", "scheduled", "of_another_customer")
    @pytest.mark.parametrize(
        ("page", "narrowed"),
        [
            ("engagement_list", {"state": "withdrawn"}),
            ("claim_list", {"state": "withdrawn"}),
            ("failure_list", {"state": "withdrawn"}),
            ("letter_list", {"q": "zzz"}),
        ],
    )
    def test_it_has_the_customers_own_rows_as_they_are_narrowed(self, gold, page, narrowed, monkeypatch):
        at(monkeypatch, make.NOW)
        client = signed_in(make.one_of(gold.customer))

        shown = client.get(reverse(page)).context["page_obj"].paginator.count
        rows = table(client.get(reverse(page), {"format": "csv"}))
        book = load_workbook(io.BytesIO(client.get(reverse(page), {"format": "xlsx"}).getvalue()))

        assert len(rows) == shown + 1 > 1
        assert len(book.get_sheet_by_index(0).to_python()) == len(rows)
        assert len(table(client.get(reverse(page), {**narrowed, "format": "csv"}))) == 1
