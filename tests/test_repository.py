"""What a style guide would say and ten lines can check: who imports whom, where the clock is read, where each clause stands."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from entitlements.models import Contract
from tests import factories as make
from tests.repository import (
    ACTIONS,
    CODE,
    HALVES,
    MODELS,
    PRODUCT,
    ROOT,
    RULES,
    both,
    files,
    imports,
    name,
    text_of,
    tree,
    under,
)
from tests.worked_examples.paper import PAPER


class TestWhoImportsWhom:
    """LAYOUT's table, row by row."""

    def found(self, paths: list[Path], *forbidden: str) -> list[str]:
        return [f"{name(path)}: {m}" for path in paths for m in sorted(imports(path)) if under(m, *forbidden)]

    def test_rules_import_the_standard_library_and_rules_only(self):
        wrong = [
            f"{name(path)}: {module}"
            for path in RULES
            for module in imports(path)
            if module.split(".")[0] not in sys.stdlib_module_names
            and not under(module, "entitlements.rules", *(["sla.rules"] if "sla" in path.parts else []))
        ]

        assert len(RULES) > 30
        assert wrong == []

    def test_models_know_no_actions_letters_or_screens(self):
        rooms = both(
            "actions", "notices", "letters", "reminders", "views", "forms", "admin", "access", "sweep", "clock"
        )

        assert self.found(MODELS, *rooms, "django.http", "django.forms") == []

    def test_actions_know_no_request_form_message_or_clock(self):
        screens = both("views", "forms", "admin", "urls", "templatetags")
        web = ["django.http", "django.forms", "django.contrib.messages", "django.shortcuts", "django.contrib.admin"]

        assert self.found(ACTIONS, *screens, *web, "entitlements.clock", "time") == []

    def test_entitlements_knows_nothing_of_sla(self):
        assert self.found(files("entitlements/**/*.py"), "sla") == []

    def test_nobody_uses_model_signals(self):
        found = self.found(PRODUCT, "django.db.models.signals", "django.dispatch", "django.core.signals")
        assert [one for one in found if not one.startswith("entitlements/apps.py: ")] == []
        assert {one.rpartition(".")[2] for one in found} <= {"signals", "post_migrate"}  # which is none of a model

    def test_mail_leaves_from_one_place_only(self):
        """T2"""
        elsewhere = [path for path in CODE if not name(path).startswith("entitlements/notices/")]

        assert self.found(elsewhere, "django.core.mail", "smtplib") == []

    def test_screens_write_by_actions_alone(self):
        """A view or page of the desk calls at most one verb on each of its ways, and never saves by itself."""
        writes = {
            "save",
            "create",
            "bulk_create",
            "bulk_update",
            "update",
            "delete",
            "get_or_create",
            "update_or_create",
        }
        found = [
            f"{name(path)}:{node.lineno} {node.func.attr}"
            for path in files("*/views/*.py")
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in writes
        ]

        assert found == []


class TestTheClock:
    """Read at the edge, once, and handed in from there (T4)."""

    EDGE = re.compile(
        r"config/|entitlements/(clock|middleware)\.py|\w+/tasks\.py|\w+/(views|admin)/|\w+/management/commands/"
    )
    READERS = {"now", "utcnow", "today", "time", "time_ns", "database_now", "localtime", "localdate"}
    READ_FROM = {"datetime", "date", "timezone", "time"}

    def reads(self, path: Path) -> Iterator[int]:
        for node in ast.walk(tree(path)):
            match node:
                case ast.Call(func=ast.Name(id="database_now")):
                    yield node.lineno
                case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=reader)):
                    if (
                        module in self.READ_FROM
                        and reader in self.READERS
                        and node.args[1:] == []
                        and not (module == "datetime" and reader == "time")
                    ):
                        yield node.lineno

    def test_it_is_read_at_the_edge_only(self):
        inside = [path for path in CODE if not self.EDGE.match(name(path))]

        assert [f"{name(path)}:{line}" for path in inside for line in self.reads(path)] == []

    def test_the_check_sees_a_reading(self):
        assert list(self.reads(ROOT / "sla/tasks.py"))


def verbs() -> Iterator[tuple[Path, ast.FunctionDef]]:
    """The verbs: the public functions of actions that are one transaction."""
    for path in ACTIONS:
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                decorators = [ast.unparse(one) for one in node.decorator_list]
                if "transaction.atomic" in decorators:
                    yield path, node


VERBS = list(verbs())
THE_CLOCKS_OWN = {
    "close_failure",
    "ask_for_checks",
    "close_year",
    "decide_election",
    "end_account",
    "end_unanswered",
    "end_with_contract",
    "lapse_claim",
    "lapse_engagement",
    "note_arrival",
    "note_pages",
    "note_standstill",
    "open_the_way",
    "reconcile",
    "reconcile_once_a_day",
    "remind_of_election",
    "submit_by_itself",
    "tell_others",
}
WRITE_THEIR_LINE_ELSEWHERE = {
    "close_failure": "a batch of one: `record_each` in sla/actions/lapses.py",
    "decide_election": "with what it changes of the contract (T3)",
    "end_unanswered": "in the lock, where whoever comes first after its deadline writes it (T3)",
    "lapse_claim": "a batch of one: `record_each` in sla/actions/lapses.py",
    "reconcile_once_a_day": "in `reconcile`, where there is something to compare",
    "note_arrival": "in the lock, where whoever comes first after the arrival writes it (T3)",
    "release_withdrawal": "in `_begin_release`, which its trial shares",
    "try_release": "in `_begin_release`, and it is taken back",
    "terminate": "in `contract_states.terminate`, and for an election where it is void",
    "submit_by_itself": "a batch of one: `record_each` in sla/actions/sendings.py",
}


def called_in(verb):
    return {ast.unparse(node.func) for node in ast.walk(verb) if isinstance(node, ast.Call)}


class TestAVerb:
    """One transaction, one line in the log, by whom and when handed in without a default."""

    def test_there_are_many(self):
        assert len(VERBS) > 25

    def test_it_is_told_everything_by_name(self):
        wrong = []

        for _, verb in VERBS:
            asked = verb.args
            by_name = {one.arg: default for one, default in zip(asked.kwonlyargs, asked.kw_defaults, strict=True)}
            wrong += [f"{verb.name}: by its place"] if asked.args or asked.posonlyargs else []
            moment = "received_at" if "received_at" in by_name else "now"
            wrong += [f"{verb.name}: when has a default"] if by_name.get(moment, "missing") is not None else []
            by_nobody = by_name.get("by", "missing") is not None and verb.name not in THE_CLOCKS_OWN
            wrong += [f"{verb.name}: who has a default"] if by_nobody else []

        assert wrong == []

    def test_it_writes_its_line(self):
        silent = [verb.name for _, verb in VERBS if "record" not in called_in(verb)]

        assert set(silent) - set(WRITE_THEIR_LINE_ELSEWHERE) == set()

    def test_it_says_its_clause(self):
        assert [verb.name for _, verb in VERBS if not ast.get_docstring(verb)] == []


class TestTheRules:
    def test_no_float_gets_into_them(self):
        found = [
            f"{name(path)}:{node.lineno}"
            for path in RULES
            for node in ast.walk(tree(path))
            if (isinstance(node, ast.Constant) and isinstance(node.value, float))
            or (isinstance(node, ast.Call) and ast.unparse(node.func) in ("float", "round", "math.floor"))
            or (isinstance(node, ast.FunctionDef) and node.returns is not None and "float" in ast.unparse(node.returns))
        ]

        assert found == []

    def test_each_cites_its_clause(self):
        """But for days, spans and money, which are of the register's head, and the shape of a working."""
        of_the_head = {"days.py", "spans.py", "money.py", "working.py"}
        silent = [
            f"{name(path)}: {node.name}"
            for path in RULES
            if path.name not in of_the_head
            for node in tree(path).body
            if isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
            and not re.search(r"\b[EST]\d", ast.get_docstring(node) or "")
        ]

        assert silent == []

    def test_each_public_one_says_what_it_means(self):
        silent = [
            f"{name(path)}: {node.name}"
            for path in RULES
            for node in tree(path).body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
        ]

        assert silent == []


class TestTheFiles:
    def test_none_is_called_utils(self):
        assert [name(path) for path in files("**/*.py") if path.stem in ("utils", "helpers", "misc", "common")] == []

    def test_each_is_short_enough_to_read(self):
        assert [name(path) for path in CODE if len(path.read_text().splitlines()) >= 400] == []

    def test_no_test_leans_on_what_is_not_in_the_repository(self):
        outside = re.compile(r"\.\./shared|/work/")
        leaning = [
            name(path) for path in files("tests/**/*.py", "config/*.py", "Makefile", ".ci/*") if path != Path(__file__)
        ]

        assert [one for one in leaning if outside.search((ROOT / one).read_text())] == []


# --- Clauses

NOT_BUILT_YET = {
    # clause: what it waits for. An entry that is in fact built fails; later issues empty the list.
}
SHOWN_BY_VALUE = ("E4", "E14", "S1")
"""Refusals, lines of a card and workings carry their clause as a value: TestAScreen opens a page that shows each."""


def clauses() -> list[str]:
    return re.findall(r"^\| ([EST]\d+)\b", (ROOT / "CLAUSES.md").read_text(), re.MULTILINE)


def stands(clause: str) -> dict[str, bool]:
    """Where a clause stands: in code that decides (rule, constraint or action), in a test, and on a screen."""
    deciding = [f"{half}/{room}" for half in HALVES for room in ("rules/*.py", "models/*.py", "actions/*.py", "*.py")]
    word = re.compile(rf"\b{clause}\b")
    return {
        "code": bool(word.search(text_of(*deciding, "*/migrations/*.py"))),
        "test": bool(word.search(text_of("tests/**/*.py"))),
        "screen": clause in SHOWN_BY_VALUE or f'data-clause="{clause}"' in text_of("templates/**/*.html"),
    }


class TestTheRegister:
    """From the paper to the line and back: `git grep -nw S8` finds register, rule, test and screen."""

    def test_it_has_every_clause_once(self):
        expected = [f"E{n}" for n in range(1, 16)] + [f"S{n}" for n in range(1, 20)] + [f"T{n}" for n in range(1, 5)]

        assert clauses() == expected

    @pytest.mark.parametrize("clause", clauses())
    def test_each_clause_stands_in_code_a_test_and_a_screen(self, clause):
        found = stands(clause)

        if clause in NOT_BUILT_YET:
            assert not all(found.values()), f"{clause} is built: take it out of NOT_BUILT_YET"
        else:
            assert found == dict.fromkeys(found, True)

    def test_what_waits_is_in_the_register(self):
        assert set(NOT_BUILT_YET) <= set(clauses())

    def test_no_code_names_a_clause_that_is_not_there(self):
        named = set(re.findall(r"\b([EST]\d{1,2})\b", text_of("*/rules/*.py", "*/models/*.py", "*/actions/*.py")))

        assert named - set(clauses()) == set()

    def test_the_screens_name_no_clause_that_is_not_there(self):
        named = set(re.findall(r'data-clause="([A-Z]\d+)"', text_of("templates/**/*.html")))

        assert named - set(clauses()) == set()

    def test_its_table_of_caps_is_the_papers(self):
        rows = re.findall(r"^\| (\w[^|]*) \(([\d +]+)\) \|(.*)\|$", (ROOT / "CLAUSES.md").read_text(), re.MULTILINE)
        activities = [self.key_of(title) for title, _, _ in rows]

        printed = {
            (level, activity): cell.strip()
            for activity, (_, _, cells) in zip(activities, rows, strict=True)
            for level, cell in zip(("none", "premium", "silver", "gold"), cells.split("|"), strict=True)
        }

        pooled = {(pool.level, activity) for pool in PAPER.pools for activity in pool.activities}
        assert len(printed) == 28
        assert {key: int(cell) for key, cell in printed.items() if cell.isdigit()} == PAPER.caps
        assert {key for key, cell in printed.items() if cell == "1, pool"} == pooled
        assert {
            a: tuple(map(int, m.split("+"))) for a, (_, m, _) in zip(activities, rows, strict=True)
        } == PAPER.sessions

    def key_of(self, title: str) -> str:
        """Integration Consultation: integration. Product Roadmap Session: roadmap."""
        words = title.lower().replace("/", "_").split()
        return next(key for key in PAPER.sessions if key in words or key == "_".join(words[:2]))


@pytest.mark.django_db
class TestAScreen:
    """A clause that is shown as a value is there when the page is opened."""

    def opened(self, user, path: str, form: dict[str, str] | None = None) -> set[str]:
        client = Client()
        client.force_login(user)
        response = client.get(path) if form is None else client.post(path, form)
        return set(re.findall(r'data-clause="([A-Z]\d+)"', response.content.decode()))

    def test_the_year_card_names_the_pool(self):
        contract = make.contract(level="none", first=date(2026, 1, 1), last=date(2036, 12, 31))

        shown = self.opened(make.member(customer=contract.customer), reverse("year_card"))

        assert "E4" in shown

    def test_a_refusal_names_the_term(self):
        contract = make.contract(first=date(2025, 1, 1), last=date(2036, 12, 31))
        Contract.objects.update(status="suspended")

        shown = self.opened(
            make.member(customer=contract.customer),
            reverse("request_engagement", args=[contract.pk, "integration"]),
        )

        assert "E14" in shown

    def test_the_working_of_a_claim_names_the_terms(self):
        claim = make.proposal().claim

        shown = self.opened(make.manager(), reverse("admin:claim", args=[claim.reference]))

        assert "S1" in shown


class TestConstraints:
    def test_each_is_tested_by_its_name(self):
        """Those of who and when are found by introspection (tests/entitlements/test_constraints.py)."""
        tests = text_of("tests/**/*.py")
        constraints = [
            c.name for half in HALVES for m in apps.get_app_config(half).get_models() for c in m._meta.constraints
        ]

        untested = [one for one in constraints if not one.endswith("_at_and_by_go_together") and one not in tests]

        assert len(constraints) > 50
        assert untested == []
