"""The cases behind a figure as SQL: the rows that its KPI counts, and the conditions of one point and band.

Pure: a selector in, text and parameters out. Nothing that a caller sent is ever in the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cases.kpis.definition import BACKLOG, FINISHED, IN_FLIGHT
from cases.kpis.rows import Rows, statement

if TYPE_CHECKING:
    from cases.kpis.definition import Definition
    from cases.kpis.selector import Selector

_EVERY: Final = {
    "started": Rows("started", "true AS counted", "started"),
    "ended": Rows("ended", "true AS counted", "ended"),
    "known": Rows("known", "Began AS At", "known"),
}
"""All cases of a cohort, for figures that are not of a KPI's own rows."""


@dataclass(slots=True)
class Conditions:
    """SQL conditions to be joined by AND, and the values of their parameters."""

    texts: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)

    def add(self, text: str, **params: Any) -> None:
        """``params`` must have names that no other condition uses."""
        self.texts.append(text)
        self.params.update(params)

    @property
    def sql(self) -> str:
        """To follow a WHERE clause."""
        return "\n".join(f"AND {text}" for text in self.texts)


@dataclass(frozen=True, slots=True)
class Filter:
    """``rows`` is the text of the rows, ``conditions`` those to apply to them."""

    rows: str
    conditions: Conditions


def filter_of(selector: Selector) -> Filter:
    """The rows and the conditions that ``selector`` stands for."""
    rows, source = _rows(selector)
    conditions = Conditions()
    conditions.params.update(_window(selector, source))
    _in_group(selector, conditions)
    _in_band(selector, conditions)
    return Filter(rows, conditions)


def after(start: int, case_id: str) -> Conditions:
    """The cases that follow this one: newest start first, then by case id."""
    conditions = Conditions()
    instant = "fromUnixTimestamp64Nano({after:Int64}, 'UTC')"
    conditions.add(
        f"(Start < {instant} OR (Start = {instant} AND CaseId > {{after_case:String}}))",
        after=start,
        after_case=case_id,
    )
    return conditions


def _rows(selector: Selector) -> tuple[str, str]:
    """The text of the rows, and what kind of rows they are: a cohort, ``open`` or ``backlog``."""
    definition, band = selector.definition, selector.band
    if band == FINISHED:
        return statement([_EVERY["ended"]]), "ended"
    if definition is None:
        return statement([_EVERY["started"]]), "started"
    if band == IN_FLIGHT and definition.at_close:
        return statement([_EVERY["known"]]), "open"
    if band == BACKLOG and BACKLOG in definition.more:
        return statement([definition.more[BACKLOG]]), "backlog"
    return statement([definition.rows]), definition.rows.source


def _window(selector: Selector, source: str) -> dict[str, Any]:
    """The window of the rows: the bucket, or for what is open the instant at which the bucket closes."""
    if source == "open":
        return {"since": selector.start, "until": selector.until, "as_of": selector.until}
    if source == "backlog":
        return {"since": selector.until, "until": selector.until, "as_of": selector.query.as_of}
    history = selector.definition is not None and selector.definition.history
    return {"since": 0 if history else selector.start, "until": selector.until, "as_of": selector.query.as_of}


def _in_group(selector: Selector, conditions: Conditions) -> None:
    definition, group = selector.definition, dict(selector.group)
    places = _places(definition, group)
    columns = definition.row_columns if definition and definition.rows_are == "things" else frozenset()
    for index, (name, value) in enumerate(selector.group):
        if name in places:
            continue
        if name in columns:
            conditions.add(f"{name} = {{value_{index}:String}}", **{f"value_{index}": value})
        elif name != "outcome":
            conditions.add(
                f"Dims[{{dim_{index}:String}}] = {{value_{index}:String}}",
                **{f"dim_{index}": name, f"value_{index}": value},
            )
        elif not (selector.band == IN_FLIGHT and definition is not None and definition.at_close):
            # A case in flight has no outcome yet; beside ended cases it stands under each of them.
            conditions.add("Outcome = {outcome:String}", outcome=value)
    if definition and places:
        tests = [f"place.{name} = {{{name}:String}}" for name in places]
        if selector.band in definition.bands:
            tests.append(f"place.{definition.column(str(selector.band))}")
        conditions.add(f"arrayExists(place -> {' AND '.join(tests)}, {definition.places})", **places)


def _in_band(selector: Selector, conditions: Conditions) -> None:
    definition, band = selector.definition, selector.band
    if definition and definition.counts and not (band == IN_FLIGHT and definition.at_close):
        conditions.add(definition.counts)
    # For the bands finished and backlog, and at a place, the rows or the group have said it already.
    in_places = bool(_places(definition, dict(selector.group)))
    if band == IN_FLIGHT:
        conditions.add("IsOpen")
    elif definition and band in definition.bands and band not in {FINISHED, BACKLOG} and not in_places:
        conditions.add(definition.column(band))


def _places(definition: Definition | None, group: dict[str, str]) -> dict[str, str]:
    """The part of a group that names a step and a system, of a KPI that counts at these."""
    if definition is None or not definition.places:
        return {}
    return {name: value for name, value in group.items() if name in definition.split}
