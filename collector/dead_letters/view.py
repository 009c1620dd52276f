"""A dead letter as JSON for an operator: its metadata, and its request decoded, without the values it carries."""

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
"""Items of a request that are shown; the rest is counted."""

_ANY_VALUE: Final = "opentelemetry.proto.common.v1.AnyValue"
_STATUS: Final = "opentelemetry.proto.trace.v1.Status"
_IDS: Final = ("traceId", "spanId", "parentSpanId")


def metadata(letter: Letter) -> dict[str, Any]:
    """What is known about a letter. ``received``: RFC 3339, None for damaged bytes, of which nobody knows."""
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
    """The request as OTLP's JSON, its first items; without ``values``, attributes, log bodies and messages are hidden.

    None for damaged bytes of the log. Raises DecodeError for a letter whose file was damaged.
    """
    if letter.content == "raw":
        return None
    signal = Signal(letter.signal)
    if letter.items > SHOWN_ITEMS:
        wanted = [*repeat(True, SHOWN_ITEMS), *repeat(False, letter.items - SHOWN_ITEMS)]
        body = select(signal, body, wanted)
    message = SHAPES[signal].request.FromString(body)
    if not values:
        _hide(message)
    shown: dict[str, Any] = _with_hex_ids(MessageToDict(message))
    return shown


def _hide(message: Any) -> None:
    """Put the type in the place of each value."""
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


def _with_hex_ids(shown: Any) -> Any:
    """OTLP's JSON has its ids in hex, protobuf's in base64."""
    if isinstance(shown, list):
        return [_with_hex_ids(item) for item in shown]
    if not isinstance(shown, dict):
        return shown
    return {
        name: base64.b64decode(value).hex() if name in _IDS and isinstance(value, str) else _with_hex_ids(value)
        for name, value in shown.items()
    }


def page(letters: Any, limit: int) -> dict[str, Any]:
    """The first ``limit`` of ``letters``, and the id after which the next page begins; None on the last."""
    found = list(islice(letters, limit + 1))
    more = len(found) > limit
    return {
        "letters": [metadata(letter) for letter in found[:limit]],
        "next": found[limit - 1].id if more else None,
    }


def _instant(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
