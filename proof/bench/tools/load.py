"""The spans every section sends: steps of orders with eleven attributes each, with random ids as real senders have.

A case has ten steps in three systems and one trace; the warehouse does not know the order and names the item and the
package instead, and every package is shared with the next case: correlation, sharing and the fold all have work. A
request is a template whose ids, times and numbers are written in place, so that making one costs the sender little and
no two requests are equal.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

FLOW: Final = "order-to-cash"
STEPS: Final = ("receive", "check", "book", "reserve", "pick", "pack", "ship", "deliver", "invoice", "close")
SYSTEMS: Final = ("shop", "erp", "wms", "wms", "wms", "wms", "wms", "erp", "erp", "shop")
ATTRIBUTES: Final = 11

_CHANNELS: Final = np.frombuffer(b"webediapp", dtype=np.uint8).reshape(3, 3)
_REGIONS: Final = np.frombuffer(b"northsouth", dtype=np.uint8).reshape(2, 5)
_DIGITS: Final = 9
_POWERS: Final = 10 ** np.arange(_DIGITS - 1, -1, -1, dtype=np.uint64)

# What stands in a template where a request writes its own: fixed widths, and nothing a real value could be.
_TRACE, _SPAN, _PARENT = b"\xf1" * 16, b"\xf2" * 8, b"\xf3" * 8
_START, _END = 0xF4F4F4F4F4F4F4F4, 0xF5F5F5F5F5F5F5F5
_MARKS: Final = {
    "trace": _TRACE,
    "span": _SPAN,
    "parent": _PARENT,
    "start": _START.to_bytes(8, "little"),
    "end": _END.to_bytes(8, "little"),
    "case": b"!" * _DIGITS,
    "package": b"?" * _DIGITS,
    "channel": b"<1>",
    "region": b"<-2->",
}


@dataclass(frozen=True)
class Load:
    """Which spans request number n holds: the same ones each time it is asked, in any process.

    ``in_flight``: 0 sends each case whole before the next; else so many cases (rounded up to whole requests) advance
    together, one step at a time, so that the steps of a case arrive in ten different batches. ``began_ns``: Unix ns of
    the first case's first step.
    """

    spans_per_request: int = 512
    in_flight: int = 0
    seed: int = 1
    first_case: int = 0
    began_ns: int = field(default_factory=lambda: time.time_ns() - 30 * 86_400_000_000_000)

    def request(self, number: int) -> bytes:
        """One ExportTraceServiceRequest."""
        return self.spans(number * self.spans_per_request, self.spans_per_request)

    def spans(self, first: int, count: int) -> bytes:
        """The request that holds the spans ``first`` to ``first + count``."""
        case, place = self._cases(np.arange(first, first + count, dtype=np.uint64))
        template = _template(place.tobytes())
        return template.filled(self._values(case, place))

    def cases(self, spans: int) -> int:
        """How many cases the first ``spans`` spans belong to."""
        return self._begun(spans, 0)

    def finished(self, spans: int) -> int:
        """How many cases have their last step among the first ``spans`` spans."""
        return self._begun(spans, len(STEPS) - 1)

    def case_id(self, number: int) -> str:
        return f"SO-{self.first_case + number:0{_DIGITS}}"

    def package_id(self, number: int) -> str:
        return f"PK-{(self.first_case + number) // 2:0{_DIGITS}}"

    def trace_id(self, number: int) -> str:
        """The trace of the case ``number``, in hex."""
        case = np.array([self.first_case + number], dtype=np.uint64)
        return bytes(self._trace_ids(case)[0]).hex()

    @property
    def _width(self) -> int:
        """Cases that advance together: whole requests of the same step, which are cheaper to make."""
        return -(-self.in_flight // self.spans_per_request) * self.spans_per_request or 1

    def _begun(self, spans: int, place: int) -> int:
        """How many cases have the step at ``place`` among the first ``spans`` spans."""
        blocks, rest = divmod(spans, self._width * len(STEPS))
        return blocks * self._width + max(0, min(self._width, rest - place * self._width))

    def _cases(self, spans: Any) -> tuple[Any, Any]:
        """The case and the place in it of each span."""
        width = np.uint64(self._width)
        block, within = np.divmod(spans, width * np.uint64(len(STEPS)))
        case = block * width + within % width + np.uint64(self.first_case)
        return case, (within // width).astype(np.uint8)

    def _trace_ids(self, case: Any) -> Any:
        return _bytes(np.stack([self._random(case, 1), self._random(case, 2)], axis=1))

    def _values(self, case: Any, place: Any) -> dict[str, Any]:
        steps = np.uint64(len(STEPS))
        span = case * steps + place
        dice = self._random(span, 5)
        start = np.uint64(self.began_ns) + case * np.uint64(100_000_000) + place * np.uint64(60_000_000_000)
        start += dice % np.uint64(30_000_000_000)
        return {
            "trace": self._trace_ids(case),
            "span": _bytes(self._random(span, 3)[:, None]),
            "parent": _bytes(self._random(case * steps, 3)[:, None]),
            "start": _bytes(start[:, None]),
            "end": _bytes((start + np.uint64(200_000_000) + dice % np.uint64(2_800_000_000))[:, None]),
            "case": _digits(case),
            "package": _digits(case // np.uint64(2)),
            "channel": _CHANNELS[(case % np.uint64(3)).astype(np.intp)],
            "region": _REGIONS[(case % np.uint64(2)).astype(np.intp)],
        }

    def _random(self, number: Any, purpose: int) -> Any:
        """SplitMix64: 64 random bits that depend on nothing but the number, its purpose and the seed."""
        with np.errstate(over="ignore"):
            x = number + np.uint64((self.seed * 8 + purpose) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            return x ^ (x >> np.uint64(31))


@dataclass(frozen=True)
class _Template:
    """The bytes of a request, and for each kind of value where it stands: (index of the span, offset) of each."""

    body: Any
    places: dict[str, tuple[Any, Any]]

    def filled(self, values: dict[str, Any]) -> bytes:
        body = self.body.copy()
        for name, (spans, offsets) in self.places.items():
            body[offsets] = values[name][spans]
        return bytes(body)


_templates: dict[bytes, _Template] = {}


def _template(places: bytes) -> _Template:
    """The template of a request whose spans are the steps at ``places``, in that order."""
    if places not in _templates:
        if len(_templates) > 64:  # a sender meets few kinds of requests; the odd ones are made again
            _templates.clear()
        _templates[places] = _make(places)
    return _templates[places]


def _make(places: bytes) -> _Template:
    message = ExportTraceServiceRequest()
    order: list[int] = []
    for system in sorted(set(SYSTEMS)):
        mine = [index for index, place in enumerate(places) if SYSTEMS[place] == system]
        if not mine:
            continue
        group = message.resource_spans.add()
        group.resource.attributes.add(key="service.name").value.string_value = system
        group.resource.attributes.add(key="service.version").value.string_value = "1.4.2"
        scope = group.scope_spans.add()
        scope.scope.name = "flowtrail"
        scope.spans.extend(_kind(places[index]) for index in mine)
        order += mine
    body = message.SerializeToString()
    return _Template(np.frombuffer(body, dtype=np.uint8), _places(body, order))


def _places(body: bytes, order: list[int]) -> dict[str, tuple[Any, Any]]:
    """Where each value stands; the n-th trace id begins the n-th span of the body."""
    begins = np.array(list(_find(body, _TRACE)), dtype=np.intp)
    found = {}
    for name, mark in _MARKS.items():
        at = np.array(list(_find(body, mark)), dtype=np.intp)
        if at.size:
            span = np.array(order, dtype=np.intp)[np.searchsorted(begins, at, side="right") - 1]
            found[name] = (span, at[:, None] + np.arange(len(mark), dtype=np.intp)[None, :])
    return found


def _find(body: bytes, mark: bytes) -> Any:
    at = body.find(mark)
    while at >= 0:
        yield at
        at = body.find(mark, at + len(mark))


def _kind(place: int) -> Span:
    """The step at ``place`` with marks where its own values go. Exactly ``ATTRIBUTES`` attributes."""
    step, system = STEPS[place], SYSTEMS[place]
    case, package = _MARKS["case"].decode(), _MARKS["package"].decode()
    words: dict[str, str | int | float] = {
        "flow.name": FLOW,
        "flow.version": "1",
        "flow.case.id": f"SO-{case}",
        "flow.step": step,
        "flow.actor.type": "service",
        "flow.actor.id": system,
        "flow.dim.channel": _MARKS["channel"].decode(),
        "flow.dim.region": _MARKS["region"].decode(),
        "flow.attempt": 1,
        "flow.cost.amount": 0.25,
    }
    if step == "reserve":
        words["flow.ref.item"] = f"IT-{case}"
    elif step in ("pack", "ship"):  # the warehouse knows no order
        del words["flow.case.id"]
        words |= {"flow.ref.item": f"IT-{case}", "flow.ref.package": f"PK-{package}"}
    elif step == "close":
        words["flow.case.outcome"] = "completed"
    else:
        words["flow.step.kind"] = "task"
    span = Span(trace_id=_TRACE, span_id=_SPAN, name=step, kind=1, start_time_unix_nano=_START, end_time_unix_nano=_END)
    if place:
        span.parent_span_id = _PARENT
    for key, value in words.items():
        _set(span.attributes.add(key=key).value, value)
    return span


def _set(value: Any, raw: str | float) -> None:
    if isinstance(raw, str):
        value.string_value = raw
    elif isinstance(raw, int):
        value.int_value = raw
    else:
        value.double_value = raw


def _bytes(numbers: Any) -> Any:
    """Unsigned 64-bit numbers, one or more a row, as rows of bytes."""
    return np.ascontiguousarray(numbers, dtype="<u8").view(np.uint8)


def _digits(numbers: Any) -> Any:
    return (numbers[:, None] // _POWERS[None, :] % np.uint64(10)).astype(np.uint8) + np.uint8(48)
