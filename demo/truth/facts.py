"""What stands out in an order, as the systems did it: exceptions, approvals, duplicate effects, work done again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

Step = dict[str, Any]
Chain = list[Step]

REPEATABLE = frozenset({"answer-repeated-request"})
"""Steps that may come again without anything being done again."""


def facts(steps: list[Step], waiting: list[Step], end: str | None, outcome: str | None) -> dict[str, Any]:
    """The facts of an order with these finished ``steps``, of which ``waiting`` have begun; times as in the records."""
    chains = list(_chains(steps))
    return {
        "success": outcome == "completed",
        "repeats": sum(_begun_again(chain) for chain in chains),
        "rejections": sum(step["action"] == "reject" for step in steps),
        "corrections": sum(step["actor"]["type"] == "human" and step["action"] == "edit" for step in steps),
        "compensations": sum(step["kind"] == "compensation" for step in steps),
        "exceptions": sorted(
            (one for chain in chains for one in _exceptions(chain, end)), key=lambda one: (one["opened"], one["step"])
        ),
        "approvals": sorted(
            (_approval(step) for step in [*steps, *waiting] if step["timeout_s"]),
            key=lambda one: str(one["requested"]),
        ),
        "duplicates": sorted((one for chain in chains for one in _duplicates(chain)), key=lambda one: str(one["key"])),
    }


def _chains(steps: Iterable[Step]) -> Iterator[Chain]:
    """The attempts of each step with each object, by end."""
    found: dict[tuple[str, str], Chain] = defaultdict(list)
    for step in sorted(steps, key=lambda step: (step["end"], step["start"])):
        found[step["step"], str(sorted((kind, sorted(ids)) for kind, ids in step["refs"].items()))].append(step)
    yield from found.values()


def _begun_again(chain: Chain) -> int:
    firsts = sum(step["attempt"] == 1 for step in chain)
    return 0 if chain[0]["step"] in REPEATABLE else max(firsts - 1, 0)


def _exceptions(chain: Chain, end: str | None) -> Iterator[dict[str, Any]]:
    """A failure that no automatic attempt followed, up to the success that came after it or the end of the order."""
    opened: Step | None = None
    failures = 0
    for place, step in enumerate(chain):
        if step["error"] is None:
            if opened:
                yield _exception(opened, failures, "recovered", step["end"])
            opened, failures = None, 0
        elif opened or _given_up(step, chain[place + 1 :]):
            opened, failures = opened or step, failures + 1
    if opened:
        yield _exception(opened, failures, "ended" if end else "open", end and max(end, opened["end"]))


def _given_up(step: Step, later: Chain) -> bool:
    return not later or later[0]["attempt"] <= step["attempt"] or later[0]["actor"]["type"] == "human"


def _exception(opened: Step, failures: int, state: str, closed: str | None) -> dict[str, Any]:
    return {
        "step": opened["step"],
        "system": opened["system"],
        "class": opened["error"]["class"],
        "code": opened["error"]["type"],
        "opened": opened["end"],
        "closed": closed,
        "state": state,
        "attempts": failures,
    }


def _approval(step: Step) -> dict[str, Any]:
    requested = step.get("start") or step["since"]
    due = datetime.fromisoformat(requested) + timedelta(seconds=step["timeout_s"])
    return {
        "step": step["step"],
        "requested": requested,
        "due": due.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "decided": step.get("end"),
        "decision": step.get("decision"),
    }


def _duplicates(chain: Chain) -> Iterator[dict[str, Any]]:
    effects: dict[str, list[str]] = defaultdict(list)
    for step in chain:
        if step["idempotency_key"] and not step["error"]:
            effects[step["idempotency_key"]].append(step["end"])
    for key, ends in effects.items():
        if len(ends) > 1:
            yield {"key": key, "step": chain[0]["step"], "effects": len(ends), "first": min(ends), "last": max(ends)}
