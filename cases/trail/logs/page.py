"""A page of the log records of a case, in order of time."""

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
"""Log records on a page, unless the caller sets a limit."""

CUT_IN_TRAIL: Final = 2_000
"""A trail cuts the body and each attribute of a log record to so many characters."""

UNCUT: Final = 2**32 - 1
"""More characters than any text has."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which log records to return.

    ``since`` and ``until`` are nanoseconds, half-open. ``after`` is the place where the previous page ended.
    """

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

    def fits(self, record: Candidate) -> bool:
        """Whether ``record`` has a chosen severity and lies in the range of time, whichever page it is on."""
        if self.choice == "none" or (self.choice == "warnings" and record.severity not in WARNINGS):
            return False
        return (self.since is None or record.ns >= self.since) and (self.until is None or record.ns < self.until)


@dataclass(frozen=True, slots=True)
class Logs:
    """A page of log records in order of time.

    ``n`` counts all records of the case, ``warnings_n`` those of severity warning or worse, ``left_out`` those that fit
    the query and are not on the page. ``next`` is the cursor of the next page, None on the last. ``truncated``: not all
    records were read, so each count may be too low.
    """

    records: tuple[LogRecord, ...]
    n: int
    warnings_n: int
    left_out: int
    next: str | None
    truncated: bool


def page_of(store: Store, tenant: str, rows: LogRows, around: Surroundings, query: LogQuery) -> Logs:
    """The page of log records that ``query`` asks for."""
    records = candidates(rows.rows, around)
    fitting = [record for record in records if query.fits(record)]
    following = [record for record in fitting if query.after is None or record.place > query.after]
    page = following[: query.limit]
    sharing = LogSharing.of(store, tenant, page, around)
    return Logs(
        records=_records(page, _texts(store, tenant, page, rows, query.cut), sharing),
        n=len(records),
        warnings_n=sum(record.severity in WARNINGS for record in records),
        left_out=len(fitting) - len(page),
        next=_cursor(page[-1].place) if len(following) > len(page) else None,
        truncated=rows.truncated,
    )


_Texts = dict[tuple[str, int, int], "Row"]


def _texts(store: Store, tenant: str, page: Sequence[Candidate], rows: LogRows, cut: int) -> _Texts:
    """Rows of logs/records.sql by the key of their record: at least those of ``page``."""
    if rows.whole or not page:
        text_rows = rows.rows
    else:
        where = {"days": rows.days, "traces": [], "places": sorted({(record.trace_id, record.ns) for record in page})}
        text_rows = store.query("logs/records", tenant=tenant, **where, cut=cut, limit=MAX_LOGS + 1)
    return {(row["TraceId"], row["Ns"], row["Print"]): row for row in text_rows}


def _records(page: Sequence[Candidate], texts: _Texts, sharing: LogSharing) -> tuple[LogRecord, ...]:
    # A record that retention deleted between the two queries has no texts; it is left out.
    return tuple(_record(record, texts[record.key], sharing.shared(record)) for record in page if record.key in texts)


def _record(candidate: Candidate, row: Row, shared: Shared | None) -> LogRecord:
    return LogRecord(
        ns=candidate.ns,
        severity=candidate.severity,
        severity_text=candidate.severity_text,
        severity_number=candidate.severity_number,
        system=row["System"],
        body=row["Text"],
        body_cut=bool(row["Cut"]),
        event_name=row["EventName"],
        attributes=dict(row["Attributes"]),
        trace_id=candidate.trace_id,
        span_id=candidate.span_id,
        event=candidate.event,
        step="-".join(candidate.step) if candidate.step else None,
        joined=candidate.joined,
        identifier=candidate.identifier,
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
    return InvalidQuery("The cursor cannot be read.", "Use the value of next as it was returned, or leave it out.")
