"""OCEL 2.0 in XML, read as the bytes come, by the same hardened parser as XES."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

from importing.reading.readers.ocel import OcelEvent, OcelObject
from importing.reading.readers.xes import feed, hardened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK: Final = 1 << 18


class OcelXml:
    """``opened`` opens the file anew, once for its objects and once for its events."""

    def __init__(self, opened: Callable[[], IO[bytes]], name: str) -> None:
        self._opened = opened
        self._name = name

    def objects(self) -> Iterator[OcelObject]:
        for _, attributes, details, related in self._elements("object"):
            yield OcelObject(attributes.get("id", ""), attributes.get("type", ""), details, related)

    def events(self) -> Iterator[OcelEvent]:
        for number, attributes, details, related in self._elements("event"):
            values = {name: value for name, value, _ in details}
            time = attributes.get("time", "")
            yield OcelEvent(number, attributes.get("id", ""), attributes.get("type", ""), time, values, related)

    def _elements(self, tag: str) -> Iterator[tuple[int, dict[str, str], list[Any], list[tuple[str, str]]]]:
        state = _State(tag)
        parser = hardened(state.open, state.close, state.text)
        number = 0
        with self._opened() as stream:
            while True:
                chunk = stream.read(_CHUNK)
                feed(parser, chunk, self._name, final=not chunk)
                for found in state.taken():
                    number += 1
                    yield number, *found
                if not chunk:
                    return


class _State:
    """Which object or event is open, and what was read of it."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._ready: list[tuple[dict[str, str], list[Any], list[tuple[str, str]]]] = []
        self._open: tuple[dict[str, str], list[Any], list[tuple[str, str]]] | None = None
        self._attribute: dict[str, str] | None = None
        self._text: list[str] = []

    def taken(self) -> list[tuple[dict[str, str], list[Any], list[tuple[str, str]]]]:
        ready, self._ready = self._ready, []
        return ready

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if self._open is None:
            if tag == self._tag:
                self._open = (attributes, [], [])
        elif tag == "attribute":
            self._attribute, self._text = attributes, []
        elif tag in {"relationship", "relobj", "object"}:  # early writers of the format used other names
            related = attributes.get("object-id") or attributes.get("objectId") or ""
            if related:
                self._open[2].append((related, attributes.get("qualifier", "")))

    def close(self, tag: str) -> None:
        if self._open is None:
            return
        if tag == "attribute" and self._attribute is not None:
            one, self._attribute = self._attribute, None
            self._open[1].append((one.get("name", ""), "".join(self._text).strip(), one.get("time", "")))
        elif tag == self._tag and not (self._tag == "object" and self._attribute is not None):
            self._ready.append(self._open)
            self._open = None

    def text(self, text: str) -> None:
        if self._attribute is not None:
            self._text.append(text)
