"""The one path every OTLP request takes, whatever protocol brought it: check, log, acknowledge."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

from collector import letters
from collector.check import Checked, check
from collector.errors import LogFailed, Refusal
from store.intake import Envelope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from collector.committer import Committer
    from collector.dead_letters import DeadLetters
    from collector.durable_log import DurableLog
    from collector.settings import CollectorSettings
    from collector.telemetry import Telemetry


Authenticate = Callable[[Mapping[str, str]], str]
"""Request headers by lower-case name → the tenant. Raises Refusal ``unauthenticated`` or ``forbidden``."""

_LOG = logging.getLogger(__name__)

DEFAULT_TENANT: Final = "default"

_ASIDE_BYTES: Final = 256 * 1024
"""Bodies above it are checked in a thread, so that one sender's large request does not hold up the others."""

_CHECKS_ASIDE: Final = 2
"""Large requests checked at a time; decoded they take several times their size."""


def one_tenant(_headers: Mapping[str, str]) -> str:
    """The default ``authenticate``: whoever can reach the port is the one tenant there is."""
    return DEFAULT_TENANT


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told: how many spans were rejected and why, in English; 0 and '' when all is well."""

    rejected_spans: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class ReceiverParts:
    """What the receiver works with. ``clock`` gives Unix nanoseconds, ``new_id`` unique ids for dead letters."""

    log: DurableLog
    committer: Committer
    dead_letters: DeadLetters
    telemetry: Telemetry
    clock: Callable[[], int]
    new_id: Callable[[], UUID]


class Receiver:
    """Takes request bodies, already decompressed, and returns once they are on disk. Used from one event loop."""

    def __init__(self, parts: ReceiverParts, settings: CollectorSettings) -> None:
        self._parts = parts
        self._settings = settings
        self._held_bytes = 0
        self._aside = asyncio.Semaphore(_CHECKS_ASIDE)

    @property
    def near_cap(self) -> bool:
        """Whether the log is full, so that senders are told to come back."""
        cap = self._settings.log_cap_bytes
        return bool(cap) and self._parts.log.pending_bytes + self._parts.committer.queued_bytes >= cap

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Count ``size`` bytes of memory for as long as the block runs; raises Refusal ``overloaded``."""
        self.grow(size)
        try:
            yield
        finally:
            self.shrink(size)

    def grow(self, size: int) -> None:
        """Count ``size`` more bytes held in memory; raises Refusal ``overloaded`` and counts nothing."""
        limit = self._settings.max_inflight_bytes
        if limit and self._held_bytes + size > limit:
            raise self.overloaded("The collector holds as many unacknowledged bytes in memory as it may.")
        self._held_bytes += size

    def shrink(self, size: int) -> None:
        self._held_bytes -= size

    def overloaded(self, message: str) -> Refusal:
        """A refusal that asks the sender to come back."""
        return Refusal("overloaded", message, "Send it again later.", retry_after_s=self._settings.retry_after_s)

    def admit(self) -> None:
        """Raise Refusal if no request can be taken now whatever it holds, so that its body need not be read."""
        if self.near_cap:
            raise self.overloaded("The durable log has reached its cap (log_cap_bytes); the store is not keeping up.")

    async def receive(self, tenant: str, body: bytes, protocol: str) -> Receipt:
        """Take one ExportTraceServiceRequest; returns after its good spans are on disk. Raises Refusal."""
        began = perf_counter()
        self.admit()
        checked = await self._check(body)
        received_ns = self._parts.clock()
        if checked.spans:
            await self.commit(Envelope(tenant, received_ns, checked.request))
        if checked.rejected:
            await self._reject(Envelope(tenant, received_ns, checked.rejected_request), checked)
        self._parts.telemetry.ack_seconds.observe(perf_counter() - began)
        self._parts.telemetry.spans.add(checked.spans, protocol=protocol)
        return Receipt(checked.rejected_spans, checked.reason)

    async def _check(self, body: bytes) -> Checked:
        if len(body) <= _ASIDE_BYTES:
            return check(body, self._settings.max_spans_per_request)
        async with self._aside:
            return await asyncio.to_thread(check, body, self._settings.max_spans_per_request)

    async def commit(self, envelope: Envelope) -> None:
        """Return once ``envelope`` is on disk; raises Refusal ``log_failed``. For what was checked before."""
        try:
            await self._parts.committer.submit(envelope)
        except LogFailed as error:
            after = self._settings.retry_after_s
            raise Refusal("log_failed", error.message, error.hint, retry_after_s=after) from error

    async def _reject(self, envelope: Envelope, checked: Checked) -> None:
        """After the good spans are safe, so that a refused request leaves no letter behind when it is sent again."""
        letter = letters.rejected_at_door(envelope, checked.reason, self._parts.new_id().hex[:12])
        keep = self._parts.dead_letters.keep_if_room
        if await asyncio.to_thread(keep, letter, envelope.request):
            self._parts.telemetry.dead_letters.add(origin="door")
        else:
            self._parts.telemetry.unkept.add(letter.spans)
            _LOG.warning("Rejected spans were not kept as a dead letter: %s", letter.reason)
        for why, count in (checked.rejected or {}).items():
            self._parts.telemetry.rejected_spans.add(count, reason=why)
