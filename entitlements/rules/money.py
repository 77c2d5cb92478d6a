"""Exact money: multiply everything, divide once, round half-up once, at the end.

Sums are `Fraction` on the way (nothing is lost by dividing) and `Decimal` with two places when they are posted or shown.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

_CENT = 100


def exact(figure: Decimal | Fraction | int | str) -> Fraction:
    """The figure as an exact fraction. A float is refused: it is not the number that somebody wrote."""
    if isinstance(figure, float):
        raise TypeError(f"a float is not an exact figure: {figure!r}")
    return Fraction(figure)


def cents(figure: Decimal | Fraction | int) -> Decimal:
    """The figure rounded half-up (away from zero on a tie) to two places: once, at the end."""
    hundredths = exact(figure) * _CENT
    whole, rest = divmod(abs(hundredths.numerator), hundredths.denominator)
    if rest * 2 >= hundredths.denominator:
        whole += 1
    sign = "-" if hundredths < 0 and whole else ""
    return Decimal(f"{sign}{whole // _CENT}.{whole % _CENT:02d}")
