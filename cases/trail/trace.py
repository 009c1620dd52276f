"""Which cases a trace belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cases.identifier import TRACE

if TYPE_CHECKING:
    from cases.identifier import CaseKey, IdKey
    from store.client import Store

_MAX_STEPS: Final = 1_000
_MAX_KEYS: Final = 1_000
_MAX_CASES: Final = 101
"""One more than a page of search results, so that a search can tell that there are more."""


def cases_of_trace(store: Store, tenant: str, trace_id: str) -> set[CaseKey]:
    """The cases that the steps of a trace name, and the cases that reach an id of a step without a case id."""
    steps = store.query("search/trace", tenant=tenant, trace_id=trace_id, limit=_MAX_STEPS)
    named_cases = {(step["Flow"], step["CaseId"]) for step in steps if step["CaseId"]}
    flows: dict[IdKey, set[str]] = {}
    for step in steps:
        if not step["CaseId"]:
            # A step without any id belongs to the cases of its trace, which is how the fold stores it.
            for value, kind in step["Keys"] or [(trace_id, TRACE)]:
                flows.setdefault((value, kind), set()).add(step["Flow"])
    if not flows:
        return named_cases
    rows = store.query("cases/sharers", tenant=tenant, keys=sorted(flows)[:_MAX_KEYS], limit=_MAX_CASES)
    # A step that names its flow is no step of a case of another flow, even where that case reaches the same id.
    reaching = {
        (row["Flow"], row["CaseId"]) for row in rows if flows[row["IdValue"], row["IdType"]] & {"", row["Flow"]}
    }
    return named_cases | reaching
