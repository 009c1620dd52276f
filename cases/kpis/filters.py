"""The conditions that select the cases behind a figure: the only SQL that is put together, and only from these texts.

Pure: a selector in, text and parameters out. Nothing that a caller sent is ever in the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cases.kpis.definitions import ENDED

if TYPE_CHECKING:
    from cases.kpis.selector import Selector

_BANDS: Final = {
    "touchless": "Touches = 0 AND UnknownEvents = 0",
    "touched": "Touches > 0",
    "unknown": "Touches = 0 AND UnknownEvents > 0",
    "error": "(FailedBusiness > 0 OR FailedInfrastructure > 0 OR FailedUnclassified > 0)",
    "business": "FailedBusiness > 0",
    "infrastructure": "FailedInfrastructure > 0",
    "unclassified": "FailedUnclassified > 0",
    "retried": "Retries > 0",
}
_IN_STEP: Final = {
    "step": "step = {step:String}",
    "system": "system = {system:String}",
}
_WASTED: Final = (
    "NOT has(arrayFilter((place, ok) -> ok, arrayZip(StepTotals.Step, StepTotals.System), StepTotals.Succeeded), "
    "(step, system))"
)


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
        """Lines to follow a WHERE clause."""
        return "\n".join(f"    AND {text}" for text in self.texts)


def conditions(selector: Selector) -> Conditions:
    """The conditions that ``selector`` stands for."""
    found = Conditions()
    _in_cohort(selector, found)
    _in_group(selector, found)
    _in_step(selector, found)
    if selector.band in _BANDS:
        found.add(_BANDS[selector.band])
    return found


def after(start: int, case_id: str) -> Conditions:
    """The cases that come after this one, newest start first."""
    found = Conditions()
    found.add(
        "(Start < {after:DateTime64(9)} OR (Start = {after:DateTime64(9)} AND CaseId > {after_case:String}))".replace(
            "{after:DateTime64(9)}", _time("after")
        ),
        after=start,
        after_case=case_id,
    )
    return found


def _time(name: str) -> str:
    return f"fromUnixTimestamp64Nano({{{name}:Int64}}, 'UTC')"


def _in_cohort(selector: Selector, found: Conditions) -> None:
    ended = selector.definition is not None and selector.definition.cohort == ENDED
    if ended and selector.band == "in_flight":
        found.add(f"Start < {_time('until')}", until=selector.until)
        found.add(f"(End IS NULL OR End >= {_time('until')})")
        return
    column = "End" if ended or selector.band == "finished" else "Start"
    found.add(f"{column} >= {_time('since')}", since=selector.start)
    found.add(f"{column} < {_time('until')}", until=selector.until)
    if selector.band == "in_flight":
        found.add(f"(End IS NULL OR End >= {_time('as_of')})", as_of=selector.query.as_of)


def _in_group(selector: Selector, found: Conditions) -> None:
    for index, (name, value) in enumerate(selector.group):
        if name in _IN_STEP and _counts_steps(selector):
            continue
        if name != "outcome":
            found.add(
                f"Dims[{{dim_{index}:String}}] = {{value_{index}:String}}",
                **{f"dim_{index}": name, f"value_{index}": value},
            )
        elif not _without_outcome(selector):
            found.add("Outcome = {outcome:String}", outcome=value)


def _in_step(selector: Selector, found: Conditions) -> None:
    if not _counts_steps(selector):
        return
    group = dict(selector.group)
    named = {name: value for name, value in group.items() if name in _IN_STEP}
    tests = ["retries > 0", *(_IN_STEP[name] for name in named)]
    if selector.band == "wasted":
        tests.append(_WASTED)
    elif not named:
        return
    arrays = "StepTotals.Step, StepTotals.System, StepTotals.Retries"
    found.add(f"arrayExists((step, system, retries) -> {' AND '.join(tests)}, {arrays})", **named)


def _counts_steps(selector: Selector) -> bool:
    return selector.definition is not None and selector.definition.kpi == "retries"


def _without_outcome(selector: Selector) -> bool:
    """A case in flight has no outcome yet; beside ended cases it stands under each of them."""
    ended = selector.definition is not None and selector.definition.cohort == ENDED
    return ended and selector.band == "in_flight"
