"""Makes the dead letter for each kind of failure."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from collector.dead_letters.store import Letter, letter_id
from collector.signals import count_items

if TYPE_CHECKING:
    from collector.dead_letters.store import Origin
    from collector.durable_log.log import Batch
    from collector.durable_log.record import Damage
    from store.intake import Envelope


def refused_by_store(envelope: Envelope, token: str, reason: str) -> Letter:
    """A letter for what was acknowledged and then refused by the store for good.

    The same part of the same batch always gets the same id, so that a crash cannot leave two letters.
    """
    unique = sha256(f"{token}/{envelope.signal}".encode()).hexdigest()[:12]
    return _of_request(envelope, letter_id(envelope.received_ns, unique), "store", reason)


def rejected_at_door(envelope: Envelope, reason: str, unique: str) -> Letter:
    """A letter for items that were rejected while the rest of their request was accepted. The sender knows."""
    return _of_request(envelope, letter_id(envelope.received_ns, unique), "door", reason)


def damaged_in_log(batch: Batch, damage: Damage) -> Letter:
    """A letter for bytes of the log that are not a record any more. Their tenant and time are not known."""
    segment = batch.start.segment
    return Letter(
        id=letter_id(0, f"log-{segment}-{damage.start}"),
        origin="log",
        reason=f"The log is damaged: {damage.reason}, file {segment}, bytes {damage.start} to {damage.end}.",
        tenant="",
        received_ns=0,
        content="raw",
        items=0,
        size=damage.end - damage.start,
        signal="",
    )


def _of_request(envelope: Envelope, name: str, origin: Origin, reason: str) -> Letter:
    return Letter(
        id=name,
        origin=origin,
        reason=reason,
        tenant=envelope.tenant,
        received_ns=envelope.received_ns,
        content="request",
        items=count_items(envelope.signal, envelope.request),
        size=len(envelope.request),
        signal=str(envelope.signal),
    )
