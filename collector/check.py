"""The check at the door: a request must be an ExportTraceServiceRequest, and every span needs usable ids.

Parsing happens in C. Of the spans Python looks at two ids and nothing else, so this stays off the hot path's bill. What
a large request holds is counted before it is parsed (``census``), and what it would cost the store (``copies``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.census import Census, take_census
from collector.copies import (
    HARMLESS_BODY_BYTES,
    expect_few_ref_copies,
    expect_few_resource_copies,
    may_have_too_many_refs,
    too_many_refs,
)
from collector.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TRACE_ID_BYTES: Final = 16
_SPAN_ID_BYTES: Final = 8
_NO_TRACE: Final = bytes(_TRACE_ID_BYTES)
_NO_SPAN: Final = bytes(_SPAN_ID_BYTES)


@dataclass(frozen=True, slots=True)
class Checked:
    """``request`` holds the ``spans`` good spans, ``rejected_request`` the rest, ``rejected`` their reasons."""

    request: bytes
    spans: int
    rejected_request: bytes = b""
    rejected: Counter[str] | None = None

    @property
    def rejected_spans(self) -> int:
        return self.rejected.total() if self.rejected else 0

    @property
    def reason(self) -> str:
        """The reasons in one English sentence; empty if nothing was rejected."""
        return _reason(self.rejected or {})


def check(body: bytes, max_spans: int = 0) -> Checked:
    """Check one request. ``max_spans``: spans it may hold, 0 for no limit.

    Raises Refusal ``invalid_data`` if it cannot be decoded at all or has no good span, ``too_large`` if it holds more
    spans than allowed or would take unreasonable room in the store.
    """
    census = take_census(body, max_spans) if len(body) > min(HARMLESS_BODY_BYTES, 2 * max_spans or len(body)) else None
    message = _decode(body)
    expect_few_resource_copies(message, len(body))
    spans, bad = _count(message)
    fault = _id_fault_of
    if may_have_too_many_refs(body, (census or Census()).squares):
        fault = _any_fault_of
        bad = sum(bool(fault(span)) for scope in _scopes(message) for span in scope.spans)
        expect_few_ref_copies([span for scope in _scopes(message) for span in scope.spans if not fault(span)])
    return _divide(message, spans, fault) if bad else Checked(body, spans)


def expect_acceptable(body: bytes, max_spans: int) -> None:
    """Raise Refusal unless all of a request would be taken now: for a dead letter that goes in again."""
    checked = check(body, max_spans)
    if checked.rejected:
        raise Refusal("invalid_data", f"Still not acceptable: {checked.reason}.")


def _reason(rejected: Mapping[str, int]) -> str:
    return "; ".join(f"{count} span(s): {why}" for why, count in rejected.items())


def _decode(body: bytes) -> Any:
    try:
        return ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise Refusal(
            "invalid_data",
            f"The body is not an ExportTraceServiceRequest in protobuf: {error}.",
            "Check that the exporter sends OTLP traces and that the content type fits the body.",
        ) from None


def span_count(body: bytes) -> int:
    """How many spans a request that was checked before holds."""
    return sum(len(scope.spans) for scope in _scopes(ExportTraceServiceRequest.FromString(body)))


def split_request(body: bytes) -> tuple[bytes, bytes] | None:
    """Divide a request into two with half of the spans each; None if it holds one span or none."""
    total = span_count(body)
    if total < 2:
        return None
    middle = total // 2
    return _select(body, lambda index, _: index < middle), _select(body, lambda index, _: index >= middle)


def _count(message: Any) -> tuple[int, int]:
    """Spans, and spans with unusable ids. Written flat: it runs for every span that comes in."""
    spans = bad = 0
    for resource in message.resource_spans:
        for scope in resource.scope_spans:
            spans += len(scope.spans)
            for span in scope.spans:
                trace_id = span.trace_id
                span_id = span.span_id
                if len(trace_id) != 16 or len(span_id) != 8 or trace_id == _NO_TRACE or span_id == _NO_SPAN:
                    bad += 1
    return spans, bad


def _divide(message: Any, spans: int, fault: Callable[[Any], str]) -> Checked:
    """Part good and bad spans; raises Refusal ``invalid_data`` if all are bad, which needs no parting."""
    rejected = Counter(why for scope in _scopes(message) for span in scope.spans if (why := fault(span)))
    if rejected.total() == spans:
        raise Refusal(
            "invalid_data",
            f"No span of the request can be taken: {_reason(rejected)}.",
            "Check that the exporter sends OTLP traces with a trace id and a span id.",
        )
    body = message.SerializeToString()
    good = _select(body, lambda _, span: not fault(span))
    bad = _select(body, lambda _, span: bool(fault(span)))
    return Checked(good, spans - rejected.total(), bad, rejected)


def _select(body: bytes, wanted: Callable[[int, Any], bool]) -> bytes:
    """The same request with only the spans that ``wanted`` (index in the request, span) says."""
    message = ExportTraceServiceRequest.FromString(body)
    index = 0
    for resource in message.resource_spans:
        for scope in resource.scope_spans:
            chosen = [span for at, span in enumerate(scope.spans, index) if wanted(at, span)]
            index += len(scope.spans)
            kept = type(scope)()
            kept.spans.extend(chosen)
            del scope.spans[:]
            scope.spans.extend(kept.spans)
        _drop_empty(resource.scope_spans, "spans")
    _drop_empty(message.resource_spans, "scope_spans")
    selected: bytes = message.SerializeToString()
    return selected


def _drop_empty(repeated: Any, field: str) -> None:
    for index in reversed(range(len(repeated))):
        if not getattr(repeated[index], field):
            del repeated[index]


def _scopes(message: Any) -> list[Any]:
    return [scope for resource in message.resource_spans for scope in resource.scope_spans]


def _any_fault_of(span: Any) -> str:
    return _id_fault_of(span) or too_many_refs(span)


def _id_fault_of(span: Any) -> str:
    return _id_fault("trace_id", span.trace_id, _TRACE_ID_BYTES) or _id_fault("span_id", span.span_id, _SPAN_ID_BYTES)


def _id_fault(name: str, value: bytes, size: int) -> str:
    if len(value) != size:
        return f"{name} does not have {size} bytes" if value else f"{name} is missing"
    return "" if any(value) else f"{name} is all zero"
