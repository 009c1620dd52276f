"""The way of every OTLP request, whichever protocol it came by: check, append to the durable log, acknowledge."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Final

from collector.check.request import CheckResult, check
from collector.check.rules import CheckRules
from collector.dead_letters import describe as letters
from collector.durable_log.capacity import Capacity
from collector.errors import LogFailed, Refusal
from collector.telemetry.log_throttle import LogThrottle
from collector.telemetry.tracing import is_self_trace
from store.intake import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from collector.dead_letters.store import DeadLetters
    from collector.durable_log.committer import Committer
    from collector.durable_log.log import DurableLog
    from collector.principal import Principal
    from collector.quotas import Quotas
    from collector.settings import CollectorSettings
    from collector.telemetry.telemetry import Telemetry
    from store.intake import Signal

_LOG = logging.getLogger(__name__)

_THREAD_ABOVE_BYTES: Final = 256 * 1024
"""Larger bodies are checked in a thread, so that one large request does not hold up the other senders."""

_CHECKS_IN_THREADS: Final = 2
"""Large requests that are checked at the same time. Decoded, each takes several times its size in memory."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to the sender: how many items were rejected, and the reasons and warnings in English.

    0 and '' if nothing is wrong.
    """

    rejected: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class ReceiverParts:
    """What the receiver works with. ``clock`` returns Unix nanoseconds, ``new_id`` unique ids for dead letters."""

    log: DurableLog
    committer: Committer
    dead_letters: DeadLetters
    telemetry: Telemetry
    quotas: Quotas
    clock: Callable[[], int]
    new_id: Callable[[], UUID]


class Receiver:
    """Takes decompressed request bodies and returns once they are on disk. Used from one event loop.

    ``capacity``: whether the durable log has room.
    """

    def __init__(self, parts: ReceiverParts, settings: CollectorSettings) -> None:
        self._parts = parts
        self._settings = settings
        self.capacity = Capacity(parts.log, parts.committer, settings)
        self._rules = CheckRules.of(settings)
        self._held_bytes = 0
        self._log_throttle = LogThrottle()
        self._aside = asyncio.Semaphore(_CHECKS_IN_THREADS)

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Count ``size`` bytes of memory while the block runs. Raises Refusal ``overloaded``."""
        self.grow(size)
        try:
            yield
        finally:
            self.shrink(size)

    def grow(self, size: int) -> None:
        """Count ``size`` more bytes held in memory. If too many, raises Refusal ``overloaded`` and counts nothing."""
        limit = self._settings.max_inflight_bytes
        if limit and self._held_bytes + size > limit:
            raise self.overloaded("The collector's memory for unacknowledged requests is full (max_inflight_bytes).")
        self._held_bytes += size

    def shrink(self, size: int) -> None:
        self._held_bytes -= size

    def overloaded(self, message: str) -> Refusal:
        """A refusal that asks the sender to try again later."""
        return Refusal("overloaded", message, "Send it again later.", retry_after_s=self._settings.retry_after_s)

    def admit(self, principal: Principal, size: int = 0) -> None:
        """Raise Refusal if nothing can be accepted from the sender now. Called before the body is read.

        ``size``: the bytes that the request announces, 0 if it does not say.
        """
        self._expect_room()
        with self._log_refusal(principal):
            self._parts.quotas.expect_room(principal, size)

    def charge(self, principal: Principal, size: int) -> None:
        """Charge a request of ``size`` bytes, decompressed, to the sender's quotas. Once a request. Raises Refusal."""
        with self._log_refusal(principal):
            self._parts.quotas.take(principal, size)

    @contextmanager
    def _log_refusal(self, principal: Principal) -> Iterator[None]:
        """Log a refusal, at most once a minute for each key and code."""
        try:
            yield
        except Refusal as refusal:
            if self._log_throttle.allows(principal.key_id, refusal.code):
                about = {"tenant": principal.tenant, "key_id": principal.key_id, "code": refusal.code}
                _LOG.warning("Requests are refused: %s", refusal.message, extra=about)
            raise

    async def receive(
        self, principal: Principal, signal: Signal, body: bytes, protocol: str, *, again: bool = False
    ) -> Receipt:
        """Accept one Export…ServiceRequest in protobuf. Returns once its good items are on disk. Raises Refusal.

        ``protocol``: its name in the metrics. ``again``: write it even if the same bytes were written before.
        """
        with self._parts.telemetry.tracing.span("receive", lambda: not is_self_trace(body)) as span:
            span.set_attribute("flowtrail.signal", signal)
            span.set_attribute("flowtrail.protocol", protocol)
            span.set_attribute("flowtrail.bytes", len(body))
            return await self._take(
                Envelope(principal.tenant, self._parts.clock(), body, signal), protocol, again=again
            )

    async def _take(self, sent: Envelope, protocol: str, *, again: bool) -> Receipt:
        began = perf_counter()
        self._expect_room()
        checked = await self._check(sent)
        self.count_repaired(sent.tenant, sent.signal, checked.repaired)
        if checked.items and await self.commit(replace(sent, request=checked.request), again=again):
            self._parts.telemetry.duplicates.add(signal=sent.signal)
            # A duplicate. Its rejected items became a dead letter when it came for the first time.
            return Receipt(checked.rejected_items, checked.message)
        if checked.rejected:
            await self._reject(replace(sent, request=checked.rejected_request), checked)
        self._parts.telemetry.ack_seconds.observe(perf_counter() - began)
        self._parts.telemetry.items.add(checked.items, protocol=protocol, signal=sent.signal)
        return Receipt(checked.rejected_items, checked.message)

    def count_repaired(self, tenant: str, signal: Signal, texts: int) -> None:
        """Count texts of a request that were not UTF-8, and log them, at most once a minute for each tenant."""
        if not texts:
            return
        self._parts.telemetry.repaired_texts.add(texts, signal=signal)
        about = {"tenant": tenant, "signal": str(signal)}
        if self._log_throttle.allows("repaired", *about.values()):
            _LOG.warning("%d text(s) of a request were not UTF-8 and were repaired.", texts, extra=about)

    def _expect_room(self) -> None:
        shortage = self.capacity.shortage()
        if shortage:
            raise self.overloaded(shortage)

    async def _check(self, sent: Envelope) -> CheckResult:
        work = partial(check, sent.request, sent.signal, self._rules, sent.received_ns)
        with self._parts.telemetry.tracing.child_span("check"):
            if len(sent.request) <= _THREAD_ABOVE_BYTES:
                return work()
            async with self._aside:
                return await asyncio.to_thread(work)

    async def commit(self, envelope: Envelope, *, again: bool = False) -> bool:
        """Return once ``envelope``, which was checked before, is on disk. Raises Refusal ``log_failed``.

        True if it is a duplicate: the same bytes were written before and are not written again. Never with ``again``.
        """
        try:
            with self._parts.telemetry.tracing.child_span("commit"):
                return await self._parts.committer.submit(envelope, again=again)
        except LogFailed as error:
            after = self._settings.retry_after_s
            raise Refusal("log_failed", error.message, error.hint, retry_after_s=after) from error

    async def _reject(self, envelope: Envelope, checked: CheckResult) -> None:
        """Keep the rejected items as a dead letter.

        Called after the good items are on disk: a request that could not be written is sent again, and must not leave
        a letter each time.
        """
        about = {"tenant": envelope.tenant, "signal": str(envelope.signal)}
        if self._log_throttle.allows(*about.values()):
            _LOG.warning("Items of a request were rejected: %s.", checked.reason, extra=about)
        letter = letters.rejected_at_door(envelope, checked.reason, self._parts.new_id().hex[:12])
        keep = self._parts.dead_letters.keep_if_room
        if await asyncio.to_thread(keep, letter, envelope.request):
            self._parts.telemetry.dead_letters.add(origin="door")
        else:
            self._parts.telemetry.unkept.add(letter.items)
            _LOG.warning("Rejected items were not kept as a dead letter: %s", letter.reason, extra=about)
        for why, count in (checked.rejected or {}).items():
            self._parts.telemetry.rejected_items.add(count, signal=envelope.signal, reason=why)
