"""S9: lost transactions by a file: what each row would bring, why one is refused, and that nothing comes twice or by guessing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from entitlements.actions.refused import Refused
from entitlements.imports.values import BadCell
from entitlements.models import Event
from entitlements.uploads import CheckedFile, RefusedFile
from sla import sums
from sla import transaction_files as files
from sla.actions import transaction_files as actions
from sla.actions.claims import submit_claim
from sla.actions.drafts import add_transactions
from sla.models import Claim, TransactionFile
from sla.stated import TransactionLine
from sla.transaction_columns import columns_of
from tests.entitlements.imports.files import csv_of, workbook
from tests.factories import HOUR, NOW, draft, transaction_file
from tests.shared import shared

NEW_YORK = ZoneInfo("America/New_York")
KIND = columns_of(NEW_YORK, "USD", NOW)
HEADS = ["transaction", "attempted", "revenue", "expenses"]
ROW = ["Order 4711", "2026-06-09 10:20", "1200.50", "200.50"]

TWENTY_PAST_TEN = datetime(2026, 6, 9, 14, 20, tzinfo=UTC).astimezone(NEW_YORK).replace(tzinfo=None)
"""As a workbook has it: without a zone."""


def cell(name: str, written: object) -> Any:
    return KIND.by_name[name].read(written)


def read(*lines: list[Any], heads: list[str] = HEADS) -> files.Rows:
    content = csv_of(heads, *([f'"{one}"' for one in line] for line in lines))
    return files.sorted_out(files.read(CheckedFile("a.csv", "csv", content, ""), KIND), KIND, set())


def of(rows: int) -> bytes:
    return csv_of(HEADS, *([f"Order {n}", "2026-06-09 10:20", "12.50", "2.50"] for n in range(rows)))


@shared
def begun(draft: Claim) -> Claim:
    return draft


class TestASum:
    """C6.7, X4: read in one way or refused, with what is wrong and an example."""

    @given(st.decimals(min_value=0, max_value=sums.MOST, places=2))
    def test_every_way_in_which_we_write_one_is_read_as_it_was(self, amount):
        for written in (f"{amount:f}", f"{amount:,f}"):
            assert sums.sum_of(written) == amount

    @given(
        st.text(st.sampled_from("0123456789.,-+ $€eE'()=٣"), max_size=14)
        | st.from_regex(r"[0-9]{1,4}([.,][0-9]{1,4}){0,3}", fullmatch=True)
    )
    def test_whatever_is_taken_is_what_a_reader_of_english_would_take(self, written):
        try:
            taken = sums.sum_of(written)
        except sums.NotASum:
            return
        assert 0 <= taken <= sums.MOST
        whole, _, places = written.partition(".")
        assert len(places) <= 2
        assert taken == Decimal(f"{whole.replace(',', '')}.{places or 0}")
        assert all(len(part) == 3 for part in whole.split(",")[1:])

    @pytest.mark.parametrize(
        ("written", "why"),
        [
            ("1.200,50", "comma stands where the point does"),
            ("12,5", "comma stands where the point does"),
            ("1.234.567", "comma stands where the point does"),
            ("1200.505", "more than two places"),
            ("$1,200.50", "Leave out the currency"),
            ("1200.50 €", "Leave out the currency"),
            ("USD 12", "Leave out the currency"),
            ("=SUM(A1:A9)", "This is a formula"),
            ("@A1", "This is a formula"),
            ("-5", "never below zero"),
            ("9" * 15, "at most 999,999,999,999.99"),
            ("1" * 10_000, "Write the sum like"),
            ("(200)", "Write the sum like"),
            ("1'200", "Write the sum like"),
        ],
    )
    def test_what_is_refused_says_why(self, written, why):
        with pytest.raises(sums.NotASum, match=why):
            sums.sum_of(written)
        with pytest.raises(BadCell, match=why):
            cell("revenue", written)

    @pytest.mark.parametrize(("number", "taken"), [(1200.5, "1200.5"), (1200.0, "1200"), (7, "7")])
    def test_a_number_of_a_workbook_is_taken_as_it_is_shown(self, number, taken):
        assert cell("revenue", number) == Decimal(taken)


class TestAMoment:
    """A day and a clock time of the contract's zone, or an instant with its offset; never the nearest that it could mean."""

    @pytest.mark.parametrize(
        "written",
        [
            "2026-06-09 10:20",
            "2026-06-09T10:20:00",
            "2026-06-09T14:20:00Z",
            "2026-06-09 16:20+02:00",
            TWENTY_PAST_TEN,
            TWENTY_PAST_TEN - timedelta(microseconds=100),
        ],
    )
    def test_ways_to_say_one_instant(self, written):
        assert cell("attempted", written) == datetime(2026, 6, 9, 14, 20, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("written", "why"),
        [
            ("6/9/2026 10:20", "Write day and time like 2026-11-21 14:05"),
            ("09.06.2026 10:20", "Write day and time like"),
            ("2026-06-09", "Write day and time like"),
            ("2026-02-30 10:20", "no such time"),
            (46182.43, "Write day and time like"),
            ("2025-11-02 01:30", "twice. Add the offset"),
            ("2026-03-08 02:30", "never show .* set forward"),
            ("2026-06-10 10:01", "cannot have been attempted in the future"),
            ("=NOW()", "Write day and time like"),
        ],
    )
    def test_what_is_refused_says_why(self, written, why):
        with pytest.raises(BadCell, match=why):
            cell("attempted", written)


class TestTheRows:
    """What a file would do, row by row; one bad row never hides another."""

    def test_each_is_new_there_or_refused_with_every_reason(self):
        rows = read(ROW, ["", "yesterday", "12,5", ""], ["=cmd|' /C calc'!A0", *ROW[1:]], ["Order 4712", *ROW[1:3], ""])

        assert [one.n for one in rows.new] == [2, 5]
        assert rows.new[1].expenses == 0
        assert [(one.n, [column for column, _ in one.why]) for one in rows.refused] == [
            (3, ["transaction", "attempted", "revenue"]),
            (4, ["transaction"]),
        ]

    def test_the_same_row_twice_is_not_guessed_to_be_two_transactions(self):
        rows = read(ROW, ROW)

        assert len(rows.new) == 1
        assert "The same as row 2." in rows.refused[0].why[0][1]

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"transaction,attempted\nx,y\n", "lack the column .revenue."),
            (b"transaction,attempted,revenue,profit\n", "column .profit. that is not known"),
            (b"transaction,attempted,revenue\n", "heads but no rows"),
        ],
    )
    def test_a_file_that_is_none_is_refused_as_a_whole(self, content, why):
        with pytest.raises(RefusedFile, match=why):
            files.read(CheckedFile("a.csv", "csv", content, ""), KIND)

    def test_a_sum_that_a_comma_cuts_in_two_is_not_guessed(self):
        content = ",".join(HEADS).encode() + b"\nOrder 1,2026-06-09 10:20,1,200.50\n"

        with pytest.raises(RefusedFile, match=r"revenue 1,200\.50, or revenue 1 and expenses 200\.50"):
            files.read(CheckedFile("a.csv", "csv", content, ""), KIND)

    @pytest.mark.parametrize(
        "lines",
        [
            ["Order 1,2026-06-09 10:20,150,100", "Order 2,2026-06-09 10:21,1200.50,100"],
            ["Order 1,2026-06-09 10:20,150.00,100"],
            ["Order 1,2026-06-09 10:20,150,99.50"],
            ['"Order 1",2026-06-09 10:20,150,100'],
        ],
    )
    def test_two_sums_that_can_be_nothing_else_are_two(self, lines):
        content = "\n".join([",".join(HEADS), *lines]).encode()

        assert files.read(CheckedFile("a.csv", "csv", content, ""), KIND).rows

    def test_a_workbook_has_one_sheet(self):
        two = workbook({"a": [HEADS, ROW], "b": [HEADS, ROW]})

        with pytest.raises(RefusedFile, match="one sheet"):
            files.read(CheckedFile("a.xlsx", "xlsx", two, ""), KIND)

    def test_it_has_at_most_so_many(self, monkeypatch):
        monkeypatch.setattr(files, "MOST_LINES", 2)

        with pytest.raises(RefusedFile, match="more than 2 rows"):
            files.read(CheckedFile("a.csv", "csv", of(3), ""), KIND)

    def test_a_workbook_reads_as_its_csv(self):
        cells = ["Order 4711", TWENTY_PAST_TEN, 1200.5, 200.5]
        table = files.read(CheckedFile("a.xlsx", "xlsx", workbook({"x": [HEADS, cells]}), ""), KIND)

        assert files.sorted_out(table, KIND, set()).new == read(ROW).new


class TestBringingIn:
    """X9, S13: confirmed once or ten times the list is the same; a change asks for the declaration again."""

    def bring(self, file, now=NOW):
        return actions.bring_in(file=file, rows=files.rows_of(file, now).new, by=file.uploaded_by, now=now)

    def test_twice_it_is_there_once(self, begun):
        file = transaction_file(claim=begun, content=of(3))
        rows = files.rows_of(file, NOW).new

        assert self.bring(file) == 3
        assert actions.bring_in(file=file, rows=rows, by=file.uploaded_by, now=NOW) == 0
        assert list(begun.transactions.values_list("line", "what")) == [(1, "Order 0"), (2, "Order 1"), (3, "Order 2")]

    def test_what_was_typed_or_came_by_another_file_is_passed_by(self, begun):
        line = TransactionLine(datetime(2026, 6, 9, 14, 20, tzinfo=UTC), "Order 1", Decimal("12.5"), Decimal("2.5"))
        add_transactions(claim=begun, lines=[line], by=begun.opened_by, now=NOW)

        assert self.bring(transaction_file(claim=begun, content=of(2))) == 1
        assert self.bring(transaction_file(claim=begun, content=of(4))) == 2
        assert begun.transactions.count() == 4

    def test_taken_out_only_its_own_lines_go(self, begun):
        first, second = (transaction_file(claim=begun, content=of(n)) for n in (2, 3))
        self.bring(first)
        self.bring(second)

        assert actions.take_out_file(file=first, by=begun.opened_by, now=NOW) == 2
        assert actions.take_out_file(file=first, by=begun.opened_by, now=NOW) == 0
        assert [line.what for line in begun.transactions.all()] == ["Order 2"]
        assert self.bring(first) == 2

    def test_it_asks_for_the_declaration_again(self, complete_draft):
        self.bring(transaction_file(claim=complete_draft))

        complete_draft.refresh_from_db()
        assert (complete_draft.declared_at, complete_draft.sends_itself_at) == (None, None)

    def test_each_line_is_in_the_log_under_its_act_without_its_words(self, begun):
        file = transaction_file(claim=begun, content=of(2))
        self.bring(file)
        actions.take_out_file(file=file, by=begun.opened_by, now=NOW)

        for act, verb in (("brought_in", "insert"), ("taken_out", "delete")):
            whole = Event.objects.get(matter=begun.reference, verb=f"claim.transactions_{act}")
            lines = Event.objects.filter(part_of=whole, table="sla_losttransaction", verb=verb)
            assert lines.count() == 2
            assert "Order" not in str(lines.values("changes"))
            assert {str(one.changes["what"]) for one in lines} == {"changed"}

    def test_beyond_what_a_claim_can_list_nothing_comes(self, begun, monkeypatch):
        monkeypatch.setattr(actions, "MOST_LINES", 2)

        with pytest.raises(Refused, match="can list"):
            self.bring(transaction_file(claim=begun, content=of(3)))
        assert begun.transactions.count() == 0

    def test_after_sending_nothing_comes_or_goes(self, complete_draft):
        file = transaction_file(claim=complete_draft)
        Claim.objects.filter(pk=complete_draft.pk).update(declared_at=NOW, declared_by=complete_draft.opened_by)
        submit_claim(claim=complete_draft, by=complete_draft.opened_by, received_at=NOW + HOUR)

        for act in (
            lambda: self.bring(file),
            lambda: actions.take_out_file(file=file, by=file.uploaded_by, now=NOW + 2 * HOUR),
            lambda: transaction_file(claim=complete_draft, content=of(2), now=NOW + 2 * HOUR),
        ):
            with pytest.raises(Refused, match="has been sent"):
                act()

    def test_three_hundred_take_as_many_questions_as_three(self, begun):
        """On the last evening nobody waits for them."""
        asked = []
        for rows in (3, 300):
            file = transaction_file(claim=begun, content=of(rows))
            with CaptureQueriesContext(connection) as queries:
                self.bring(file)
            asked.append(len(queries))

        assert asked[0] == asked[1]

    def test_the_database_keeps_a_file_once(self, begun):
        file = transaction_file(claim=begun)
        file.pk, file.stored_as = None, "another"

        assert transaction_file(claim=begun) == begun.transaction_files.get()
        with pytest.raises(IntegrityError, match="a_file_of_transactions_is_kept_once_in_a_claim"):
            file.save(force_insert=True)


class TestThePages:
    """C6: handed in, shown, confirmed; what is refused can be mended."""

    def hand_in(self, browser, claim, content, name="orders.csv"):
        return browser.post(
            reverse("bring_transactions", args=[claim.reference]), {"file": SimpleUploadedFile(name, content)}
        )

    def add(self, browser, url, **kwargs):
        """Look at what the file would bring, and confirm it."""
        seen = browser.get(url).context["rows"].print_of_new
        return browser.post(url, {"seen": seen}, **kwargs)

    def test_what_has_changed_since_it_was_shown_is_shown_again(self, signed_in, begun):
        """C6.9: the lines that are added are those that whoever confirms has seen."""
        browser = signed_in(begun.opened_by)
        url = self.hand_in(browser, begun, csv_of(HEADS, ROW, ["Order 2", "2026-06-09 10:05", "5", ""])).url
        seen = browser.get(url).context["rows"].print_of_new
        self.add(browser, url)
        line = begun.transactions.first()
        browser.post(reverse("remove_transaction", args=[begun.reference, line.pk]))

        page = browser.post(url, {"seen": seen}).content.decode()

        assert "Nothing was added." in page
        assert begun.transactions.count() == 1

    def test_a_file_that_is_not_as_it_came_is_not_taken(self, signed_in, begun):
        """M5.7: what is brought in is what has its hash on record."""
        browser = signed_in(begun.opened_by)
        url = self.hand_in(browser, begun, csv_of(HEADS, ROW)).url
        kept = TransactionFile.objects.get()
        storages["evidence"].delete(kept.stored_as)
        storages["evidence"].save(
            kept.stored_as, ContentFile(csv_of(HEADS, ["Order 9", "2026-06-09 10:05", "900", ""]))
        )

        page = browser.post(url, follow=True).content.decode()

        assert "is not as it was handed in" in page
        assert not begun.transactions.exists()

    def test_from_the_file_to_the_list(self, signed_in, begun):
        browser = signed_in(begun.opened_by)
        content = csv_of(HEADS, ROW, ["Order 2", "2026-06-09 10:05", "5", ""], ["Order 3", "6/9/2026", "5", ""])

        shown = self.hand_in(browser, begun, content)
        page = browser.get(shown.url).content.decode()
        assert begun.transactions.count() == 0
        assert "Add 2 lines to the list" in page
        assert "1 of them lies outside the remedy period" in page
        assert "Write day and time like 2026-11-21 14:05." in page

        done = self.add(browser, shown.url, follow=True).content.decode()
        assert "2 lines of the file are in the list now. 1 row was refused and left out." in done
        assert "1,005.00" in done  # the profit of both

    def test_the_refused_rows_as_a_file_come_back_mended(self, signed_in, begun):
        browser = signed_in(begun.opened_by)
        shown = self.hand_in(browser, begun, csv_of(HEADS, ["Order 3", "6/9/2026", "$5", ""]))

        refused = b"".join(browser.get(shown.url, {"format": "csv"}).streaming_content).decode()
        assert "row,refused_because" in refused
        mended = refused.replace("6/9/2026", "2026-06-09 10:20").replace("$5", "5")
        self.add(browser, self.hand_in(browser, begun, mended.encode()).url)

        assert [line.what for line in begun.transactions.all()] == ["Order 3"]

    @pytest.mark.parametrize(
        ("name", "content", "why"),
        [
            ("orders.txt", b"x", "must be a CSV or XLSX"),
            ("orders.csv", b"", "is empty"),
            ("orders.csv", "Ümsatz".encode("latin-1"), "text in UTF-8"),
            ("orders.xlsx", b"PK\x03\x04", "cannot be opened"),
            ("orders.csv", b"a,b\n1,2\n", "that is not known"),
        ],
    )
    def test_what_is_no_such_file_is_said_at_the_field(self, signed_in, begun, name, content, why):
        page = self.hand_in(signed_in(begun.opened_by), begun, content, name)

        assert why in page.content.decode()
        assert "<title>Error: " in page.content.decode()
        assert not begun.transaction_files.exists()

    def test_the_file_to_begin_with_brings_nothing_by_itself(self, signed_in, begun):
        browser = signed_in(begun.opened_by)
        url = reverse("bring_transactions", args=[begun.reference])
        template = b"".join(browser.get(url, {"format": "csv"}).streaming_content)

        assert "heads but no rows" in self.hand_in(browser, begun, template).content.decode()

    def test_the_list_is_in_pages_and_whole_as_a_file(self, signed_in, begun):
        browser = signed_in(begun.opened_by)
        self.add(browser, self.hand_in(browser, begun, of(101)).url)
        url = reverse("claim_transactions", args=[begun.reference])

        first, second = (browser.get(url, {"page": n}) for n in (1, 2))
        whole = b"".join(browser.get(url, {"format": "csv"}).streaming_content).decode().splitlines()
        check = browser.get(reverse("claim_check", args=[begun.reference])).content.decode()

        assert [len(page.context["lines"]) for page in (first, second)] == [100, 1]
        assert "101 lost transactions" in first.content.decode()
        assert len(whole) == 102
        assert "The first 25 are shown" in check
        assert "The first 25 of 101 are shown here." in check
        assert "1,010.00" in check

    def test_a_foreign_file_is_not_found(self, signed_in, begun):
        """P26."""
        other = transaction_file(claim=draft())

        for name in ("transaction_file", "take_out_transactions"):
            url = reverse(name, args=[begun.reference, other.pk])
            assert signed_in(begun.opened_by).post(url).status_code == 404

    def test_after_the_window_it_says_so(self, signed_in, begun, clock):
        file = transaction_file(claim=begun)
        browser = signed_in(begun.opened_by)
        clock(begun.closes_at + timedelta(seconds=1))

        page = browser.post(reverse("transaction_file", args=[begun.reference, file.pk]), follow=True)

        assert "The time to claim has ended." in page.content.decode()
        assert begun.transactions.count() == 0
