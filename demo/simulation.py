"""The five systems in one process, under a simulated clock."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import flowtrail
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator

from demo.clock import SimulatedClock
from demo.dice import Dice
from demo.errors import DemoError
from demo.file_queue import FileQueue
from demo.systems.billing import Billing
from demo.systems.carrier import Carrier
from demo.systems.consumer import InstantBell
from demo.systems.erp import Erp
from demo.systems.policy import Policy
from demo.systems.service import Parts, Service
from demo.systems.shop import Shop
from demo.systems.wms import Wms
from demo.transport import DirectTransport
from demo.truth.log import Record, TruthLog

SYSTEMS: tuple[type[Service], ...] = (Shop, Erp, Wms, Carrier, Billing)
FLUSH_S = 120.0


class HistoryError(DemoError):
    """The history could not be made or not be delivered whole."""


@dataclass(frozen=True)
class Setting:
    """What a simulated run depends on; the same setting gives the same events and ids."""

    start: datetime
    until: datetime
    seed: int
    series: int
    policy: Policy
    endpoint: str
    exporter: Callable[[str], SpanExporter] | None = None
    """Per system, instead of OTLP over HTTP to ``endpoint``."""


class SeededIds(IdGenerator):
    """Trace and span ids out of a seed, so that making the same history twice sends the same spans."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def generate_span_id(self) -> int:
        return self._random.getrandbits(64) or 1

    def generate_trace_id(self) -> int:
        return self._random.getrandbits(128) or 1


class PatientRuntime(flowtrail.Runtime):
    """Sends when asked to: in a simulation nothing is urgent, and threads that send meanwhile only slow it down."""

    def send(self, span: ReadableSpan, *, urgent: bool = False) -> None:  # noqa: ARG002 - as in the base
        super().send(span)


class Simulation:
    """Builds the systems on a running virtual event loop; ``records`` is the truth they wrote."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.records: list[Record] = []
        self.errors: list[BaseException] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._note_error)
        self._main = asyncio.current_task()
        self.clock = SimulatedClock(setting.start, loop)
        self.transport = DirectTransport()
        bell = InstantBell(loop.time)
        self._queue = FileQueue(":memory:", loop.time, on_send=bell.ring)
        self.runtimes: list[flowtrail.Runtime] = []
        for kind in SYSTEMS:
            runtime = self._runtime(kind.system)
            self.runtimes.append(runtime)
            service = kind(self._parts(kind.system, runtime, bell))
            self.transport.register(kind.system, service.routes())
            service.start()

    def _runtime(self, system: str) -> flowtrail.Runtime:
        setting = self.setting
        return PatientRuntime(
            system,
            setting.endpoint,
            clock=self.clock.now_ns,
            id_generator=SeededIds(f"{setting.seed}|{setting.start}|{setting.until}|{setting.series}|{system}"),
            exporter=setting.exporter(system) if setting.exporter else None,
            max_queue_size=1_000_000,
            max_batch_size=2_000,
            schedule_delay_s=3600.0,  # sending is left to deliver()
            started_after_s=1e9,  # it looks at the real clock, which has nothing to do with how long a step takes here
        )

    def _parts(self, system: str, runtime: flowtrail.Runtime, bell: InstantBell) -> Parts:
        return Parts(
            runtime=runtime,
            clock=self.clock,
            http=self.transport,
            queue=self._queue,
            bell=bell,
            dice=Dice(self.setting.seed),
            policy=self.setting.policy,
            truth=TruthLog(system, self.clock.now, self.records.append),
            series=self.setting.series,
        )

    def _note_error(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.errors.append(context.get("exception") or RuntimeError(context["message"]))
        if self._main:
            self._main.cancel()

    async def sleep_until(self, moment: datetime) -> None:
        await asyncio.sleep(max(0.0, (moment - self.clock.now()) / timedelta(seconds=1)))

    def deliver(self) -> None:
        """Hold the simulation until everything finished so far has reached the receiver.

        Raises HistoryError if a span was lost on the way.
        """
        for runtime in self.runtimes:
            done = runtime.flush(FLUSH_S)
            stats = runtime.stats()
            if not done or stats.dropped or stats.failed:
                raise HistoryError(
                    f"{runtime.system} could not deliver its history to {self.setting.endpoint}: {stats}. "
                    "Is the collector running and reachable?"
                )

    def exported(self) -> int:
        """Spans the receiver has accepted."""
        return sum(runtime.stats().exported for runtime in self.runtimes)

    async def close(self) -> None:
        """Stop at this instant: what is under way stays under way and is sent no more."""
        for runtime in self.runtimes:
            runtime.shutdown()
        logger = logging.getLogger("flowtrail")
        level = logger.level
        logger.setLevel(logging.CRITICAL)  # it would count the steps cut short here
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        logger.setLevel(level)
        self._queue.close()
