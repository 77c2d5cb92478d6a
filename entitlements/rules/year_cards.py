"""The year card: what a contract may use in a contract year, what it has used, and what is left (E2, E4, E5, E8).

Cards are drawn in loops over many contracts: one pass over the engagements, and nothing is worked out that nobody asks
for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from entitlements.rules.cap_tables import CardLine, card_line
from entitlements.rules.cap_values import NOT_AVAILABLE
from entitlements.rules.contract_years import ContractYear
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.editions import PolicyEdition, edition_for
from entitlements.rules.engagements import HELD, EngagementFacts

_COLUMN = {"delivered": 0} | dict.fromkeys(HELD, 1)


def year_card(
    contract: ContractFacts,
    year: ContractYear,
    engagements: Iterable[EngagementFacts],
    editions: Sequence[PolicyEdition],
    on: date,
) -> tuple[CardLine, ...]:
    """E2–E5, E8: the card of a contract year with the caps in force on the day `on` (of another year: on this year's nearest day),
    one line an activity or pool, in the policy's order.

    `engagements` may be any of the contract's; those of other years are passed over. A year that would only have begun after the
    term entitles to nothing (E14).
    """
    table = contract.table_on(year.nearest_to(on), edition_for(editions, year.first))
    first, last, place = year.first, year.last, table.place
    tally: dict[int, list[int]] = {}
    for engagement in engagements:
        if first <= engagement.day <= last and engagement.activity in place and engagement.counts():
            counted = tally.setdefault(place[engagement.activity], [0, 0, 0])
            counted[_COLUMN.get(engagement.state, 2)] += 1
    card = [line.untouched for line in table.lines]
    for index, counted in tally.items():
        card[index] = card_line(table.lines[index], *counted)
    return tuple(card) if first <= contract.last else tuple(map(_after_the_term, card))


def _after_the_term(line: CardLine) -> CardLine:
    """E14: nothing is entitled, so nothing is left; what is not available stays so."""
    return line if line.cap is NOT_AVAILABLE else line._replace(cap=0, left=0)


def unused(card: Iterable[CardLine]) -> int:
    """E3, T1: the places left on a card, which lapse at the end of its year.

    What is N/A or without limit leaves none behind.
    """
    return sum(left for _, left in lapsing(card))


def lapsing(card: Iterable[CardLine]) -> list[tuple[CardLine, int]]:
    """E3: the lines of a card of which places are left, with how many: at the end of the year they lapse."""
    return [(line, line.left) for line in card if isinstance(line.left, int) and line.left]
