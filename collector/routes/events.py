"""``POST /v1/events``: small JSON events for tools that cannot speak OTLP, and the schema of one."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from collector.check.rules import CheckRules
from collector.errors import RPC_CODE, Refusal
from collector.events.body import LINES, read_raw_events
from collector.events.event import FIELDS, schema
from collector.events.intake import EventResults, read_events
from collector.http.browser import expect_no_page
from collector.http.message import Response
from collector.http.route import Route, Routes
from collector.replies import JSON
from collector.telemetry.log_throttle import LogThrottle
from common.scopes import Scope
from common.units import MIB
from store.intake import Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.http.message import Head, Request
    from collector.principal import Principal
    from collector.receiver import Receiver
    from collector.settings import CollectorSettings
    from collector.telemetry.telemetry import Telemetry

_LOG = logging.getLogger(__name__)

PATH: Final = "/v1/events"
MAX_BODY_BYTES: Final = 2 * MIB
"""The largest body, decompressed. Larger amounts should be sent as OTLP."""

_PROTOCOL: Final = "http/json"
_THREAD_ABOVE_BYTES: Final = 2048
"""Larger bodies are parsed in a thread, so that one sender does not hold up the others."""

_TYPES: Final = ("", JSON, "text/json", "text/plain", "application/x-www-form-urlencoded", *LINES)
"""JSON is accepted under all of these, because some tools cannot choose their content type. '' means none."""

_CHARSETS: Final = ("", "utf-8", "utf8", "us-ascii")


class EventRoutes:
    """The routes for events. ``clock`` returns Unix nanoseconds."""

    def __init__(
        self, receiver: Receiver, telemetry: Telemetry, settings: CollectorSettings, clock: Callable[[], int]
    ) -> None:
        self._receiver = receiver
        self._telemetry = telemetry
        self._limit = settings.max_events_per_request
        self._rules = CheckRules.of(settings)
        self._clock = clock
        self._log_throttle = LogThrottle()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="flowtrail-events")

    def table(self) -> Routes:
        return {
            PATH: Route(("POST",), Scope.INGEST, self._take, _admit, Signal.TRACES),
            f"{PATH}/schema": Route(("GET", "HEAD"), None, _schema),
        }

    def close(self) -> None:
        self._thread.shutdown(wait=False)

    async def _take(self, request: Request) -> Response:
        _expect_size(len(request.body))
        results = await self._read(request)
        self._count_rejected(results, request.principal)
        answer = _answer(results)
        if results.accepted:
            # Not checked for duplicates: an event may be sent, corrected and then sent again as it was at first. The
            # last one received counts, so the third must be written although its bytes are those of the first.
            receipt = await self._receiver.receive(
                request.principal, Signal.TRACES, results.request, _PROTOCOL, again=True
            )
            answer |= {"message": receipt.message} if receipt.message else {}
        all_rejected = bool(results.rejected) and not results.accepted
        outcome = "invalid_data" if all_rejected else "partial" if results.rejected else "ok"
        self._telemetry.requests.add(protocol=_PROTOCOL, signal=Signal.TRACES, outcome=outcome)
        return Response(400 if all_rejected else 200, JSON, _encoded(answer))

    def _count_rejected(self, results: EventResults, principal: Principal) -> None:
        reasons = Counter(_reason(rejected.faults[0].field) for rejected in results.rejected)
        for reason, count in reasons.items():
            self._telemetry.rejected_items.add(count, signal=Signal.TRACES, reason=reason)
        if reasons and self._log_throttle.allows(principal.tenant):
            # Only the fields: their values may be personal data, and the sender gets the whole message anyway.
            _LOG.warning("Events were rejected: %s.", ", ".join(sorted(reasons)), extra={"tenant": principal.tenant})

    async def _read(self, request: Request) -> EventResults:
        if len(request.body) <= _THREAD_ABOVE_BYTES:
            return self._results(request)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._results, request)

    def _results(self, request: Request) -> EventResults:
        now_ns = self._clock()
        raw_events = read_raw_events(request.body, request.head.content_type, self._limit)
        return read_events(raw_events, request.principal.tenant, now_ns, self._rules.window(now_ns))


def _admit(head: Head, principal: Principal) -> None:
    """Raise Refusal for what is wrong with the head."""
    if head.content_type not in _TYPES or _charset(head) not in _CHARSETS:
        content_type = head.headers.get("content-type", "")[:80]
        raise Refusal(
            "unsupported_media_type",
            f"The content type {content_type!r} is not supported.",
            "Send application/json in UTF-8, or application/x-ndjson with one event on each line.",
        )
    expect_no_page(head, principal)
    _expect_size(head.content_length or 0)


def _expect_size(size: int) -> None:
    if size > MAX_BODY_BYTES:
        raise Refusal(
            "too_large",
            f"The request has {size:,} bytes; the limit for events is {MAX_BODY_BYTES:,}.",
            "Send them in several requests, or as OTLP.",
        )


def _charset(head: Head) -> str:
    _, _, parameters = head.headers.get("content-type", "").lower().partition(";")
    by_name = dict(part.strip().partition("=")[::2] for part in parameters.split(";"))
    return by_name.get("charset", "").strip('" ')


def _answer(results: EventResults) -> dict[str, Any]:
    """The result for each event. If all are rejected, also a google.rpc.Status, like every other refusal."""
    lists: dict[str, Any] = {
        "accepted": [event.as_json() for event in results.accepted],
        "rejected": [event.as_json() for event in results.rejected],
    }
    if not results.rejected or results.accepted:
        return lists
    first, count = results.rejected[0].faults[0], len(results.rejected)
    what = "The event was rejected" if count == 1 else f"All {count:,} events were rejected"
    return {"code": RPC_CODE["invalid_data"], "message": f"{what}: {first.message} {first.hint}", **lists}


def _reason(field: str) -> str:
    """The reason under which a rejected event is counted: the name of its first wrong field.

    Unknown names are counted together, so that a sender cannot make new series in the metrics.
    """
    name = field.partition(".")[0].partition("[")[0]
    return f"event: {name}" if name in FIELDS else "event: unknown field" if name else "event: no object"


async def _schema(_request: Request) -> Response:
    return Response(200, "application/schema+json", _schema_bytes())


@cache
def _schema_bytes() -> bytes:
    return _encoded(schema())


def _encoded(value: Any) -> bytes:
    """JSON that people can read."""
    # A lone surrogate in the sender's text has no UTF-8; it goes back as the escape that it came as.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")
