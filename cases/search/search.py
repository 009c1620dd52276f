"""Search: cases by anything a customer may quote, such as an order number, a tracking number or a trace id."""

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
"""Cases found by a prefix at most: a longer list of guesses helps nobody."""

# Rows read per case: a case may reach one value under several types (case, order, sales_document) and carry it on a
# step as well, and each row may be there twice until ClickHouse merges it.
_ROWS_PER_RESULT: Final = 16
_MAX_SPELLINGS: Final = 100
_MAX_HUBS: Final = 5
_MAX_GUESSES: Final = 3
# A part of the text is tried as a prefix only if it has three characters and a digit.
_GUESSED: Final = re.compile(r"^(?=.*\d)...", re.DOTALL)
# A trace id alone, or inside a traceparent header.
_TRACE_ID: Final = re.compile(r"(?:[0-9a-f]{2}-)?([0-9a-f]{32})(?:-[0-9a-f]{16}(?:-[0-9a-f]{2})?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """A case and the identifiers that match. ``exact`` is False for a match of a prefix."""

    case: CaseListRow
    matched: tuple[Identifier, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found. ``query`` is the reading that was searched for; ``truncated``: more cases match."""

    query: str
    hits: tuple[Hit, ...]
    truncated: bool


def search(
    store: Store, tenant: str, text: str, limit: int = MAX_SUGGESTIONS, key: bytes | None = None
) -> SearchResult:
    """The cases that reach the identifier ``text`` or carry it on a step; else those with an id that begins with it.

    Upper and lower case are the same. If the whole text finds nothing, each of its :func:`readings` is tried, and the
    first one that finds a case counts. A trace id is also found inside a ``traceparent`` header.

    With ``key``, the tenant's tokenising key, a tokenised id is found by its complete original value, as written, in
    capitals or in lower case.

    Hits that match exactly as written come first, then the newest cases. Suggestions are sorted by identifier.
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
        suggestions = _suggestions(store, tenant, reading, min(limit, MAX_SUGGESTIONS))
        if suggestions.hits:
            return suggestions
    return SearchResult(whole, (), truncated=False)


def _any_known(store: Store, tenant: str, texts: Sequence[str], key: bytes | None) -> bool:
    """Whether any of ``texts`` may be an identifier. One query for all of them, because usually none is."""
    if not texts:
        return False
    values = _spellings(store, tenant, texts)
    tokens = [token(value, key) for value in values] if key else []
    params: dict[str, Any] = {"tenant": tenant, "values": [*values, *tokens], "limit": 1}
    rows = store.query("search/exact", **params) or store.query("search/hubs", **params)
    return bool(rows) or any(map(_TRACE_ID.fullmatch, texts))


def _exact(store: Store, tenant: str, query: str, limit: int, key: bytes | None) -> SearchResult:
    values = _spellings(store, tenant, [query])
    tokens = [token(value, key) for value in values] if key else []
    rows = _carrying(store, tenant, [*values, *tokens], limit)
    if len(rows) == _rows_for(limit) and query not in {row["IdValue"] for row in rows}:
        # So many cases have another spelling of it that the rows of this spelling did not fit into the limit.
        rows = _carrying(store, tenant, [query], limit) or rows
    matched = _by_case(rows) or _leading_to_hubs(store, tenant, values + tokens, limit)
    trace = _TRACE_ID.fullmatch(query)
    if trace:
        trace_id = trace[1].lower()
        cases = sorted(cases_of_trace(store, tenant, trace_id))[: limit + 1]
        matched |= {case: [Identifier(TRACE, trace_id)] for case in cases}
    # Two stable sorts: spelled exactly as typed first, and the newest case first among those.
    hits = sorted(_hits(store, tenant, matched, exact=True), key=lambda hit: hit.case.start, reverse=True)
    as_typed = {query, token(query, key) if key else query}
    hits.sort(key=lambda hit: not any(identifier.value in as_typed for identifier in hit.matched))
    return SearchResult(query, tuple(hits[:limit]), truncated=len(rows) == _rows_for(limit) or len(hits) > limit)


def _carrying(store: Store, tenant: str, values: Sequence[str], limit: int) -> list[Row]:
    return store.query("search/exact", tenant=tenant, values=list(values), limit=_rows_for(limit))


def _spellings(store: Store, tenant: str, texts: Sequence[str]) -> list[str]:
    """``texts`` as written, in lower case, in upper case, and in every mixed spelling that the store has."""
    rows = store.query("search/spellings", tenant=tenant, texts=list(texts), limit=_MAX_SPELLINGS)
    small = [text.lower() for text in texts]
    return list(dict.fromkeys([*texts, *small, *map(str.upper, small), *(row["IdValue"] for row in rows)]))


def _leading_to_hubs(store: Store, tenant: str, values: Sequence[str], limit: int) -> dict[CaseKey, list[Identifier]]:
    """Some cases with an id that leads to a hub with one of ``values``. No case reaches a hub itself."""
    matched: dict[CaseKey, list[Identifier]] = {}
    for hub in store.query("search/hubs", tenant=tenant, values=list(values), limit=_MAX_HUBS):
        place = {"value": hub["IdValue"], "type": hub["IdType"], "flow": hub["Flow"]}
        sources = store.query("search/hub_sources", tenant=tenant, limit=_rows_for(limit), **place)
        keys = [(row["SourceValue"], row["SourceType"]) for row in sources]
        rows = store.query("cases/sharers", tenant=tenant, keys=keys, limit=limit + 1) if keys else []
        for row in rows[: _rows_for(limit)]:
            matched.setdefault((row["Flow"], row["CaseId"]), []).append(Identifier(hub["IdType"], hub["IdValue"]))
    return {case: list(dict.fromkeys(hub_ids)) for case, hub_ids in matched.items()}


def _suggestions(store: Store, tenant: str, query: str, limit: int) -> SearchResult:
    mixed = store.query("search/spellings_prefix", tenant=tenant, text=query, limit=_MAX_SPELLINGS)
    spellings: dict[str, Any] = {"typed": query, "lower": query.lower(), "upper": query.lower().upper()}
    spellings["mixed"] = [row["IdValue"] for row in mixed]
    rows = store.query("search/prefix", tenant=tenant, limit=_rows_for(limit), **spellings)
    hits = sorted(_hits(store, tenant, _by_case(rows), exact=False), key=lambda hit: hit.matched[0].value)
    return SearchResult(query, tuple(hits[:limit]), truncated=len(rows) >= _rows_for(limit) or len(hits) > limit)


def _rows_for(limit: int) -> int:
    return (limit + 1) * _ROWS_PER_RESULT


def _by_case(rows: Iterable[Row]) -> dict[CaseKey, list[Identifier]]:
    matched: dict[CaseKey, list[Identifier]] = {}
    for row in rows:
        identifiers = matched.setdefault((row["Flow"], row["CaseId"]), [])
        identifier = Identifier(row["IdType"], row["IdValue"])
        if identifier not in identifiers:
            identifiers.append(identifier)
    return {key: without_generic(identifiers) for key, identifiers in matched.items()}


def _hits(store: Store, tenant: str, matched: Mapping[CaseKey, list[Identifier]], *, exact: bool) -> list[Hit]:
    return [Hit(case, tuple(matched[key]), exact) for key, case in list_rows(store, tenant, matched).items()]
