"""Exact money: multiply everything, divide once, round half-up once, at the end.

Sums are `Fraction` on the way (nothing is lost by dividing) and `Decimal` with two places when they are posted or shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, Inexact
from fractions import Fraction

_CENT = 100
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])


def exact(figure: Decimal | Fraction | int | str) -> Fraction:
    """The figure as an exact fraction. A float is refused: it is not the number that somebody wrote."""
    _refuse_a_float(figure)
    return Fraction(figure)


def _refuse_a_float(figure: object) -> None:
    if isinstance(figure, float):
        raise TypeError(f"a float is not an exact figure: {figure!r}")


def total(figures: Iterable[Decimal]) -> Fraction:
    """The exact sum of many figures; one by one as fractions, 50,000 take half a second."""
    sum_so_far = Decimal(0)
    for figure in figures:
        sum_so_far = _EXACT.add(sum_so_far, figure)
    return Fraction(sum_so_far)


def cents(figure: Decimal | Fraction | int) -> Decimal:
    """The figure rounded half-up (away from zero on a tie) to two places: once, at the end."""
    _refuse_a_float(figure)
    numerator, denominator = figure.as_integer_ratio()
    whole, rest = divmod(abs(numerator) * _CENT, denominator)
    if rest * 2 >= denominator:
        whole += 1
    sign = "-" if numerator < 0 and whole else ""
    return Decimal(f"{sign}{whole // _CENT}.{whole % _CENT:02d}")
