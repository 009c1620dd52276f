"""OTLP in JSON: documents, or one on each line, as collectors and our own export write them."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

import ijson
import orjson

from importing.reading.readers.ocel_json import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SPANS: Final = 1000


def read_otlp(opened: Callable[[], IO[bytes]], name: str) -> Iterator[list[dict[str, Any]]]:
    """The resourceSpans of every document in portions of about a thousand spans; they are sent as they are."""
    portion: list[dict[str, Any]] = []
    count = 0
    for resource in parsed(opened, name, _items):
        portion.append(resource)
        count += sum(1 for _ in spans([resource]))
        if count >= _SPANS:
            yield portion
            portion, count = [], 0
    if portion:
        yield portion


def spans(resources: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The spans of some resourceSpans."""
    for resource in resources:
        for scope in resource.get("scopeSpans") or ():
            yield from scope.get("spans") or ()


def text_of(span: dict[str, Any], word: str) -> str:
    """An attribute of a span that is a text; '' if there is none."""
    for one in span.get("attributes") or ():
        if one.get("key") == word:
            return str((one.get("value") or {}).get("stringValue", ""))
    return ""


def body(resources: list[dict[str, Any]]) -> bytes:
    """A request with these resourceSpans."""
    return orjson.dumps({"resourceSpans": resources})


def _items(stream: IO[bytes]) -> Iterator[Any]:
    return ijson.items(stream, "resourceSpans.item", use_float=True, multiple_values=True)  # type: ignore[no-any-return]
