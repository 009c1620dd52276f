"""What a case shares with other cases: the identifiers it reaches, and the events that belong to several cases."""

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
"""At most so many steps of one case are read."""

MAX_RELATED: Final = 100
"""A case names at most so many related cases. One that is in a batch with thousands of others has thousands."""

MAX_SHARERS: Final = 2_000
"""At most so many cases are read per id; counts stop here. An id that more cases reach says little about any one."""

MAX_IDS: Final = 2_000
"""At most so many ids of one case are followed: they travel in the URL of a request to the store."""


@dataclass(frozen=True, slots=True)
class ReachedIdentifier(Identifier):
    """An identifier that the case reaches. ``shared_with`` counts the other cases that reach it, up to MAX_SHARERS."""

    shared_with: int


@dataclass(frozen=True, slots=True)
class RelatedCase:
    """Another case, with the number of finished ``events`` in both cases and the ``ids`` that both reach."""

    flow: str
    case_id: str
    events: int
    ids: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """What one case shares with others.

    ``members`` has the membership of every event without a case id. ``truncated``: there are more ``related`` cases.
    """

    ids: tuple[ReachedIdentifier, ...]
    related: tuple[RelatedCase, ...]
    truncated: bool
    members: Mapping[SpanKey, Membership]


def reached(store: Store, tenant: str, key: CaseKey) -> list[IdKey]:
    """The ids that the case ``key`` reaches, at most MAX_IDS. Raises NotFound: every case reaches its own id."""
    rows = store.query("cases/reach", tenant=tenant, flow=key[0], case_id=key[1], limit=MAX_IDS)
    if not rows:
        raise case_not_found(store, tenant, *key)
    return [(row["IdValue"], row["IdType"]) for row in rows]


def sharing(store: Store, tenant: str, key: CaseKey, ids: Sequence[IdKey], joint: Sequence[Row]) -> Sharing:
    """What the case ``key`` shares: the ``ids`` it reaches, and its ``joint`` events, the steps without a case id."""
    carried = {(value, kind) for row in joint for kind, value in _keys(row)} - set(ids)
    # A joint event may carry ids that this case does not reach. The cases that do reach them contain the event as well.
    keys = [*ids, *sorted(carried)[:MAX_IDS]]
    reaching: dict[Identifier, set[CaseKey]] = {}
    for row in store.query("cases/sharers", tenant=tenant, keys=keys, limit=MAX_SHARERS):
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
        ids=tuple(ReachedIdentifier(own_id.type, own_id.value, len(cases)) for own_id, cases in others.items()),
        related=tuple(
            RelatedCase(*case, common[case], tuple(own_id for own_id, cases in others.items() if case in cases))
            for case in related[:MAX_RELATED]
        ),
        truncated=len(related) > MAX_RELATED,
        members={span: _membership(key, cases) for span, cases in sharers.items()},
    )


def _shown(own: Sequence[Identifier]) -> list[Identifier]:
    """The identifiers worth showing, sorted: no trace ids, and no ``case`` beside the flow's own type."""
    shown = (identifier for identifier in without_generic(own) if identifier.type != TRACE)
    return sorted(shown, key=lambda identifier: (identifier.type, identifier.value))


def _keys(row: Row) -> list[tuple[str, str]]:
    """The (type, value) pairs by which an event without a case id belongs to cases: its ids, else its trace."""
    return [(ref["Type"], ref["Value"]) for ref in row["Refs"]] or [(TRACE, row["TraceId"])]


def _sharers(row: Row, key: CaseKey, reaching: Mapping[Identifier, set[CaseKey]]) -> list[CaseKey]:
    """Every case that contains the event, in the order in which the fold ranks them."""
    cases = {case for kind, value in _keys(row) for case in reaching.get(Identifier(kind, value), ())}
    # The order must be that of the fold: it decides which case bears the remainder of a divided cost.
    return sorted({case for case in cases if row["Flow"] in ("", case[0])} | {key})


def _membership(key: CaseKey, sharers: list[CaseKey]) -> Membership:
    others = tuple(case_id for flow, case_id in sharers if (flow, case_id) != key)
    return Membership(len(sharers), sharers.index(key), others[:NAMED_PER_EVENT])
