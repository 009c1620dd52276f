"""Find cases by anything a customer may quote: an order number, any id it reaches or carries, a trace id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cases.identifier import TRACE, CaseKey, Identifier, without_generic
from cases.search.readings import readings
from cases.trail.list_row import CaseListRow, list_rows
from cases.trail.trace import cases_of_trace
from store.redaction import token

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from store.client import Row, Store

MAX_RESULTS: Final = 100
MAX_SUGGESTIONS: Final = 20
"""A prefix is a guess: more guesses than this help nobody."""

# A case reaches one value under several types (case, order, sales_document) and may carry it too; each row is perhaps
# there twice until rows are merged.
_ROWS_PER_RESULT: Final = 16
_MAX_SPELLINGS: Final = 100
_MAX_HUBS: Final = 5
_MAX_GUESSES: Final = 3
_GUESSED: Final = re.compile(r"^(?=.*\d)...", re.DOTALL)
_TRACE_ID: Final = re.compile(r"(?:[0-9a-f]{2}-)?([0-9a-f]{32})(?:-[0-9a-f]{16}(?:-[0-9a-f]{2})?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """A case and the identifiers through which the search text found it."""

    case: CaseListRow
    matched: tuple[Identifier, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class SearchResult:
    """``query`` is the text as it was searched for, ``truncated`` tells that more cases match."""

    query: str
    hits: tuple[Hit, ...]
    truncated: bool


def search(
    store: Store, tenant: str, text: str, limit: int = MAX_SUGGESTIONS, key: bytes | None = None
) -> SearchResult:
    """Cases that reach ``text``, or carry it on a step of theirs; when there is none, those with an id that begins so.

    Capitals and small letters are alike, and where the text as a whole finds nothing, what may be meant by it is
    searched for (:func:`cases.search.readings.readings`): the first reading that finds a case counts.
    With the tenant's tokenising ``key`` an id that was tokenised before it was stored is found by its original value.
    A trace id is found in any case of its hexadecimal digits, and inside a ``traceparent`` header. Newest cases first.
    """
    whole, *others = readings(text) or ("",)
    if not whole:
        return SearchResult("", (), truncated=False)
    exact = _exact(store, tenant, whole, limit, key)
    if exact.hits:
        return exact
    for reading in others if _any_known(store, tenant, others, key) else ():
        exact = _exact(store, tenant, reading, limit, key)
        if exact.hits:
            return exact
    for reading in (whole, *filter(_GUESSED.search, others[:_MAX_GUESSES])):
        found = _suggestions(store, tenant, reading, min(limit, MAX_SUGGESTIONS))
        if found.hits:
            return found
    return SearchResult(whole, (), truncated=False)


def _any_known(store: Store, tenant: str, texts: Sequence[str], key: bytes | None) -> bool:
    """Whether one of ``texts`` may be the id of anything: asked once for all, because mostly none is."""
    if not texts:
        return False
    values = _spellings(store, tenant, texts)
    tokens = [token(value, key) for value in values] if key else []
    asked: dict[str, Any] = {"tenant": tenant, "values": [*values, *tokens], "limit": 1}
    found = store.query("search/exact", **asked) or store.query("search/hubs", **asked)
    return bool(found) or any(map(_TRACE_ID.fullmatch, texts))


def _exact(store: Store, tenant: str, query: str, limit: int, key: bytes | None) -> SearchResult:
    values = _spellings(store, tenant, [query])
    tokens = [token(value, key) for value in values] if key else []
    rows = _carrying(store, tenant, [*values, *tokens], limit)
    if len(rows) == _rows_for(limit) and query not in {row["IdValue"] for row in rows}:
        # Another spelling of it is that of so many cases that nothing else was read.
        rows = _carrying(store, tenant, [query], limit) or rows
    matched = _by_case(rows) or _leading_to_hubs(store, tenant, values + tokens, limit)
    trace = _TRACE_ID.fullmatch(query)
    if trace:
        trace_id = trace[1].lower()
        cases = sorted(cases_of_trace(store, tenant, trace_id))[: limit + 1]
        matched |= {case: [Identifier(TRACE, trace_id)] for case in cases}
    # An exact match is listed by what is most likely asked about: what is written just so, then the newest case.
    hits = sorted(_hits(store, tenant, matched, exact=True), key=lambda hit: hit.case.start, reverse=True)
    as_typed = {query, token(query, key) if key else query}
    hits.sort(key=lambda hit: not any(one.value in as_typed for one in hit.matched))
    return SearchResult(query, tuple(hits[:limit]), truncated=len(rows) == _rows_for(limit) or len(hits) > limit)


def _carrying(store: Store, tenant: str, values: Sequence[str], limit: int) -> list[Row]:
    return store.query("search/exact", tenant=tenant, values=list(values), limit=_rows_for(limit))


def _spellings(store: Store, tenant: str, texts: Sequence[str]) -> list[str]:
    """``texts`` as they are, in small letters, in capitals, and as they are stored mixed."""
    rows = store.query("search/spellings", tenant=tenant, texts=list(texts), limit=_MAX_SPELLINGS)
    small = [text.lower() for text in texts]
    return list(dict.fromkeys([*texts, *small, *map(str.upper, small), *(row["IdValue"] for row in rows)]))


def _leading_to_hubs(store: Store, tenant: str, values: Sequence[str], limit: int) -> dict[CaseKey, list[Identifier]]:
    """Some cases with an id that leads to a hub of one of these ``values``: none reaches the hub itself."""
    matched: dict[CaseKey, list[Identifier]] = {}
    for hub in store.query("search/hubs", tenant=tenant, values=list(values), limit=_MAX_HUBS):
        place = {"value": hub["IdValue"], "type": hub["IdType"], "flow": hub["Flow"]}
        sources = store.query("search/hub_sources", tenant=tenant, limit=_rows_for(limit), **place)
        keys = [(row["SourceValue"], row["SourceType"]) for row in sources]
        rows = store.query("cases/sharers", tenant=tenant, keys=keys, limit=limit + 1) if keys else []
        for row in rows[: _rows_for(limit)]:
            matched.setdefault((row["Flow"], row["CaseId"]), []).append(Identifier(hub["IdType"], hub["IdValue"]))
    return {case: list(dict.fromkeys(found)) for case, found in matched.items()}


def _suggestions(store: Store, tenant: str, query: str, limit: int) -> SearchResult:
    mixed = store.query("search/spellings_prefix", tenant=tenant, text=query, limit=_MAX_SPELLINGS)
    spellings: dict[str, Any] = {"typed": query, "lower": query.lower(), "upper": query.lower().upper()}
    spellings["mixed"] = [row["IdValue"] for row in mixed]
    rows = store.query("search/prefix", tenant=tenant, limit=_rows_for(limit), **spellings)
    # A suggestion is listed beside its neighbours in spelling.
    found = _hits(store, tenant, _by_case(rows), exact=False)
    hits = sorted(found, key=lambda hit: hit.matched[0].value)
    return SearchResult(query, tuple(hits[:limit]), truncated=len(rows) >= _rows_for(limit) or len(hits) > limit)


def _rows_for(limit: int) -> int:
    return (limit + 1) * _ROWS_PER_RESULT


def _by_case(rows: Iterable[Row]) -> dict[CaseKey, list[Identifier]]:
    matched: dict[CaseKey, list[Identifier]] = {}
    for row in rows:
        found = matched.setdefault((row["Flow"], row["CaseId"]), [])
        identifier = Identifier(row["IdType"], row["IdValue"])
        if identifier not in found:
            found.append(identifier)
    return {key: without_generic(found) for key, found in matched.items()}


def _hits(store: Store, tenant: str, matched: Mapping[CaseKey, list[Identifier]], *, exact: bool) -> list[Hit]:
    return [Hit(case, tuple(matched[key]), exact) for key, case in list_rows(store, tenant, matched).items()]
