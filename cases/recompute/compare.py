"""Compare stored cases with recomputed ones, and say what differs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from cases import instants
from cases.recompute.graph import CASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cases.recompute.facts import Facts
    from cases.recompute.graph import Case, Link, Node
    from store.client import Row

MISSING, EXTRA = "missing", "extra"

_TIMES: Final = frozenset({"Start", "End", "LastEvent", "NowSince", "DueAt"})
_MONEY: Final = frozenset({"Value"})
# Places of money within the tuples of a column.
_MONEY_WITHIN: Final = {"StepTotals": (14, 15), "Exceptions": (10,)}
_NOT_COMPARED: Final = frozenset({"Tenant", "Flow", "CaseId", "Version"})
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class CaseDifference:
    """``column`` of a case is ``stored`` in the store and ``recomputed`` from its events, both as text.

    ``column`` is ``row`` when the whole row is missing or superfluous, ``reach`` for an id that the case reaches,
    ``links`` for a link that leads on from such an id.
    """

    tenant: str
    flow: str
    case_id: str
    column: str
    stored: str
    recomputed: str

    def __str__(self) -> str:
        return (
            f"{self.tenant} {self.flow} {self.case_id}: {self.column} is {self.stored} in the store, "
            f"{self.recomputed} by recomputation."
        )


def stored_facts(row: Row) -> Facts:
    """A row of ``recompute/cases`` in the form of :data:`cases.recompute.facts.Facts`."""
    facts = {column: value for column, value in row.items() if column not in _NOT_COMPARED}
    for column, value in facts.items():
        if column in _MONEY and value is not None:
            facts[column] = _micros(value)
        elif column == "Dims":
            facts[column] = dict(value)
        elif isinstance(value, list | tuple):
            facts[column] = [_entry(column, entry) for entry in value]
    return facts


def compared(key: Case, stored: Facts | None, recomputed: Facts | None) -> list[CaseDifference]:
    """What differs between the two; None is a row that is not there."""
    if stored is None or recomputed is None:
        if stored is recomputed:
            return []
        there, not_there = "there", "not there"
        sides = (not_there, there) if stored is None else (there, not_there)
        return [CaseDifference(*key, "row", *sides)]
    return [
        CaseDifference(*key, column, _text(column, value), _text(column, recomputed[column]))
        for column, value in stored.items()
        if value != recomputed[column]
    ]


def compared_reach(key: Case, stored: set[Node], recomputed: set[Node]) -> Iterator[CaseDifference]:
    """An id that only one of the two reaches."""
    for node in sorted(stored ^ recomputed):
        sides = ("reached", "not reached") if node in stored else ("not reached", "reached")
        yield CaseDifference(*key, f"reach of {node.type} {node.value}", *sides)


def compared_links(tenant: str, stored: set[Link], recomputed: set[Link]) -> Iterator[CaseDifference]:
    """A link that only one of the two knows; it is named by its source, in the place of a case."""
    for link in sorted(stored ^ recomputed):
        sides = ("there", "not there") if link in stored else ("not there", "there")
        name = CASE if link.source.type == CASE else link.source.type
        target = f"link to {link.target.type} {link.target.value}"
        yield CaseDifference(tenant, link.flow or "(any flow)", f"{name} {link.source.value}", target, *sides)


def _entry(column: str, entry: Any) -> Any:
    """An entry of a list: a tuple, whichever way the driver names its fields, with money in millionths."""
    if isinstance(entry, dict):
        entry = tuple(entry.values())
    if not isinstance(entry, tuple):
        return entry
    money = _MONEY_WITHIN.get(column, ())
    return tuple(_micros(part) if place in money and part is not None else part for place, part in enumerate(entry))


def _micros(amount: Decimal) -> int:
    return int(amount.scaleb(6))


def _text(column: str, value: Any) -> str:
    if value is None:
        return "empty"
    if column in _TIMES:
        return instants.rfc3339(int(value))
    if column in _MONEY:
        return str(Decimal(value).scaleb(-6))
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def cases_of(differences: Iterable[CaseDifference]) -> set[tuple[str, str, str]]:
    """The cases that ``differences`` name."""
    return {(difference.tenant, difference.flow, difference.case_id) for difference in differences}
