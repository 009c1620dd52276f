"""What a case comes to beside its counts, once more in plain Python: what the SQL is held against.

Written from the definitions (docs/attributes.md), not from the SQL. Times are seconds, money millionths.
"""

import hashlib
import re
from collections import Counter, defaultdict
from fractions import Fraction
from typing import NamedTuple

TOUCHES = {"create", "edit", "approve", "reject", "retry", "resend", "release"}


class Declared(NamedTuple):
    """A flow as its owner declares it: names of steps, and per step what they have."""

    lead: str = "order"
    edges: tuple = ()
    loops: frozenset = frozenset()
    touches: dict = {}  # noqa: RUF012 - nobody writes into it
    prices: dict = {}  # noqa: RUF012 - (millionths per attempt, millionths per second)
    timeouts: dict = {}  # noqa: RUF012
    escalations: dict = {}  # noqa: RUF012
    ends: dict = {}  # noqa: RUF012
    successes: frozenset = frozenset({"completed"})
    sla: int = 0


def cost_of(event, declared):
    if event.cost is not None:
        return event.cost
    per_attempt, per_second = declared.prices.get(event.step, (0, 0))
    return per_attempt + int(Fraction(per_second) * (event.end - event.start))


def touched(event, declared):
    return event.actor == "human" and event.action in declared.touches.get(event.step, TOUCHES)


def outcome_of(event, declared):
    return event.outcome or ("" if event.error else declared.ends.get(event.step, ""))


def facts(flow, declared, mine, end, outcome):
    """``mine``: the events of a case in order, its started records among them; ``end``: when it ended, or None."""
    done = [event for event in mine if not event.started]
    chains = defaultdict(list)
    for event in done:
        chains[event.step, frozenset(event.refs)].append(event)
    ended = (end, mine) if end is not None else None
    return {
        "Success": end is not None and outcome in declared.successes,
        "DueAt": min(event.start for event in mine) + declared.sla if declared.sla else None,
        "Repeats": sum(_repeats(chain) for (step, _), chain in chains.items() if step not in declared.loops),
        "Rejections": sum(e.action == "reject" or e.decision in ("reject", "rejected") for e in done),
        "Corrections": sum(e.actor == "human" and e.action == "edit" for e in done),
        "Compensations": sum(e.kind == "compensation" or e.compensates != "" for e in done),
        "Exceptions": sorted(
            (one for chain in chains.values() for one in _exceptions(flow, chain, mine, ended)), key=str
        ),
        "Approvals": sorted((_approval(event, declared) for event in mine if event.kind == "approval"), key=str),
        "Duplicates": sorted((one for chain in chains.values() for one in _duplicates(chain)), key=str),
        "KeyTotals": _key_totals(done),
    }


def _repeats(chain):
    return max(sum(event.attempt == 1 for event in chain) - 1, 0)


def _exceptions(flow, chain, mine, ended):
    opened = None
    for event, following in zip(chain, [*chain[1:], None], strict=True):
        if not event.error:
            if opened:
                yield _exception(flow, opened, mine, "recovered", event.end)
            opened = None
        elif opened:
            opened.append(event)
        elif following is None or following.attempt <= event.attempt or _by_person(following):
            opened = [event]
    if opened and ended:
        yield _exception(flow, opened, mine, "ended", max(ended[0], opened[0].end))
    elif opened:
        yield _exception(flow, opened, mine, "open", None)


def _by_person(event):
    return event.actor == "human" or event.action in ("retry", "resend")


def _exception(flow, opened, mine, state, closed):
    first = opened[0]
    kind = first.error if first.error in ("business", "infrastructure") else "unclassified"
    known = [(event.value, event.end <= first.end) for event in mine if event.value is not None]
    before = [value for value, early in known if early]
    value = before[-1] if before else known[0][0] if known else None
    return (
        fingerprint(kind, flow, first.step, first.code, first.message),
        (kind, first.code, first.step, first.system, _object(first)),
        (first.end, closed, state, len(opened), value, "" if value is None else "EUR"),
        (first.trace, first.span),
    )


def fingerprint(kind, flow, step, code, message):
    text = message[:1000]
    for pattern, replacement in (
        (r'"[^"]*"', "?"),
        (r"(^|[^A-Za-z0-9_])'[^']*'", r"\1?"),
        (r"[A-Za-z0-9_-]*[0-9][A-Za-z0-9_.,:-]*", "?"),
        (r"(?a:\b)[a-fA-F]{8,}(?a:\b)", "?"),
        (r"[ \t\r\n]+", " "),
    ):
        text = re.sub(pattern, replacement, text)
    lines = "\n".join(["v1", kind, flow, step, code, text.strip(" ")])
    return hashlib.sha256(lines.encode()).hexdigest()[:32]


def _approval(event, declared):
    timeout = event.timeout or declared.timeouts.get(event.step)
    return (
        (event.step, event.system, _object(event)),
        (event.start, event.start + timeout if timeout else None, None if event.started else event.end),
        (event.decision, event.decided_by, event.escalate_to or declared.escalations.get(event.step, ""), ""),
        (event.trace, event.parent if event.started else event.span),
    )


def _duplicates(chain):
    effects = defaultdict(list)
    for event in chain:
        if event.key and not event.error:
            effects[event.key].append(event)
    for key, found in effects.items():
        if len(found) > 1:
            ends = [event.end for event in found]
            yield key, chain[0].step, _object(chain[0]), len(found), min(ends), max(ends)


def _key_totals(done):
    attempts = Counter((event.system, event.step) for event in done)
    keyed = Counter((event.system, event.step) for event in done if event.key)
    return [(*hop, attempts[hop], keyed[hop]) for hop in sorted(attempts)]


def _object(event):
    return ", ".join(f"{kind}:{value}" for kind, value in sorted(set(event.refs)))
