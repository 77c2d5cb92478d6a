"""What each row would do to what is on record (E1, E3, E9, E14, S11): without a database."""

from __future__ import annotations

import ast
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from entitlements.imports.columns import KINDS
from entitlements.imports.effects import Held, World
from entitlements.imports.planning import plan
from entitlements.imports.reading import Row, Table
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.refusals import Refusal
from tests.repository import ROOT, imports, under

NOW = datetime(2026, 6, 10, 14, tzinfo=UTC)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
ROW = {
    "order_form": "OF-1",
    "customer": "C-1",
    "account": "blue",
    "first_day": "2026-01-01",
    "last_day": "2026-12-31",
    "zone": "America/New_York",
    "plan": "Business",
    "level": "silver",
    "terms": "standard",
}


def held(**more):
    facts = {"start": FIRST, "last": LAST, "zone": ZoneInfo("America/New_York"), "levels": ((FIRST, "silver"),)}
    facts |= {name: more.pop(name) for name in ("levels", "status", "start", "last") if name in more}
    plain = {
        "order_form": "OF-1",
        "external_id": "",
        "customer": "C-1",
        "account": "blue",
        "currency": "USD",
        "terms": "standard",
    }
    return Held(**{**plain, "plan": "Business", "discount": Decimal(0), "facts": ContractFacts(**facts), **more})


def world(*contracts, now=NOW):
    return World(
        now,
        {"C-1": "Blue Heron", "C-2": "Other"},
        {one.order_form: one for one in contracts},
        frozenset({"im", "aiops"}),
    )


def table(kind, *rows):
    heads = tuple(dict.fromkeys(name for row in rows for name in row))
    return Table(KINDS[kind], heads, tuple(Row(n, row) for n, row in enumerate(rows, start=2)))


def effect(kind, row, *contracts, **more):
    (only,) = plan([table(kind, row)], world(*contracts, **more)).effects
    return only


def said(one):
    return {change.column: (change.before, change.after) for change in one.changes}


def refused(one):
    return [(against.column, against.refusal.code) for against in one.against]


class TestACustomer:
    def test_is_new_renamed_or_as_it_was(self):
        rows = [
            {"external_id": "C-9", "name": "New"},
            {"external_id": "C-1", "name": "Blue"},
            {"external_id": "C-2", "name": "Other"},
        ]
        new, renamed, same = plan([table("customers", *rows)], world()).effects

        assert (new.state, renamed.state, same.state) == ("new", "changed", "unchanged")
        assert said(renamed) == {"name": ("Blue Heron", "Blue")}

    def test_of_whom_two_rows_speak_is_refused_the_second_time(self):
        rows = [{"external_id": "C-9", "name": "New"}, {"external_id": "C-9", "name": "Newer"}]
        first, second = plan([table("customers", *rows)], world()).effects

        assert first.state == "new"
        assert refused(second) == [("", "twice")]

    def test_without_a_name_is_refused_at_its_cell(self):
        assert refused(effect("customers", {"external_id": "C-9"})) == [("name", "empty")]

    @pytest.mark.parametrize(
        ("address", "state"), [("dana@acme.example", "changed"), ("Here@ACME.example", "unchanged")]
    )
    def test_invites_its_first_owner_unless_the_address_is_there(self, address, state):
        """C1"""
        known = replace(world(), people={"C-2": frozenset({"here@acme.example"})})
        row = {"external_id": "C-2", "name": "Other", "owner_email": address, "owner_name": "Dana"}

        (one,) = plan([table("customers", row)], known).effects

        assert one.state == state
        assert [change.column for change in one.changes] == (["owner_email"] if state == "changed" else [])

    @pytest.mark.parametrize(
        ("owner", "where"),
        [
            ({"owner_email": "dana@acme.example"}, "owner_name"),
            ({"owner_email": "dana", "owner_name": "D"}, "owner_email"),
        ],
    )
    def test_takes_no_owner_without_a_name_or_an_address_to_write_to(self, owner, where):
        one = effect("customers", {"external_id": "C-9", "name": "New", **owner})

        assert [column for column, _ in refused(one)] == [where]


class TestANewContract:
    def test_says_everything_that_it_will_be(self):
        one = effect("contracts", ROW)

        assert one.state == "new"
        assert said(one)["level"] == ("", "silver")
        assert said(one)["currency"] == ("", "USD")

    @pytest.mark.parametrize(
        ("more", "at"),
        [
            ({"level": None}, ("level", "no_level")),
            ({"terms": None}, ("terms", "no_terms")),
            ({"status": "suspended"}, ("status", "not_active")),
            ({"customer": "C-9"}, ("customer", "no_customer")),
            ({"last_day": "2025-12-31"}, ("last_day", "ends_before")),
            ({"first_day": "2026-02-29"}, ("first_day", "bad_cell")),
            ({"zone": "Mars/Olympus"}, ("zone", "bad_cell")),
            ({"discount_percent": "1.200,50"}, ("discount_percent", "bad_cell")),
        ],
    )
    def test_is_refused_at_the_cell_that_is_wrong(self, more, at):
        row = {name: cell for name, cell in {**ROW, **more}.items() if cell is not None}

        assert refused(effect("contracts", row)) == [at]

    def test_may_not_overlap_another_of_the_account(self):
        other = held(
            order_form="OF-9", start=date(2025, 7, 1), last=date(2026, 6, 30), levels=((date(2025, 7, 1), "gold"),)
        )

        assert refused(effect("contracts", ROW, other)) == [("account", "overlap")]
        assert effect("contracts", {**ROW, "first_day": "2026-07-01"}, other).state == "new"
        assert effect("contracts", {**ROW, "account": "green"}, other).state == "new"
        assert effect("contracts", {**ROW, "customer": "C-2"}, other).state == "new"

    def test_may_not_overlap_one_of_a_row_before(self):
        rows = [ROW, {**ROW, "order_form": "OF-2", "first_day": "2026-12-31", "last_day": "2027-01-01"}]
        _, second = plan([table("contracts", *rows)], world()).effects

        assert refused(second) == [("account", "overlap")]

    def test_has_a_number_of_its_own(self):
        other = held(order_form="OF-9", account="green", external_id="SUB-1")

        assert refused(effect("contracts", {**ROW, "external_id": "SUB-1"}, other)) == [("external_id", "number_taken")]

    def test_finds_its_customer_in_the_same_file(self):
        tables = [
            table("customers", {"external_id": "C-9", "name": "New"}),
            table("contracts", {**ROW, "customer": "C-9"}),
        ]

        assert [one.state for one in plan(tables, world()).effects] == ["new", "new"]


class TestAContractOnRecord:
    def test_that_is_so_already_is_unchanged(self):
        assert effect("contracts", ROW, held()).state == "unchanged"

    def test_keeps_what_an_empty_cell_says_nothing_of(self):
        row = {name: cell for name, cell in ROW.items() if name != "level"}

        assert effect("contracts", row, held(external_id="SUB-1", discount=Decimal("7.500000"))).state == "unchanged"

    def test_is_corrected_in_its_words(self):
        one = effect(
            "contracts", {**ROW, "plan": "Enterprise", "discount_percent": "7.5", "external_id": "SUB-1"}, held()
        )

        assert said(one) == {
            "plan": ("Business", "Enterprise"),
            "discount_percent": ("0", "7.5"),
            "external_id": ("", "SUB-1"),
        }

    @pytest.mark.parametrize(
        ("column", "cell"),
        [
            ("customer", "C-2"),
            ("first_day", "2026-01-02"),
            ("zone", "Europe/Zurich"),
            ("currency", "EUR"),
            ("level", "gold"),
            ("terms", "enterprise"),
        ],
    )
    def test_keeps_what_its_years_and_money_hang_on(self, column, cell):
        assert refused(effect("contracts", {**ROW, column: cell}, held())) == [(column, "stays")]

    @pytest.mark.parametrize(
        ("more", "at"),
        [
            ({"status": "suspended"}, ("reason", "no_reason")),
            ({"last_day": "2026-11-30"}, ("last_day", "not_shorter")),
            ({"last_day": "2027-11-30", "status": "suspended", "reason": "x"}, ("last_day", "both")),
            ({"last_day": "2025-11-30", "status": "terminated", "reason": "x"}, ("last_day", "not_shorter")),
        ],
    )
    def test_moves_only_as_the_contract_allows(self, more, at):
        assert at in refused(effect("contracts", {**ROW, **more}, held()))

    def test_is_extended_suspended_or_terminated(self):
        assert said(effect("contracts", {**ROW, "last_day": "2027-06-30"}, held())) == {
            "last_day": ("2026-12-31", "2027-06-30")
        }
        assert effect("contracts", {**ROW, "status": "suspended", "reason": "Unpaid."}, held()).state == "changed"
        ended = {**ROW, "last_day": "2026-06-30", "status": "terminated", "reason": "Sold."}
        assert set(said(effect("contracts", ended, held()))) == {"last_day", "status"}

    def test_is_not_extended_once_its_term_is_over(self):
        row = {**ROW, "last_day": "2027-06-30"}

        assert refused(effect("contracts", row, held(), now=datetime(2027, 1, 1, 5, tzinfo=UTC))) == [
            ("last_day", "term_over")
        ]
        assert effect("contracts", row, held(), now=datetime(2027, 1, 1, 4, 59, tzinfo=UTC)).state == "changed"

    def test_is_not_extended_into_another_of_the_account(self):
        next_one = held(
            order_form="OF-2", start=date(2027, 1, 1), last=date(2027, 12, 31), levels=((date(2027, 1, 1), "gold"),)
        )

        assert refused(effect("contracts", {**ROW, "last_day": "2027-01-01"}, held(), next_one)) == [
            ("account", "overlap")
        ]

    def test_that_is_terminated_stays(self):
        assert refused(effect("contracts", {**ROW, "plan": "X"}, held(status="terminated"))) == [("", "terminated")]


class TestLevels:
    def rows(self, *rows, contract=None):
        given = [{"order_form": "OF-1", "first_day": first, "level": level, **more} for first, level, more in rows]
        return plan([table("levels", *given)], world(contract or held())).effects

    def test_change_from_a_day_on(self):
        (one,) = self.rows(("2026-07-01", "gold", {}))

        assert said(one) == {"level from 2026-07-01": ("silver", "gold")}

    def test_that_are_so_already_are_unchanged_whatever_their_order(self):
        contract = held(levels=((FIRST, "silver"), (date(2026, 7, 1), "gold")))

        states = [
            one.state for one in self.rows(("2026-07-01", "gold", {}), ("2026-01-01", "silver", {}), contract=contract)
        ]

        assert states == ["unchanged", "unchanged"]

    def test_say_which_later_ones_they_replace(self):
        contract = held(levels=((FIRST, "silver"), (date(2026, 9, 1), "gold")))
        (one,) = self.rows(("2026-07-01", "premium", {}), contract=contract)

        assert said(one)["levels planned for later"] == ("gold from 2026-09-01", "replaced")

    def test_that_go_on_over_another_one_on_record_take_its_place(self):
        """E1: a row that contradicts the record is never called unchanged, though its first day has the level already."""
        contract = held(levels=((FIRST, "gold"), (date(2026, 7, 1), "silver")))

        (one,) = self.rows(("2026-01-01", "gold", {"last_day": "2026-12-31"}), contract=contract)
        (backdated,) = self.rows(("2026-03-01", "gold", {}), contract=contract)
        (met,) = self.rows(("2026-07-01", "silver", {"last_day": "2026-12-31"}), contract=contract)

        assert said(one) == said(backdated) == {"levels planned for later": ("silver from 2026-07-01", "replaced")}
        assert met.state == "unchanged"

    def test_of_a_terminated_contract_stay_even_where_only_a_later_one_differs(self):
        contract = held(levels=((FIRST, "gold"), (date(2026, 7, 1), "silver")), status="terminated")

        (one,) = self.rows(("2026-01-01", "gold", {"last_day": "2026-12-31"}), contract=contract)

        assert refused(one) == [("", "terminated")]

    @pytest.mark.parametrize("last", ["2026-06-29", "2026-07-01"])
    def test_that_leave_a_gap_or_overlap_are_refused(self, last):
        first, second = self.rows(("2026-01-01", "silver", {"last_day": last}), ("2026-07-01", "gold", {}))

        assert refused(first) == [("last_day", "gap")]
        assert second.state == "changed"

    def test_that_meet_and_end_with_the_term_are_taken(self):
        rows = [
            ("2026-01-01", "gold", {"last_day": "2026-06-30"}),
            ("2026-07-01", "silver", {"last_day": "2026-12-31"}),
        ]

        assert [one.state for one in self.rows(*rows)] == ["changed", "changed"]
        assert refused(self.rows(("2026-07-01", "gold", {"last_day": "2026-12-30"}))[0]) == [("last_day", "gap")]

    @pytest.mark.parametrize("first", ["2025-12-31", "2027-01-01"])
    def test_outside_the_term_are_refused(self, first):
        assert refused(self.rows((first, "gold", {}))[0]) == [("first_day", "outside_term")]

    def test_of_a_contract_that_is_not_there_are_refused(self):
        assert refused(effect("levels", {"order_form": "OF-9", "first_day": "2026-01-01", "level": "gold"})) == [
            ("order_form", "no_contract")
        ]


class TestProducts:
    def test_are_held_for_the_term_unless_the_row_says_otherwise(self):
        assert said(effect("products", {"order_form": "OF-1", "product": "im"}, held()))["last_day"] == (
            "",
            "2026-12-31",
        )

    def test_have_the_days_of_the_row(self):
        contract = held(products=(("im", FIRST, LAST),))
        row = {"order_form": "OF-1", "product": "im", "last_day": "2026-06-30"}

        assert said(effect("products", row, contract)) == {"last_day": ("2026-12-31", "2026-06-30")}
        assert refused(effect("products", {**row, "first_day": "2026-02-01"}, contract)) == [("first_day", "stays")]
        assert effect("products", {"order_form": "OF-1", "product": "im"}, contract).state == "unchanged"

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"product": "xyz"}, "no_product"),
            ({"first_day": "2025-12-31"}, "outside_term"),
            ({"last_day": "2027-01-01"}, "outside_term"),
        ],
    )
    def test_are_refused(self, more, code):
        assert refused(effect("products", {"order_form": "OF-1", "product": "im", **more}, held()))[0][1] == code


class TestSeats:
    ROW = {"order_form": "OF-1", "month": "2026-01", "paid_seats": "120", "cost_per_seat": "41.00"}

    def test_of_a_month_are_new_corrected_or_as_they_were(self):
        known = held(fees={FIRST: (120, Decimal("41.000000"))})

        assert effect("seats", self.ROW, held()).state == "new"
        assert effect("seats", self.ROW, known).state == "unchanged"
        assert said(effect("seats", {**self.ROW, "paid_seats": "130"}, known)) == {"paid_seats": ("120", "130")}

    def test_of_a_month_outside_the_term_are_refused(self):
        assert refused(effect("seats", {**self.ROW, "month": "2027-01"}, held())) == [("month", "outside_term")]


class TestAPlan:
    def test_has_another_fingerprint_once_anything_of_it_is_otherwise(self):
        rows = [table("contracts", ROW)]
        one, same, other = plan(rows, world()), plan(rows, world()), plan(rows, world(held(plan="Old")))

        assert one.fingerprint == same.fingerprint != other.fingerprint

    def test_keeps_a_row_refused_that_an_action_has_refused(self):
        against = Refusal("E14", "not_active", "It is suspended.")
        one = plan([table("contracts", ROW)], world(), {"contracts:2": against}).effects[0]

        assert one.state == "refused"
        assert one.against[0].refusal == against

    def test_of_what_it_has_done_changes_nothing(self):
        """The same file twice: every good row of the second time is unchanged."""
        tables = [
            table("customers", {"external_id": "C-9", "name": "New"}),
            table("contracts", {**ROW, "customer": "C-9"}),
            table("levels", {"order_form": "OF-1", "first_day": "2026-07-01", "level": "gold"}),
            table("products", {"order_form": "OF-1", "product": "im"}),
            table("seats", TestSeats.ROW),
        ]
        state = world()
        first, second = plan(tables, state), plan(tables, state)

        assert first.counts["new"] == 4
        assert first.counts["changed"] == 1
        assert second.counts == {"new": 0, "changed": 0, "unchanged": 5, "refused": 0}


def test_planning_is_pure():
    """Standard library, the rules, and its own neighbours: no Django, no clock, no database."""
    pure = ["values", "columns", "effects", "consequences", "planning", "plan_contracts", "plan_details"]
    wrong = [
        f"{name}: {module}"
        for name in pure
        for module in imports(ROOT / f"entitlements/imports/{name}.py")
        if module.split(".")[0] not in sys.stdlib_module_names
        and module != "entitlements.imports"
        and not under(module, "entitlements.rules", *(f"entitlements.imports.{one}" for one in pure))
    ]

    assert wrong == []
    assert ast.parse((ROOT / "entitlements/imports/planning.py").read_text())
