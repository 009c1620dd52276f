"""The cases behind a figure, page by page."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from textwrap import indent
from typing import TYPE_CHECKING, Final

import orjson

from cases.errors import InvalidQuery
from cases.kpis.filters import Conditions, after, behind
from cases.trail.list_row import CaseListRow, list_row_of
from store.client import named_query

if TYPE_CHECKING:
    from cases.kpis.filters import Behind
    from cases.kpis.selector import Selector
    from store.client import Row, Store

MAX_LIMIT: Final = 1_000
_MARK: Final = re.compile(r"^( *)/\* (rows|conditions|page) \*/$", re.MULTILINE)


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
    found = behind(selector)
    page = after(*_read(cursor)) if cursor else Conditions()
    params = {**selector.params(), **found.conditions.params, **page.params}
    rows = store.rows(statement(found, page), tenant=tenant, flow=flow, limit=limit + 1, **params)
    cases = rows[:limit]
    return CasePage(tuple(list_row_of(row) for row in cases), _cursor(cases[-1]) if len(rows) > limit else None)


def population_n(store: Store, tenant: str, flow: str, selector: Selector) -> int:
    """How many cases all pages of ``selector`` hold."""
    found = behind(selector)
    params = {**selector.params(), **found.conditions.params}
    [row] = store.rows(statement(found, name="kpis/population_n"), tenant=tenant, flow=flow, **params)
    return int(row["N"])


def statement(found: Behind, page: Conditions | None = None, name: str = "kpis/population") -> str:
    """The query ``name`` of store/queries with ``found`` and ``page`` in their places."""
    texts = {"rows": found.rows, "conditions": found.conditions.sql, "page": page.sql if page else ""}
    return _MARK.sub(lambda mark: indent(texts[mark[2]], mark[1]) or f"{mark[1]}-- all of them", named_query(name))


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
    return InvalidQuery("The cursor cannot be read.", "Use the value of next as it was given, or leave it out.")
