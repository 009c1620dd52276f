"""Values of measures, exact on their way out."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

Number = int | float | str
"""A number, or its decimal text where a double, which is what JSON readers make of a number, would not be exact."""

_LARGEST: Final = 2**53
_DIGITS: Final = Context(prec=100)


def exact(value: Fraction) -> Number:
    """``value``, a decimal fraction, as the simplest thing that holds it exactly."""
    if value.denominator == 1:
        return int(value) if abs(value) <= _LARGEST else str(int(value))
    near = float(value)
    if Fraction(repr(near)) == value:
        return near
    return f"{_DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator)):f}"


def rounded(value: Fraction) -> Number:
    """``value``, which need not end as a decimal, as the nearest double; whole where it is whole."""
    return exact(value) if value.denominator == 1 else float(value)
