"""The way in: raw OTLP requests become one protobuf batch that ClickHouse decodes.

Python never opens a span here. A request is framed by byte work (protobuf messages of one repeated field concatenate)
and ``store/intake.proto`` tells ClickHouse how to read it; migrations hold the views that unpack it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.client import Store

TABLE: Final = "otlp_intake"

# Tags of the messages in intake.proto: (field number << 3) | wire type.
_BATCH_ENVELOPE: Final = b"\x0a"
_BATCH_NAME: Final = b"\x12"
_ENVELOPE_TENANT: Final = b"\x0a"
_ENVELOPE_RECEIVED: Final = b"\x11"
_ENVELOPE_REQUEST: Final = b"\x1a"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One accepted request: an ExportTraceServiceRequest as it came; ``received_ns`` is in Unix nanoseconds."""

    tenant: str
    received_ns: int
    request: bytes


def insert_traces(store: Store, envelopes: Sequence[Envelope], token: str) -> None:
    """Insert ``envelopes`` into every trace table, once per ``token`` however often it is called.

    The same token must name the same envelopes in the same order each time: ClickHouse forgets a repeated block by its
    token, not by its content. Raises StoreUnavailable (try again) or StoreError ``invalid_data`` (never).
    """
    if not envelopes:
        return
    store.raw_insert(TABLE, encode_batch(envelopes, token), "ProtobufSingle", _settings(store, token))


def encode_batch(envelopes: Sequence[Envelope], batch: str) -> bytes:
    """The protobuf message ``Batch`` of intake.proto that holds ``envelopes`` under the name ``batch``."""
    name = batch.encode()
    parts: list[bytes] = [_BATCH_NAME, _varint(len(name)), name]
    for envelope in envelopes:
        tenant = envelope.tenant.encode()
        head = b"".join(
            (
                _ENVELOPE_TENANT,
                _varint(len(tenant)),
                tenant,
                _ENVELOPE_RECEIVED,
                envelope.received_ns.to_bytes(8, "little"),
                _ENVELOPE_REQUEST,
                _varint(len(envelope.request)),
            )
        )
        parts += (_BATCH_ENVELOPE, _varint(len(head) + len(envelope.request)), head, envelope.request)
    return b"".join(parts)


def _settings(store: Store, token: str) -> dict[str, str | int]:
    return {
        **_schema(store.embedded),
        "format_schema_message_name": "Batch",
        "input_format_protobuf_oneof_presence": 1,
        "insert_deduplication_token": hashlib.sha256(token.encode()).hexdigest(),
        "deduplicate_blocks_in_dependent_materialized_views": 1,
        # A batch is one block in every table, so that a token stands for all of it or nothing.
        "max_insert_threads": 1,
    }


@cache
def _schema(embedded: bool) -> dict[str, str | int]:  # noqa: FBT001 - a key of the cache
    """The schema as a file for the embedded engine, which would write a text into the working directory first."""
    file = Path(str(resources.files("store").joinpath("intake.proto")))
    if embedded:
        return {"format_schema_source": "file", "format_schema": str(file.absolute())}
    return {"format_schema_source": "string", "format_schema": file.read_text(encoding="utf-8")}


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
