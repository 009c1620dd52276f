"""Which other cases a log record belongs to as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.identifier import Identifier
from cases.trail.event import NAMED_PER_EVENT, OWN, Shared
from cases.trail.sharing import MAX_IDS, MAX_SHARERS
from cases.trail.trace import cases_of_trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cases.identifier import CaseKey
    from cases.trail.logs.membership import Candidate, Surroundings
    from store.client import Store

_MAX_TRACES: Final = 20
"""Traces whose cases are named; records of further ones that several cases share are not marked."""


@dataclass(frozen=True, slots=True)
class LogSharing:
    """The cases that reach an id, and those with a step in a trace, as far as the records of a page need it."""

    around: Surroundings
    reaching: Mapping[Identifier, set[CaseKey]]
    of_trace: Mapping[str, set[CaseKey]]

    @classmethod
    def of(cls, store: Store, tenant: str, page: Sequence[Candidate], around: Surroundings) -> LogSharing:
        """Asks the store only where a record carries an id, or lies beside the steps of a trace that several share."""
        ids = sorted({(ref.value, ref.type) for one in page if one.joined == "id" for ref in one.refs})[:MAX_IDS]
        reaching: dict[Identifier, set[CaseKey]] = {}
        rows = store.query("cases/sharers", tenant=tenant, keys=ids, limit=MAX_SHARERS) if ids else []
        for row in rows:
            reaching.setdefault(Identifier(row["IdType"], row["IdValue"]), set()).add((row["Flow"], row["CaseId"]))
        traces = sorted({one.trace_id for one in page if _beside_steps(one, around)})[:_MAX_TRACES]
        return cls(around, reaching, {trace: cases_of_trace(store, tenant, trace) for trace in traces})

    def shared(self, found: Candidate) -> Shared | None:
        """How ``found`` is shared; None when it is the case's alone."""
        if found.joined == "case":
            return None
        if found.joined == "id":
            return self._among(case for ref in found.refs for case in self.reaching.get(ref, ()))
        if found.step:
            member = self.around.members.get(found.step, OWN)
            return Shared(member.count, member.others) if member.count > 1 else None
        return self._among(self.of_trace.get(found.trace_id, ()))

    def _among(self, cases: Iterable[CaseKey]) -> Shared | None:
        others = sorted(set(cases) - {self.around.key})
        return Shared(len(others) + 1, tuple(case_id for _, case_id in others[:NAMED_PER_EVENT])) if others else None


def _beside_steps(found: Candidate, around: Surroundings) -> bool:
    return found.joined == "trace" and found.step is None and found.trace_id in around.forest.joint
