"""What a flow declares about the routes of its cases, as parameters of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cases.flows.declarations.declaration import Declaration
    from cases.kpis.window import Window


def params(declaration: Declaration | None, window: Window) -> dict[str, Any]:
    """Route names, cohort dimensions, and for each bucket of ``window`` the period that it is compared with."""
    routing = declaration.routing if declaration else None
    return {
        "route": routing.dimension if routing else "",
        "automated_routes": list(routing.automated) if routing else [],
        "manual_routes": list(routing.manual) if routing else [],
        "cohort": list(routing.cohort) if routing else [],
        "starts": window.edges[:-1],
        "compared_from": [begin for begin, _ in window.compared],
        "compared_to": [end for _, end in window.compared],
    }
