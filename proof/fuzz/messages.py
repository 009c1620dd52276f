"""Random OTLP: messages of the three signals with anything in any field, and bytes that are nearly such messages.

Made from a seed, not drawn field by field: a hundred times as many examples in the same time, and a failure still names
the seed that makes it again.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.descriptor import FieldDescriptor as Field

if TYPE_CHECKING:
    import random

    from collector.signals import Shape

_NUMBERS: Final = count(1)
_DEEPEST: Final = 7
_NOW_NS: Final = 1_790_000_000_000_000_000
_TEXTS: Final = (
    *("", "a", "flow.step", "flow.case.id", "flow.ref.package", "flow.name", "flow.kpi.volume", "service.name"),
    *("flow.cost.amount", "flow.attempt", "SO-1", "ü", "\x00", "'); DROP TABLE otel_traces; --", "%s{}\\", "x" * 300),
    *("👩‍🚀", "\u202e", "NaN", "1e400", "null", "-0"),
)
_DOUBLES: Final = (0.0, -0.0, 1.5, -1e308, 1e-320, float("inf"), float("-inf"), float("nan"))
_INTEGERS: Final = {
    Field.CPPTYPE_INT32: (0, 1, -1, 2**31 - 1, -(2**31)),
    Field.CPPTYPE_INT64: (0, 1, -1, 2**63 - 1, -(2**63)),
    Field.CPPTYPE_UINT32: (0, 1, 2**32 - 1),
    Field.CPPTYPE_UINT64: (0, 1, _NOW_NS, _NOW_NS + 1, 2**63, 2**64 - 1),
}
_IDS: Final = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}


def message(shape: Shape, dice: random.Random) -> Any:
    """A request of that signal; nearly every item has ids of its own, so that rows can be counted."""
    found = shape.request()
    _fill(found, dice, 0)
    return found


def nearly(body: bytes, dice: random.Random) -> bytes:
    """``body`` with some bytes changed, put in, left out, cut off or taken twice."""
    changed = bytearray(body)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(changed) + 1)
        match dice.randrange(5):
            case 0:
                changed[at : at + 1] = dice.randbytes(1)
            case 1:
                changed[at:at] = dice.randbytes(dice.randint(1, 8))
            case 2:
                del changed[at : at + dice.randint(1, 8)]
            case 3:
                del changed[at:]
            case _:
                changed[at:at] = changed[at : at + dice.randint(1, 40)]
    return bytes(changed)


def _fill(target: Any, dice: random.Random, depth: int) -> None:
    for field in target.DESCRIPTOR.fields:
        if field.message_type is not None:
            _fill_messages(target, field, dice, depth)
        elif field.name in _IDS:
            setattr(target, field.name, _id(field.name, dice))
        elif dice.random() < 0.5:
            values = [_scalar(field, dice) for _ in range(dice.randint(0, 3) if field.is_repeated else 1)]
            _assign(target, field, values)


def _fill_messages(target: Any, field: Any, dice: random.Random, depth: int) -> None:
    if depth >= _DEEPEST or dice.random() < (0.1 if depth < 3 else 0.5):
        return
    if not field.is_repeated:
        _fill(getattr(target, field.name), dice, depth + 1)
        return
    for _ in range(dice.choice((0, 1, 1, 2, 3))):
        _fill(getattr(target, field.name).add(), dice, depth + 1)


def _assign(target: Any, field: Any, values: list[Any]) -> None:
    if field.is_repeated:
        getattr(target, field.name).extend(values)
    else:
        setattr(target, field.name, values[0])


def _scalar(field: Any, dice: random.Random) -> Any:
    kind = field.cpp_type
    if field.name.endswith("time_unix_nano") and dice.random() < 0.8:
        return _NOW_NS + dice.randint(0, 10**9)
    if kind in _INTEGERS:
        return dice.choice(_INTEGERS[kind])
    if kind == Field.CPPTYPE_ENUM:
        return dice.choice((0, 1, 2, 3, 7, -1))
    if kind == Field.CPPTYPE_BOOL:
        return dice.random() < 0.5
    if kind in (Field.CPPTYPE_DOUBLE, Field.CPPTYPE_FLOAT):
        return dice.choice(_DOUBLES)
    return dice.randbytes(dice.randint(0, 20)) if field.type == Field.TYPE_BYTES else dice.choice(_TEXTS)


def _id(name: str, dice: random.Random) -> bytes:
    size = _IDS[name]
    if dice.random() < 0.05:
        return dice.choice((b"", bytes(size), dice.randbytes(size - 1), dice.randbytes(size + 1)))
    return next(_NUMBERS).to_bytes(size, "big")
