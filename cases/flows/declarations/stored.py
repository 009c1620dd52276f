"""Declared flows in the store: declaring them, what a change means for the cases, reading them again."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from cases.flows.declarations.flow_file import FlowFile
from cases.flows.declarations.read import declaration_in
from store.client import named_query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cases.flows.declarations.declaration import Declaration, Step
    from store.client import Row, Store


_LOG = logging.getLogger(__name__)


class Change(StrEnum):
    """What a new declaration asks of the cases that are there."""

    PATHS = "paths"
    """Links, reach and cases of the flow must be built again."""
    FACTS = "facts"
    """Cases of the flow must be folded again; what belongs to them has not changed."""
    WORDS = "words"
    """Nothing is to be done: names, order and targets that are read when somebody asks."""
    NOTHING = "nothing"
    """It says what it said."""


_SAID: Final = {
    Change.PATHS: "links and all cases must be built again for its paths or hub limit.",
    Change.FACTS: "its cases must be folded again for its steps, outcomes or SLA.",
    Change.WORDS: "what changed asks nothing of its cases.",
}
_UNKNOWN: Final = {"paths": "", "facts": ""}


def declare(store: Store, tenant: str, declarations: Iterable[Declaration]) -> dict[str, Change]:
    """Store ``declarations`` for ``tenant``; returns by flow what that asks of its cases.

    Call :func:`confirm` when it is done: until then the same call asks for it again, also after a stop.
    """
    known = {row["Flow"]: row for row in store.query("flows/declarations", tenant=tenant)}
    changes: dict[str, Change] = {}
    for declaration in declarations:
        before = known.get(declaration.name)
        same = before is not None and before["Document"] == declaration.document
        if not same:
            applied = before["Applied"] if before else ""
            store.command(named_query("flows/declare"), tenant=tenant, applied=applied, **_columns(declaration))
        due = _due(before["Applied"] if before else "", declaration)
        change = changes[declaration.name] = due or (Change.NOTHING if same else Change.WORDS)
        if not same:
            _LOG.info("The flow %s is declared: %s", declaration.name, _SAID[change])
    return changes


def confirm(store: Store, tenant: str, declarations: Iterable[Declaration]) -> None:
    """The cases of the flows follow ``declarations`` now."""
    for declaration in declarations:
        applied = json.dumps(_digests(declaration))
        store.command(named_query("flows/applied"), tenant=tenant, flow=declaration.name, applied=applied)


def declaration_of(store: Store, tenant: str, flow: str) -> Declaration | None:
    """The declaration of ``flow``; None when it is not declared."""
    rows = store.query("flows/declaration", tenant=tenant, flow=flow)
    return declaration_in_row(rows[0]) if rows else None


def declaration_in_row(row: Row) -> Declaration:
    """The declaration in a row of ``flow_declarations``."""
    return declaration_in(FlowFile.model_validate_json(row["Document"]))


def pending(row: Row) -> Change | None:
    """What the cases of the flow in this row of ``flow_declarations`` still wait for; None when for nothing."""
    return _due(row["Applied"], declaration_in_row(row))


def _due(applied: str, declaration: Declaration) -> Change | None:
    then, now = json.loads(applied) if applied else _UNKNOWN, _digests(declaration)
    if then["paths"] != now["paths"]:
        return Change.PATHS
    return Change.FACTS if then["facts"] != now["facts"] else None


def _digests(declaration: Declaration) -> dict[str, str]:
    """What of a declaration went into links and reach, and what into the fold of a case."""
    steps = sorted(repr(replace(step, optional=False)) for step in declaration.steps)
    return {
        "paths": _digest(declaration.lead, sorted(declaration.edges), declaration.hub_limit),
        "facts": _digest(steps, sorted(declaration.successes), declaration.sla_s),
    }


def _digest(*content: object) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:32]


def _columns(declaration: Declaration) -> dict[str, Any]:
    return {
        "flow": declaration.name,
        "version": declaration.version,
        "lead": declaration.lead,
        "sources": [source for source, _ in declaration.edges],
        "targets": [target for _, target in declaration.edges],
        "segments": list(declaration.segments),
        "hub_limit": declaration.hub_limit,
        "sla_s": declaration.sla_s,
        "successes": list(declaration.successes),
        "steps": json.dumps([_step(step) for step in declaration.steps]),
        "document": declaration.document,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "Step": step.name,
        "Kind": step.kind,
        "Optional": step.optional,
        "Loop": step.loop,
        "TouchesDeclared": step.touches is not None,
        "Touches": step.touches or (),
        "PricePerAttempt": f"{step.price.per_attempt:f}" if step.price else "0",
        "PricePerSecond": f"{step.price.per_second:f}" if step.price else "0",
        "PriceCurrency": step.price.currency if step.price else "",
        "TimeoutS": step.timeout_s,
        "EscalateTo": step.escalate_to,
        "Ends": step.ends,
    }
