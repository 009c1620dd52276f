"""Declarations in the store: writing them, reading them, and what a change means for the cases that exist."""

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
    """What a changed declaration requires for the cases that exist."""

    PATHS = "paths"
    """Links and all cases must be rebuilt."""
    FACTS = "facts"
    """The cases of the flow must be folded again. Which events belong to them has not changed."""
    WORDS = "words"
    """Nothing: only names, order or targets changed, which are read with each query."""
    NOTHING = "nothing"
    """The declaration has not changed."""


_CHANGED: Final = {
    Change.PATHS: "its paths or hub limit changed, so links and all cases are rebuilt.",
    Change.FACTS: "its steps, outcomes or SLA changed, so its cases are folded again.",
    Change.WORDS: "nothing changed that its cases depend on.",
}
_UNKNOWN: Final = {"paths": "", "facts": ""}


def declare(store: Store, tenant: str, declarations: Iterable[Declaration]) -> dict[str, Change]:
    """Store ``declarations`` for ``tenant``. Returns by flow what that requires for its cases.

    Call :func:`confirm` when the cases follow. Until then the same call returns the same change, also after a restart.
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
            _LOG.info("The flow %s is declared: %s", declaration.name, _CHANGED[change])
    return changes


def confirm(store: Store, tenant: str, declarations: Iterable[Declaration]) -> None:
    """Record that the cases of the flows follow ``declarations``."""
    for declaration in declarations:
        applied = json.dumps(_digests(declaration))
        store.command(named_query("flows/applied"), tenant=tenant, flow=declaration.name, applied=applied)


def declaration_of(store: Store, tenant: str, flow: str) -> Declaration | None:
    """The declaration of ``flow``; None if it is not declared."""
    rows = store.query("flows/declaration", tenant=tenant, flow=flow)
    return declaration_in_row(rows[0]) if rows else None


def declaration_in_row(row: Row) -> Declaration:
    """The declaration in a row of ``flow_declarations``."""
    return declaration_in(FlowFile.model_validate_json(row["Document"]))


def pending(row: Row) -> Change | None:
    """The change that the cases do not follow yet, from a row of ``flow_declarations``; None if they follow."""
    return _due(row["Applied"], declaration_in_row(row))


def _due(applied: str, declaration: Declaration) -> Change | None:
    then, now = json.loads(applied) if applied else _UNKNOWN, _digests(declaration)
    if then["paths"] != now["paths"]:
        return Change.PATHS
    return Change.FACTS if then["facts"] != now["facts"] else None


def _digests(declaration: Declaration) -> dict[str, str]:
    """Digests of the parts of a declaration that links and reach depend on, and that the fold of a case depends on."""
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
