"""Parameters that hold JSON. What would not survive the way to the store is refused at the door."""

import base64
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator


def _group(text: str) -> str:
    """Unlike ``json``, orjson refuses half a character (a lone surrogate) and endless nesting."""
    value = _loaded(text)
    if value is not None and not (isinstance(value, dict) and all(isinstance(one, str) for one in value.values())):
        raise ValueError('Use a JSON object of names and texts, such as {"channel":"web"}')
    return text


def _cursor(text: str) -> str:
    value = _loaded(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if value is not None and not (isinstance(value, list) and all(isinstance(one, str | int) for one in value)):
        raise ValueError("Use the value of next as it was given")
    return text


def _loaded(text: str | bytes) -> Any:
    return orjson.loads(text) if text else None


JsonGroup = Annotated[str, AfterValidator(_group)]
"""A point's group: a JSON object of texts; empty is no group."""

PageCursor = Annotated[str, AfterValidator(_cursor)]
"""A cursor as a page gave it. Opaque to clients; only its outer form is checked."""
