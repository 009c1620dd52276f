"""Ask one KPI or all of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cases.errors import InvalidQuery, NotFound
from cases.kpis import errors_per_1000, retries, time_to_fulfil, touchless
from cases.kpis.ask import Ask
from cases.kpis.definitions import DEFINITIONS, Definition

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases.kpis.answer import KpiAnswer
    from cases.kpis.query import KpiQuery
    from store.client import Store

_ANSWERS: Final[dict[str, Callable[[Ask], KpiAnswer]]] = {
    "touchless-rate": touchless.answer,
    "time-to-fulfil": time_to_fulfil.answer,
    "errors-per-1000": errors_per_1000.answer,
    "retries": retries.answer,
}
# The store uses every core for most of a statement; two at a time fill the gaps where it uses one. KPIs that share rows
# are asked one after the other.
_AT_ONCE: Final = 2
_TOGETHER: Final = (("time-to-fulfil",), ("touchless-rate",), ("errors-per-1000", "retries"))


def definition_of(kpi: str) -> Definition:
    """Raises NotFound for a KPI there is not."""
    if kpi not in DEFINITIONS:
        raise NotFound(f"There is no KPI {kpi!r}.", f"Use one of: {', '.join(DEFINITIONS)}.")
    return DEFINITIONS[kpi]


def answer(store: Store, tenant: str, flow: str, kpi: str, query: KpiQuery) -> KpiAnswer:
    """One KPI. Raises NotFound for an unknown KPI, InvalidQuery for a grouping without meaning for it."""
    definition = definition_of(kpi)
    check_grouping(definition, query)
    return _ANSWERS[kpi](Ask(store, tenant, flow, definition, query))


def answers(store: Store, tenant: str, flow: str, query: KpiQuery) -> tuple[KpiAnswer, ...]:
    """All KPIs in the order of their definitions.

    A KPI for which the grouping has no meaning is answered ungrouped: its points say so by their groups.
    """

    def some(kpis: tuple[str, ...]) -> list[KpiAnswer]:
        first = Ask(store, tenant, flow, DEFINITIONS[kpis[0]], query)
        return [_ANSWERS[kpi](_fitting(replace(first, definition=DEFINITIONS[kpi]))) for kpi in kpis]

    with ThreadPoolExecutor(_AT_ONCE, "kpi") as pool:
        found: dict[str, KpiAnswer] = {one.definition.kpi: one for part in pool.map(some, _TOGETHER) for one in part}
    return tuple(found[kpi] for kpi in DEFINITIONS)


def _fitting(ask: Ask) -> Ask:
    """``ask`` without its grouping where the KPI has no meaning for it."""
    if not ask.query.grouping or ask.query.grouping in ask.definition.groupings:
        return ask
    return replace(ask, query=replace(ask.query, group_by=None))


def check_grouping(definition: Definition, query: KpiQuery) -> None:
    """Raise InvalidQuery where ``query`` groups by something that ``definition`` does not have."""
    if query.grouping and query.grouping not in definition.groupings:
        message = f"{definition.title} cannot be grouped by {query.group_by}."
        raise InvalidQuery(message, f"Use one of: {', '.join(sorted(definition.groupings))}.")
