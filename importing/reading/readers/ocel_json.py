"""OCEL 2.0 and 1.0 in JSON, read as the bytes come."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import ijson

from importing.errors import ImportFailed
from importing.reading.readers.ocel import OcelEvent, OcelObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class OcelJson:
    """OCEL 2.0: lists of objects and events. ``opened`` opens the file anew for each of them."""

    def __init__(self, opened: Callable[[], IO[bytes]], name: str) -> None:
        self._opened = opened
        self._name = name

    def objects(self) -> Iterator[OcelObject]:
        for raw in self._items("objects.item"):
            attributes = [
                (str(one.get("name")), one.get("value"), str(one.get("time") or ""))
                for one in raw.get("attributes") or ()
            ]
            yield OcelObject(str(raw.get("id")), str(raw.get("type")), attributes, _related(raw))

    def events(self) -> Iterator[OcelEvent]:
        for number, raw in enumerate(self._items("events.item"), 1):
            attributes = {str(one.get("name")): one.get("value") for one in raw.get("attributes") or ()}
            yield OcelEvent(
                number,
                str(raw.get("id")),
                str(raw.get("type") or ""),
                str(raw.get("time") or ""),
                attributes,
                _related(raw),
            )

    def _items(self, prefix: str) -> Iterator[dict[str, Any]]:
        yield from parsed(self._opened, self._name, lambda stream: ijson.items(stream, prefix, use_float=True))


class Ocel1Json:
    """OCEL 1.0: objects and events by their ids."""

    def __init__(self, opened: Callable[[], IO[bytes]], name: str) -> None:
        self._opened = opened
        self._name = name

    def objects(self) -> Iterator[OcelObject]:
        for object_id, raw in self._items("ocel:objects"):
            attributes = [(name, value, "") for name, value in (raw.get("ocel:ovmap") or {}).items()]
            yield OcelObject(str(object_id), str(raw.get("ocel:type")), attributes)

    def events(self) -> Iterator[OcelEvent]:
        for number, (event_id, raw) in enumerate(self._items("ocel:events"), 1):
            related = [(str(one), "") for one in raw.get("ocel:omap") or ()]
            activity, when = str(raw.get("ocel:activity") or ""), str(raw.get("ocel:timestamp") or "")
            yield OcelEvent(number, str(event_id), activity, when, dict(raw.get("ocel:vmap") or {}), related)

    def _items(self, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from parsed(self._opened, self._name, lambda stream: ijson.kvitems(stream, prefix, use_float=True))


def parsed(opened: Callable[[], IO[bytes]], name: str, items: Callable[[IO[bytes]], Iterator[Any]]) -> Iterator[Any]:
    """``items`` of the file; raises ImportFailed ``unreadable`` where it is no JSON any more."""
    with opened() as stream:
        try:
            yield from items(stream)
        except ijson.JSONError as error:
            why = str(error).strip().splitlines()
            raise ImportFailed(
                "unreadable",
                f"{name} is not whole JSON: {why[0] if why else 'it is cut short'}.",
                "Fetch the file again.",
            ) from None
        except AttributeError:
            raise ImportFailed(
                "unreadable", f"{name} does not have the shape of its format.", "Name the format with --format."
            ) from None


def _related(raw: dict[str, Any]) -> list[tuple[str, str]]:
    return [(str(one.get("objectId")), str(one.get("qualifier") or "")) for one in raw.get("relationships") or ()]
