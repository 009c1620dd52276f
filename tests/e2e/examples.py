"""Orders of the demo's truth as examples, picked by the property that a test relies on."""

from collections import defaultdict

import pytest


def shared_tracking_number(truth):
    """(order number, tracking number) of an order that shares a package, where the tracking number is of that package.

    A search for it answers with several orders. An order may have a second package all of its own.
    """
    owners = _owners(truth)
    return _first(
        "order with a tracking number that belongs to several orders",
        (
            (number, tracking)
            for number, order in truth.items()
            for tracking in order["ids"].get("tracking", ())
            if order["shared_with"] and len(owners[tracking]) > 1
        ),
    )


def order_with_ids_of_its_own(truth):
    """The number of an order with an id of every kind, each of which leads to this order alone.

    No other id begins like one of them either, for a search finds ids by their beginnings.
    """
    owners = _owners(truth)
    kinds = {kind for order in truth.values() for kind in order["ids"]}

    def alone(number, order):
        mine = [value for values in order["ids"].values() for value in values]
        others = [value for value in owners if value not in mine]
        return all(owners[value] == {number} for value in mine) and not any(
            other.startswith(value) for other in others for value in mine
        )

    return _first(
        f"order with ids of its own of every kind ({', '.join(sorted(kinds))})",
        (number for number, order in truth.items() if order["ids"].keys() == kinds and alone(number, order)),
    )


def _owners(truth):
    """Id → the numbers of the orders it leads to."""
    owners = defaultdict(set)
    for number, order in truth.items():
        for values in order["ids"].values():
            for value in values:
                owners[value].add(number)
    return owners


def _first(what, candidates):
    example = next(iter(candidates), None)
    if example is None:
        pytest.fail(f"The demo made no {what}, and this test needs one as its example.")
    return example
