"""What is behind a figure: the rows that its KPI counts, and the conditions that pick those of one point and band.

Pure: a selector in, text and parameters out. Nothing that a caller sent is ever in the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cases.kpis.definition import IN_FLIGHT
from cases.kpis.rows import Rows, statement

if TYPE_CHECKING:
    from cases.kpis.definition import Definition
    from cases.kpis.selector import Selector

FINISHED: Final = "finished"
BACKLOG: Final = "backlog"
_EVERY: Final = {
    "started": Rows("started", "    true AS counted", "started"),
    "ended": Rows("ended", "    true AS counted", "ended"),
    "known": Rows("known", "    Began AS At", "known"),
}
"""Cases that no KPI counts."""


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
class Behind:
    """``rows`` is the text of the rows, ``conditions`` those to apply to them."""

    rows: str
    conditions: Conditions


def behind(selector: Selector) -> Behind:
    """The rows and the conditions that ``selector`` stands for."""
    rows, source = _rows(selector)
    found = Conditions()
    found.params.update(_window(selector, source))
    _in_group(selector, found)
    _in_band(selector, found)
    return Behind(rows, found)


def after(start: int, case_id: str) -> Conditions:
    """The cases that come after this one, newest start first."""
    found = Conditions()
    instant = "fromUnixTimestamp64Nano({after:Int64}, 'UTC')"
    found.add(
        f"(Start < {instant} OR (Start = {instant} AND CaseId > {{after_case:String}}))",
        after=start,
        after_case=case_id,
    )
    return found


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
    """What the rows take for the window: the bucket; what is open is asked for at the instant when it closes."""
    if source == "open":
        return {"since": selector.start, "until": selector.until, "as_of": selector.until}
    if source == "backlog":
        return {"since": selector.until, "until": selector.until, "as_of": selector.query.as_of}
    history = selector.definition is not None and selector.definition.history
    return {"since": 0 if history else selector.start, "until": selector.until, "as_of": selector.query.as_of}


def _in_group(selector: Selector, found: Conditions) -> None:
    definition, group = selector.definition, dict(selector.group)
    places = _places(definition, group)
    columns = _columns(definition)
    for index, (name, value) in enumerate(selector.group):
        if name in places:
            continue
        if name in columns:
            found.add(f"{name} = {{value_{index}:String}}", **{f"value_{index}": value})
        elif name != "outcome":
            found.add(
                f"Dims[{{dim_{index}:String}}] = {{value_{index}:String}}",
                **{f"dim_{index}": name, f"value_{index}": value},
            )
        elif not (selector.band == IN_FLIGHT and definition is not None and definition.at_close):
            # A case in flight has no outcome yet; beside ended cases it stands under each of them.
            found.add("Outcome = {outcome:String}", outcome=value)
    if definition and places:
        tests = [f"place.{name} = {{{name}:String}}" for name in places]
        if selector.band in definition.bands:
            tests.append(f"place.{definition.column(str(selector.band))}")
        found.add(f"arrayExists(place -> {' AND '.join(tests)}, {definition.places})", **places)


def _in_band(selector: Selector, found: Conditions) -> None:
    definition, band = selector.definition, selector.band
    if definition and definition.counts and not (band == IN_FLIGHT and definition.at_close):
        found.add(definition.counts)
    if band == IN_FLIGHT:
        found.add("IsOpen")
    elif definition and band in definition.bands and band not in {FINISHED, BACKLOG} and not _placed(selector):
        found.add(definition.column(band))


def _placed(selector: Selector) -> bool:
    return bool(_places(selector.definition, dict(selector.group)))


def _places(definition: Definition | None, group: dict[str, str]) -> dict[str, str]:
    """The part of a group that names steps and systems of a KPI that counts at these."""
    if definition is None or not definition.places:
        return {}
    return {name: value for name, value in group.items() if name in definition.split}


def _columns(definition: Definition | None) -> frozenset[str]:
    """Columns of the rows that a group may name."""
    if definition is None or definition.rows_are != "things":
        return frozenset()
    return definition.rows.aliases & definition.groupings
