"""Compute one KPI or several of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cases.fold.state import outdated
from cases.kpis import exceptions, generic, onboarding, time_to_fulfil
from cases.kpis.definitions import DEFINITIONS, KPIS, definition_of
from cases.kpis.notes import UPGRADING
from cases.kpis.question import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cases.flows.declarations.declaration import Declaration
    from cases.kpis.answer import KpiAnswer
    from cases.kpis.definition import Definition
    from cases.kpis.query import KpiQuery
    from cases.kpis.window import Window
    from store.client import Store

_ANSWERS: Final[dict[str, Callable[[Question], KpiAnswer]]] = {
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
    definition.check_grouping(query.group_by)
    answered = _answered([Question(store, tenant, flow, definition, part, declaration) for part in _periods(query)])
    return _noted(store, (_compared(answered, definition, query),))[0]


def answers(  # noqa: PLR0913, PLR0917 - whose flow, which KPIs, what is asked
    store: Store,
    tenant: str,
    flow: str,
    query: KpiQuery,
    declaration: Declaration | None = None,
    kpis: Sequence[str] = KPIS,
) -> tuple[KpiAnswer, ...]:
    """Several KPIs, by default all, in the order of their definitions. Raises NotFound for an unknown one.

    A KPI for which the grouping has no meaning is answered ungrouped: its points say so by their groups. KPIs of the
    same cases are answered from one reading of them.
    """
    definitions = [definition_of(kpi) for kpi in dict.fromkeys(kpis)]
    first = Question(store, tenant, flow, definitions[0], query, declaration)
    questions = [
        _fitting(replace(first, definition=definition, query=period))
        for period in _periods(query)
        for definition in definitions
    ]
    answered = _answered(questions)
    ordered = [definition for definition in DEFINITIONS.values() if definition in definitions]
    return _noted(store, tuple(_compared(answered, definition, query) for definition in ordered))


def named_kpis(text: str | None) -> tuple[str, ...]:
    """The KPIs that a comma-separated list names; all of them if it names none. Raises NotFound."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    return tuple(definition_of(name).kpi for name in names) or KPIS


def _periods(query: KpiQuery) -> tuple[KpiQuery, ...]:
    return (query, query.before) if query.compare else (query,)


def _compared(answered: Mapping[tuple[str, Window], KpiAnswer], definition: Definition, query: KpiQuery) -> KpiAnswer:
    """The answer of a KPI, with that of the previous period where one is asked for."""
    current = answered[definition.kpi, query.window]
    if not query.compare:
        return current
    return replace(current, previous=answered[definition.kpi, query.before.window])


def _noted(store: Store, answers: tuple[KpiAnswer, ...]) -> tuple[KpiAnswer, ...]:
    """The answers, with a warning while cases lack the facts that a newer version of the fold adds."""
    if not outdated(store):
        return answers
    return tuple(replace(answer, notes=(UPGRADING, *answer.notes)) for answer in answers)


def _answered(questions: Sequence[Question]) -> dict[tuple[str, Window], KpiAnswer]:
    def in_turn(batch: Sequence[Question]) -> list[KpiAnswer]:
        return [_answer(question) for question in batch]

    with ThreadPoolExecutor(_AT_ONCE, "kpi") as pool:
        answers = [answer for batch in pool.map(in_turn, _batches(questions)) for answer in batch]
    return {(answer.definition.kpi, answer.window): answer for answer in answers}


def _answer(question: Question) -> KpiAnswer:
    return _ANSWERS.get(question.definition.kpi, generic.answer)(question)


def _fitting(question: Question) -> Question:
    """``question`` without its grouping where that has no meaning for the KPI."""
    if question.definition.fits(question.query.group_by):
        return question
    return replace(question, query=replace(question.query, group_by=None))


def _batches(questions: Sequence[Question]) -> list[list[Question]]:
    """Questions that share a reading of the cases are one batch; each other one is its own. The longest first."""
    batches: list[list[Question]] = []
    for question in questions:
        batch = next((batch for batch in batches if _shares(batch, question)), None)
        if batch is None:
            batches.append([question])
        else:
            batch.append(question)
    together = [
        [replace(question, together=tuple(other.definition for other in batch)) for question in batch]
        for batch in batches
    ]
    return sorted(together, key=lambda batch: batch[0].definition.kpi != "time-to-fulfil")


def _shares(batch: Sequence[Question], question: Question) -> bool:
    """Whether ``question`` can be answered from the statement that answers ``batch``."""
    return all(
        _simple(other.definition)
        and _simple(question.definition)
        and other.query == question.query
        and other.definition.params(other.query.group_by) == question.definition.params(question.query.group_by)
        and other.definition.rows.shares_with(question.definition.rows)
        for other in batch
    )


def _simple(definition: Definition) -> bool:
    return definition.kpi not in _ANSWERS and definition.rows_are == "cases"
