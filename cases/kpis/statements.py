"""KPI statements put together: a frame of ``store/queries`` around the rows of ``catalogue/``.

Pure: definitions in, text out. Nothing that a caller sent is ever in the text; values go as parameters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cases.kpis.rows import statement
from store.client import named_query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cases.kpis.definition import Definition
    from cases.kpis.rows import Rows

CALENDAR: Final = "greatest(Upto - Since, 0)"
_SPLIT: Final = {"outcome": "Outcome", "route": "Dims[{route:String}]"}
"""Columns whose name in the rows is not the grouping's."""


def business(instant: str) -> str:
    """Nanoseconds of business hours before ``instant``, from the first stretch on.

    ``opens`` are the starts of the stretches and ``lengths`` how long each is, in seconds: what is over of the stretch
    that began last, and all of those before it.
    """
    begin = f"roundDown(intDiv({instant}, 1000000000), {{opens:Array(Int64)}})"
    length = f"transform({begin}, {{opens:Array(Int64)}}, {{lengths:Array(Int64)}}, toInt64(0))"
    total = f"transform({begin}, {{opens:Array(Int64)}}, arrayCumSum({{lengths:Array(Int64)}}), toInt64(0))"
    passed = f"least(greatest({instant} - 1000000000 * {begin}, 0), 1000000000 * {length})"
    return f"(1000000000 * ({total} - {length}) + {passed})"


BUSINESS: Final = f"greatest({business('Upto')} - {business('Since')}, 0)"


_OWN: Final = {"dimension": "Dims[{dimension:String}]", "outcome": "Outcome"}
"""What a grouping adds to the split; anything else adds nothing, and then no column is read for it."""


def counts(definitions: Sequence[Definition], grouping: str, split: Sequence[str]) -> str:
    """One statement for ``definitions``, whose rows share one reading of their cohort."""
    figures = [text for definition in definitions for text in _figures(definition)]
    columns = ["count() AS Cases", "countIf(IsOpen) AS InFlight", "minIf(Began, IsOpen) AS Oldest", *figures]
    rows = statement([definition.rows for definition in definitions])
    return _framed("kpis/counts", {"rows": rows, "figures": columns, "own": _own(grouping), **_split(split, _column)})


def places(definition: Definition, grouping: str, split: Sequence[str]) -> str:
    """The same figures by the entries of ``definition.places``."""
    columns = [
        "uniqExact(CaseId) AS Cases",
        "uniqExactIf(CaseId, IsOpen) AS InFlight",
        *_figures(definition, place="place."),
    ]
    fields = {
        "rows": statement([definition.rows]),
        "figures": columns,
        "places": definition.places,
        "own": _own(grouping),
        **_split(split, lambda name: f"place.{name}"),
    }
    return _framed("kpis/places", fields)


def things(definition: Definition, grouping: str, split: Sequence[str]) -> str:
    """Figures of rows of which a case may have several."""
    columns = [
        "uniqExact(CaseId) AS Cases",
        "uniqExactIf(CaseId, IsOpen) AS InFlight",
        "minIf(Began, IsOpen) AS Oldest",
        *_figures(definition, distinct=True),
    ]
    fields = {"rows": statement([definition.rows]), "figures": columns}
    return _framed("kpis/things", {**fields, **levelled(grouping, split)})


def durations(  # noqa: PLR0913 - which frame around which rows, in which groups, on which clock
    frame: str, rows: Rows, grouping: str, split: Sequence[str], *, cohort: str = "", elapsed: str = CALENDAR
) -> str:
    """``kpis/kaplan_meier`` or ``kpis/quantiles`` over ``rows``, which have Since, Upto and Over."""
    fields = {"rows": statement([rows], cohort), "elapsed": elapsed}
    return _framed(frame, {**fields, **_only_names(split), **levelled(grouping, split)})


def backlog(rows: Rows, grouping: str, split: Sequence[str]) -> str:
    """What is open at given instants, of ``rows`` that have Since, Upto, amount and currency."""
    return _framed("kpis/backlog", {"rows": statement([rows]), **_only_names(split), **levelled(grouping, split)})


def levelled(grouping: str, split: Sequence[str]) -> dict[str, str]:
    """What a grouping adds, and the split, told on the levels that have it."""
    return {"own": _own(grouping), **_split(split, lambda name: f"if(Level >= 2, '', {_column(name)})")}


def name_of(definition: Definition, kind: str, column: str) -> str:
    """What a figure of a statement is called."""
    return f"{definition.kpi.replace('-', '_')}__{kind}_{column}"


def _figures(definition: Definition, *, place: str = "", distinct: bool = False) -> list[str]:
    """What the measures of ``definition`` need, each once."""
    condition = f"{definition.counts} AND " if definition.counts else ""
    found: dict[str, str] = {}
    if definition.counts:
        found[name_of(definition, "count", "n")] = f"countIf({definition.counts})"
        found[name_of(definition, "count", "in_flight")] = f"countIf({definition.counts} AND IsOpen)"
    for name in _counted(definition):
        test = f"{condition}{place}{definition.column(name)}"
        counted = f"uniqExactIf(CaseId, {test})" if distinct or place else f"countIf({test})"
        found[name_of(definition, "count", name)] = counted
    for measure in definition.measures:
        for column in (measure.sum, measure.millionths, *(measure.ratio or ())):
            if column:
                found[name_of(definition, "sum", column)] = f"sum({place}{column})"
        if measure.money:
            amount, currency = (f"[{place}{name}]" if place else name for name in measure.money)
            found[name_of(definition, "money", measure.id)] = f"sumMap({currency}, {amount})"
    return [f"{text} AS {name}" for name, text in found.items()]


def _counted(definition: Definition) -> list[str]:
    """Bands and columns of which cases are counted, in order."""
    names = [name for measure in definition.measures for name in (measure.count, *(measure.share or ()))]
    return [name for name in dict.fromkeys([*names, definition.unknown]) if name and name != "n"]


def _own(grouping: str) -> str:
    return _OWN.get(grouping, "''")


def _column(name: str) -> str:
    return _SPLIT.get(name, name)


def _split(split: Sequence[str], column: Callable[[str], str]) -> dict[str, str]:
    told = [f"{column(name)} AS Split{index}" for index, name in enumerate(split)]
    names = [f"Split{index}" for index, _ in enumerate(split)]
    return {
        "split": "".join(f"{text},\n" for text in told),
        "split names": "".join(f", {name}" for name in names),
    }


def _only_names(split: Sequence[str]) -> dict[str, str]:
    return {"split names only": "".join(f"Split{index},\n" for index, _ in enumerate(split))}


def _framed(frame: str, fields: Mapping[str, object]) -> str:
    """The frame with each mark ``/* name */`` replaced; text of several lines keeps the mark's indentation."""

    def put(match: re.Match[str]) -> str:
        value = fields[match["name"]]
        text = ",\n".join(value) if isinstance(value, list) else str(value)
        return text.rstrip("\n").replace("\n", f"\n{match['space']}") if match["space"] else text

    def mark(match: re.Match[str]) -> str:
        return match["space"] + put(match)

    return re.sub(r"(?P<space>(?<=\n) *|)/\* (?P<name>[\w ]+) \*/", mark, named_query(frame))
