"""A dead letter as JSON for an operator: its metadata, and its request decoded, by default without values."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.json_format import MessageToDict

from collector.signals import SHAPES, select
from common.units import SECOND_NS
from store.intake import Signal

if TYPE_CHECKING:
    from collector.dead_letters.store import Letter

SHOWN_ITEMS: Final = 100
"""Items of a request that are shown. The others are only counted."""

_ANY_VALUE: Final = "opentelemetry.proto.common.v1.AnyValue"
_STATUS: Final = "opentelemetry.proto.trace.v1.Status"
_IDS: Final = ("traceId", "spanId", "parentSpanId")


def metadata(letter: Letter) -> dict[str, Any]:
    """What is known about a letter. ``received`` is RFC 3339; it and ``signal`` are None for damaged bytes."""
    return {
        "id": letter.id,
        "origin": letter.origin,
        "reason": letter.reason,
        "tenant": letter.tenant,
        "signal": letter.signal if letter.content == "request" else None,
        "items": letter.items,
        "size": letter.size,
        "received": _instant(letter.received_ns) if letter.content == "request" else None,
        "content": letter.content,
    }


def decoded(letter: Letter, body: bytes, *, values: bool = False) -> dict[str, Any] | None:
    """The first items of the request in OTLP's JSON. None for damaged bytes of the log.

    Without ``values``, attribute values, log bodies and status messages are replaced by their types. Raises DecodeError
    if the letter's own file is damaged.
    """
    if letter.content == "raw":
        return None
    signal = Signal(letter.signal)
    if letter.items > SHOWN_ITEMS:
        shown = [*repeat(True, SHOWN_ITEMS), *repeat(False, letter.items - SHOWN_ITEMS)]
        body = select(signal, body, shown)
    message = SHAPES[signal].request.FromString(body)
    if not values:
        _hide(message)
    request: dict[str, Any] = _with_hex_ids(MessageToDict(message))
    return request


def _hide(message: Any) -> None:
    """Replace each value by its type."""
    name = message.DESCRIPTOR.full_name
    if name == _ANY_VALUE:
        kind = message.WhichOneof("value") or "empty"
        message.Clear()
        message.string_value = f"[{kind.removesuffix('_value')}]"
        return
    if name == _STATUS and message.message:
        message.message = "[string]"
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in value if field.is_repeated else (value,):
                _hide(inner)


def _with_hex_ids(decoded_json: Any) -> Any:
    """Turn ids from base64, as in protobuf's JSON, into hex, as in OTLP's JSON."""
    if isinstance(decoded_json, list):
        return [_with_hex_ids(item) for item in decoded_json]
    if not isinstance(decoded_json, dict):
        return decoded_json
    return {
        name: base64.b64decode(value).hex() if name in _IDS and isinstance(value, str) else _with_hex_ids(value)
        for name, value in decoded_json.items()
    }


def page(letters: Any, limit: int) -> dict[str, Any]:
    """The first ``limit`` of ``letters``, and the id after which the next page begins; None on the last page."""
    first = list(islice(letters, limit + 1))
    more = len(first) > limit
    return {
        "letters": [metadata(letter) for letter in first[:limit]],
        "next": first[limit - 1].id if more else None,
    }


def _instant(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
