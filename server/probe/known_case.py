"""A case of which everything is known in advance, and how it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flowtrail import Flow, Runtime

FLOW: Final = "flowtrail-probe"
"""A flow of its own, so that its cases are in the figures of no business flow."""

SYSTEM: Final = "flowtrail-probe"
OTHER_SYSTEM: Final = "flowtrail-probe-elsewhere"

FIGURES: Final = {
    "in_flight": False,
    "outcome": "completed",
    "events": 5,
    "attempts": 5,
    "retries": 1,
    "failed": {"business": 0, "infrastructure": 1, "unclassified": 0},
    "touches": 1,
    "unknown_actor_events": 0,
    "shared_events": 0,
    "value": {"amount": "12.34", "currency": "EUR"},
    "cost": [{"amount": "0.60", "currency": "EUR"}],
    "retry_cost": [{"amount": "0.20", "currency": "EUR"}],
    "systems": [SYSTEM, OTHER_SYSTEM],
}
"""What the query API must return for each known case; ``systems`` in any order."""


@dataclass(frozen=True, slots=True)
class KnownCase:
    """``ref`` is the other id of the case; ``events`` maps the id of each event to its step."""

    case_id: str
    ref: str
    round_id: str
    events: dict[str, str]


@dataclass(slots=True)
class Senders:
    """Two systems that send. The second knows only the other id of the case."""

    here: Runtime
    elsewhere: Runtime
    _given_up: int = 0

    def flush(self, timeout_s: float) -> int:
        """Send everything; the number of spans that were not accepted since the last call, or still wait."""
        for runtime in (self.here, self.elsewhere):
            runtime.flush(timeout_s)
        stats = self.here.stats(), self.elsewhere.stats()
        before, self._given_up = self._given_up, sum(each.failed + each.dropped for each in stats)
        return self._given_up - before + sum(each.pending for each in stats)

    def close(self) -> None:
        for runtime in (self.here, self.elsewhere):
            runtime.shutdown(0)


def open_senders(otlp_url: str, key: str, timeout_s: float) -> Senders:
    """Senders to the collector at ``otlp_url``; ``key`` may be empty."""
    here, elsewhere = (
        # No started records: a slow round would change the number of events that must come back.
        Runtime(system, otlp_url, key=key, timeout_s=timeout_s, started_after_s=3600.0)
        for system in (SYSTEM, OTHER_SYSTEM)
    )
    return Senders(here, elsewhere)


def send(senders: Senders, round_id: str, number: int) -> KnownCase:
    """Hand the steps of one case to ``senders``; ``flush`` sends them."""
    case_id, ref = f"V-{round_id}-{number}", f"VR-{round_id}-{number}"
    events: dict[str, str] = {}
    case = Flow(FLOW, version="1", runtime=senders.here).case(case_id, value=(12.34, "EUR"), dims={"round": round_id})
    with case.step("begin", actor=("human", "verifier"), action="create", refs={"check": ref}) as step:
        events[f"{step.trace_id}-{step.span_id}"] = "begin"
    with case.step("work", attempt=1, cost=(0.10, "EUR")) as step:
        events[f"{step.trace_id}-{step.span_id}"] = "work"
        step.infrastructure_error("timeout", "The first attempt is meant to fail.")
    with case.step("work", attempt=2, cost=(0.20, "EUR")) as step:
        events[f"{step.trace_id}-{step.span_id}"] = "work"
    scope = Flow(FLOW, version="1", runtime=senders.elsewhere).objects(check=ref)
    with scope.step("look", cost=(0.30, "EUR")) as step:
        events[f"{step.trace_id}-{step.span_id}"] = "look"
    with case.step("end", outcome="completed") as step:
        events[f"{step.trace_id}-{step.span_id}"] = "end"
    return KnownCase(case_id, ref, round_id, events)
