"""The whole collector: start it, stop it, replay its dead letters."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Unpack
from uuid import UUID, uuid4

from collector.check.request import expect_acceptable
from collector.dead_letters.replay import Replay
from collector.durable_log.segment import FileSegment, Segment
from collector.errors import CollectorError
from collector.grpc.server import GrpcServer
from collector.http.app import AppParts, HttpApp
from collector.http.server import HttpServer
from collector.pipeline import Pipeline, PipelineHooks
from collector.principal import Authenticate, loopback_only
from collector.quotas import Quotas
from collector.readiness import Readiness
from collector.receiver import Receiver, ReceiverParts
from collector.routes.dead_letters import DeadLetterRoutes
from collector.routes.events import EventRoutes
from collector.routes.health import HealthRoutes
from collector.routes.otlp import OtlpRoutes
from collector.telemetry.telemetry import Telemetry
from common.loopback import reachable_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from collector.dead_letters.replay import Replayed
    from collector.dead_letters.store import DeadLetters
    from collector.durable_log.directory_lock import Addresses
    from collector.http.route import Routes
    from collector.settings import CollectorSettings
    from collector.writer.writer import Sink, TakeBack
    from store.intake import Envelope, Signal


def _nothing_more(_envelopes: Sequence[Envelope], _token: str) -> None:
    """The default ``after_insert``."""


def _nothing_left(_signal: Signal, _token: str) -> None:
    """The default ``take_back``: for a sink that stores all or nothing."""


@dataclass(slots=True)
class Collector:
    """Receives OTLP over HTTP and gRPC on the running event loop.

    ``sink`` inserts batches into the store: see ``Sink``, ``TakeBack``, and ``WriterParts`` for ``after_insert``. These
    three run in one thread. ``authenticate``: see ``Authenticate``. ``troubles``: further checks that decide whether
    the process is ready; each returns a sentence or None and runs on the event loop. ``more``: further routes of the
    HTTP port. ``clock`` returns Unix nanoseconds, ``new_id`` unique ids, ``open_segment`` a new file of the log.

    ::

        collector = Collector(CollectorSettings(log_dir=path), sink=partial(insert_envelopes, store))
        await collector.start()
        ...
        everything_stored = await collector.stop()
    """

    settings: CollectorSettings
    sink: Sink
    after_insert: Sink = _nothing_more
    take_back: TakeBack = _nothing_left
    authenticate: Authenticate = loopback_only
    troubles: Sequence[Callable[[], str | None]] = ()
    more: Sequence[Routes] = ()
    clock: Callable[[], int] = time.time_ns
    new_id: Callable[[], UUID] = uuid4
    open_segment: Callable[[Path], Segment] = FileSegment
    telemetry: Telemetry = field(default_factory=Telemetry, init=False)
    _parts: _Parts | None = field(default=None, init=False)

    @property
    def http_port(self) -> int:
        """The port of OTLP/HTTP; 0 before the start."""
        return self._parts.http.port if self._parts else 0

    @property
    def grpc_port(self) -> int:
        """The port of OTLP/gRPC; 0 before the start."""
        return self._parts.grpc.port if self._parts else 0

    @property
    def dead_letters(self) -> DeadLetters:
        """The dead letters, to list, read and delete. Raises CollectorError ``not_running`` before the start."""
        return self._running().pipeline.dead_letters

    @property
    def pending_bytes(self) -> int:
        """Bytes acknowledged and not yet stored."""
        return self._running().pipeline.log.pending_bytes

    async def start(self) -> None:
        """Recover the log, bind both ports, start to insert. Raises PortTaken, DirectoryInUse; nothing stays open."""
        hooks = PipelineHooks(self.sink, self.after_insert, self.take_back, self.clock, self.open_segment)
        pipeline = await asyncio.to_thread(Pipeline, self.settings, hooks, self.telemetry)
        parts = self._assemble(pipeline)
        try:
            await parts.http.start()
            await parts.grpc.start()
        except BaseException:
            await parts.stop(0)
            raise
        # Insert only once both ports are bound: a collector that cannot start should not touch the store.
        host = reachable_host(self.settings.host)
        pipeline.announce(otlp_http=f"http://{host}:{parts.http.port}", otlp_grpc=f"{host}:{parts.grpc.port}")
        pipeline.start()
        self._parts = parts

    def announce(self, **addresses: Unpack[Addresses]) -> None:
        """Announce further addresses of this process in the lock of the log; the names are those of ``LockHolder``."""
        self._running().pipeline.announce(**addresses)

    async def stop(self) -> bool:
        """Refuse new requests, answer those under way and insert what is pending for up to ``drain_timeout_s``.

        True if everything is stored. Otherwise the rest stays in the log until the next start.
        """
        parts, self._parts = self._parts, None
        return await parts.stop(self.settings.drain_timeout_s) if parts else True

    async def replay_dead_letters(self, ids: Iterable[str] | None = None) -> Replayed:
        """Append dead letters (all by default) to the log again. Those that the check still rejects are kept."""
        parts = self._running()
        loop = asyncio.get_running_loop()

        def submit(envelope: Envelope) -> None:
            expect_acceptable(envelope, self.settings, self.clock())
            # The replay runs in a thread, the receiver on the event loop. "again": the letter's first way into the log
            # may be so recent that it would be taken for a duplicate.
            asyncio.run_coroutine_threadsafe(parts.receiver.commit(envelope, again=True), loop).result()

        letters, log = parts.pipeline.dead_letters, parts.pipeline.log
        chosen = [letter.id for letter in letters.list()] if ids is None else list(ids)
        return await asyncio.to_thread(Replay(letters, submit, lambda: log.end).run, chosen)

    def _running(self) -> _Parts:
        if self._parts is None:
            raise CollectorError("not_running", "The collector is not running.", "Call start() first.")
        return self._parts

    def _assemble(self, pipeline: Pipeline) -> _Parts:
        settings, telemetry = self.settings, self.telemetry
        parts = ReceiverParts(
            pipeline.log,
            pipeline.committer,
            pipeline.dead_letters,
            telemetry,
            Quotas(settings.quota_burst_s),
            self.clock,
            self.new_id,
        )
        receiver = Receiver(parts, settings)
        readiness = Readiness(pipeline.log, pipeline.committer, receiver, pipeline.writer, telemetry, self.troubles)
        otlp = OtlpRoutes(receiver, telemetry)
        events = EventRoutes(receiver, telemetry, settings, self.clock)
        dead_letters = DeadLetterRoutes(pipeline.dead_letters, self.replay_dead_letters)
        tables = (otlp.table(), events.table(), dead_letters.table(), HealthRoutes(readiness).table(), *self.more)
        app = HttpApp(AppParts(receiver, telemetry, self.authenticate, tables), settings)
        grpc_server = GrpcServer(receiver, telemetry, self.authenticate, settings)
        return _Parts(pipeline, receiver, otlp, events, app, HttpServer(app, settings), grpc_server)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What exists while a collector runs."""

    pipeline: Pipeline
    receiver: Receiver
    otlp: OtlpRoutes
    events: EventRoutes
    app: HttpApp
    http: HttpServer
    grpc: GrpcServer

    async def stop(self, timeout_s: float) -> bool:
        await asyncio.gather(self.http.stop(timeout_s), self.grpc.stop(timeout_s))
        self.app.close()
        self.otlp.close()
        self.events.close()
        return await asyncio.to_thread(self.pipeline.stop, timeout_s)
