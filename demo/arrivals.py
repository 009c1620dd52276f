"""When orders come in over the weeks: by day of the week, by hour, and sometimes in twos from the same customer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from demo.customers import Customer, Order, make_customers, make_order

BY_WEEKDAY = (1.15, 1.05, 1.0, 1.0, 1.1, 0.7, 0.55)
BY_HOUR = (1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 9, 9, 10, 10, 9, 9, 11, 13, 13, 9, 5, 2)
SECOND_ORDER = 0.2
CUSTOMERS_PER_ORDER = 0.2


@dataclass(frozen=True)
class Arrival:
    """One order and when it reaches the shop."""

    at: datetime
    order: Order


def plan_arrivals(seed: int, start: datetime, until: datetime, count: int) -> list[Arrival]:
    """``count`` orders in [start, until), oldest first; the same arguments give the same plan."""
    rng = Random(f"arrivals|{seed}")
    customers = make_customers(rng, max(20, int(count * CUSTOMERS_PER_ORDER)))
    moments: list[tuple[datetime, Customer]] = []
    while len(moments) < count:
        moments.extend(_visit(rng, customers, start, until)[: count - len(moments)])
    moments.sort(key=lambda moment: (moment[0], moment[1].number))
    return [
        Arrival(at, make_order(rng, customer, f"PO-{place:06d}")) for place, (at, customer) in enumerate(moments, 1)
    ]


def _visit(rng: Random, customers: list[Customer], start: datetime, until: datetime) -> list[tuple[datetime, Customer]]:
    customer = rng.choice(customers)
    first = _moment(rng, start, until)
    second = first + timedelta(minutes=rng.uniform(5, 90))
    twice = rng.random() < SECOND_ORDER and second < until
    return [(first, customer), (second, customer)] if twice else [(first, customer)]


def _moment(rng: Random, start: datetime, until: datetime) -> datetime:
    """Rejection sampling against the weights of weekday and hour."""
    heaviest = max(BY_WEEKDAY) * max(BY_HOUR)
    while True:
        at = start + timedelta(microseconds=rng.randrange((until - start) // timedelta(microseconds=1)))
        if rng.random() * heaviest < BY_WEEKDAY[at.weekday()] * BY_HOUR[at.hour]:
            return at
