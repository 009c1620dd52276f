"""Evidence: what the store knows about a flow that a declaration could say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cases.flows.declarations.stored import declaration_of
from cases.flows.findings import observed_names

if TYPE_CHECKING:
    from collections import Counter
    from decimal import Decimal

    from cases.flows.declarations import Edge
    from store.client import Row, Store

SAMPLE: Final = 1_000
"""Cases that are read event by event, for the order of steps. Everything else is counted over all cases."""


@dataclass(frozen=True, slots=True)
class IdType:
    """A type of id. Of its ``ids``, about ``beside`` came together with a case id, and ``leads`` equal that case id."""

    name: str
    ids: int
    beside: int
    leads: int


@dataclass(frozen=True, slots=True)
class IdTypeGroup:
    """The id types that ``events`` events carry together, with a case id (``named``) or without one."""

    named: bool
    types: tuple[str, ...]
    events: int


@dataclass(frozen=True, slots=True)
class SampledEvent:
    """A finished event of a sampled case. ``item`` names the object of the step by the ids of the event."""

    step: str
    kind: str
    human: bool
    action: str
    outcome: str
    attempt: int
    failed: bool
    timeout_s: Decimal | None
    escalate_to: str
    item: str


@dataclass(frozen=True, slots=True)
class SampledCase:
    """A sampled case with its events in order. ``seconds``: from start to end, if it has ended."""

    ended: bool
    seconds: int
    events: tuple[SampledEvent, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of ``cases`` cases, with about ``values`` different values; ``some`` lists a few of them."""

    name: str
    cases: int
    values: int
    some: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a guess is based on. ``declared_lead`` is '' if the flow is not declared."""

    flow: str
    cases: int
    versions: tuple[str, ...] = ()
    declared_lead: str = ""
    id_types: tuple[IdType, ...] = ()
    id_type_groups: tuple[IdTypeGroup, ...] = ()
    links: dict[Edge, int] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    outcomes: dict[str, int] = field(default_factory=dict)
    dimensions: tuple[Dimension, ...] = ()
    sample: tuple[SampledCase, ...] = ()


def gather(store: Store, tenant: str, flow: str) -> Evidence:
    """The evidence about ``flow``. Reads all its steps and cases, which takes seconds for millions of them."""
    of_flow = {"tenant": tenant, "flow": flow}
    declaration = declaration_of(store, tenant, flow)
    counted = store.query("flows/counts", **of_flow)
    outcomes = store.query("inference/outcomes", **of_flow)
    return Evidence(
        flow=flow,
        cases=counted[0]["Cases"] if counted else 0,
        versions=tuple(name for name in counted[0]["Versions"] if name) if counted else (),
        declared_lead=declaration.lead if declaration else "",
        id_types=tuple(
            IdType(row["IdType"], row["Ids"], row["Beside"], row["Leads"])
            for row in store.query("inference/ids", **of_flow)
        ),
        id_type_groups=tuple(
            IdTypeGroup(bool(row["Named"]), tuple(row["Types"]), row["Events"])
            for row in store.query("inference/together", **of_flow)
        ),
        links={
            (row["SourceType"], row["TargetType"]): row["Events"] for row in store.query("inference/links", **of_flow)
        },
        steps=observed_names(store, tenant, flow)["step"],
        outcomes={row["Outcome"]: row["Cases"] for row in outcomes if row["Outcome"]},
        dimensions=tuple(
            Dimension(row["Name"], row["Cases"], row["Values"], tuple(row["Some"]))
            for row in store.query("inference/dimensions", **of_flow)
        ),
        sample=_sample(store, tenant, flow),
    )


def _sample(store: Store, tenant: str, flow: str) -> tuple[SampledCase, ...]:
    cases = store.query("inference/sample", tenant=tenant, flow=flow, cases=SAMPLE)
    events: dict[str, list[SampledEvent]] = {row["CaseId"]: [] for row in cases}
    for row in store.query("inference/events", tenant=tenant, flow=flow, cases=SAMPLE):
        if row["Case"] in events:  # A case that arrived between the two queries is not in the sample.
            events[row["Case"]].append(_event(row))
    return tuple(SampledCase(bool(row["Ended"]), row["Seconds"], tuple(events[row["CaseId"]])) for row in cases)


def _event(row: Row) -> SampledEvent:
    return SampledEvent(
        step=row["Step"],
        kind=row["Kind"],
        human=row["ActorType"] == "human",
        action=row["Action"],
        outcome=row["Outcome"],
        attempt=row["Attempt"],
        failed=bool(row["Failed"]),
        timeout_s=row["ApprovalTimeoutS"],
        escalate_to=row["EscalateTo"],
        item=row["Object"],
    )


def share(part: int, whole: int) -> float:
    """``part / whole``; 0 if ``whole`` is 0."""
    return part / whole if whole else 0.0


def commonest(words: Counter[str]) -> str:
    """The most frequent word, the first in alphabetical order of several; '' if there are none."""
    return min(words, key=lambda word: (-words[word], word), default="")
