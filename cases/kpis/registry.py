"""Ask one KPI or several of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cases.errors import InvalidQuery
from cases.fold.state import outdated
from cases.kpis import exceptions, onboarding, time_to_fulfil
from cases.kpis import generic as plain
from cases.kpis.definitions import DEFINITIONS, KPIS, definition_of
from cases.kpis.notes import UPGRADING
from cases.kpis.question import Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cases.flows.declarations.declaration import Declaration
    from cases.kpis.answer import KpiAnswer
    from cases.kpis.definition import Definition
    from cases.kpis.query import KpiQuery
    from cases.kpis.window import Window
    from store.client import Store

_ANSWERS: Final[dict[str, Callable[[Ask], KpiAnswer]]] = {
    "time-to-fulfil": time_to_fulfil.answer,
    "exceptions": exceptions.answer,
    "onboarding": onboarding.answer,
}
"""KPIs with a function of their own."""

# The store uses every core for most of a statement; two at a time fill the gaps where it uses one.
_AT_ONCE: Final = 2


def answer(  # noqa: PLR0913, PLR0917 - whose flow, which KPI, what is asked
    store: Store, tenant: str, flow: str, kpi: str, query: KpiQuery, declaration: Declaration | None = None
) -> KpiAnswer:
    """One KPI. Raises NotFound for an unknown KPI, InvalidQuery for a grouping without meaning for it."""
    definition = definition_of(kpi)
    check_grouping(definition, query)
    found = _answered([Ask(store, tenant, flow, definition, one, declaration) for one in _periods(query)])
    return _noted(store, (_compared(found, definition, query),))[0]


def answers(  # noqa: PLR0913, PLR0917 - whose flow, which KPIs, what is asked
    store: Store,
    tenant: str,
    flow: str,
    query: KpiQuery,
    declaration: Declaration | None = None,
    kpis: Sequence[str] = KPIS,
) -> tuple[KpiAnswer, ...]:
    """Several KPIs, by default all, in the order of their definitions. Raises NotFound for one that there is not.

    A KPI for which the grouping has no meaning is answered ungrouped: its points say so by their groups. KPIs of the
    same cases are answered from one reading of them.
    """
    wanted = [definition_of(kpi) for kpi in dict.fromkeys(kpis)]
    first = Ask(store, tenant, flow, wanted[0], query, declaration)
    asks = [
        _fitting(replace(first, definition=definition, query=one)) for one in _periods(query) for definition in wanted
    ]
    found = _answered(asks)
    ordered = [definition for definition in DEFINITIONS.values() if definition in wanted]
    return _noted(store, tuple(_compared(found, definition, query) for definition in ordered))


def check_grouping(definition: Definition, query: KpiQuery) -> None:
    """Raise InvalidQuery where ``query`` groups by something that ``definition`` does not have."""
    if not definition.fits(query.group_by):
        message = f"{definition.title} cannot be grouped by {query.group_by}."
        raise InvalidQuery(message, f"Use one of: {', '.join(sorted(definition.groupings))}.")


def only(text: str | None) -> tuple[str, ...]:
    """The KPIs that a list with commas names; all of them for none. Raises NotFound."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    return tuple(definition_of(name).kpi for name in names) or KPIS


def _periods(query: KpiQuery) -> tuple[KpiQuery, ...]:
    return (query, query.before) if query.compare else (query,)


def _compared(found: Mapping[tuple[str, Window], KpiAnswer], definition: Definition, query: KpiQuery) -> KpiAnswer:
    """The answer of a KPI, and beside it that of the period before, where one is asked for."""
    now = found[definition.kpi, query.window]
    return replace(now, previous=found[definition.kpi, query.before.window]) if query.compare else now


def _noted(store: Store, found: tuple[KpiAnswer, ...]) -> tuple[KpiAnswer, ...]:
    """The answers, with a warning while cases lack what a newer version of the fold tells of them."""
    if not outdated(store):
        return found
    return tuple(replace(one, notes=(UPGRADING, *one.notes)) for one in found)


def _answered(asks: Sequence[Ask]) -> dict[tuple[str, Window], KpiAnswer]:
    def some(job: Sequence[Ask]) -> list[KpiAnswer]:
        return [_answer(ask) for ask in job]

    with ThreadPoolExecutor(_AT_ONCE, "kpi") as pool:
        return {(one.definition.kpi, one.window): one for part in pool.map(some, _jobs(asks)) for one in part}


def _answer(ask: Ask) -> KpiAnswer:
    return _ANSWERS.get(ask.definition.kpi, plain.answer)(ask)


def _fitting(ask: Ask) -> Ask:
    """``ask`` without its grouping where the KPI has no meaning for it."""
    return ask if ask.definition.fits(ask.query.group_by) else replace(ask, query=replace(ask.query, group_by=None))


def _jobs(asks: Sequence[Ask]) -> list[list[Ask]]:
    """Asks that share a reading of the cases, one after the other; the others each alone. The longest first."""
    jobs: list[list[Ask]] = []
    for ask in asks:
        job = next((job for job in jobs if _shares(job, ask)), None)
        if job is None:
            jobs.append([ask])
        else:
            job.append(ask)
    together = [[replace(ask, together=tuple(one.definition for one in job)) for ask in job] for job in jobs]
    return sorted(together, key=lambda job: job[0].definition.kpi != "time-to-fulfil")


def _shares(job: Sequence[Ask], ask: Ask) -> bool:
    """Whether ``ask`` can be answered from the statement that answers ``job``."""
    return all(
        _simple(one.definition)
        and _simple(ask.definition)
        and one.query == ask.query
        and one.definition.params(one.query.group_by) == ask.definition.params(ask.query.group_by)
        and one.definition.rows.shares_with(ask.definition.rows)
        for one in job
    )


def _simple(definition: Definition) -> bool:
    return definition.kpi not in _ANSWERS and definition.rows_are == "cases"
