"""KPI statements put together: a frame of ``store/queries/kpis`` around the rows of ``catalogue/``.

Pure: definitions in, text out. Nothing that a caller sent is ever in the text; values go as parameters.
``tests/cases/kpis/golden`` shows whole statements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.kpis.rows import statement
from store.client import named_query
from store.marks import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cases.kpis.definition import Definition
    from cases.kpis.rows import Rows

CALENDAR: Final = "greatest(Upto - Since, 0)"
"""How long a row took, in nanoseconds."""

_SPLIT: Final = {"outcome": "Outcome", "route": "Dims[{route:String}]"}
"""Columns whose name in the rows is not the grouping's."""

_OWN: Final = {"dimension": "Dims[{dimension:String}]", "outcome": "Outcome"}
"""What a grouping adds to the split; any other adds nothing, and then no column is read for it."""


def business(instant: str) -> str:
    """Nanoseconds of business hours before ``instant``, counted from the first period on.

    ``opens`` are the starts of the periods and ``lengths`` how long each is, in seconds: what has passed of the period
    that began last, and all of those before it.
    """
    begin = f"roundDown(intDiv({instant}, 1000000000), {{opens:Array(Int64)}})"
    length = f"transform({begin}, {{opens:Array(Int64)}}, {{lengths:Array(Int64)}}, toInt64(0))"
    total = f"transform({begin}, {{opens:Array(Int64)}}, arrayCumSum({{lengths:Array(Int64)}}), toInt64(0))"
    passed = f"least(greatest({instant} - 1000000000 * {begin}, 0), 1000000000 * {length})"
    return f"(1000000000 * ({total} - {length}) + {passed})"


BUSINESS: Final = f"greatest({business('Upto')} - {business('Since')}, 0)"
"""As :data:`CALENDAR`, in business hours."""


@dataclass(frozen=True, slots=True)
class Groups:
    """By what a statement groups: the dimension or outcome of ``grouping``, and the columns of ``split``."""

    grouping: str
    split: Sequence[str]

    def marks(self, column: Callable[[str], str]) -> dict[str, str]:
        """The texts of the marks about groups; ``column`` is the SQL of a split's name."""
        names = [f"Split{index}" for index, _ in enumerate(self.split)]
        columns = [f"{column(name)} AS {alias},\n" for name, alias in zip(self.split, names, strict=True)]
        return {
            "own": _OWN.get(self.grouping, "''"),
            "split": "".join(columns),
            "split_columns": "".join(f"{name},\n" for name in names),
            "split_keys": "".join(f", {name}" for name in names),
        }

    def by_level(self) -> dict[str, str]:
        """As :meth:`marks`; on the levels without the split its columns are empty."""
        return self.marks(lambda name: f"if(Level >= 2, '', {_column(name)})")


def counts(definitions: Sequence[Definition], groups: Groups) -> str:
    """One statement for ``definitions``, whose rows share one reading of their cohort."""
    own = ["count() AS Cases", "countIf(IsOpen) AS InFlight", "minIf(Began, IsOpen) AS Oldest"]
    figures = [text for definition in definitions for text in _figures(definition)]
    rows = statement([definition.rows for definition in definitions])
    return _framed("counts", {"rows": rows, "figures": _listed(own, figures), **groups.marks(_column)})


def places(definition: Definition, groups: Groups) -> str:
    """The same figures by the entries of ``definition.places``."""
    own = ["uniqExact(CaseId) AS Cases", "uniqExactIf(CaseId, IsOpen) AS InFlight"]
    texts = {
        "rows": statement([definition.rows]),
        "figures": _listed(own, _figures(definition, place="place.")),
        "places": definition.places,
    }
    return _framed("places", {**texts, **groups.marks(lambda name: f"place.{name}")})


def things(definition: Definition, groups: Groups) -> str:
    """Figures of rows of which a case may have several."""
    own = [
        "uniqExact(CaseId) AS Cases",
        "uniqExactIf(CaseId, IsOpen) AS InFlight",
        "minIf(Began, IsOpen) AS Oldest",
    ]
    figures = _listed(own, _figures(definition, distinct=True))
    return _framed("things", {"rows": statement([definition.rows]), "figures": figures, **groups.by_level()})


def kaplan_meier(rows: Rows, groups: Groups, elapsed: str = CALENDAR) -> str:
    """Where the curve of ``rows``, which have Since, Upto and Over, falls to given shares."""
    return _framed("kaplan_meier", {"rows": statement([rows]), "elapsed": elapsed, **groups.by_level()})


def quantiles(rows: Rows, groups: Groups, elapsed: str = CALENDAR) -> str:
    """Percentiles of how long those of ``rows`` took that ended in the window, whenever they started."""
    return _framed("quantiles", {"rows": statement([rows], "ended"), "elapsed": elapsed, **groups.by_level()})


def backlog(rows: Rows, groups: Groups) -> str:
    """What is open at given instants, of ``rows`` that have Since, Upto, amount and currency."""
    return _framed("backlog", {"rows": statement([rows]), **groups.by_level()})


def name_of(definition: Definition, kind: str, column: str) -> str:
    """The column of a statement that holds a figure of ``definition``."""
    return f"{definition.kpi.replace('-', '_')}__{kind}_{column}"


def _figures(definition: Definition, *, place: str = "", distinct: bool = False) -> list[str]:
    """What the measures of ``definition`` need, each once."""
    condition = f"{definition.counts} AND " if definition.counts else ""
    # By name, because several measures may need the same figure.
    figures: dict[str, str] = {}
    if definition.counts:
        figures[name_of(definition, "count", "n")] = f"countIf({definition.counts})"
        figures[name_of(definition, "count", "in_flight")] = f"countIf({definition.counts} AND IsOpen)"
    for name in _counted(definition):
        test = f"{condition}{place}{definition.column(name)}"
        # A case may have several places or things in a cell, and counts there once.
        count = f"uniqExactIf(CaseId, {test})" if distinct or place else f"countIf({test})"
        figures[name_of(definition, "count", name)] = count
    for measure in definition.measures:
        for column in (measure.sum, measure.millionths, *(measure.ratio or ())):
            if column:
                figures[name_of(definition, "sum", column)] = f"sum({place}{column})"
        if measure.money:
            amount, currency = (f"[{place}{name}]" if place else name for name in measure.money)
            figures[name_of(definition, "money", measure.id)] = f"sumMap({currency}, {amount})"
    return [f"{text} AS {name}" for name, text in figures.items()]


def _counted(definition: Definition) -> list[str]:
    """Bands and columns of which cases are counted, in order."""
    names = [name for measure in definition.measures for name in (measure.count, *(measure.share or ()))]
    return [name for name in dict.fromkeys([*names, definition.unknown]) if name and name != "n"]


def _column(name: str) -> str:
    return _SPLIT.get(name, name)


def _listed(*columns: Sequence[str]) -> str:
    return ",\n".join(column for some in columns for column in some)


def _framed(frame: str, texts: dict[str, str]) -> str:
    return fill(named_query(f"kpis/{frame}"), texts)
