"""The token of a detached step: all that another process needs to end it under its own name, ids and start."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import SpanContext, TraceFlags, TraceState, format_span_id, format_trace_id

from . import conventions as c

if TYPE_CHECKING:
    from ._checks import AttributeValue

VERSION: Final = 1
_MAX_ATTRIBUTES: Final = 1000
_MAX_TIME_NS: Final = 2**63


@dataclass(frozen=True)
class StepToken:
    """A step that runs and is held by nobody's stack."""

    own: SpanContext
    parent: SpanContext | None
    start_ns: int
    attributes: dict[str, AttributeValue]

    def to_json(self) -> dict[str, Any]:
        """JSON-able: version, W3C ids and flags, start in nanoseconds since the epoch, attributes as sent."""
        return {
            "v": VERSION,
            "trace_id": format_trace_id(self.own.trace_id),
            "span_id": format_span_id(self.own.span_id),
            "parent_span_id": format_span_id(self.parent.span_id) if self.parent else None,
            "parent_is_remote": bool(self.parent and self.parent.is_remote),
            "trace_flags": int(self.own.trace_flags),
            "trace_state": self.own.trace_state.to_header(),
            "start_ns": str(self.start_ns),
            "attributes": {k: list(v) if isinstance(v, tuple) else v for k, v in self.attributes.items()},
        }


def read_token(raw: object) -> StepToken:
    """Read a token, as a dict or as JSON text.

    Raises
    ------
    ValueError
        With what is wrong, when it is no token of ours. Tokens come back from mail links and databases, so nothing of
        one is taken on trust.

    """
    token = _mapping(json.loads(raw) if isinstance(raw, (str, bytes, bytearray)) else raw, "the token")
    if token.get("v") != VERSION:
        raise ValueError(f"its version is {token.get('v')!r:.20}, not {VERSION}")
    flags = token.get("trace_flags")
    trace_id = _hex(token, "trace_id", 32)
    rest = (
        TraceFlags(flags if isinstance(flags, int) and 0 <= flags <= 255 else TraceFlags.SAMPLED),
        TraceState.from_header([str(token.get("trace_state") or "")[:512]]),
    )
    own = SpanContext(trace_id, _hex(token, "span_id", 16), False, *rest)
    parent = None
    if token.get("parent_span_id"):
        parent = SpanContext(trace_id, _hex(token, "parent_span_id", 16), token.get("parent_is_remote") is True, *rest)
    return StepToken(own, parent, _start(token), _attributes(token))


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} is not an object")  # noqa: TRY004 - callers handle one kind of error
    return value


def _hex(token: Mapping[str, Any], key: str, digits: int) -> int:
    text = token.get(key)
    if not isinstance(text, str) or not re.fullmatch(f"[0-9a-f]{{{digits}}}", text) or not int(text, 16):
        raise ValueError(f"its {key} is not {digits} hex digits")
    return int(text, 16)


def _start(token: Mapping[str, Any]) -> int:
    text = str(token.get("start_ns"))
    if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) >= _MAX_TIME_NS:
        raise ValueError("its start_ns is not a time")
    return int(text)


def _attributes(token: Mapping[str, Any]) -> dict[str, AttributeValue]:
    raw = _mapping(token.get("attributes"), "its attributes")
    if len(raw) > _MAX_ATTRIBUTES or not isinstance(raw.get(c.STEP), str):
        raise ValueError("its attributes are not those of a step")
    kept: dict[str, AttributeValue] = {}
    for key, value in raw.items():
        many = tuple(value) if isinstance(value, list) else (value,)
        if not isinstance(key, str) or not all(isinstance(element, (str, bool, int, float)) for element in many):
            raise ValueError(f"its attribute {key!r:.40} is of a wrong type")
        kept[key] = many if isinstance(value, list) else value
    return kept
