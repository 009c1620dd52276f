"""What a flow must declare for a measure to be available, and what a reader is told where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases.flows.declarations.declaration import Declaration
    from cases.kpis.definition import Definition, KpiMeasure

UPGRADING: Final = (
    "The cases are being folded again after an upgrade. Until that is done, new facts are missing from cases that were "
    "not folded again yet, and this figure may be too low."
)

_HAS: Final[dict[str, Callable[[Declaration], bool]]] = {
    "sla": lambda declared: bool(declared.sla_s),
    "touchless_target": lambda declared: declared.touchless_target is not None,
    "routing": lambda declared: declared.routing is not None,
    "business hours": lambda declared: bool(declared.calendar.business_hours),
}
_MISSING: Final = {
    "sla": "The flow declares no sla, so its cases have no due time.",
    "touchless_target": "The flow declares no touchless_target, so there is no target to reach.",
    "routing": "The flow declares no routing, so it is not known which routes are automated and which are manual.",
    "business hours": "The flow declares no business_hours in its calendar, so only calendar time is shown.",
}


def available(definition: Definition, declaration: Declaration | None) -> tuple[KpiMeasure, ...]:
    """The measures that a flow with this declaration has."""
    return tuple(measure for measure in definition.measures if _has(measure.needs, declaration))


def notes(definition: Definition, declaration: Declaration | None) -> tuple[str, ...]:
    """A sentence for each thing that the KPI needs and the flow does not declare."""
    needs = dict.fromkeys([definition.needs, *(measure.needs for measure in definition.measures)])
    return tuple(_MISSING[need] for need in needs if not _has(need, declaration))


def is_available(definition: Definition, declaration: Declaration | None) -> bool:
    """Whether the flow declares what the KPI as a whole needs; without it every value is None."""
    return _has(definition.needs, declaration)


def _has(need: str, declaration: Declaration | None) -> bool:
    return not need or (declaration is not None and _HAS[need](declaration))
