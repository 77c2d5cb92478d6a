"""S12, S19: what may be added to the lines of a credit: nothing is taken that is not there, nothing undone that does not stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from entitlements.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands: signed, and with the key of the line that it undoes or corrects. One about no other is granted or applied."""

    key: int
    amount: Decimal
    about: int | None = None


@dataclass(frozen=True, slots=True)
class CreditLines:
    """The lines of one credit; `bound` is the least of its three bounds, which a correction does not pass either (S11)."""

    lines: tuple[Line, ...]
    bound: Decimal

    @classmethod
    def of(cls, lines: Iterable[Line], bound: Decimal) -> CreditLines:
        return cls(tuple(lines), bound)

    @property
    def balance(self) -> Decimal:
        """What is left to be applied."""
        return sum((line.amount for line in self.lines), Decimal("0.00"))

    def stands(self, key: int) -> Decimal:
        """What is left of a line after all that undoes or corrects it."""
        return sum((line.amount for line in self.lines if key in (line.key, line.about)), Decimal("0.00"))

    def reason_against_application(self, amount: Decimal) -> Refusal | None:
        """Why so much cannot be applied to an invoice; None if it can."""
        if amount <= 0:
            return Refusal("S19", "nothing_applied", "What is applied is more than nothing.", "Give a sum above zero.")
        return self._against_taking(amount)

    def reason_against_reversal(self, key: int) -> Refusal | None:
        """Why all that is left of a line cannot be undone; None if it can."""
        left = self.stands(key)
        if not left:
            return Refusal("S19", "undone", "Nothing is left of this line: it is undone already.", "See the lines.")
        return self._against_taking(left)

    def reason_against_correction(self, key: int, difference: Decimal) -> Refusal | None:
        """Why a line cannot be corrected by a difference; None if it can."""
        before = self.stands(key)
        after = before + difference
        granted = next(line.amount for line in self.lines if line.key == key) >= 0
        if not difference:
            return Refusal("S19", "no_difference", "This changes nothing.", "Give the sum that it should have been.")
        if granted and after > self.bound:
            return Refusal(
                "S11",
                "above_bounds",
                f"A credit stays within its bounds, here {self.bound:,.2f}.",
                "Give a sum within them.",
            )
        if after < 0 if granted else after > 0:
            return Refusal("S19", "wrong_side", "This would turn the line into its opposite.", "Reverse it instead.")
        return self._against_taking(-difference)

    def _against_taking(self, amount: Decimal) -> Refusal | None:
        if amount <= self.balance:
            return None
        return Refusal(
            "S19",
            "not_enough_left",
            f"Only {self.balance:,.2f} is left of this credit: the rest is applied or undone.",
            "Apply less, or undo an application first.",
        )
