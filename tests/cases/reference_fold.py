"""Correlation and fold once more, in plain Python over plain records: what the SQL is held against.

Written from the definitions (docs/architecture.md, docs/attributes.md), not from the SQL.
"""

from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple

from tests.cases.orders import span_of
from tests.cases.reference_facts import cost_of, facts, outcome_of, touched

MILLION = 1_000_000


class Event(NamedTuple):
    """A step as it was sent. ``refs``: (type, value) pairs. Times in whole seconds; ``span`` names the span id.

    ``error`` is the class of a failure, or "other" for one without a class. Money in millionths of a EUR.
    """

    trace: str
    span: str
    parent: str = ""
    flow: str = ""
    case: str = ""
    refs: tuple = ()
    system: str = "s"
    step: str = "work"
    started: bool = False
    start: int = 0
    end: int = 0
    attempt: int = 1
    actor: str = ""
    action: str = ""
    outcome: str = ""
    error: str = ""
    cost: int | None = 0
    kind: str = "task"
    code: str = ""
    message: str = ""  # of a failure
    key: str = ""
    compensates: str = ""
    value: int | None = None
    decision: str = ""
    decided_by: str = ""
    timeout: int = 0
    escalate_to: str = ""

    @property
    def order(self):
        return self.end, self.start, int(span_of(self.span), 16), int(self.trace[-16:], 16)


def reached(events, flow, declared):
    """case → the (type, value) pairs that it reaches along the declared edges."""
    lead = declared.lead
    cases = {event.case for event in events if event.case and event.flow == flow}
    links = defaultdict(set)
    for event in events:
        ends = set(event.refs) | ({(lead, event.case), ("case", event.case)} if event.case else set())
        for source_type, target_type in declared.edges:
            for source in (end for end in ends if end[0] == source_type):
                links[source] |= {end for end in event.refs if end[0] == target_type}
    bare = {event.trace for event in events if not event.case and not event.refs}
    for event in events:
        if event.trace in bare:
            for end in {("case", event.case)} if event.case else event.refs:
                links[end].add(("trace", event.trace))
    return {case: _closure({("case", case), (lead, case)}, links) for case in cases}


def _closure(seen, links):
    front = set(seen)
    while front:
        front = set().union(*(links[end] for end in front)) - seen
        seen |= front
    return seen


def folded(events, flow, declared):
    """case → its figures."""
    once = list({(event.trace, event.span): event for event in events}.values())
    reach = reached(once, flow, declared)
    return {case: _fold(case, once, reach, flow, declared) for case in reach}


def _settled(mine):
    """Without the started records whose finished span is there; several of one span are one."""
    real = {(one[0].trace, one[0].parent): one for one in reversed(mine) if one[0].started}
    return list((real | {(one[0].trace, one[0].span): one for one in mine if not one[0].started}).values())


def _members(event, reach):
    if event.case:
        return [event.case]
    keys = set(event.refs) or {("trace", event.trace)}
    return sorted(case for case, ends in reach.items() if ends & keys)


def _share(whole, place, n):
    return whole // n + (1 if place < whole % n else 0)


def _fold(case, events, reach, flow, declared):
    mine = [(event, _members(event, reach)) for event in events]
    mine = _settled([(event, cases.index(case), len(cases)) for event, cases in mine if case in cases])
    mine.sort(key=lambda one: one[0].order)
    done = [(event, place, n) for event, place, n in mine if not event.started]
    ends = [event for event, _, _ in done if outcome_of(event, declared)]
    end, outcome = (ends[-1].end, outcome_of(ends[-1], declared)) if ends else (None, "")
    retries = [(event, place, n) for event, place, n in done if event.attempt > 1]
    return {
        "Start": min(event.start for event, _, _ in mine),
        "End": end,
        "Outcome": outcome,
        "Events": len(done),
        "Touches": sum(touched(event, declared) for event, _, _ in done),
        "UnknownEvents": sum(event.actor in ("", "unknown") for event, _, _ in done),
        "FailedBusiness": sum(event.error == "business" for event, _, _ in done),
        "FailedInfrastructure": sum(event.error == "infrastructure" for event, _, _ in done),
        "FailedUnclassified": sum(event.error == "other" for event, _, _ in done),
        "Retries": len(retries),
        "RetryShare": sum(_share(MILLION, place, n) for _, place, n in retries),
        "Cost": sum(_share(cost_of(event, declared), place, n) for event, place, n in done),
        "RetryCost": sum(_share(cost_of(event, declared), place, n) for event, place, n in retries),
        "SharedEvents": sum(n > 1 for _, _, n in done),
        "OpenSteps": len(mine) - len(done),
        "NowState": "finished" if ends else "in_progress" if len(mine) > len(done) else "waiting",
        "Systems": sorted({event.system for event, _, _ in mine}),
        **facts(flow, declared, [event for event, _, _ in mine], end, outcome),
    }


def whole(shares):
    """The sum of shares over all cases, in units: a whole number when every event has a case."""
    return Fraction(sum(shares), MILLION)
