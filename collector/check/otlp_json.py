"""Turns OTLP/JSON into protobuf, by OTLP's own rules, which differ from protobuf's.

Ids are hex (any case), enums are integers only, names are lowerCamelCase only, unknown names are ignored, 64-bit
integers are numbers or strings, other bytes are base64. ``null`` means absent.
Source: opentelemetry-proto docs/specification.md, "JSON Protobuf Encoding".
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from google.protobuf.descriptor import FieldDescriptor as Field

from collector.check.no_items import expect_no_names_unread
from collector.check.text_repair import repaired_text, without_surrogates
from collector.errors import Refusal
from collector.signals import items

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.signals import Shape

_HEX_FIELDS: Final = frozenset({"traceId", "spanId", "parentSpanId"})
_SHOWN_PATHS: Final = 20
_MAX_DEPTH: Final = 96
"""Nested messages. Protobuf itself refuses more than 100."""

_UNREADABLE: Final = "\ufffd"
_HALF_CHARACTER: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)
"""An escape of half a character without its other half."""

_INTEGER: Final = re.compile(r"-?[0-9]{1,20}")
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SPECIAL: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_RANGES: Final = {
    Field.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    Field.CPPTYPE_ENUM: (-(2**31), 2**31 - 1),
    Field.CPPTYPE_UINT32: (0, 2**32 - 1),
    Field.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    Field.CPPTYPE_UINT64: (0, 2**64 - 1),
}


class _Wrong(Exception):
    """A value that does not fit. Its path in the JSON is added by each caller on the way up."""


@dataclass(slots=True)
class Converted:
    """A request in protobuf, made from JSON.

    ``repaired``: how often a text in it was not UTF-8. ``unread``: how many names nobody reads.
    """

    body: bytes
    repaired: int
    unread: int


def to_protobuf(body: bytes, shape: Shape) -> Converted:
    """The same Export…ServiceRequest in protobuf.

    What cannot be read in a text is replaced by U+FFFD, see :mod:`collector.check.text_repair`. Unknown names are
    ignored, as OTLP demands, unless the request holds no item besides. Raises Refusal ``invalid_data`` with the place
    in the JSON.
    """
    unread = _Unread()
    try:
        document, repaired = _document(body)
        message = shape.request()
        _fill(message, document, 0, unread)
    except (orjson.JSONDecodeError, _Wrong) as error:
        hint = "See OTLP's JSON encoding: lowerCamelCase names, hex ids, integer enums."
        raise Refusal("invalid_data", f"The body is not OTLP {shape.signal} in JSON: {error}.", hint) from None
    if unread.count and next(items(shape, message), None) is None:
        expect_no_names_unread(shape, unread.paths)
    return Converted(message.SerializeToString(), repaired, unread.count)


class _Unread:
    """Names that nobody reads: the first few of them, with their paths, and how many there are."""

    def __init__(self) -> None:
        self.count = 0
        self.paths: list[str] = []
        self.place: list[str] = []

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.paths) < _SHOWN_PATHS:
            self.paths.append(".".join([*self.place, name]))


def _document(body: bytes) -> tuple[Any, int]:
    try:
        return orjson.loads(body), 0
    except orjson.JSONDecodeError:
        text = repaired_text(body)
        repaired = text.count(_UNREADABLE) - body.count(_UNREADABLE.encode())
        halves = len(_HALF_CHARACTER.findall(text))
        return (_with_half_characters(text) if halves else orjson.loads(text)), repaired + halves


def _with_half_characters(text: str) -> Any:
    """The document of a text with escapes of half characters, which orjson refuses and the standard library keeps."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise _Wrong("nested too deep") from None
    except ValueError as error:
        raise _Wrong(str(error)) from None


def _no_constant(name: str) -> Any:
    raise _Wrong(f"{name} is not JSON; write it as a string")


def _fill(message: Any, value: object, depth: int, unread: _Unread) -> None:
    if not isinstance(value, dict):
        raise _Wrong(f"expected an object, not {_kind(value)}")
    if depth > _MAX_DEPTH:
        raise _Wrong("nested too deep")
    fields = _fields(message.DESCRIPTOR)
    chosen: dict[str, str] = {}
    for name, item in value.items():
        field = fields.get(name)
        if field is None and item is not None:
            unread.add(name)
        if field is None or item is None:
            continue
        if field.containing_oneof and chosen.setdefault(field.containing_oneof.name, name) != name:
            raise _Wrong(f"both {chosen[field.containing_oneof.name]} and {name}, of which only one may be set")
        unread.place.append(name)
        try:
            _set(message, field, item, depth, unread)
        except _Wrong as error:
            raise _Wrong(f"{name}: {error}") from None
        unread.place.pop()


def _set(message: Any, field: Any, item: object, depth: int, unread: _Unread) -> None:
    if field.is_repeated:
        if not isinstance(item, list):
            raise _Wrong(f"expected an array, not {_kind(item)}")
        target = getattr(message, field.name)
        for element in item:
            if field.message_type:
                _fill(target.add(), element, depth + 1, unread)
            else:
                target.append(_scalar(field, element))
    elif field.message_type:
        target = getattr(message, field.name)
        target.SetInParent()  # "arrayValue": {} is an empty array and must not become "no value"
        _fill(target, item, depth + 1, unread)
    else:
        setattr(message, field.name, _scalar(field, item))


_FIELDS: dict[str, dict[str, Any]] = {}


def _fields(descriptor: Any) -> dict[str, Any]:
    """The fields of a message by their JSON names."""
    fields = _FIELDS.get(descriptor.full_name)
    if fields is None:
        fields = _FIELDS[descriptor.full_name] = {field.json_name: field for field in descriptor.fields}
    return fields


def _scalar(field: Any, item: object) -> Any:
    kind = field.cpp_type
    if kind in _RANGES:
        return _integer(item, *_RANGES[kind], text=kind != Field.CPPTYPE_ENUM)
    if field.type == Field.TYPE_BYTES:
        return _bytes(item, _hex if field.json_name in _HEX_FIELDS else _base64)
    if kind == Field.CPPTYPE_STRING:
        text = _typed(item, str, "a string")
        return text if text.isascii() else without_surrogates(text)
    if kind == Field.CPPTYPE_BOOL:
        return _typed(item, bool, "true or false")
    return _double(item)


def _integer(item: object, lowest: int, highest: int, *, text: bool) -> int:
    if (isinstance(item, float) and item.is_integer()) or (isinstance(item, str) and text and _INTEGER.fullmatch(item)):
        item = int(item)
    if not isinstance(item, int) or isinstance(item, bool):
        raise _Wrong(f"expected an integer, not {_kind(item)}")
    if not lowest <= item <= highest:
        raise _Wrong(f"the integer {item} is out of range")
    return item


def _double(item: object) -> float:
    if isinstance(item, str):
        if item in _SPECIAL:
            return _SPECIAL[item]
        if _NUMBER.fullmatch(item):
            return float(item)
    if isinstance(item, bool) or not isinstance(item, (int, float)):
        raise _Wrong(f"expected a number, not {_kind(item)}")
    return float(item)


def _bytes(item: object, decode: Callable[[str], bytes]) -> bytes:
    try:
        return decode(_typed(item, str, "a string"))
    except (ValueError, binascii.Error) as error:
        raise _Wrong(str(error)) from None


def _hex(text: str) -> bytes:
    try:
        return binascii.unhexlify(text)
    except ValueError:
        raise _Wrong(f"expected an id in hex, not {text[:40]!r}") from None


def _base64(text: str) -> bytes:
    """Decode base64, standard or URL-safe, padded or not, as protobuf's JSON allows."""
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error:
        raise _Wrong("expected base64") from None


def _typed(item: object, expected: type, words: str) -> Any:
    if not isinstance(item, expected):
        raise _Wrong(f"expected {words}, not {_kind(item)}")
    return item


def _kind(item: object) -> str:
    names = {
        dict: "an object",
        list: "an array",
        str: "a string",
        bool: "a boolean",
        int: "a number",
        float: "a number",
    }
    return names.get(type(item), "null")
