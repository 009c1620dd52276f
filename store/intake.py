"""Intake: raw OTLP requests become one protobuf batch that ClickHouse decodes.

Python does not decode spans here. Messages of one repeated field can be concatenated, so a batch is put together as
bytes. ``store/intake.proto`` tells ClickHouse how to read it; views in the migrations unpack it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from store.redaction import NO_REDACTION, Redactor
from store.wire import field, varint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.client import Store


class Signal(StrEnum):
    """What a request carries; each kind has its own intake table."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"


# Per signal: the table, the message of intake.proto, and what follows the batch's token. Inserted in this order.
_INTAKES: Final = {
    Signal.TRACES: ("otlp_intake", "Batch", ""),
    Signal.LOGS: ("otlp_logs_intake", "LogsBatch", "/logs"),
    Signal.METRICS: ("otlp_metrics_intake", "MetricsBatch", "/metrics"),
}

# Fields of the messages in intake.proto, by number, or by tag where the body is not copied: (number << 3) | wire type.
_BATCH_NAME: Final = 2
_BATCH_ENVELOPE: Final = b"\x0a"
_ENVELOPE_TENANT: Final = 1
_ENVELOPE_RECEIVED: Final = b"\x11"
_ENVELOPE_REQUEST: Final = b"\x1a"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One accepted request, an Export…ServiceRequest as it came; ``received_ns`` is in Unix nanoseconds."""

    tenant: str
    received_ns: int
    request: bytes
    signal: Signal = Signal.TRACES


def insert_envelopes(
    store: Store, envelopes: Sequence[Envelope], token: str, redaction: Redactor = NO_REDACTION
) -> None:
    """Insert ``envelopes`` of any signals and tenants into every table they concern, once per ``token``.

    Each signal is one insert, in the order of :class:`Signal`; calling again with the same token is harmless, also
    after a crash between two of them. The same token must name the same envelopes in the same order each time:
    ClickHouse recognises a repeated block by its token, not by its content.
    Raises StoreUnavailable (try again) or StoreError ``invalid_data`` (never).
    """
    for signal, (table, message, suffix) in _INTAKES.items():
        chosen = [envelope for envelope in envelopes if envelope.signal is signal]
        if chosen:
            name = token + suffix
            store.raw_insert(
                table, encode_batch(chosen, name, redaction), "ProtobufSingle", _settings(store, message, name)
            )


def batch_name(signal: Signal, token: str) -> str:
    """The value of the column ``Batch`` in rows of ``signal`` that were inserted under ``token``."""
    return token + _INTAKES[signal][2]


def encode_batch(envelopes: Sequence[Envelope], batch: str, redaction: Redactor = NO_REDACTION) -> bytes:
    """The protobuf message of intake.proto that holds ``envelopes``, redacted, under the name ``batch``."""
    parts: list[bytes] = [field(_BATCH_NAME, batch.encode())]
    for envelope in envelopes:
        request = redaction.redact(envelope.signal, envelope.tenant, envelope.request)
        head = b"".join(
            (
                field(_ENVELOPE_TENANT, envelope.tenant.encode()),
                _ENVELOPE_RECEIVED,
                envelope.received_ns.to_bytes(8, "little"),
                _ENVELOPE_REQUEST,
                varint(len(request)),
            )
        )
        parts += (_BATCH_ENVELOPE, varint(len(head) + len(request)), head, request)
    return b"".join(parts)


def _settings(store: Store, message: str, token: str) -> dict[str, str | int]:
    return {
        **_schema(store.embedded),
        "format_schema_message_name": message,
        "input_format_protobuf_oneof_presence": 1,
        "insert_deduplication_token": hashlib.sha256(token.encode()).hexdigest(),
        "deduplicate_blocks_in_dependent_materialized_views": 1,
        # Rows of a batch that replace each other can wait for a merge: finding them here adds a quarter to an insert.
        "optimize_on_insert": 0,
        # A batch is one block in every table, so that a token stands for all of it or nothing.
        "max_insert_threads": 1,
    }


@cache
def _schema(embedded: bool) -> dict[str, str | int]:  # noqa: FBT001 - a key of the cache
    """A file for the embedded engine, which would first write a text into the working directory; else the text."""
    file = Path(str(resources.files("store").joinpath("intake.proto")))
    if embedded:
        return {"format_schema_source": "file", "format_schema": str(file.absolute())}
    return {"format_schema_source": "string", "format_schema": file.read_text(encoding="utf-8")}
