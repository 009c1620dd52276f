"""What an answer of the collector must be, whatever was sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from google.rpc.status_pb2 import Status

if TYPE_CHECKING:
    import httpx

    from collector.signals import Shape

ALLOWED: Final = frozenset({200, 400, 401, 403, 404, 405, 408, 413, 415, 429, 431, 503})
"""Never 500: that would be a defect, and a client must not send again what met one."""

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"


def rejected(shape: Shape, answer: httpx.Response) -> int | None:
    """How many items an OTLP answer says were rejected; None if the request was refused. Fails if it is not OTLP."""
    assert answer.status_code in ALLOWED, answer.text
    content_type = answer.headers["content-type"]
    assert content_type in {PROTOBUF, JSON}
    if answer.status_code != 200:
        assert message_of(answer), "a refusal says why"
        return None
    if content_type == PROTOBUF:
        return int(getattr(shape.response.FromString(answer.content).partial_success, shape.rejected))
    partial = answer.json().get("partialSuccess", {})
    return int(partial.get(_camel(shape.rejected), 0))


def message_of(answer: httpx.Response) -> str:
    """The message of the ``google.rpc.Status`` in a refusal."""
    if answer.headers["content-type"] == PROTOBUF:
        return str(Status.FromString(answer.content).message)
    status: dict[str, Any] = json.loads(answer.content)
    return str(status["message"])


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
