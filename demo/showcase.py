"""Pairs of orders in which a lot happens, found by looking at the dice before they are thrown."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from random import Random

from demo.customers import Customer, Order, make_order
from demo.dice import Dice
from demo.systems.erp_checks import DECLINED, THINKING
from demo.systems.policy import steady_policy

CLOSE = 0.08


def showcase_pairs(seed: int, prefix: str) -> Iterator[tuple[Order, Order]]:
    """Two orders of one customer, both approved by a person at about the same time, whose package is booked twice.

    Nothing is staged: the orders are chosen so that the dice, which all systems share, fall that way.
    """
    rng = Random(f"showcase|{seed}|{prefix}")
    dice = Dice(seed)
    for number in count(1):
        customer = Customer(f"C-{90000 + number}", "key-account", "DE")
        known: list[Order] = []
        for attempt in count():
            order = _large_order(rng, customer, f"{prefix}-S{number}-{attempt}")
            if not _eventful(dice, order):
                continue
            twin = next((other for other in known if _together(dice, other, order)), None)
            if twin:
                yield twin, order
                break
            known.append(order)


def _large_order(rng: Random, customer: Customer, reference: str) -> Order:
    """Two small things that fit into one box with another two, above the approval limit."""
    order = make_order(rng, customer, reference)
    prices = [Decimal(rng.randint(60_000, 190_000)) / 100 for _ in range(2)]
    lines = [{"goods": "monitor", "price": f"{price:.2f}", "bulky": False} for price in prices]
    return {**order, "channel": "web", "lines": lines, "value": str(sum(prices, Decimal()))}


def _eventful(dice: Dice, order: Order) -> bool:
    reference, policy = order["reference"], steady_policy()
    now = policy.start
    booked_as = f"{reference}/0"
    smooth = not (
        dice.chance("credit", reference, DECLINED[order["segment"]])
        or dice.chance("address", reference, policy.bad_address(now))
        or dice.chance("stock-out", reference, policy.stock_out(now))
        or dice.chance("decision", reference, 0.2)
        or dice.chance("refusal", booked_as, 0.2)
        or dice.chance("declined", reference, 0.2)
    )
    first, second = (dice.chance("refused", f"{booked_as}/{n}", policy.booking_refused(now)) for n in (1, 2))
    return smooth and first and not second


def _together(dice: Dice, one: Order, other: Order) -> bool:
    rolls = [dice.roll(THINKING, order["reference"]) for order in (one, other)]
    return abs(rolls[0] - rolls[1]) < CLOSE
