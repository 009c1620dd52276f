"""Merges what the five systems wrote down into one account per order: ``truth.json``.

Who shared an event is looked up in the books of the warehouse (what was packed) and the carrier (what was registered),
not in telemetry. Money and counts shared by n orders are exact: millionths, the remainder going to the first orders in
alphabetical order.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo.truth.facts import facts
from demo.truth.log import Record

Truth = dict[str, Any]
"""``{"about": {...}, "orders": {number: account}}``; ``docs/demo.md`` explains the fields."""

HANDS_ON = frozenset({"create", "edit", "approve", "reject", "retry", "resend", "release"})
"""What makes a person's event a touch, as the KPI definitions list it."""

MILLION = 1_000_000

_OF_THE_ORDER = frozenset({"value", "dims", "timeout_s", "decision"})
"""What an account tells once, not with each step."""


def read_workdir(workdir: Path) -> Iterator[Record]:
    """The records all systems have written so far; a line that is still being written is left for later."""
    for path in sorted(workdir.glob("truth-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                yield json.loads(line)


def merge(records: Iterable[Record], about: dict[str, Any] | None = None) -> Truth:
    """One account per order, orders by number, steps by start."""
    everything = [json.loads(json.dumps(record)) for record in records]
    books = _Books(everything)
    steps: dict[str, list[dict[str, Any]]] = defaultdict(list)
    finished = [record for record in everything if record["type"] == "step"]
    for record in finished:
        orders = books.orders_of(record)
        for rank, order in enumerate(orders):
            steps[order].append(_step(record, orders, rank))
    closed = {(record["order"], record["step"], record["start"]) for record in finished}
    still_open: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in everything:
        if record["type"] == "open" and (record["order"], record["step"], record["start"]) not in closed:
            still_open[record["order"]].append(_open(record))
    return {
        "about": about or {},
        "orders": {order: _account(order, steps[order], still_open[order], books) for order in sorted(steps)},
    }


def write_truth(truth: Truth, path: Path) -> None:
    """Write it with one order a line."""
    orders = ",\n".join(f"{json.dumps(number)}: {json.dumps(account)}" for number, account in truth["orders"].items())
    path.write_text(f'{{"about": {json.dumps(truth["about"])},\n"orders": {{\n{orders}\n}}}}\n', encoding="utf-8")


def share(total: int, n: int, rank: int) -> int:
    """The part of ``total`` millionths that falls to ``rank`` (0-based) among ``n``; the parts add up exactly."""
    part, rest = divmod(total, n)
    return part + (rank < rest)


class _Books:
    """Which orders a package or a tracking number belongs to."""

    def __init__(self, records: list[Record]) -> None:
        packed = [record for record in records if record["type"] == "packed"]
        self.orders_in = {record["package"]: sorted(record["orders"]) for record in packed}
        self.package_of = {r["tracking"]: r["package"] for r in records if r["type"] == "registered"}
        self.ids: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for package, orders in self.orders_in.items():
            for order in orders:
                self.ids[order]["package"].add(package)
        for tracking, package in self.package_of.items():
            for order in self.orders_in[package]:
                self.ids[order]["tracking"].add(tracking)

    def orders_of(self, record: Record) -> list[str]:
        if record["order"]:
            for kind, ids in record["refs"].items():
                self.ids[record["order"]][kind].update(ids)
            return [record["order"]]
        refs = record["refs"]
        package = refs["package"][0] if "package" in refs else self.package_of[refs["tracking"][0]]
        return self.orders_in[package]


def _step(record: Record, orders: list[str], rank: int) -> dict[str, Any]:
    n = len(orders)
    actor_type, actor_id = record["actor"]
    cost = record.get("cost")
    return {
        "system": record["system"],
        "step": record["step"],
        "kind": record.get("kind", "task"),
        "attempt": record["attempt"],
        "start": record["start"],
        "end": record["end"],
        "error": {"class": record["error_class"], "type": record["error"]} if "error" in record else None,
        "actor": {"type": actor_type, "id": actor_id},
        "action": record.get("action", ""),
        "touch": actor_type == "human" and record.get("action") in HANDS_ON,
        "outcome": record.get("outcome"),
        "compensates": record.get("compensates"),
        "idempotency_key": record.get("idempotency_key"),
        "refs": record["refs"],
        "cost": {"amount": cost[0], "currency": cost[1]} if cost else None,
        "cost_share_millionths": share(int(Decimal(cost[0]) * MILLION), n, rank) if cost else 0,
        "share_millionths": share(MILLION, n, rank),
        "shared_with": [order for order in orders if order != orders[rank]],
        "value": record.get("value"),
        "dims": record.get("dims", {}),
        "timeout_s": record.get("timeout_s"),
        "decision": record.get("decision"),
    }


def _open(record: Record) -> dict[str, Any]:
    holder = {"type": record["actor"][0], "id": record["actor"][1]}
    opened = {"system": record["system"], "step": record["step"], "since": record["start"], "holder": holder}
    return opened | {"timeout_s": record.get("timeout_s")}


def _account(
    order: str, steps: list[dict[str, Any]], still_open: list[dict[str, Any]], books: _Books
) -> dict[str, Any]:
    steps.sort(key=lambda step: (step["start"], step["end"]))
    ends = sorted((step for step in steps if step["outcome"]), key=lambda step: str(step["end"]))
    first = next((step for step in steps if step["value"]), None)
    end, outcome = (ends[-1]["end"], ends[-1]["outcome"]) if ends else (None, None)
    return {
        "start": min(step["start"] for step in steps),
        "end": end,
        "outcome": outcome,
        "value": {"amount": first["value"][0], "currency": first["value"][1]} if first else None,
        "dims": first["dims"] if first else {},
        "ids": {kind: sorted(ids) for kind, ids in sorted(books.ids[order].items())},
        "shared_with": sorted({other for step in steps for other in step["shared_with"]}),
        "open": [{name: value for name, value in one.items() if name not in _OF_THE_ORDER} for one in still_open],
        **_counts(steps),
        **facts(steps, still_open, end, outcome),
        "steps": [{name: value for name, value in step.items() if name not in _OF_THE_ORDER} for step in steps],
    }


def _counts(steps: list[dict[str, Any]]) -> dict[str, Any]:
    errors = [step["error"]["class"] for step in steps if step["error"]]
    retried = [step for step in steps if step["attempt"] > 1]
    types = [step["actor"]["type"] for step in steps]
    return {
        "events": len(steps),
        "human_events": types.count("human"),
        "service_events": types.count("service"),
        "unknown_events": types.count("unknown"),
        "touches": sum(step["touch"] for step in steps),
        "failed": {"business": errors.count("business"), "infrastructure": errors.count("infrastructure")},
        "retries": len(retried),
        "shared_events": sum(bool(step["shared_with"]) for step in steps),
        "cost_millionths": _sums(steps),
        "retry_cost_millionths": _sums(retried),
    }


def _sums(steps: list[dict[str, Any]]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for step in steps:
        if step["cost"]:
            sums[step["cost"]["currency"]] += step["cost_share_millionths"]
    return dict(sorted(sums.items()))
