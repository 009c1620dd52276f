"""Who orders, and what: customers with habits, and orders with a value in the customer's currency."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

Order = dict[str, Any]
"""The JSON body of ``POST /orders`` at the shop."""

REGIONS = {"DE": 0.5, "AT": 0.14, "FR": 0.2, "CH": 0.16}
SEGMENTS = {"consumer": 0.6, "business": 0.3, "key-account": 0.1}
TYPICAL_PRICE = {"consumer": 55.0, "business": 240.0, "key-account": 620.0}
CHANNELS = {
    "consumer": {"web": 0.55, "app": 0.25, "marketplace": 0.2},
    "business": {"web": 0.6, "app": 0.15, "marketplace": 0.1, "phone": 0.15},
    "key-account": {"web": 0.7, "phone": 0.3},
}
GOODS = ("kettle", "desk lamp", "office chair", "monitor", "keyboard", "bookcase", "coffee grinder", "cable set")
BULKY = ("office chair", "bookcase")


@dataclass(frozen=True)
class Customer:
    """One buyer; ``number`` is the shop's customer number."""

    number: str
    segment: str
    region: str

    @property
    def currency(self) -> str:
        return "CHF" if self.region == "CH" else "EUR"


def make_customers(rng: Random, count: int) -> list[Customer]:
    """A customer base with the shares of REGIONS and SEGMENTS."""
    return [Customer(f"C-{10001 + n}", _weighted(rng, SEGMENTS), _weighted(rng, REGIONS)) for n in range(count)]


def make_order(rng: Random, customer: Customer, reference: str, *, hurried: bool = True) -> Order:
    """What the customer puts in; ``reference`` is the customer's own number, ``hurried`` spares it slow approvers."""
    lines = [_line(rng, customer) for _ in range(rng.choice((1, 1, 1, 2, 2, 3)))]
    value = sum((Decimal(line["price"]) for line in lines), Decimal())
    return {
        "reference": reference,
        "customer": customer.number,
        "segment": customer.segment,
        "region": customer.region,
        "channel": _weighted(rng, CHANNELS[customer.segment]),
        "lines": lines,
        "value": str(value),
        "currency": customer.currency,
        "hurried": hurried,
    }


def _line(rng: Random, customer: Customer) -> dict[str, Any]:
    goods = rng.choice(GOODS)
    cents = round(TYPICAL_PRICE[customer.segment] * rng.lognormvariate(0, 0.7) * 100)
    return {"goods": goods, "price": f"{Decimal(cents) / 100:.2f}", "bulky": goods in BULKY}


def _weighted(rng: Random, shares: dict[str, float]) -> str:
    return rng.choices(list(shares), list(shares.values()))[0]
