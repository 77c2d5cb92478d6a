"""E2, E3, E13: the year's statement: the card's own figures beside what was advised in the year."""

from __future__ import annotations

from datetime import date

from entitlements.rules.cap_tables import card_line
from entitlements.rules.caps import UNLIMITED, Override
from entitlements.rules.contract_years import ContractYear
from entitlements.rules.statements import Advised, statement
from tests.worked_examples.paper import PAPER

YEAR = ContractYear(n=1, first=date(2026, 1, 1), last=date(2026, 12, 31))
IN_IT, NEXT = date(2026, 6, 1), date(2027, 6, 1)
COLUMNS = ("entitled", "used", "unused", "advised", "done", "declined", "to_do")


def of(level, *advised, counted=(), overrides=()):
    table = PAPER.table(level).under({one.target: one for one in overrides}, PAPER.pool_keys)
    card = [card_line(line, *dict(counted).get(line.target, (0, 0, 0))) for line in table.lines]
    return statement(YEAR, card, advised)


def line(made, target):
    return next(one for one in made.lines if one.card.target == target)


def test_each_line_has_the_cards_figures():
    made = line(of("gold", counted=[("integration", (2, 1, 0))]), "integration")

    assert (made.entitled, made.used, made.unused) == (6, 3, 3)


def test_what_was_advised_stands_where_it_was_given_by_its_state():
    states = ("open", "in_progress", "done", "done", "declined")
    made = line(of("gold", *(Advised("maturity", IN_IT, state) for state in states)), "maturity")

    assert (made.advised, made.to_do, made.done, made.declined) == (5, 2, 2, 1)


def test_another_years_advice_is_passed_over():
    assert of("gold", Advised("maturity", NEXT, "open")).total("advised") == 0


def test_a_pool_is_one_line():
    made = of("none", Advised("integration", IN_IT, "open"), Advised("product_feature", IN_IT, "done"))

    assert line(made, "consultation").advised == 2


def test_the_sums_are_of_the_numbers():
    states = ("open", "in_progress", "done", "declined", "declined")
    made = of(
        "gold",
        *(Advised(one, IN_IT, state) for one, state in zip(("maturity", "roadmap") * 3, states, strict=False)),
        counted=[("integration", (2, 1, 0)), ("maturity", (1, 0, 0))],
    )

    assert [made.total(column) for column in COLUMNS] == [20, 4, 16, 5, 1, 2, 2]


def test_what_has_no_number_counts_into_no_sum_but_its_advice_does():
    """E2, E8: neither what is not available, nor what is without limit."""
    advised = [Advised("roadmap", IN_IT, state) for state in ("done", "declined", "open")]
    made = of(
        "none",
        *advised,
        Advised("integration", IN_IT, "done"),
        counted=[("integration", (3, 0, 0))],
        overrides=[Override("integration", UNLIMITED)],
    )

    assert [line(made, one).entitled for one in ("roadmap", "integration")] == ["N/A", "unlimited"]
    assert [line(made, one).unused for one in ("roadmap", "integration")] == ["N/A", "unlimited"]
    assert [made.total(column) for column in COLUMNS] == [1, 0, 1, 4, 2, 1, 1]
