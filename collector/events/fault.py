"""Words what is wrong with an event: the field, the fault, and what to do."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic_core import ErrorDetails

_OWN: Final = "own"
_SHOWN: Final = 80
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OFTEN_MEANT: Final = {
    "amount": "value",
    "application": "system",
    "case_id": "case",
    "correlation": "correlation_id",
    "date": "time",
    "dimensions": "dims",
    "duration": "duration_s",
    "duration_ms": "duration_s",
    "end_time": "end",
    "error_code": "error",
    "event": "step",
    "event_id": "id",
    "flow_name": "flow",
    "ids": "refs",
    "name": "step",
    "order": "case",
    "order_id": "case",
    "parent": "parent_span_id",
    "parent_id": "parent_span_id",
    "process": "flow",
    "retry": "attempt",
    "service": "system",
    "service_name": "system",
    "source": "system",
    "start": "time",
    "start_time": "time",
    "tags": "attributes",
    "timestamp": "time",
    "timezone": "zone",
    "ts": "time",
    "tz": "zone",
    "user": "actor",
}

# pydantic's error types → message and hint.
_WORDS: Final = {
    "missing": ("{field} is missing.", "Give the event a {field}."),
    "string_type": ("{field} must be text, got {input}.", "Put it in quotation marks."),
    "string_too_short": ("{field} is empty.", "Fill it in or leave it out."),
    "model_type": ("{field} must be an object.", 'Write {{"name": "value"}}.'),
    "model_attributes_type": ("{field} must be an object.", 'Write {{"name": "value"}}.'),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an event. ``field`` is a path such as ``refs.package[1]``, '' for the event as a whole."""

    field: str
    message: str
    hint: str

    def as_json(self) -> dict[str, str]:
        return {"field": self.field, "message": self.message, "hint": self.hint}


def wrong(message: str, hint: str) -> PydanticCustomError:
    """An error to raise in a validator: a sentence about the field, and what to do.

    ``raise wrong('"noon" is no time.', "Write it as …")``
    """
    return PydanticCustomError(_OWN, "{message}", {"message": message, "hint": hint})


def shown(value: object) -> str:
    """A value as JSON, shortened for an error message."""
    text = str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def faults_of(errors: Iterable[ErrorDetails], known: Sequence[str]) -> list[Fault]:
    """The errors of pydantic as faults. ``known``: the fields that an event may have."""
    return [_fault(error, known) for error in errors]


def _fault(error: ErrorDetails, known: Sequence[str]) -> Fault:
    context: dict[str, Any] = error.get("ctx", {})
    kind, field = error["type"], path_of(error["loc"])
    if kind == _OWN:
        return Fault(field, context["message"], context["hint"])
    if kind == "extra_forbidden":
        return Fault(field, f"There is no field {shown(field)}.", _instead(error["loc"], known))
    message, hint = _WORDS.get(kind, (f"{{field}}: {error['msg']}.", "See the schema at /v1/events/schema."))
    facts = {**context, "field": field or "An event", "input": shown(error["input"])}
    return Fault(field, message.format_map(facts), hint.format_map(facts))


def path_of(place: Sequence[int | str]) -> str:
    """('refs', 'package', 1) → ``refs.package[1]``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _instead(place: Sequence[int | str], known: Sequence[str]) -> str:
    """The hint for a field that does not exist: what the sender may have meant."""
    if len(place) > 1:
        return "Leave it out; values of your own go into attributes."
    snake = _CAMEL.sub("_", str(place[0])).lower().replace("-", "_").replace(" ", "_")
    meant = snake if snake in known else _OFTEN_MEANT.get(snake)
    near = [meant] if meant else difflib.get_close_matches(snake, known, 1)
    return f"Did you mean {near[0]}?" if near else "Put values of your own into attributes."
