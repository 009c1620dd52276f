"""Gives an event its trace and span id. An event that is sent again gets the same ids, so it counts once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.events.event import Event

_PERSON: Final = b"flowtrail.events"
"""Keeps these digests apart from other uses of the same hash function (BLAKE2's personalisation)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The W3C ids of an event's span, as bytes. A started event is a child span of its step's span."""

    trace_id: bytes
    span_id: bytes
    parent_span_id: bytes = b""


def identify(event: Event, content: Mapping[str, Any], tenant: str) -> Identity:
    """The ids of ``event``, which was read from ``content``.

    These are the event's own trace_id and span_id if it has them. Otherwise they are a hash of tenant, system and id;
    without an id, of tenant, system and the whole content. Events of other tenants or systems never get the same ids.
    """
    by_id = ("id", event.id) if event.id is not None else ("content", canonical(content))
    digest = _digest(tenant, event.system, *by_id)
    trace_id = bytes.fromhex(event.trace_id) if event.trace_id else digest[:16]
    span_id = bytes.fromhex(event.span_id) if event.span_id else digest[16:]
    if event.started:
        return Identity(trace_id, _digest("started", trace_id.hex(), span_id.hex())[16:], span_id)
    return Identity(trace_id, span_id, bytes.fromhex(event.parent_span_id or ""))


def canonical(content: Mapping[str, Any]) -> str:
    """The same text for the same content, whatever the order of its names and its white space."""
    return json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)


def _digest(*parts: str) -> bytes:
    """A hash of 24 bytes: 16 for a trace id, 8 for a span id."""
    state = hashlib.blake2b(digest_size=24, person=_PERSON)
    for part in parts:
        text = part.encode()
        # The length comes first, so that ("ab", "c") differs from ("a", "bc").
        state.update(len(text).to_bytes(8, "little") + text)
    return state.digest()
