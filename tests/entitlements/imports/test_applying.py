"""What is applied is what was shown, by the contract's own actions, in one transaction."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import load_workbook

from entitlements.actions.contract_states import suspend
from entitlements.actions.imports import NotAsShown, apply_import
from entitlements.actions.levels import preview_level_change
from entitlements.actions.refused import Refused
from entitlements.models import Contract, Customer, Event, ImportFile, ImportRun, Invitation
from sla import imports as other_half
from tests import factories as make
from tests.desk import at, signed_in
from tests.entitlements.imports.files import (
    CONTRACT,
    CONTRACT_HEADS,
    CUSTOMER,
    WHOLE,
    csv_of,
    imported,
    kept,
    shown,
    workbook,
)
from tests.shared import shared

pytestmark = pytest.mark.django_db


@shared
def run():
    """A customer with all that belongs to it, on record."""
    return imported()


@shared
def contract(run):
    return Contract.objects.get(order_form="OF-N1")


class TestApplying:
    def test_puts_a_customer_with_all_that_belongs_to_it_on_record(self, run, contract):
        assert (run.new, run.changed, run.unchanged, run.refused) == (6, 1, 0, 0)
        assert contract.customer.name == "Blue Heron Energy"
        assert (contract.external_id, contract.discount_percent) == ("SUB-1", Decimal("7.5"))
        assert contract.facts().levels == ((date(2026, 1, 1), "silver"), (date(2026, 7, 1), "gold"))
        assert sorted(contract.products.values_list("product", flat=True)) == ["aiops", "im"]
        assert [fee.paid_seats for fee in contract.fee_months.all()] == [120, 122]
        assert contract.years.count() == 2
        assert [(one.terms, one.days) for one in contract.terms_periods.all()] == [("enterprise", contract.term)]

    def test_invites_the_first_owner_once(self):
        """C1: the same file again finds the invitation open."""
        heads, row = CUSTOMER
        book = {"customers": [[*heads, "owner_email", "owner_name"], [*row, "Olive@Heron.example", "Olive Heron"]]}

        first, again = imported(book), shown(book)

        invitation = Invitation.objects.get()
        assert (invitation.customer.name, invitation.email) == (row[1], "olive@heron.example")
        assert (invitation.name, invitation.roles) == ("Olive Heron", ["owner"])
        assert (first.new, [one.state for one in again.effects]) == (1, ["unchanged"])

    def test_a_level_over_the_whole_term_replaces_what_was_planned_within_it(self, contract):
        heads = ["order_form", "first_day", "level", "last_day"]

        run = imported({"levels": [heads, ["OF-N1", "2026-01-01", "silver", "2027-12-31"]]})

        assert run.changed == 1
        assert Contract.objects.get(pk=contract.pk).facts().levels == ((date(2026, 1, 1), "silver"),)

    def test_the_page_says_what_a_termination_cancels(self, contract):
        """E14: the dry run names what is lost, by the desk's own preview."""
        late = make.scheduled(contract=contract, start=make.NOW + 200 * make.DAY)
        soon = make.scheduled(contract=contract, start=make.NOW + 14 * make.DAY)
        ended = [*CONTRACT[:4], "2026-09-30", *CONTRACT[5:], "terminated", "Sold."]

        (row,) = shown({"contracts": [[*CONTRACT_HEADS, "status", "reason"], ended]}).effects

        said = " ".join(sentence for _, sentence in row.follows)
        assert f"Cancelled: {late.reference}" in said
        assert soon.reference not in said

    def test_the_page_says_what_a_lower_level_does_to_caps_and_bookings(self, contract):
        """E6: caps before and after, and what stands above them."""
        make.scheduled(contract=contract, start=make.NOW + 40 * make.DAY)
        booked = make.scheduled(contract=contract, start=make.NOW + 41 * make.DAY)
        rows = {"levels": [["order_form", "first_day", "level"], ["OF-N1", "2026-07-01", "none"]]}

        (row,) = shown(rows).effects

        change = preview_level_change(contract=contract, level="none", first=date(2026, 7, 1))
        assert len(change.newly_over) == 1
        said = [sentence for clause, sentence in row.follows if clause == "E6"]
        assert sum(one.startswith("Cap on") for one in said) == sum(one.differs for one in change.caps) > 0
        assert [one for one in said if booked.reference in one and "by this change" in one]
        file, _ = kept(rows)
        page = signed_in(make.manager()).get(reverse("admin:import_file", args=[file.pk])).content.decode()
        assert booked.reference in page

    @pytest.mark.usefixtures("run")
    def test_the_same_file_twice_changes_nothing(self):
        again = shown()

        assert again.counts == {"new": 0, "changed": 0, "unchanged": 7, "refused": 0}
        with pytest.raises(Refused, match="No row of the file would change"):
            imported()

    def test_each_act_is_in_the_log_with_who_did_it(self):
        manager = make.manager()
        imported(by=manager)

        verbs = set(Event.objects.filter(actor=manager, table="").values_list("verb", flat=True))
        assert {"import.applied", "customer.added", "contract.opened", "contract.level_changed"} <= verbs
        assert {"contract.product_added", "contract.fees_recorded", "contract.amended"} <= verbs

    def test_good_rows_are_applied_and_the_refused_stay_with_their_reasons(self):
        rows = {"customers": [*CUSTOMER, ["N-2", ""], ["N-3", "@cmd"], ["N-4", "Fine"]]}

        run = imported(rows)

        assert sorted(Customer.objects.values_list("external_id", flat=True)) == ["N-1", "N-4"]
        assert [row["state"] for row in run.rows] == ["new", "refused", "refused", "new"]
        assert run.rows[1]["refusals"][0][0] == "name"

    def test_a_contract_that_is_on_record_moves_by_its_own_actions(self, contract):
        heads = [*CONTRACT_HEADS, "status", "reason"]
        ended = [*CONTRACT[:4], "2026-09-30", *CONTRACT[5:], "terminated", "Sold."]
        session = make.scheduled(contract=contract, start=make.NOW + 200 * make.DAY)

        run = imported({"contracts": [heads, ended]})

        contract.refresh_from_db()
        session.refresh_from_db()
        assert {change[0] for change in run.rows[0]["changes"]} == {"last_day", "status"}
        assert (contract.status, contract.last_day) == ("terminated", date(2026, 9, 30))
        assert session.state == "cancelled"

    @pytest.mark.parametrize(("status", "verb"), [("suspended", "contract.suspended"), ("active", "contract.resumed")])
    def test_a_status_changes_with_its_reason(self, contract, status, verb):
        if status == "active":
            suspend(contract=contract, reason="Unpaid.", by=make.manager(), now=make.NOW)

        imported({"contracts": [[*CONTRACT_HEADS, "status", "reason"], [*CONTRACT, status, "As agreed."]]})

        assert Contract.objects.get().status == status
        assert Event.objects.filter(verb=verb, note="As agreed.").exists()

    @pytest.mark.usefixtures("run")
    def test_a_longer_term_and_a_corrected_month_and_product(self):
        longer = [*CONTRACT[:4], "2028-06-30", *CONTRACT[5:]]

        imported(
            {
                "contracts": [CONTRACT_HEADS, longer],
                "products": [["order_form", "product", "last_day"], ["OF-N1", "im", "2026-09-30"]],
                "seats": [WHOLE["seats"][0], ["OF-N1", "2026-01", 130, 40.5]],
            }
        )

        contract = Contract.objects.get()
        assert contract.last_day == date(2028, 6, 30)
        assert contract.years.count() == 3
        assert contract.terms_periods.get().days == contract.term, "S1: its terms go on with it"
        assert contract.products.get(product="im").days.upper == date(2026, 10, 1)
        assert contract.products.get(product="aiops").days.upper == date(2028, 7, 1)
        assert contract.fee_months.first().paid_seats == 130

    @pytest.mark.usefixtures("run")
    def test_another_plan_holds_from_today_on(self):
        """S17: what it was before stays on record."""
        imported(
            {"contracts": [[*CONTRACT_HEADS, "discount_percent"], [*CONTRACT[:6], "Enterprise", *CONTRACT[7:], 10]]}
        )

        was, now_is = Contract.objects.get().plans.order_by("days")
        assert (was.plan, was.discount_percent, was.days.upper) == ("Business", Decimal("7.5"), make.TODAY)
        assert (now_is.plan, now_is.discount_percent) == ("Enterprise", Decimal(10))

    @pytest.mark.usefixtures("run")
    def test_what_changed_in_between_is_shown_again(self):
        file, found = kept({"contracts": [CONTRACT_HEADS, [*CONTRACT[:6], "Enterprise", *CONTRACT[7:]]]})
        seen = shown({"contracts": [CONTRACT_HEADS, [*CONTRACT[:6], "Enterprise", *CONTRACT[7:]]]}).fingerprint
        Contract.objects.update(account="other")

        with pytest.raises(NotAsShown):
            apply_import(
                file=file,
                tables=found,
                fingerprint=seen,
                refused={},
                half=other_half,
                by=make.manager(),
                now=make.NOW,
            )

        assert Contract.objects.get().plan == "Business"

    @pytest.mark.usefixtures("run")
    def test_what_an_action_refuses_is_a_refused_row_and_nothing_is_applied_before_that_is_seen(self, monkeypatch):
        """Planned as good, refused by the action: nobody confirmed that."""
        sheets = {
            "customers": [*CUSTOMER, ["N-7", "Seven"]],
            "levels": [["order_form", "first_day", "level"], ["OF-N1", "2026-08-01", "none"]],
        }
        file, found = kept(sheets)
        seen = shown(sheets).fingerprint

        def refuse(**_):
            raise Refused(make_refusal())

        monkeypatch.setattr("entitlements.actions.imports.change_level", refuse)
        with pytest.raises(NotAsShown) as told:
            apply_import(
                file=file,
                tables=found,
                fingerprint=seen,
                refused={},
                half=other_half,
                by=make.manager(),
                now=make.NOW,
            )

        assert told.value.refused == {"levels:2": make_refusal()}
        assert not Customer.objects.filter(external_id="N-7").exists()

    def test_what_it_did_is_never_changed(self, run):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            ImportRun.objects.filter(pk=run.pk).update(refused=0)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            ImportFile.objects.filter(pk=run.file_id).update(name="other.csv")

    def test_an_import_changes_something(self, run):
        with pytest.raises(IntegrityError, match="an_import_changes_something"), transaction.atomic():
            ImportRun.objects.create(
                file=run.file,
                applied_at=make.NOW,
                applied_by=run.applied_by,
                new=0,
                changed=0,
                unchanged=1,
                refused=0,
                rows=[],
            )

    def test_one_contract_for_an_external_id(self, gold):
        second = make.contract()
        Contract.objects.filter(pk=gold.pk).update(external_id="SUB-1")

        with pytest.raises(IntegrityError, match="one_contract_for_an_external_id"), transaction.atomic():
            Contract.objects.filter(pk=second.pk).update(external_id="SUB-1")

    def test_asks_as_many_questions_for_many_rows_as_for_one(self):
        shown()  # the editions of the policy are read once a process
        counts = []
        for rows in (1, 5):
            sheets = {
                "customers": [CUSTOMER[0], *([f"N-{n}", "Name"] for n in range(rows))],
                "contracts": [CONTRACT_HEADS, *([f"OF-N{n}", f"N-{n}", *CONTRACT[2:]] for n in range(rows))],
            }
            with CaptureQueriesContext(connection) as queries:
                shown(sheets)
            counts.append(len(queries))

        assert counts[0] == counts[1] <= 10


def make_refusal():
    from entitlements.rules.refusals import Refusal

    return Refusal("E1", "same_level", "The contract has this level.", "Leave it.")


class TestThePages:
    @pytest.fixture(autouse=True)
    def _now(self, monkeypatch):
        at(monkeypatch, make.NOW)

    @pytest.fixture
    def desk(self):
        return signed_in(make.manager())

    def handed_in(self, desk, content=None, name="book.xlsx", **more):
        file = SimpleUploadedFile(name, content or workbook(WHOLE))
        return desk.post(reverse("admin:import_start"), {"file": file, **more}, follow=True)

    def confirmed(self, desk, page):
        return desk.post(page.request["PATH_INFO"], {"shown": page.context["token"]}, follow=True)

    def test_a_file_is_shown_then_applied_then_on_record(self, desk):
        page = self.handed_in(desk)
        before = Customer.objects.count()
        result = self.confirmed(desk, page).content.decode()

        assert "Nothing is changed yet" in page.content.decode()
        assert before == 0
        assert "book.xlsx is imported" in result
        assert "Blue Heron Energy" in result
        assert ImportRun.objects.get().file.sha256 in result

    def test_a_wrong_file_comes_back_with_its_reason(self, desk):
        page = self.handed_in(desk, csv_of(*CUSTOMER), "c.csv").content.decode()

        assert "There is a problem" in page
        assert "Say what the rows are" in page
        assert not ImportFile.objects.exists()

    def test_refused_rows_can_be_had_mended_and_imported(self, desk):
        page = self.handed_in(desk, csv_of(*CUSTOMER, ["N-2", ""]), "c.csv", rows_are="customers")
        result = self.confirmed(desk, page)
        run = ImportRun.objects.get()
        file = desk.get(reverse("admin:import_run_refused", args=[run.pk])).content.decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(file))

        again = self.handed_in(desk, file.replace("N-2,,", "N-2,Two,").encode(), "c.csv", rows_are="customers")

        assert "1 row was refused" in result.content.decode()
        assert (row["external_id"], row["row"]) == ("N-2", "3")
        assert "Fill in name" in row["refused_because"]
        assert again.context["counts"]["new"] == 1

    def test_refused_rows_of_a_workbook_are_a_workbook(self, desk):
        page = self.handed_in(desk, workbook({"customers": [*CUSTOMER, ["N-2", ""]]}))

        answer = desk.get(reverse("admin:import_file_refused", args=[page.context["file"].pk]))

        rows = load_workbook(io.BytesIO(answer.content)).get_sheet_by_name("customers").to_python()
        assert rows[1][:3] == ["N-2", "", 3]

    def test_a_confirmation_of_something_else_is_shown_again(self, desk):
        page = self.handed_in(desk)
        for token in ("", "forged", self.handed_in(desk).context["token"]):
            again = desk.post(page.request["PATH_INFO"], {"shown": token})
            assert "no longer what was shown" in again.content.decode()

        assert not Customer.objects.exists()

    def test_the_same_file_says_that_it_was_imported_before(self, desk):
        content = workbook(WHOLE)
        self.confirmed(desk, self.handed_in(desk, content))

        page = self.handed_in(desk, content).content.decode()

        assert "imported before" in page
        assert "There is nothing to apply" in page

    def test_rows_can_be_narrowed_to_an_effect(self, desk):
        page = self.handed_in(desk, csv_of(*CUSTOMER, ["N-2", ""]), "c.csv", rows_are="customers")

        found = desk.get(page.request["PATH_INFO"], {"show": "refused"}).content.decode()

        assert "1 row, in the order of the file" in found
        assert "Blue Heron" not in found

    def test_columns_and_templates_are_there(self, desk):
        assert "discount_percent" in desk.get(reverse("admin:import_columns")).content.decode()
        assert desk.get(reverse("admin:import_template", args=["seats.csv"])).status_code == 200
        assert desk.get(reverse("admin:import_template", args=["people.csv"])).status_code == 404
