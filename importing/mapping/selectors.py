"""Where values come from: a ``ValueSource`` of a mapping becomes a function of a record."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from importing.mapping.patterns import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from importing.mapping.mapping import ValueSource
    from importing.record import Record

_HOLE: Final = re.compile(r"\{([^{}]+)\}")


def text(value: Any) -> str:
    """A value of a log as text: numbers as they would be typed, times in ISO 8601."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return value.isoformat() if isinstance(value, (dt.datetime, dt.date)) else str(value)


class Selectors:
    """Makes functions of sources. ``nulls``: texts that mean no value."""

    def __init__(self, nulls: Sequence[str]) -> None:
        self._nulls = frozenset(nulls) | {""}

    def one(self, source: ValueSource | None) -> Callable[[Record], str]:
        """The first value of ``source``."""
        if source is None:
            return _nothing
        if source.value is not None:
            constant = text(source.value)
            return lambda _record: constant
        if source.template:
            return self._finished(self._template(source.template), source)
        plain = not source.match and not source.map and not any("*" in name for name in source.attribute)
        if plain and len(source.attribute) == 1:
            return self._plain(source.attribute[0])
        return self._finished(self._first(source), source)

    def many(self, source: ValueSource) -> Callable[[Record], list[str]]:
        """Every value of ``source``, each once, in the order of its attributes."""
        if source.value is not None or source.template:
            one = self.one(source)
            return lambda record: [value] if (value := one(record)) else []

        finish = self._finish(source)

        def values(record: Record) -> list[str]:
            found = (finish(text(value)) for value in _values(record, source.attribute))
            return list(dict.fromkeys(value for value in found if value))

        return values

    def known(self, value: Any) -> str:
        """A value as text, '' if it means no value."""
        found = text(value).strip()
        return "" if found in self._nulls else found

    def _plain(self, name: str) -> Callable[[Record], str]:
        nulls = self._nulls

        def value(record: Record) -> str:
            found = record.get(name)
            found = found.strip() if isinstance(found, str) else text(found)
            return "" if found in nulls else found

        return value

    def _first(self, source: ValueSource) -> Callable[[Record], str]:
        return lambda record: next(filter(None, map(self.known, _values(record, source.attribute))), "")

    def _template(self, template: str) -> Callable[[Record], str]:
        names = _HOLE.findall(template)

        def filled(record: Record) -> str:
            values = {name: self.known(record.get(name)) for name in names}
            return _HOLE.sub(lambda hole: values[hole[1]], template) if all(values.values()) else ""

        return filled

    def _finished(self, raw: Callable[[Record], str], source: ValueSource) -> Callable[[Record], str]:
        finish = self._finish(source)
        return lambda record: finish(raw(record))

    def _finish(self, source: ValueSource) -> Callable[[str], str]:
        match = re.compile(source.match) if source.match else None
        known, replaced = self.known, source.map

        def finish(value: str) -> str:
            value = known(value)
            if value and match is not None:
                hit = match.search(value)
                value = (hit[1] if match.groups else hit[0]) or "" if hit else ""
            return replaced.get(value, value)

        return finish


def _nothing(_record: Record) -> str:
    return ""


def _values(record: Record, names: Sequence[str]) -> Iterator[Any]:
    for name in names:
        if "*" not in name:
            value = record.get(name)
            if value is not None:
                yield from value if isinstance(value, list) else (value,)
            continue
        fits = _glob(name)
        for source in (record.values, record.shared):
            for key in sorted(filter(fits, source), key=_natural):
                yield source[key]


@lru_cache(maxsize=256)
def _glob(name: str) -> Callable[[str], bool]:
    pattern = compiled(name)
    return lru_cache(maxsize=4096)(lambda key: pattern.search(key) is not None)


@lru_cache(maxsize=4096)
def _natural(key: str) -> tuple[Any, ...]:
    """Numbers in a name count as numbers: _2 comes before _10."""
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", key))
