"""What a reader must know of an answer that the flow's declaration leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases.flows.declarations.declaration import Declaration
    from cases.kpis.definition import Definition, Measure

UPGRADING: Final = (
    "The cases are being folded again after an upgrade. Until that is done, those not reached yet lack what is new, "
    "and this figure may be too low."
)

_HAS: Final[dict[str, Callable[[Declaration], bool]]] = {
    "sla": lambda declared: bool(declared.sla_s),
    "touchless_target": lambda declared: declared.touchless_target is not None,
    "routing": lambda declared: declared.routing is not None,
    "business hours": lambda declared: bool(declared.calendar.business_hours),
}
_MISSING: Final = {
    "sla": "The flow declares no sla: a case has no time by which it is due.",
    "touchless_target": "The flow declares no touchless_target: there is nothing to reach.",
    "routing": "The flow declares no routing: which routes are automatic and which manual is not known.",
    "business hours": "The flow declares no business_hours in its calendar: only calendar time is told.",
}


def told(definition: Definition, declaration: Declaration | None) -> tuple[Measure, ...]:
    """The measures that can be told of a flow so declared."""
    return tuple(measure for measure in definition.measures if _has(measure.needs, declaration))


def notes(definition: Definition, declaration: Declaration | None) -> tuple[str, ...]:
    """A sentence for each thing that the KPI needs and the flow does not declare."""
    needs = dict.fromkeys([definition.needs, *(measure.needs for measure in definition.measures)])
    return tuple(_MISSING[need] for need in needs if not _has(need, declaration))


def tellable(definition: Definition, declaration: Declaration | None) -> bool:
    """Whether the flow declares what the whole KPI needs; without it no value can be told."""
    return _has(definition.needs, declaration)


def _has(need: str, declaration: Declaration | None) -> bool:
    return not need or (declaration is not None and _HAS[need](declaration))
