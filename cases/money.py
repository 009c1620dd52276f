"""Money: an exact amount in one currency. Amounts in different currencies are never added up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

MICROS: Final = 1_000_000
"""Millionths in a currency unit. The store keeps money in millionths, and shared costs are divided in millionths."""

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency.

    ``amount`` is a decimal number as text with two to six places, ``currency`` an ISO 4217 code.
    """

    amount: str
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """``amount`` as money: ``Decimal("12.500000")`` is ``12.50``, ``Decimal("0.000100")`` is ``0.0001``."""
        short = amount.quantize(_CENT)
        return cls(f"{short if short == amount else amount.normalize():f}", currency)

    @classmethod
    def of_micros(cls, micros: int, currency: str) -> Money:
        """Money from ``micros``, millionths of the currency unit."""
        return cls.of(Decimal(micros) / MICROS, currency)


def optional(amount: Decimal | None, currency: str) -> Money | None:
    """Money from a nullable pair of columns; None where no amount was sent."""
    return None if amount is None else Money.of(amount, currency)
