"""Caps in use: may one more place be booked, and what stands above its cap (E5–E8, E14).

Questions about loaded facts: the lock on the contract year (E6) is the caller's. Days are local dates in the contract's
zone. What the questions are asked and answered with can be imported from here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from entitlements.rules.booking_answers import (
    ALLOWED,
    CAP_USED_UP,
    NOT_ACTIVE,
    NOT_IN_LEVEL,
    OUTSIDE_TERM,
    PROFESSIONAL_SERVICES,
    BookingAnswer,
    Wish,
)
from entitlements.rules.cap_tables import CapLine, CardLine
from entitlements.rules.cap_values import NOT_AVAILABLE, UNLIMITED, Cap, Override, as_figure
from entitlements.rules.contract_years import contract_years
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.editions import PolicyEdition
from entitlements.rules.engagements import EngagementFacts
from entitlements.rules.products import Holding
from entitlements.rules.year_books import OverCap, year_book
from entitlements.rules.year_cards import unused, year_card

__all__ = [
    "NOT_AVAILABLE",
    "UNLIMITED",
    "BookingAnswer",
    "Cap",
    "CapLine",
    "CardLine",
    "ContractFacts",
    "EngagementFacts",
    "OverCap",
    "Override",
    "as_figure",
    "check_booking",
    "over_cap",
    "unused",
    "year_card",
]


def check_booking(
    contract: ContractFacts,
    engagements: Iterable[EngagementFacts],
    candidate: EngagementFacts,
    editions: Sequence[PolicyEdition],
    holdings: Iterable[Holding] | None = None,
) -> BookingAnswer:
    """E6, E7, E14: may the candidate be booked on its day, beside the contract's engagements?

    A candidate with the id of one of them is a move: that one is taken out and the candidate booked in one step (E5);
    refused, nothing has changed. `holdings`: the contract's products, for the next place alone (E7, E9); its own day's are another
    question. ValueError for a candidate in a state that holds no place.
    """
    if not (candidate.counts() or candidate.ps_reference):
        raise ValueError(f"a candidate must hold a place: {candidate}")
    others = tuple(e for e in engagements if e.id != candidate.id and e.counts())
    wish = Wish(contract, candidate, others, tuple(editions), None if holdings is None else tuple(holdings))
    year = contract.year_of(candidate.day)
    if year is None:
        return BookingAnswer(wish, OUTSIDE_TERM)
    if not contract.is_active:
        return BookingAnswer(wish, NOT_ACTIVE, year)
    book = wish.book(year)
    line = book.line_of(candidate)
    used = book.count(line, candidate.day)
    if candidate.ps_reference:
        return BookingAnswer(wish, PROFESSIONAL_SERVICES, year, line, used)
    over = tuple(book.over_with(candidate))
    answer = NOT_IN_LEVEL if line.cap is NOT_AVAILABLE else CAP_USED_UP if over else ALLOWED
    return BookingAnswer(wish, answer, year, line, used + 1, over)


def over_cap(
    contract: ContractFacts, engagements: Iterable[EngagementFacts], editions: Sequence[PolicyEdition]
) -> tuple[OverCap, ...]:
    """E6: what stands above the cap in force on its own day, year by year in order of day: past usage over a lowered
    cap stands, and is listed for the manager.
    """
    counted = [engagement for engagement in engagements if engagement.counts()]
    years = contract_years(contract.start, contract.last)
    return tuple(one for year in years for one in year_book(contract, year, counted, editions).over())
