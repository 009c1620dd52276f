"""Find cases by anything a customer may quote: an order number, any id it reaches or carries, a trace id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.brief import CaseBrief, CaseKey, briefs
from cases.together import together
from store.redaction import token

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from store.client import Row, Store

MAX_RESULTS: Final = 100
MAX_SUGGESTIONS: Final = 20
"""A prefix is a guess: more guesses than this help nobody."""

CASE: Final = "case"
TRACE: Final = "trace"
"""Types that no flow declares: each case reaches its own id as ``case``, some the trace of a step without ids."""

# A case reaches one value under several types (case, order, sales_document) and may carry it too; each row is perhaps
# there twice until rows are merged.
_ROWS_PER_RESULT: Final = 16
_MAX_TRACE_STEPS: Final = 1_000
_MAX_TRACE_KEYS: Final = 1_000
_TOKEN: Final = re.compile(r"tok_[0-9a-f]{32}")
_TRACE_ID: Final = re.compile(r"(?:[0-9a-f]{2}-)?([0-9a-f]{32})(?:-[0-9a-f]{16}(?:-[0-9a-f]{2})?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A typed business id. A ``tokenised`` one stands for a value that was never stored."""

    type: str
    value: str

    @property
    def tokenised(self) -> bool:
        return _TOKEN.fullmatch(self.value) is not None


@dataclass(frozen=True, slots=True)
class Hit:
    """A case and the identifiers through which the search text found it."""

    case: CaseBrief
    matched: tuple[Identifier, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class Found:
    """``query`` is the text as searched, without blanks around it; ``truncated`` tells that more cases match."""

    query: str
    hits: tuple[Hit, ...]
    truncated: bool


def search(store: Store, tenant: str, text: str, limit: int = MAX_SUGGESTIONS, key: bytes | None = None) -> Found:
    """Cases that reach ``text``, or carry it on a step of theirs; when there is none, those with an id that begins so.

    With the tenant's tokenising ``key`` an id that was tokenised before it was stored is found by its original value.
    A trace id is found in any case of its hexadecimal digits, and inside a ``traceparent`` header. Newest cases first.
    """
    query = text.strip()
    if not query:
        return Found(query, (), truncated=False)
    exact = _exact(store, tenant, query, limit, key)
    if exact.hits:
        return exact
    return _suggestions(store, tenant, query, min(limit, MAX_SUGGESTIONS), key)


def _exact(store: Store, tenant: str, query: str, limit: int, key: bytes | None) -> Found:
    rows, of_token = _plain_and_token(store, tenant, query, limit, key)
    matched = _by_case([*rows, *of_token])
    trace = _TRACE_ID.fullmatch(query)
    if trace:
        trace_id = trace[1].lower()
        cases = sorted(cases_of_trace(store, tenant, trace_id))[: limit + 1]
        matched |= {case: [Identifier(TRACE, trace_id)] for case in cases}
    # An exact match is listed by what is most likely asked about: the newest case.
    hits = sorted(_hits(store, tenant, matched, exact=True), key=lambda hit: hit.case.start, reverse=True)
    cut = _rows_for(limit) in (len(rows), len(of_token))
    return Found(query, tuple(hits[:limit]), truncated=cut or len(hits) > limit)


def _plain_and_token(
    store: Store, tenant: str, query: str, limit: int, key: bytes | None
) -> tuple[list[Row], list[Row]]:
    """Rows of ``query`` as it is, and of its token where the tenant has a key."""
    if not key:
        return _carrying(store, tenant, query, limit), []
    return together(
        lambda: _carrying(store, tenant, query, limit),
        lambda: _carrying(store, tenant, token(query, key), limit),
    )


def _carrying(store: Store, tenant: str, value: str, limit: int) -> list[Row]:
    return store.query("search_exact", tenant=tenant, value=value, limit=_rows_for(limit))


def cases_of_trace(store: Store, tenant: str, trace_id: str) -> set[CaseKey]:
    """The cases that the steps of a trace name, and those that reach an id of a step without a case id."""
    steps = store.query("search_trace", tenant=tenant, trace_id=trace_id, limit=_MAX_TRACE_STEPS)
    named_cases = {(step["Flow"], step["CaseId"]) for step in steps if step["CaseId"]}
    flows: dict[tuple[str, str], set[str]] = {}
    for step in steps:
        if not step["CaseId"]:
            for key in step["Keys"] or [(trace_id, TRACE)]:
                flows.setdefault(tuple(key), set()).add(step["Flow"])
    if not flows:
        return named_cases
    rows = store.query("case_sharers", tenant=tenant, keys=sorted(flows)[:_MAX_TRACE_KEYS], limit=MAX_RESULTS + 1)
    reaching = {
        (row["Flow"], row["CaseId"]) for row in rows if flows[row["IdValue"], row["IdType"]] & {"", row["Flow"]}
    }
    return named_cases | reaching


def _suggestions(store: Store, tenant: str, query: str, limit: int, key: bytes | None) -> Found:
    spellings = {"typed": query, "upper": query.upper(), "lower": query.lower()}
    rows = store.query("search_prefix", tenant=tenant, limit=_rows_for(limit), **spellings)
    if key:  # A token says nothing of how its value begins; other letters can be tried.
        others = sorted({spellings["upper"], spellings["lower"]} - {query})
        rows = [row for one in others for row in _carrying(store, tenant, token(one, key), limit)] + rows
    # A suggestion is listed beside its neighbours in spelling; a token has none and is the whole value.
    found = _hits(store, tenant, _by_case(rows), exact=False)
    hits = sorted(found, key=lambda hit: (not hit.matched[0].tokenised, hit.matched[0].value))
    return Found(query, tuple(hits[:limit]), truncated=len(rows) >= _rows_for(limit) or len(hits) > limit)


def _rows_for(limit: int) -> int:
    return (limit + 1) * _ROWS_PER_RESULT


def _by_case(rows: Iterable[Row]) -> dict[CaseKey, list[Identifier]]:
    matched: dict[CaseKey, list[Identifier]] = {}
    for row in rows:
        found = matched.setdefault((row["Flow"], row["CaseId"]), [])
        identifier = Identifier(row["IdType"], row["IdValue"])
        if identifier not in found:
            found.append(identifier)
    return {key: named(found) for key, found in matched.items()}


def named(found: Sequence[Identifier]) -> list[Identifier]:
    """Without the general type ``case`` where the flow's own word for the same value (``order``) is there too."""
    own = {identifier.value for identifier in found if identifier.type != CASE}
    return [identifier for identifier in found if identifier.type != CASE or identifier.value not in own]


def _hits(store: Store, tenant: str, matched: Mapping[CaseKey, list[Identifier]], *, exact: bool) -> list[Hit]:
    return [Hit(case, tuple(matched[key]), exact) for key, case in briefs(store, tenant, matched).items()]
