"""Number ranges: every system names things in its own scheme, and no two schemes look alike."""

from collections.abc import Callable
from dataclasses import dataclass

DIGITS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass
class Series:
    """Hands out the next number of one scheme; ``first`` keeps the runs of the demo apart."""

    scheme: Callable[[int], str]
    first: int

    def next(self) -> str:
        self.first += 1
        return self.scheme(self.first)


def order_number(n: int) -> str:
    return f"SO-{n}"


def sales_document_number(n: int) -> str:
    return f"45{n:08d}"


def item_number(n: int) -> str:
    return f"IT-{_base34(n * 7 + 11)}"


def package_number(n: int) -> str:
    return f"PK-{_base34(n * 13 + 5)}"


def tracking_number(n: int) -> str:
    """The carrier's own scheme with a check digit, as a customer would quote it."""
    digits = f"{n * 17 + 3:09d}"
    check = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    return f"TRK{digits}{check}"


def invoice_number(n: int) -> str:
    return f"INV-{n * 3 + 1:09d}"


def _base34(n: int) -> str:
    text = ""
    while n:
        n, rest = divmod(n, len(DIGITS))
        text = DIGITS[rest] + text
    return text
