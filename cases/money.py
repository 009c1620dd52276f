"""Money: an exact amount in one currency. Amounts in different currencies are never added up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

MICROS: Final = 1_000_000
"""Millionths of a currency unit: the grain in which the store keeps money and a shared cost is split."""

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Money:
    """``amount`` is a decimal in text, with at least two places and at most six; ``currency`` an ISO 4217 code."""

    amount: str
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """``amount`` without the zeros that only the store's six places bring."""
        short = amount.quantize(_CENT)
        return cls(f"{short if short == amount else amount.normalize():f}", currency)

    @classmethod
    def of_micros(cls, micros: int, currency: str) -> Money:
        """``micros`` are millionths of the currency unit."""
        return cls.of(Decimal(micros) / MICROS, currency)


def optional(amount: Decimal | None, currency: str) -> Money | None:
    """The store's nullable pair of columns as money, or None where no amount was sent."""
    return None if amount is None else Money.of(amount, currency)
