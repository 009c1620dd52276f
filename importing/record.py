"""What a reader yields: one record of a log as it stands in the file, before any of it means anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importing.errors import Place


class Relation(NamedTuple):
    """An object that an event relates to: its type and id in the words of the log, and how it relates."""

    type: str
    id: str
    qualifier: str = ""


class ObjectLink(NamedTuple):
    """An object that relates to another one."""

    source: Relation
    target: Relation


@dataclass(slots=True)
class Record:
    """One event of a log.

    ``values``: its own attributes; ``shared``: those of its trace (``case:…``), of its log (``log:…``) or of the
    objects it relates to (``<object type>:…``).

    ``ordinal``: its place, from 1, within its trace where the file has traces, else within the file. ``trace``: the
    name of that trace, '' where the file has none.
    """

    place: Place
    ordinal: int
    values: dict[str, Any]
    shared: Mapping[str, Any] = field(default_factory=dict)
    relations: Sequence[Relation] = ()
    links: Sequence[ObjectLink] = ()
    trace: str = ""

    def get(self, name: str) -> Any:
        """The value of an attribute; None if there is none."""
        found = self.values.get(name)
        return self.shared.get(name) if found is None else found
