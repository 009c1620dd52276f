"""Trace and case across processes: W3C ``traceparent``, ``tracestate`` and ``baggage`` in HTTP or message headers.

Of baggage only the three entries of ``conventions.BAGGAGE_KEYS`` leave, whatever else the host keeps in its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping, MutableSequence
from typing import TYPE_CHECKING, Any, Final, Self, cast
from urllib.parse import quote, unquote_to_bytes

from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from . import _default
from . import conventions as c
from ._checks import MAX_ID_LENGTH
from ._context import Incoming, enter_incoming, here, host_has_provider, host_names_provider, leave, outgoing

if TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType

Outgoing = MutableMapping[Any, Any] | MutableSequence[tuple[Any, Any]]
"""Headers to write: a mapping, or a list of pairs as Kafka clients and ASGI servers use."""
Headers = Mapping[Any, Any] | Iterable[tuple[Any, Any]]
"""Headers to read: a mapping or pairs; names and values may be str or bytes, a value may be a list of them."""

_TRACE: Final = TraceContextTextMapPropagator()
_NAMES: Final = ("traceparent", "tracestate", "baggage")
_MAX_HEADER: Final = 8192
_MAX_PAIRS: Final = 180
# W3C baggage-octet without "%"; "+" is escaped as well, since many readers take it for a space.
_SAFE: Final = "!#$&'()*-./:<=>?@[]^_`{|}~"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def inject(headers: Outgoing) -> None:
    """Write the current trace and case into headers of an outgoing call or message.

        headers = {}
        flowtrail.inject(headers)
        requests.post(url, headers=headers)

    A mapping gets str values, or bytes if it holds bytes already; a list gets pairs with bytes values. Entries that the
    headers' ``baggage`` already has are kept. Never raises outside of strict mode.
    """
    try:
        fields: dict[str, str] = {}
        span = outgoing()
        if span is not None:
            _TRACE.inject(fields, set_span_in_context(NonRecordingSpan(span), Context()))
        others = [e for e in _entries(_read(headers).get("baggage", "")) if _key(e) not in c.BAGGAGE_KEYS]
        baggage = ",".join((*_ours(), *others))
        if baggage:
            fields["baggage"] = baggage
        _write(headers, fields)
    except Exception as error:  # noqa: BLE001 - an outgoing call must not fail because of us
        _default.checks().internal(error)


class extract:  # noqa: N801 - used as a function: with extract(headers)
    """Continue, within a ``with`` or ``async with`` block, the trace and case that an incoming call or message names.

    Headers come from outside, so nothing in them raises: what is malformed or too long is ignored.
    """

    def __init__(self, headers: Headers) -> None:
        fields = _read(headers)
        context = _TRACE.extract({k: [v] for k, v in fields.items()}, Context()) if fields else Context()
        span = get_current_span(context).get_span_context()
        self._remote: SpanContext | None = span if span.is_valid else None
        self._incoming = _parse(fields.get("baggage", ""))
        self._tokens: list[Token[Context]] = []

    @property
    def flow(self) -> str | None:
        """Name of the flow, if the caller named one."""
        return self._incoming.flow

    @property
    def case_id(self) -> str | None:
        """Id of the case, if the caller named one."""
        return self._incoming.case_id

    @property
    def correlation_id(self) -> str | None:
        """What joins the case across systems that share no id, if the caller named it."""
        return self._incoming.correlation_id

    def __enter__(self) -> Self:
        runtime = _default.made()
        free = runtime.may_take_slot() if runtime else not (host_names_provider() or host_has_provider())
        self._tokens.append(enter_incoming(self._incoming, self._remote, may_take_slot=free))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tokens:
            leave(self._tokens.pop())

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


def _ours() -> list[str]:
    place = here()
    if place is None:
        return []
    if place.scope is None:
        entries = dict(zip(c.BAGGAGE_KEYS, place.incoming or Incoming(), strict=True))
    else:
        entries = {key: cast("str | None", place.scope.attributes.get(key)) for key in c.BAGGAGE_KEYS}
    return [f"{key}={quote(value, safe=_SAFE)}" for key, value in entries.items() if value]


def _parse(header: str) -> Incoming:
    ours: dict[str, str] = {}
    for entry in _entries(header):
        key = _key(entry)
        value = _decode(entry.partition("=")[2].partition(";")[0].strip(" \t"))
        if key in c.BAGGAGE_KEYS and key not in ours and value:
            ours[key] = value
    return Incoming(*(ours.get(key) for key in c.BAGGAGE_KEYS))


def _entries(header: str) -> list[str]:
    if len(header) > _MAX_HEADER:
        return []
    return [entry.strip(" \t") for entry in header.split(",") if "=" in entry][:_MAX_PAIRS]


def _key(entry: str) -> str:
    return entry.partition("=")[0].strip(" \t")


def _decode(value: str) -> str | None:
    """The id, or ``None`` when half of it got lost on the way: a wrong case is worse than none."""
    if not value.isascii():
        return None
    try:
        text = unquote_to_bytes(value).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.strip() and len(text) <= MAX_ID_LENGTH and not _CONTROL.search(text) else None


def _read(headers: object) -> dict[str, str]:
    """The three headers we know, names in lower case; repeated ones joined as HTTP does."""
    values_by_name: dict[str, list[str]] = {}
    pairs: Iterable[Any] = headers.items() if isinstance(headers, Mapping) else cast("Iterable[Any]", headers or ())
    try:
        for pair in pairs:
            name = _text(pair[0]).lower()
            if name in _NAMES:
                values = pair[1] if isinstance(pair[1], (list, tuple)) else [pair[1]]
                values_by_name.setdefault(name, []).extend(text for text in map(_text, values) if text)
    except (TypeError, IndexError, KeyError):
        return {}
    return {name: ",".join(texts) for name, texts in values_by_name.items() if texts}


def _text(raw: object) -> str:
    if isinstance(raw, (bytes, bytearray, memoryview)):
        return bytes(raw).decode("latin-1")
    return raw if isinstance(raw, str) else ""


def _write(headers: Outgoing, fields: Mapping[str, str]) -> None:
    if isinstance(headers, MutableMapping):
        names_are_bytes = any(isinstance(name, bytes) for name in headers)
        values_are_bytes = any(isinstance(value, bytes) for value in headers.values())
        for name in [n for n in headers if _text(n).lower() in fields]:
            del headers[name]
        for name, value in fields.items():
            headers[name.encode() if names_are_bytes else name] = value.encode() if values_are_bytes else value
        return
    names_are_bytes = any(isinstance(pair[0], bytes) for pair in headers)
    headers[:] = [pair for pair in headers if _text(pair[0]).lower() not in fields]
    headers.extend((name.encode() if names_are_bytes else name, value.encode()) for name, value in fields.items())
