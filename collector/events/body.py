"""Parses the body of a request: one JSON object, a list of them, or one on each line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from collector.errors import Refusal
from collector.events.fault import Fault, shown

LINES: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
"""Content types for one event on each line."""

_HINT: Final = 'Send one event {"flow": …}, a list [{…}, {…}], or one event on each line.'
_TWO_ON_A_LINE: Final = "Put each event on a line of its own; with curl, --data-binary @file keeps the ends of lines."
_UTF8_HINT: Final = 'Encode it as UTF-8; Windows PowerShell does with -ContentType "application/json; charset=utf-8".'
_LONE_SURROGATE: Final = Fault("", "The event holds half a character (a lone surrogate).", "Send it as UTF-8.")
_NOT_UTF8: Final = Fault("", "The event is not UTF-8.", _UTF8_HINT)
_ESCAPED_BYTE: Final = re.compile("[\udc80-\udcff]")
"""What a byte that is not UTF-8 was decoded to. JSON's escapes can name the same characters, and are no better."""


@dataclass(frozen=True, slots=True)
class RawEvent:
    """An event before it is checked: a JSON object, or the fault because of which there is none."""

    content: dict[str, Any] | None
    fault: Fault | None = None


class _Constant(ValueError):
    """NaN or Infinity, which are not JSON."""


def read_raw_events(body: bytes, content_type: str, limit: int) -> list[RawEvent]:
    """The events of a body, in order. Raises Refusal if the body cannot be read or holds more than ``limit`` events.

    Numbers with a decimal point become Decimal, so that money stays exact. ``limit`` 0: any number of events.
    """
    text = _decoded(body)
    if not text:
        raise Refusal("invalid_data", "The body is empty.", _HINT)
    raw_events = _lines(text, limit) if content_type in LINES else _document(text, limit)
    _expect_at_most(limit, len(raw_events))
    return raw_events


def _decoded(body: bytes) -> str:
    """The body as text. A byte that is not UTF-8 becomes a surrogate, so that only its event is rejected."""
    return body.decode("utf-8-sig", "surrogateescape").strip()


def _expect_utf8(text: str) -> None:
    """Raise Refusal if a text that is not JSON is not UTF-8 either: that is the likely reason."""
    match = _ESCAPED_BYTE.search(text)
    if match:
        start = len(text[: match.start()].encode())
        raise Refusal("invalid_data", f"The body is not UTF-8 (byte {start}).", _UTF8_HINT)


def _document(text: str, limit: int) -> list[RawEvent]:
    try:
        document = _loads(text)
    except json.JSONDecodeError as error:
        _expect_utf8(text)
        if error.msg == "Extra data":  # one whole value and then more: probably one event on each line
            return _lines(text, limit)
        raise Refusal("invalid_data", f"The body is not JSON: {_where(error)}.", _hint_for(text)) from None
    except _Constant as error:
        raise Refusal("invalid_data", f"The body is not JSON: it holds {error}.", "Leave such values out.") from None
    except RecursionError:
        raise Refusal("invalid_data", "The body is nested too deeply.", _HINT) from None
    except ValueError:
        raise Refusal("invalid_data", "The body holds a number of too many digits.", "Send it as text.") from None
    if isinstance(document, list):
        _expect_at_most(limit, len(document))
        return [_raw_event(value) for value in document]
    return [_raw_event(document)]


def _lines(text: str, limit: int) -> list[RawEvent]:
    lines = [line for line in text.splitlines() if line.strip()]
    _expect_at_most(limit, len(lines))
    return [_line(line) for line in lines]


def _line(line: str) -> RawEvent:
    try:
        return _raw_event(_loads(line))
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return RawEvent(None, Fault("", "This line holds more than one value.", _TWO_ON_A_LINE))
        return RawEvent(None, Fault("", f"This line is not JSON: {error.msg} at character {error.pos + 1}.", _HINT))
    except (_Constant, RecursionError, ValueError) as error:
        return RawEvent(None, Fault("", f"This line cannot be read: {shown(str(error))}.", _HINT))


def _raw_event(value: Any) -> RawEvent:
    if isinstance(value, dict):
        fault = _text_fault(value)
        return RawEvent(None, fault) if fault else RawEvent(value)
    return RawEvent(None, Fault("", f"An event is a JSON object, not {shown(json.dumps(value, default=str))}.", _HINT))


def _text_fault(value: dict[str, Any]) -> Fault | None:
    """What is wrong with the texts in it; None if all of them are Unicode. JSON's escapes can name a lone surrogate."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _NOT_UTF8 if _ESCAPED_BYTE.search(text) else _LONE_SURROGATE
    return None


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_each_name_once)


def _no_constant(name: str) -> Any:
    raise _Constant(name)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    by_name = dict(pairs)
    if len(by_name) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise json.JSONDecodeError(f"The name {shown(twice)} appears twice in one object", "", 0)
    return by_name


def _where(error: json.JSONDecodeError) -> str:
    return f"{error.msg} at line {error.lineno}, character {error.colno}"


def _hint_for(text: str) -> str:
    if "=" in text[:200] and text[:1] not in "{[":
        return "It looks like a form; " + _HINT[0].lower() + _HINT[1:]
    return _HINT


def _expect_at_most(limit: int, count: int) -> None:
    if limit and count > limit:
        raise Refusal(
            "too_large",
            f"The request holds {count:,} events; the limit is {limit:,} (max_events_per_request).",
            "Send them in several requests.",
        )
