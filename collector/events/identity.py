"""Which span an event is: the same event sent again gets the same ids, so it counts once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.events.event import Event

_PERSON: Final = b"flowtrail.events"


@dataclass(frozen=True, slots=True)
class Identity:
    """The W3C ids of an event's span, as bytes. A started event is a span of its own below the step it announces."""

    trace_id: bytes
    span_id: bytes
    parent_span_id: bytes = b""


def identify(event: Event, content: Mapping[str, Any], tenant: str) -> Identity:
    """The ids of ``event``, which was read from ``content``.

    They are taken from the event's own trace_id and span_id where it has them, else made of tenant, system and id;
    without an id, of tenant, system and the whole content. Other tenants' and systems' ids never collide.
    """
    by_id = ("id", event.id) if event.id is not None else ("content", canonical(content))
    digest = _digest(tenant, event.system, *by_id)
    trace_id = bytes.fromhex(event.trace_id) if event.trace_id else digest[:16]
    span_id = bytes.fromhex(event.span_id) if event.span_id else digest[16:]
    if event.started:
        return Identity(trace_id, _digest("started", trace_id.hex(), span_id.hex())[16:], span_id)
    return Identity(trace_id, span_id, bytes.fromhex(event.parent_span_id or ""))


def canonical(content: Mapping[str, Any]) -> str:
    """The same text for the same content, however it was laid out."""
    return json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)


def _digest(*parts: str) -> bytes:
    """24 bytes. Each part is preceded by its length, so that no two lists of parts make the same text."""
    made = hashlib.blake2b(digest_size=24, person=_PERSON)
    for part in parts:
        text = part.encode()
        made.update(len(text).to_bytes(8, "little") + text)
    return made.digest()
