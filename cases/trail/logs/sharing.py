"""Which other cases a log record belongs to."""

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
"""At most so many traces are looked up. Records of further traces are not marked as shared."""


@dataclass(frozen=True, slots=True)
class LogSharing:
    """The cases that reach an id, and the cases with a step in a trace, for the records of one page."""

    around: Surroundings
    reaching: Mapping[Identifier, set[CaseKey]]
    of_trace: Mapping[str, set[CaseKey]]

    @classmethod
    def of(cls, store: Store, tenant: str, page: Sequence[Candidate], around: Surroundings) -> LogSharing:
        """Queries the store only if a record carries an id, or is below no step of a trace that several cases share."""
        ids = sorted({(ref.value, ref.type) for record in page if record.joined == "id" for ref in record.refs})[
            :MAX_IDS
        ]
        reaching: dict[Identifier, set[CaseKey]] = {}
        rows = store.query("cases/sharers", tenant=tenant, keys=ids, limit=MAX_SHARERS) if ids else []
        for row in rows:
            reaching.setdefault(Identifier(row["IdType"], row["IdValue"]), set()).add((row["Flow"], row["CaseId"]))
        traces = sorted({record.trace_id for record in page if _beside_steps(record, around)})[:_MAX_TRACES]
        return cls(around, reaching, {trace: cases_of_trace(store, tenant, trace) for trace in traces})

    def shared(self, record: Candidate) -> Shared | None:
        """How ``record`` is shared; None if it belongs to this case alone."""
        if record.joined == "case":
            return None
        if record.joined == "id":
            return self._among(case for ref in record.refs for case in self.reaching.get(ref, ()))
        if record.step:
            member = self.around.members.get(record.step, OWN)
            return Shared(member.count, member.others) if member.count > 1 else None
        return self._among(self.of_trace.get(record.trace_id, ()))

    def _among(self, cases: Iterable[CaseKey]) -> Shared | None:
        others = sorted(set(cases) - {self.around.key})
        return Shared(len(others) + 1, tuple(case_id for _, case_id in others[:NAMED_PER_EVENT])) if others else None


def _beside_steps(record: Candidate, around: Surroundings) -> bool:
    """Whether ``record`` is below no step, in a trace that holds steps of several cases."""
    return record.joined == "trace" and record.step is None and record.trace_id in around.forest.joint
