"""The log records of a case: which belong to it, and a page of them in order of time."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from cases import instants
from cases.errors import InvalidQuery
from cases.trail.logs.log import WARNINGS, LogRecord
from cases.trail.logs.membership import MAX_LOGS, Candidate, LogRows, Surroundings, candidates
from cases.trail.logs.sharing import LogSharing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cases.trail.event import Shared
    from store.client import Row, Store

LogChoice = Literal["all", "warnings", "none"]

LOG_CHOICES: Final = ("all", "warnings", "none")
MAX_LIMIT: Final = 1_000
DEFAULT_LIMIT: Final = 100
"""Log records on a page, unless the asker says otherwise."""

CUT_IN_TRAIL: Final = 2_000
"""Characters of a body, and of each attribute, that a trail shows."""

UNCUT: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class LogQuery:
    """``since`` and ``until`` (nanoseconds, half-open) narrow the page, ``after`` is where the page before ended."""

    choice: LogChoice = "all"
    limit: int = DEFAULT_LIMIT
    cut: int = CUT_IN_TRAIL
    since: int | None = None
    until: int | None = None
    after: tuple[int, int] | None = None

    @classmethod
    def parse(cls, raw: Mapping[str, str | None], limit: int = DEFAULT_LIMIT, cut: int = CUT_IN_TRAIL) -> LogQuery:
        """Read ``logs``, ``from``, ``to`` and ``cursor``. Raises InvalidQuery."""
        choice = raw.get("logs") or "all"
        if choice not in LOG_CHOICES:
            raise InvalidQuery(f"logs={choice} is not known.", f"Use one of: {', '.join(LOG_CHOICES)}.")
        since, until, cursor = raw.get("from"), raw.get("to"), raw.get("cursor")
        return cls(
            choice,  # type: ignore[arg-type]  # It is one of LOG_CHOICES.
            limit,
            cut,
            instants.parse_rfc3339(since, "from") if since else None,
            instants.parse_rfc3339(until, "to") if until else None,
            _read(cursor) if cursor else None,
        )

    def fits(self, found: Candidate) -> bool:
        """Whether ``found`` is wanted and lies in the range, wherever the page begins."""
        if self.choice == "none" or (self.choice == "warnings" and found.severity not in WARNINGS):
            return False
        return (self.since is None or found.ns >= self.since) and (self.until is None or found.ns < self.until)


@dataclass(frozen=True, slots=True)
class Logs:
    """A page of log records in order of time.

    ``n`` counts all records of the case, ``warnings_n`` those of a warning or worse; ``left_out`` are wanted and not on
    the page. ``next`` is the cursor of the page that follows, None on the last. ``truncated``: not all records were
    read, so there may be more than any number says.
    """

    records: tuple[LogRecord, ...]
    n: int
    warnings_n: int
    left_out: int
    next: str | None
    truncated: bool


def page_of(store: Store, tenant: str, rows: LogRows, around: Surroundings, query: LogQuery) -> Logs:
    """The page of the case's log records that ``query`` asks for."""
    found = candidates(rows.rows, around)
    wanted = [one for one in found if query.fits(one)]
    following = [one for one in wanted if query.after is None or one.place > query.after]
    page = following[: query.limit]
    sharing = LogSharing.of(store, tenant, page, around)
    return Logs(
        records=_records(page, _texts(store, tenant, page, rows, query.cut), sharing),
        n=len(found),
        warnings_n=sum(one.severity in WARNINGS for one in found),
        left_out=len(wanted) - len(page),
        next=_cursor(page[-1].place) if len(following) > len(page) else None,
        truncated=rows.truncated,
    )


_Texts = dict[tuple[str, int, int], "Row"]


def _texts(store: Store, tenant: str, page: Sequence[Candidate], rows: LogRows, cut: int) -> _Texts:
    """The rows of logs/records.sql that ``page`` needs, perhaps others too, by what tells records apart."""
    if rows.whole or not page:
        found = rows.rows
    else:
        where = {"days": rows.days, "traces": [], "places": sorted({(one.trace_id, one.ns) for one in page})}
        found = store.query("logs/records", tenant=tenant, **where, cut=cut, limit=MAX_LOGS + 1)
    return {(row["TraceId"], row["Ns"], row["Print"]): row for row in found}


def _records(page: Sequence[Candidate], texts: _Texts, sharing: LogSharing) -> tuple[LogRecord, ...]:
    return tuple(_record(one, texts[one.key], sharing.shared(one)) for one in page if one.key in texts)


def _record(found: Candidate, row: Row, shared: Shared | None) -> LogRecord:
    return LogRecord(
        ns=found.ns,
        severity=found.severity,
        severity_text=found.severity_text,
        severity_number=found.severity_number,
        system=row["System"],
        body=row["Text"],
        body_cut=bool(row["Cut"]),
        event_name=row["EventName"],
        attributes=dict(row["Attributes"]),
        trace_id=found.trace_id,
        span_id=found.span_id,
        event=found.event,
        step="-".join(found.step) if found.step else None,
        joined=found.joined,
        identifier=found.identifier,
        shared=shared,
    )


def _cursor(place: tuple[int, int]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def _read(cursor: str) -> tuple[int, int]:
    try:
        place: Any = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError) as error:
        raise _bad_cursor() from error
    if not (isinstance(place, list) and len(place) == 2 and all(type(part) is int for part in place)):
        raise _bad_cursor()
    return place[0], place[1]


def _bad_cursor() -> InvalidQuery:
    return InvalidQuery("The cursor cannot be read.", "Use the value of next as it was given, or leave it out.")
