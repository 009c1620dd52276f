"""The objects of an OCEL event: the lead one is the case, others are ids, relations between them are links."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from flowtrail import conventions as words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from importing.events.event import Value
    from importing.mapping.mapping import ObjectsPart
    from importing.record import Record, Relation

QUALIFIER: Final = "ocel.qualifier."
LINK_QUALIFIER: Final = "ocel.link_qualifier."
LINK: Final = "flow.link."
LEAD: Final = "ocel.lead"


@lru_cache(maxsize=4096)
def ref_type(name: str) -> str:
    """An object type as a type of id: lower-case letters, digits and _."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "object"
    return f"{plain}_object" if plain in {"case", "trace"} else plain


def _id(record: Record, relation: Relation) -> str:
    """The id of an object; our own exports name the type where two types use one id."""
    return relation.id.removeprefix(f"{relation.type}:") if words.STEP in record.values else relation.id


def guess_lead(records: Iterable[Record]) -> str:
    """The object type of which the most events relate to exactly one object; '' without any relation.

    Our own exports say it.
    """
    single: Counter[str] = Counter()
    for record in records:
        if said := record.values.get(LEAD):
            return str(said)
        each = Counter(relation.type for relation in record.relations)
        single.update(kind for kind, count in each.items() if count == 1)
    return min(single, key=lambda kind: (-single[kind], kind), default="")


class ObjectAttributes:
    """Relations of a record as words on the wire."""

    def __init__(self, objects: ObjectsPart) -> None:
        self._objects = objects

    def type_of(self, name: str) -> str:
        """The type of id of an object type; '' if it is left out."""
        return (self._objects.types.get(name, ref_type(name)) or "") if name else ""

    def case_of(self, record: Record) -> str:
        """The id of the lead object, if there is exactly one."""
        leads = {_id(record, relation) for relation in record.relations if relation.type == self._objects.lead}
        return leads.pop() if len(leads) == 1 else ""

    def add(self, record: Record, found: dict[str, Value]) -> None:
        """Put the case id, the ids and the links of ``record`` into ``found``."""
        if not record.relations:
            return
        case = self.case_of(record)
        if case:
            found[words.CASE_ID] = case
        lead = self.type_of(self._objects.lead)
        for kind, qualifiers in self._ids(record).items():
            if not (case and kind == lead):
                found[words.REF_PREFIX + kind] = list(qualifiers)
            if any(qualifiers.values()):
                found[QUALIFIER + kind] = list(qualifiers.values())
        self._add_links(record, found)

    def _ids(self, record: Record) -> dict[str, dict[str, str]]:
        """Type of id → id → how the event relates to it."""
        ids: dict[str, dict[str, str]] = {}
        for relation in record.relations:
            if kind := self.type_of(relation.type):
                ids.setdefault(kind, {})[_id(record, relation)] = relation.qualifier
        return ids

    def _add_links(self, record: Record, found: dict[str, Value]) -> None:
        pairs: dict[str, list[str]] = {}
        qualifiers: dict[str, list[str]] = {}
        for link in record.links:
            source, target = self.type_of(link.source.type), self.type_of(link.target.type)
            if source and target:
                edge = f"{source}.{target}"
                pairs.setdefault(edge, []).extend((_id(record, link.source), _id(record, link.target)))
                qualifiers.setdefault(edge, []).append(link.target.qualifier)
        for edge, ids in pairs.items():
            found[LINK + edge] = ids
            if any(qualifiers[edge]):
                found[LINK_QUALIFIER + edge] = qualifiers[edge]
