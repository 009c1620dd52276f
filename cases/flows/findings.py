"""Where a declaration and what is seen of its flow disagree."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from cases.flows.declarations.declaration import Declaration, Edge
    from cases.fold.hubs import Hub
    from store.client import Store

Kind = Literal[
    "unused-path",
    "unseen-step",
    "undeclared-step",
    "unseen-dimension",
    "undeclared-dimension",
    "undeclared-outcome",
    "undeclared-route",
    "hub",
]

MANY: Final = 20
"""Findings of one kind; the last of more says how many there are."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``subject`` is the step, path, dimension … it is about; ``text`` says what is so and what to do."""

    kind: Kind
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Observed:
    """What the cases and links of a flow show. ``routes``: values of the declared routing dimension."""

    steps: tuple[str, ...]
    dimensions: tuple[str, ...]
    outcomes: tuple[str, ...]
    routes: tuple[str, ...]
    edges: frozenset[Edge]


def observe(store: Store, tenant: str, declaration: Declaration) -> Observed:
    """What is seen of a declared flow. Reads all its cases."""
    dimension = declaration.routing.dimension if declaration.routing else ""
    names = observed_names(store, tenant, declaration.name, dimension)
    return Observed(
        steps=names["step"],
        dimensions=names["dimension"],
        outcomes=names["outcome"],
        routes=names["route"],
        edges=frozenset(edge for edge in declaration.edges if _followed(store, tenant, declaration, edge)),
    )


def observed_names(store: Store, tenant: str, flow: str, dimension: str = "") -> dict[str, tuple[str, ...]]:
    """``step``, ``dimension``, ``outcome`` and ``route`` (values of ``dimension``) to what is seen of each, sorted."""
    rows = store.query("flows/seen", tenant=tenant, flow=flow, dimension=dimension)
    kinds = ("step", "dimension", "outcome", "route")
    return {kind: tuple(sorted(row["Name"] for row in rows if row["Kind"] == kind)) for kind in kinds}


def _followed(store: Store, tenant: str, declaration: Declaration, edge: Edge) -> bool:
    source, target = edge
    sources = ["case", source] if source == declaration.lead else [source]
    flow = declaration.name
    return bool(store.query("flows/edge_seen", tenant=tenant, flow=flow, sources=sources, target=target))


def findings(declaration: Declaration, found: Observed, hubs: Collection[Hub]) -> tuple[Finding, ...]:
    """Every disagreement, by kind, of a flow that has cases."""
    return (
        *_few(_paths(declaration, found)),
        *_few(_steps_unseen(declaration, found)),
        *_few(_steps_undeclared(declaration, found)),
        *_few(_dimensions(declaration, found)),
        *_few(_dimensions_undeclared(declaration, found)),
        *_few(_outcomes(declaration, found)),
        *_few(_routes(declaration, found)),
        *_few(_hubs(declaration, hubs)),
    )


def _few(found: Iterator[Finding]) -> Iterator[Finding]:
    everything = list(found)
    yield from everything[:MANY]
    if len(everything) > MANY:
        last = everything[MANY]
        yield Finding(last.kind, "", f"And {len(everything) - MANY} more of this kind.")


def _paths(declaration: Declaration, found: Observed) -> Iterator[Finding]:
    for source, target in declaration.edges:
        if (source, target) not in found.edges:
            edge = f"{source} > {target}"
            yield Finding(
                "unused-path",
                edge,
                f"No event follows {edge}. Send an event that carries both ids, or the link "
                f"flow.link.{source}.{target}; or take the path out.",
            )


def _steps_unseen(declaration: Declaration, found: Observed) -> Iterator[Finding]:
    for step in declaration.steps:
        if step.name not in found.steps:
            yield Finding(
                "unseen-step",
                step.name,
                f"No case has taken the step {step.name}.{_alike(step.name, found.steps)}",
            )


def _steps_undeclared(declaration: Declaration, found: Observed) -> Iterator[Finding]:
    known = [step.name for step in declaration.steps]
    if not known:
        return
    for name in found.steps:
        if name not in known:
            yield Finding(
                "undeclared-step",
                name,
                f"Cases take the step {name}, which is not declared. Add it to steps where it belongs."
                f"{_alike(name, known)}",
            )


def _dimensions(declaration: Declaration, found: Observed) -> Iterator[Finding]:
    for name in dict.fromkeys((*declaration.dimensions, *declaration.segments)):
        if name not in found.dimensions:
            yield Finding(
                "unseen-dimension",
                name,
                f"No case has the dimension {name}. Send it as flow.dim.{name}, or take it out."
                f"{_alike(name, found.dimensions)}",
            )


def _dimensions_undeclared(declaration: Declaration, found: Observed) -> Iterator[Finding]:
    if not declaration.dimensions:
        return
    for name in found.dimensions:
        if name not in declaration.dimensions:
            yield Finding(
                "undeclared-dimension", name, f"Cases have the dimension {name}, which is not declared. Add it."
            )


def _outcomes(declaration: Declaration, found: Observed) -> Iterator[Finding]:
    for name in found.outcomes:
        if name not in (declaration.outcomes or declaration.successes):
            yield Finding(
                "undeclared-outcome",
                name,
                f"Cases end as {name}, which is not declared and so counts as no success. Add it to outcomes.",
            )


def _routes(declaration: Declaration, found: Observed) -> Iterator[Finding]:
    if not declaration.routing:
        return
    known = (*declaration.routing.automated, *declaration.routing.manual)
    for value in found.routes:
        if value not in known:
            yield Finding(
                "undeclared-route",
                value,
                f"Cases are routed {value!r}, which is neither automated nor manual. Add it to routing.",
            )


def _hubs(declaration: Declaration, hubs: Collection[Hub]) -> Iterator[Finding]:
    for hub in hubs:
        yield Finding(
            "hub",
            f"{hub.id_type} {hub.id_value}",
            f"{hub.sources} ids lead to the {hub.id_type} {hub.id_value}, more than hub_limit "
            f"({declaration.hub_limit}): it merges nothing. Take {hub.id_type} out of paths, or raise hub_limit.",
        )


def _alike(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f" Is it {near[0]}?" if near else ""
