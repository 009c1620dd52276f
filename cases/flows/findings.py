"""Findings: where the declaration of a flow and its observed cases disagree."""

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

MAX_PER_KIND: Final = 20
"""At most so many findings of one kind are listed; one more finding then counts the rest."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement. ``subject`` is the step, path or dimension concerned; ``text`` says what to do."""

    kind: Kind
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Observed:
    """What the cases and links of a flow show. ``routes`` are the values of the declared routing dimension."""

    steps: tuple[str, ...]
    dimensions: tuple[str, ...]
    outcomes: tuple[str, ...]
    routes: tuple[str, ...]
    edges: frozenset[Edge]


def observe(store: Store, tenant: str, declaration: Declaration) -> Observed:
    """What was observed of a declared flow. Reads all its cases."""
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
    """The names that occur in the cases of ``flow``, sorted, by kind.

    Kinds are ``step``, ``dimension``, ``outcome`` and ``route``, which lists the values of ``dimension``.
    """
    rows = store.query("flows/seen", tenant=tenant, flow=flow, dimension=dimension)
    kinds = ("step", "dimension", "outcome", "route")
    return {kind: tuple(sorted(row["Name"] for row in rows if row["Kind"] == kind)) for kind in kinds}


def _followed(store: Store, tenant: str, declaration: Declaration, edge: Edge) -> bool:
    source, target = edge
    # Events name the lead object by flow.case.id, so links from it start at the type ``case``.
    sources = ["case", source] if source == declaration.lead else [source]
    flow = declaration.name
    return bool(store.query("flows/edge_seen", tenant=tenant, flow=flow, sources=sources, target=target))


def findings(declaration: Declaration, observed: Observed, hubs: Collection[Hub]) -> tuple[Finding, ...]:
    """Every disagreement of a flow that has cases, grouped by kind."""
    return (
        *_few(_paths(declaration, observed)),
        *_few(_steps_unseen(declaration, observed)),
        *_few(_steps_undeclared(declaration, observed)),
        *_few(_dimensions(declaration, observed)),
        *_few(_dimensions_undeclared(declaration, observed)),
        *_few(_outcomes(declaration, observed)),
        *_few(_routes(declaration, observed)),
        *_few(_hubs(declaration, hubs)),
    )


def _few(of_kind: Iterator[Finding]) -> Iterator[Finding]:
    all_of_kind = list(of_kind)
    yield from all_of_kind[:MAX_PER_KIND]
    if len(all_of_kind) > MAX_PER_KIND:
        yield Finding(all_of_kind[0].kind, "", f"And {len(all_of_kind) - MAX_PER_KIND} more of this kind.")


def _paths(declaration: Declaration, observed: Observed) -> Iterator[Finding]:
    for source, target in declaration.edges:
        if (source, target) not in observed.edges:
            edge = f"{source} > {target}"
            yield Finding(
                "unused-path",
                edge,
                f"No event follows {edge}. Send an event that carries both ids, or the link "
                f"flow.link.{source}.{target}, or remove the path.",
            )


def _steps_unseen(declaration: Declaration, observed: Observed) -> Iterator[Finding]:
    for step in declaration.steps:
        if step.name not in observed.steps:
            yield Finding(
                "unseen-step",
                step.name,
                f"No case has taken the step {step.name}.{_alike(step.name, observed.steps)}",
            )


def _steps_undeclared(declaration: Declaration, observed: Observed) -> Iterator[Finding]:
    known = [step.name for step in declaration.steps]
    if not known:
        return
    for name in observed.steps:
        if name not in known:
            yield Finding(
                "undeclared-step",
                name,
                f"Cases take the step {name}, which is not declared. Add it to steps in the place where it is expected."
                f"{_alike(name, known)}",
            )


def _dimensions(declaration: Declaration, observed: Observed) -> Iterator[Finding]:
    for name in dict.fromkeys((*declaration.dimensions, *declaration.segments)):
        if name not in observed.dimensions:
            yield Finding(
                "unseen-dimension",
                name,
                f"No case has the dimension {name}. Send it as flow.dim.{name}, or remove it."
                f"{_alike(name, observed.dimensions)}",
            )


def _dimensions_undeclared(declaration: Declaration, observed: Observed) -> Iterator[Finding]:
    if not declaration.dimensions:
        return
    for name in observed.dimensions:
        if name not in declaration.dimensions:
            yield Finding(
                "undeclared-dimension", name, f"Cases have the dimension {name}, which is not declared. Add it."
            )


def _outcomes(declaration: Declaration, observed: Observed) -> Iterator[Finding]:
    for name in observed.outcomes:
        if name not in (declaration.outcomes or declaration.successes):
            yield Finding(
                "undeclared-outcome",
                name,
                f"Cases end as {name}, which is not declared, so it does not count as a success. Add it to outcomes.",
            )


def _routes(declaration: Declaration, observed: Observed) -> Iterator[Finding]:
    if not declaration.routing:
        return
    known = (*declaration.routing.automated, *declaration.routing.manual)
    for value in observed.routes:
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
            f"({declaration.hub_limit}), so it is not followed. Remove {hub.id_type} from paths, or raise hub_limit.",
        )


def _alike(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f" Did you mean {near[0]}?" if near else ""
