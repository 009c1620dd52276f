"""What a case has in common with others: the ids it reaches, and the events that belong to several cases."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.flows.flows import case_not_found
from cases.identifier import TRACE, Identifier, without_generic
from cases.trail.event import NAMED_PER_EVENT, Membership

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cases.identifier import CaseKey, IdKey
    from cases.trail.span_tree import SpanKey
    from store.client import Row, Store

MAX_STEPS: Final = 5_000
"""Steps of one case that are read at most."""

MAX_RELATED: Final = 100
"""A case that travels in one batch with thousands of others names this many of them."""

MAX_SHARERS: Final = 2_000
"""Cases read per id. Counts stop here: an id that more cases reach (a customer, say) tells little about any of them."""

MAX_IDS: Final = 2_000
"""Ids of one case that are followed at most: they travel in the address of a request to the store."""


@dataclass(frozen=True, slots=True)
class ReachedIdentifier(Identifier):
    """An id the case reaches; ``shared_with`` counts the other cases that reach it too, up to MAX_SHARERS."""

    shared_with: int


@dataclass(frozen=True, slots=True)
class RelatedCase:
    """Another case, the number of finished ``events`` both contain and the ``ids`` both reach."""

    flow: str
    case_id: str
    events: int
    ids: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """``members`` tells of each event without a case id how it is shared; ``truncated`` that ``related`` was cut."""

    ids: tuple[ReachedIdentifier, ...]
    related: tuple[RelatedCase, ...]
    truncated: bool
    members: Mapping[SpanKey, Membership]


def reached(store: Store, tenant: str, key: CaseKey) -> list[IdKey]:
    """The ids by which the steps of the case ``key`` are found. Raises NotFound: every case reaches itself."""
    rows = store.query("cases/reach", tenant=tenant, flow=key[0], case_id=key[1], limit=MAX_IDS)
    if not rows:
        raise case_not_found(store, tenant, *key)
    return [(row["IdValue"], row["IdType"]) for row in rows]


def sharing(store: Store, tenant: str, key: CaseKey, ids: Sequence[IdKey], joint: Sequence[Row]) -> Sharing:
    """How the case ``key`` shares the ``ids`` it reaches, and the ``joint`` events: steps that name no case."""
    carried = {(value, kind) for row in joint for kind, value in _keys(row)} - set(ids)
    asked = [*ids, *sorted(carried)[:MAX_IDS]]
    reaching: dict[Identifier, set[CaseKey]] = {}
    for row in store.query("cases/sharers", tenant=tenant, keys=asked, limit=MAX_SHARERS):
        reaching.setdefault(Identifier(row["IdType"], row["IdValue"]), set()).add((row["Flow"], row["CaseId"]))
    own = [Identifier(kind, value) for value, kind in ids]
    return _sharing_of(key, own, joint, reaching)


def _sharing_of(
    key: CaseKey, own: Sequence[Identifier], joint: Sequence[Row], reaching: Mapping[Identifier, set[CaseKey]]
) -> Sharing:
    sharers = {(row["TraceId"], row["SpanId"]): _sharers(row, key, reaching) for row in joint}
    running = {(row["TraceId"], row["SpanId"]) for row in joint if row["State"] != ""}
    common = Counter(case for span, cases in sharers.items() if span not in running for case in cases if case != key)
    related = sorted(common, key=lambda case: (-common[case], case))
    others = {identifier: reaching.get(identifier, set()) - {key} for identifier in _shown(own)}
    return Sharing(
        ids=tuple(ReachedIdentifier(one.type, one.value, len(cases)) for one, cases in others.items()),
        related=tuple(
            RelatedCase(*case, common[case], tuple(one for one in others if case in others[one]))
            for case in related[:MAX_RELATED]
        ),
        truncated=len(related) > MAX_RELATED,
        members={span: _membership(key, cases) for span, cases in sharers.items()},
    )


def _shown(own: Sequence[Identifier]) -> list[Identifier]:
    """The ids that mean something to a reader, by type and value."""
    return sorted((one for one in without_generic(own) if one.type != TRACE), key=lambda one: (one.type, one.value))


def _keys(row: Row) -> list[tuple[str, str]]:
    """By what an event without a case id belongs to cases: its ids, or else its trace."""
    return [(ref["Type"], ref["Value"]) for ref in row["Refs"]] or [(TRACE, row["TraceId"])]


def _sharers(row: Row, key: CaseKey, reaching: Mapping[Identifier, set[CaseKey]]) -> list[CaseKey]:
    """Every case that contains the event, in the order in which the fold ranks them."""
    cases = {case for kind, value in _keys(row) for case in reaching.get(Identifier(kind, value), ())}
    return sorted({case for case in cases if row["Flow"] in ("", case[0])} | {key})


def _membership(key: CaseKey, sharers: list[CaseKey]) -> Membership:
    others = tuple(case_id for flow, case_id in sharers if (flow, case_id) != key)
    return Membership(len(sharers), sharers.index(key), others[:NAMED_PER_EVENT])
