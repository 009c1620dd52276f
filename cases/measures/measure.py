"""Which measures a flow has."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from cases.errors import InvalidQuery, NotFound
from cases.flows.flows import nearest, require_flow
from cases.measures.kind import KINDS
from cases.measures.value import exact

if TYPE_CHECKING:
    from datetime import datetime

    from cases.measures.value import Number
    from store.client import Row, Store

NO_FLOW: Final = "-"
"""Stands in an address for the measures that name no flow."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One name, kind and unit. ``last_value`` is the latest value as it was sent, of whichever of its ``series``.

    ``dims`` are the dimensions that its values carry; times are UTC.
    """

    measure: str
    kind: str
    unit: str
    dims: tuple[str, ...]
    series: int
    first_time: datetime
    last_time: datetime
    last_value: Number

    @property
    def aggregations(self) -> tuple[str, ...]:
        """What ``agg`` may say, the default first."""
        return tuple(KINDS[self.kind].aggregations)


def measures(store: Store, tenant: str, flow: str) -> tuple[Measure, ...]:
    """The measures of ``flow`` by name, kind and unit. Raises NotFound for a flow without cases and measures."""
    rows = store.query("measures/list", tenant=tenant, flow=stored_flow(flow))
    if not rows and flow != NO_FLOW:
        require_flow(store, tenant, flow)
    return tuple(_measure_of(row) for row in rows)


def find(known: tuple[Measure, ...], name: str, kind: str | None = None, unit: str | None = None) -> Measure:
    """The measure ``name`` of ``known``. Raises NotFound, or InvalidQuery when it was sent in several ways."""
    named = [measure for measure in known if measure.measure == name]
    if not named:
        hint = nearest(name, sorted({measure.measure for measure in known}))
        raise NotFound(f"There is no measure {name!r} in this flow.", hint or "…/measures lists those there are.")
    fitting = [measure for measure in named if kind in (None, measure.kind) and unit in (None, measure.unit)]
    ways = ", ".join(f"kind={measure.kind}&unit={measure.unit}" for measure in named)
    if not fitting:
        raise NotFound(f"The measure {name!r} was not sent with this kind and unit.", f"There is: {ways}.")
    if len(fitting) > 1:
        raise InvalidQuery(f"The measure {name!r} was sent in {len(fitting)} ways.", f"Choose one of: {ways}.")
    return fitting[0]


def stored_flow(flow: str) -> str:
    """How the store spells ``flow``: a measure without one has an empty name there."""
    return "" if flow == NO_FLOW else flow


def _measure_of(row: Row) -> Measure:
    return Measure(
        measure=row["Measure"],
        kind=row["Sent"],
        unit=row["Unit"],
        dims=tuple(row["DimNames"]),
        series=row["SeriesCount"],
        first_time=row["FirstTime"],
        last_time=row["LastTime"],
        last_value=exact(Fraction(row["LastValue"])),
    )
