"""A file that cannot be read in one way only is refused as a whole, with what to do."""

from __future__ import annotations

from datetime import date

import pytest

from entitlements.imports import reading, templates
from entitlements.imports.columns import KINDS
from entitlements.uploads import RefusedFile
from tests.entitlements.imports.files import CUSTOMER, WHOLE, csv_of, kept_elsewhere, tables, with_cell, workbook

HEADS = "external_id,name\r\n"


class TestACSV:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_is_read_whatever_divides_its_cells(self, delimiter):
        (one,) = tables(csv_of(*CUSTOMER, delimiter=delimiter), "c.csv", "customers")

        assert one.rows[0].n == 2
        assert one.rows[0].cells == {"external_id": "N-1", "name": "Blue Heron Energy"}

    def test_keeps_the_numbers_of_its_rows_over_empty_ones(self):
        (one,) = tables(f"\ufeff{HEADS}\r\n,\r\nN-1,Blue\r\n".encode(), "c.csv", "customers")

        assert [row.n for row in one.rows] == [4]

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (HEADS.encode("utf-16"), "CSV UTF-8"),
            (HEADS.encode() + "N-1,Größe".encode("latin-1"), "UTF-8"),
            (b"external_id,name\r\nN-1,\0", "not what its ending says"),
            (b"<html>", "not what its ending says"),
            (b"external_id,name\r\n", "no rows"),
            (b"external_id\r\nN-1\r\n", "lack the column “name”"),
            (b"external_id,name,nmae\r\nN-1,x,y\r\n", "“nmae” that is not known"),
            (b"external_id,name,name\r\nN-1,x,y\r\n", "“name” twice"),
            (b"external_id,name\r\nN-1,Blue, Heron\r\n", "Row 2 of the customers has more cells"),
            (b'external_id,name\r\nN-1,"Blue\r\n', "cannot be read"),
        ],
    )
    def test_is_refused_with_what_to_do(self, content, says):
        with pytest.raises(RefusedFile, match=says):
            tables(content, "c.csv", "customers")

    def test_says_what_its_rows_are(self):
        with pytest.raises(RefusedFile, match="Say what the rows are"):
            tables(csv_of(*CUSTOMER), "c.csv")

    def test_has_a_limit(self, monkeypatch):
        monkeypatch.setattr(reading, "MOST_ROWS", 2)

        with pytest.raises(RefusedFile, match="more than 2 rows"):
            tables(csv_of(CUSTOMER[0], *[CUSTOMER[1]] * 3), "c.csv", "customers")


class TestAWorkbook:
    def test_is_read_in_the_order_in_which_one_leans_on_the_other(self):
        backwards = dict(reversed(WHOLE.items()))

        assert [one.kind.key for one in tables(workbook(backwards))] == list(KINDS)

    def test_has_days_as_days(self):
        (one,) = tables(
            workbook({"levels": [["order_form", "first_day", "level"], ["OF-1", date(2026, 7, 1), "gold"]]})
        )

        assert KINDS["levels"].by_name["first_day"].read(one.rows[0].cells["first_day"]) == date(2026, 7, 1)

    def test_has_no_formulas(self):
        with pytest.raises(RefusedFile, match="Cell B2 has a formula"):
            tables(workbook({"customers": [["external_id", "name"], ["N-1", '="Blue"&" Heron"']]}))

    @pytest.mark.parametrize(
        ("cell", "says"),
        [
            ("<c><f>1+1</f><v>2</v></c>", "A cell has a formula"),
            ("<c s='1' ><f t='shared'/><v>2</v></c>", "A cell has a formula"),
            ("<c r='B2'><f>1+1</f><v>2</v></c>", "Cell B2 has a formula"),
            ("<x:c><x:f>1+1</x:f></x:c>", "A cell has a formula"),
        ],
    )
    def test_has_no_formulas_in_cells_that_do_not_say_where_they_are_either(self, cell, says):
        plain = workbook({"customers": [["external_id", "name"], ["N-1", 2]]})

        with pytest.raises(RefusedFile, match=says):
            tables(with_cell(plain, b'<c r="B2"><v>2</v></c>', cell.encode()))

    def test_may_have_conditions_and_choices_that_are_formulas(self):
        """Only a cell's own formula stands in for a value."""
        plain = workbook({"customers": [["external_id", "name"], ["N-1", 2]]})
        condition = (
            b'<c r="B2"><v>2</v></c></row></sheetData><extLst><ext><xm:f>A1</xm:f></ext></extLst><sheetData><row>'
        )

        assert tables(with_cell(plain, b'<c r="B2"><v>2</v></c>', condition))

    @pytest.mark.parametrize(
        ("cell", "says"),
        [
            ('<c r="XFD1048576"><v>2</v></c>', "more than 5,000 rows"),
            ('<c r="XFD2"><zzz/><v>2</v></c>', "Row 2 has something in column 16384"),
            ('<c r="BI2"><is><t>a</t></is></c>', "Row 2 has something in column 61"),
            ('<x:c r="xfd2"><y:v>2</y:v></x:c>', "column 16384"),
        ],
    )
    def test_may_not_reach_so_far_out_that_there_is_no_room_for_it(self, cell, says):
        """A workbook of a kilobyte with two cells would have a table of half a terabyte."""
        plain = workbook({"customers": [["external_id", "name"], ["N-1", 2]]})

        with pytest.raises(RefusedFile, match=says):
            tables(with_cell(plain, b'<c r="B2"><v>2</v></c>', cell.encode()))

    def test_may_be_coloured_as_far_out_as_somebody_likes(self):
        plain = workbook({"customers": [["external_id", "name"], ["N-1", 2]]})
        blank = b'<c r="B2"><v>2</v></c><c r="XFD2" s="1"/>'

        assert tables(with_cell(plain, b'<c r="B2"><v>2</v></c>', blank))

    def test_has_sheets_wherever_it_says_that_they_are(self):
        odd = kept_elsewhere(workbook({"customers": CUSTOMER}), "xl/media/picture1.png")
        far = with_cell(odd, b'<c r="A2"', b'<c r="XFD1048576"', part="xl/media/picture1.png")

        assert tables(odd)
        with pytest.raises(RefusedFile, match="more than 5,000 rows"):
            tables(far)

    def test_names_its_sheets_for_their_rows(self):
        with pytest.raises(RefusedFile, match="The sheet “Sheet1” is not known"):
            tables(workbook({"Sheet1": CUSTOMER}))

    def test_has_a_limit(self, monkeypatch):
        monkeypatch.setattr(reading, "MOST_ROWS", 2)

        with pytest.raises(RefusedFile, match="more than 2 rows"):
            tables(workbook({"customers": [CUSTOMER[0], *[CUSTOMER[1]] * 3]}))

    @pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
    def test_that_is_damaged_or_locked_is_refused(self, content):
        with pytest.raises(RefusedFile, match="Save it again as XLSX"):
            tables(content)


class TestATemplate:
    def test_as_it_is_brings_nothing(self):
        with pytest.raises(RefusedFile, match="nothing but the example"):
            tables(templates.as_workbook())

    def test_passes_its_untouched_example_by_and_keeps_what_was_written_below(self):
        content = templates.as_csv(KINDS["customers"]).encode() + b"N-1,Blue Heron Energy\r\n"

        (one,) = tables(content, "c.csv", "customers")

        assert one.has_example
        assert [(row.n, row.cells["external_id"]) for row in one.rows] == [(3, "N-1")]

    def test_an_example_that_was_written_over_is_a_row(self):
        content = templates.as_csv(KINDS["customers"]).replace("Example Ltd.", "Acme").encode()

        (one,) = tables(content, "c.csv", "customers")

        assert (len(one.rows), one.has_example) == (1, False)

    @pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
    def test_has_an_example_that_its_column_takes(self, kind):
        shown = {column.name: column.example for column in kind.columns if column.example}

        assert all(kind.by_name[name].read(cell) is not None for name, cell in shown.items())
        assert set(kind.needed) <= set(shown)
