"""The cases behind a figure, page by page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from cases.errors import InvalidQuery
from cases.kpis.filters import Conditions, after, filter_of
from cases.trail.list_row import CaseListRow, list_row_of
from store.client import named_query
from store.marks import fill

if TYPE_CHECKING:
    from cases.kpis.filters import Filter
    from cases.kpis.selector import Selector
    from store.client import Row, Store

MAX_LIMIT: Final = 1_000


@dataclass(frozen=True, slots=True)
class CasePage:
    """Cases, newest start first; ``next`` is the cursor of the page that follows, None on the last."""

    cases: tuple[CaseListRow, ...]
    next: str | None


def population(  # noqa: PLR0913, PLR0917 - a page is where it starts and how long it is
    store: Store, tenant: str, flow: str, selector: Selector, limit: int = 100, cursor: str | None = None
) -> CasePage:
    """At most ``limit`` cases of ``selector``. Raises InvalidQuery for a limit or a cursor that makes no sense."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidQuery(f"limit={limit} is out of range.", f"Use 1 to {MAX_LIMIT}.")
    behind = filter_of(selector)
    page = after(*_read(cursor)) if cursor else Conditions()
    params = {**selector.params(), **behind.conditions.params, **page.params}
    # One more than fits, to know whether another page follows.
    rows = store.rows(statement(behind, page), tenant=tenant, flow=flow, limit=limit + 1, **params)
    cases = rows[:limit]
    return CasePage(tuple(list_row_of(row) for row in cases), _cursor(cases[-1]) if len(rows) > limit else None)


def population_n(store: Store, tenant: str, flow: str, selector: Selector) -> int:
    """How many cases all pages of ``selector`` hold."""
    behind = filter_of(selector)
    params = {**selector.params(), **behind.conditions.params}
    [row] = store.rows(statement(behind, name="kpis/population_n"), tenant=tenant, flow=flow, **params)
    return int(row["N"])


def statement(behind: Filter, page: Conditions | None = None, name: str = "kpis/population") -> str:
    """The query ``name`` of store/queries for the cases of ``behind``."""
    texts = {"rows": behind.rows, "conditions": behind.conditions.sql, "page": page.sql if page else ""}
    return fill(named_query(name), texts)


def _cursor(row: Row) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([row["Began"], row["CaseId"]])).decode().rstrip("=")


def _read(cursor: str) -> tuple[int, str]:
    try:
        start, case_id = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError) as error:
        raise _bad_cursor() from error
    if type(start) is not int or not isinstance(case_id, str) or abs(start) >= 2**63:
        raise _bad_cursor()
    return start, case_id


def _bad_cursor() -> InvalidQuery:
    return InvalidQuery("The cursor cannot be read.", "Use the value of next unchanged, or leave it out.")
