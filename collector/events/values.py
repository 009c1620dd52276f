"""The types of an event's values: what each accepts, and how the JSON Schema describes it."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Annotated, Any, Final

from flowtrail.conventions import ACTOR_TYPES, ERROR_CLASSES, STEP_KINDS
from pydantic import BeforeValidator, WithJsonSchema

from collector.events.fault import shown, wrong

MAX_ID: Final = 256
MAX_TEXT: Final = 8192
MAX_IDS: Final = 1000
"""Ids of all types on one event. The check of OTLP requests would reject a span with more."""

MAX_ATTRIBUTES: Final = 128
_MAX_NUMBER: Final = 10**15
"""Up to here a double is exact, so a tool that writes whole numbers as 1001.0 still sends the right id."""

_MAX_MONEY: Final = Decimal(10) ** 12
_MONEY_PLACES: Final = -6
_NAME: Final = re.compile(r"[a-z0-9_]{1,64}")
_CURRENCY: Final = re.compile(r"[A-Za-z]{3}")
_NUMBER: Final = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")
_HEX: Final = re.compile(r"[0-9a-f]+")
_MAX_SECONDS: Final = Decimal(100 * 366 * 86400)

_ID_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": "string", "pattern": r"\S", "maxLength": MAX_ID},
        {"type": "integer", "minimum": -_MAX_NUMBER, "maximum": _MAX_NUMBER},
    ]
}
_NUMBER_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[+-]?\d{1,30}(\.\d{1,30})?$"}]
}
_SCALAR_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [{"type": "string", "maxLength": MAX_TEXT}, {"type": "number"}, {"type": "boolean"}]
}
TIME_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [
        {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?\s?([Zz]|[+-]\d\d:?\d\d)?$",
            "examples": ["2026-03-01T14:05:00+01:00"],
        },
        {"type": "number", "minimum": 1, "exclusiveMaximum": 100_000_000_000_000},
    ]
}

Scalar = str | bool | int | Decimal


def text_of(value: object, longest: int = MAX_TEXT) -> str:
    """``value``, if it is a text of at most ``longest`` characters. Raises a validation error."""
    if not isinstance(value, str):
        raise wrong(f"{shown(value)} is not text.", "Put it in quotation marks.")
    if len(value) > longest:
        raise wrong(f"The text has {len(value):,} characters; the limit is {longest:,}.", "Shorten it.")
    return value


def _text(value: object) -> str:
    text = text_of(value).strip()
    if not text:
        raise wrong("The text is blank.", "Fill it in or leave it out.")
    return text


def _id(value: object) -> str:
    if isinstance(value, Decimal) and abs(value) <= _MAX_NUMBER and value == value.to_integral_value():
        value = int(value)  # some tools write whole numbers as 1001.0
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"{shown(value)} is no id.", "Use the id of the business itself, as text or a whole number.")
    return text_of(value.strip(), MAX_ID)


def _refs(value: object) -> dict[str, list[str]]:
    refs = {name: [*dict.fromkeys(map(_id, _many(ids)))] for name, ids in _named(value, "type of id")}
    if sum(map(len, refs.values())) > MAX_IDS:
        raise wrong(f"An event may carry at most {MAX_IDS:,} ids.", "Split it into several events.")
    return refs


def _one_id(value: object) -> tuple[str, str]:
    ids = [(name, _id(text)) for name, text in _named(value, "type of id")]
    if len(ids) != 1:
        raise wrong(f"There are {len(ids)} types of id; a link starts at one.", 'Write {"item": "I-1"}.')
    return ids[0]


def _dims(value: object) -> dict[str, str]:
    dims = {}
    for name, raw in _named(value, "dimension"):
        if isinstance(raw, bool):
            raw = str(raw).lower()  # noqa: PLW2901
        dims[name] = text_of(str(raw) if isinstance(raw, (int, Decimal)) else raw)
    return dims


def _named(value: object, what: str) -> list[tuple[str, Any]]:
    items = _object(value)
    for name in items:
        if not _NAME.fullmatch(name):
            raise wrong(f"{shown(name)} cannot be a {what}.", "Use up to 64 lower-case letters, digits and _.")
    return list(items.items())


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(f"{shown(value)} is not an object.", 'Write {"name": "value"}.')
    if len(value) > MAX_ATTRIBUTES:
        raise wrong(f"There are {len(value):,} names; the limit is {MAX_ATTRIBUTES}.", "Leave out what nobody reads.")
    return value


def _many(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _attributes(value: object) -> dict[str, Scalar | list[Scalar]]:
    attributes: dict[str, Scalar | list[Scalar]] = {}
    for key, raw in _object(value).items():
        text_of(key, MAX_ID)
        if not key or key.startswith("flow.") or key == "service.name":
            raise wrong(f"{shown(key)} cannot be an attribute.", "Names under flow. have fields of their own.")
        if isinstance(raw, list) and len(raw) > MAX_IDS:
            raise wrong(f"The list {shown(key)} has more than {MAX_IDS:,} values.", "Shorten it.")
        attributes[key] = [_scalar(key, element) for element in raw] if isinstance(raw, list) else _scalar(key, raw)
    return attributes


def _scalar(key: str, value: object) -> Scalar:
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, Decimal) and math.isfinite(float(value)):  # it will be sent as a double
        return value
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, Decimal):
        raise wrong(f"{shown(key)} holds a number that is too large.", "Send it as text.")
    raise wrong(f"{shown(key)} holds a list or an object.", "Values are text, numbers, true, false, or a list of them.")


def decimal_of(value: object) -> Decimal:
    """A number or the text of one, exactly. Raises a validation error."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    raise wrong(f"{shown(value)} is no number.", "Write digits with a point, such as 249.90.")


def _amount(value: object) -> Decimal:
    amount = decimal_of(value)
    if abs(amount) >= _MAX_MONEY:
        raise wrong("The amount is too large.", f"It must be below {_MAX_MONEY:,}.")
    exponent = amount.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < _MONEY_PLACES:
        raise wrong(f"{shown(amount)} has more than six decimal places.", "Round it to six.")
    return amount


def _currency(value: object) -> str:
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value.strip()):
        raise wrong(f"{shown(value)} is no currency.", "Use three letters of ISO 4217, such as EUR.")
    return value.strip().upper()


def _seconds(value: object) -> Decimal:
    seconds = decimal_of(value)
    if not 0 <= seconds < _MAX_SECONDS:
        raise wrong(f"{shown(value)} seconds cannot be a duration.", "Give seconds from 0 to a hundred years.")
    return seconds


def _attempt(value: object) -> int:
    number = decimal_of(value)
    if number != number.to_integral_value() or not 1 <= number < 2**31:
        raise wrong(f"{shown(value)} is no attempt.", "Count attempts 1, 2, 3 …")
    return int(number)


def _hex(value: object, digits: int) -> str:
    text = value.strip().lower() if isinstance(value, str) else ""
    if len(text) != digits or not _HEX.fullmatch(text) or not text.strip("0"):
        raise wrong(f"{shown(value)} is no id of {digits} hexadecimal digits.", "Take it from a traceparent header.")
    return text


def _texts(value: object) -> list[str]:
    texts = [text_of(text) for text in _many(value)]
    if len(texts) > MAX_IDS:
        raise wrong(f"There are more than {MAX_IDS:,} values.", "Shorten the list.")
    return texts


def _word(value: object, what: str, words: tuple[str, ...]) -> str:
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in words:
        raise wrong(f"{shown(value)} is no {what}.", f"Use one of {', '.join(words)}.")
    return word


def _schema(kind: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": kind, **more})


def _words(what: str, words: tuple[str, ...]) -> tuple[BeforeValidator, WithJsonSchema]:
    return BeforeValidator(lambda value: _word(value, what, words)), _schema("string", enum=list(words))


def _names(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "propertyNames": {"pattern": "^[a-z0-9_]{1,64}$"},
        "maxProperties": MAX_ATTRIBUTES,
        "additionalProperties": values,
    }


def _one_or_many(values: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [values, {"type": "array", "items": values, "maxItems": MAX_IDS}]}


Text = Annotated[str, BeforeValidator(_text), _schema("string", pattern=r"\S", maxLength=MAX_TEXT)]
Id = Annotated[str, BeforeValidator(_id), WithJsonSchema(_ID_SCHEMA)]
Refs = Annotated[dict[str, list[str]], BeforeValidator(_refs), _schema("object", **_names(_one_or_many(_ID_SCHEMA)))]
OneId = Annotated[
    tuple[str, str],
    BeforeValidator(_one_id),
    _schema("object", minProperties=1, **{**_names(_ID_SCHEMA), "maxProperties": 1}),
]
Dims = Annotated[dict[str, str], BeforeValidator(_dims), _schema("object", **_names(_SCALAR_SCHEMA))]
Attributes = Annotated[
    dict[str, Any],
    BeforeValidator(_attributes),
    _schema(
        "object",
        propertyNames={"minLength": 1, "maxLength": MAX_ID, "not": {"pattern": r"^(flow\.|service\.name$)"}},
        maxProperties=MAX_ATTRIBUTES,
        additionalProperties=_one_or_many(_SCALAR_SCHEMA),
    ),
]
Amount = Annotated[Decimal, BeforeValidator(_amount), WithJsonSchema(_NUMBER_SCHEMA)]
Currency = Annotated[str, BeforeValidator(_currency), _schema("string", pattern="^[A-Za-z]{3}$")]
Seconds = Annotated[Decimal, BeforeValidator(_seconds), WithJsonSchema(_NUMBER_SCHEMA)]
Attempt = Annotated[int, BeforeValidator(_attempt), _schema("integer", minimum=1, maximum=2**31 - 1)]
TraceId = Annotated[str, BeforeValidator(lambda v: _hex(v, 32)), _schema("string", pattern="^[0-9a-fA-F]{32}$")]
SpanId = Annotated[str, BeforeValidator(lambda v: _hex(v, 16)), _schema("string", pattern="^[0-9a-fA-F]{16}$")]
Texts = Annotated[
    list[str], BeforeValidator(_texts), WithJsonSchema(_one_or_many({"type": "string", "maxLength": MAX_TEXT}))
]
Kind = Annotated[str, *_words("kind of step", STEP_KINDS)]
ActorType = Annotated[str, *_words("type of actor", ACTOR_TYPES)]
ErrorClass = Annotated[str, *_words("class of error", ERROR_CLASSES)]
Status = Annotated[str, *_words("status", ("ok", "error"))]
State = Annotated[str, *_words("state", ("started", "finished"))]
