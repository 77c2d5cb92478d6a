"""Sums of money as people write them (C6.7): taken where they can be read in one way only, else refused with an example."""

from __future__ import annotations

import re
from decimal import Decimal
from unicodedata import category

MOST = Decimal("999999999999.99")
MOST_SIGNS = 40
_SUM = re.compile(r"-?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]{1,2})?")
_DECIMAL_COMMA = re.compile(r"-?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+),[0-9]{1,2}|-?[0-9]{1,3}(\.[0-9]{3}){2,}")
_MORE_PLACES = re.compile(r"-?[0-9,]*\.[0-9]{3,}")
_CURRENCY = re.compile(r"-?[A-Za-z]{3} ?-?[0-9].*|-?[0-9].*[0-9] ?[A-Za-z]{3}")
_LIKE = "Write the sum like 1,200.50 or 1200.50: a point before the cents, commas only between thousands."


class NotASum(ValueError):
    """What was written is no sum that can be taken; the message says why and what would be."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def sum_of(written: str) -> Decimal:
    """The sum that was written, exact to the cent, from 0 to `MOST`. Raises NotASum."""
    if len(written) > MOST_SIGNS or not _SUM.fullmatch(written):
        raise NotASum("invalid", _what_is_wrong_with(written))
    amount = Decimal(written.replace(",", ""))
    if amount < 0:
        raise NotASum("negative", "A sum here is never below zero.")
    if amount > MOST:
        raise NotASum("too_much", f"A sum can be at most {MOST:,}.")
    return amount


def _what_is_wrong_with(written: str) -> str:
    if written.startswith(("=", "@")):
        return "This is a formula. Write its value in its place, like 1,200.50."
    if len(written) > MOST_SIGNS:
        return _LIKE
    if _DECIMAL_COMMA.fullmatch(written):
        return f"The comma stands where the point does. {_LIKE}"
    if _MORE_PLACES.fullmatch(written):
        return f"The sum has more than two places after the point. {_LIKE}"
    if _CURRENCY.fullmatch(written) or any(category(sign) == "Sc" for sign in written):
        return f"Leave out the currency: it is the contract's. {_LIKE}"
    return _LIKE
