"""A sender in a process of its own: as cheap as Python can make it, so that the server has the machine.

Closed loop: each of ``connections`` sends its next request when the last was answered. Open loop (``rate``): requests
leave when they are due, whether or not earlier ones were answered, and count from when they were due, so that a server
that stalls is charged for everything that should have been sent meanwhile. A request that is refused for now (HTTP 429
and 503, gRPC UNAVAILABLE and RESOURCE_EXHAUSTED with a delay) is sent again after the time the server names.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Protocol

import grpc
import grpc.aio
import numpy as np
import uvloop

from proof.bench.tools.meter import cpu_s

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from proof.bench.tools.load import Load

_HEAD: Final = (
    b"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: %d\r\n\r\n"
)
_GRPC_METHOD: Final = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_GRPC_BUSY: Final = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
_GRPC_PAUSE_S: Final = 1.0
_OPTIONS: Final = (("grpc.use_local_subchannel_pool", 1),)


@dataclass(frozen=True)
class Plan:
    """What to send where: ``requests`` of ``load`` from number ``first`` on, or for ``seconds`` (0: no limit).

    ``address`` is host:port; ``rate`` is in requests a second, 0 for a closed loop.
    """

    transport: str
    address: str
    load: Load
    first: int = 0
    requests: int = 0
    seconds: float = 0
    connections: int = 8
    rate: float = 0
    prepared: bool = False
    """Make all ``requests`` before the clock runs; they must fit into memory."""


@dataclass
class Sent:
    """What came of it: times in milliseconds, the sender's CPU in seconds, ``per_s`` requests taken by second."""

    requests: int = 0
    refused: int = 0
    began: float = 0
    """``time.perf_counter()`` at the first request: on Linux the same clock in every process."""
    seconds: float = 0
    cpu_s: float = 0
    took_ms: list[float] = field(default_factory=list)
    per_s: Counter[int] = field(default_factory=Counter)

    def quantiles(self) -> dict[str, float]:
        p50, p95, p99 = np.percentile(np.array(self.took_ms), [50, 95, 99])
        return {"ack_p50_ms": float(p50), "ack_p95_ms": float(p95), "ack_p99_ms": float(p99)}


def send(plan: Plan) -> Sent:
    """Run ``plan`` in a process of its own; raises RuntimeError if a request was refused for good."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_process, args=(plan, theirs))
    process.start()
    theirs.close()
    try:
        answer = ours.recv()
    except EOFError:
        raise RuntimeError("the sender ended without a word") from None
    finally:
        process.join()
    if isinstance(answer, str):
        raise RuntimeError(answer)  # noqa: TRY004 - it is the message
    return answer


def _process(plan: Plan, pipe: Connection) -> None:
    try:
        pipe.send(uvloop.run(_run(plan)))
    except Exception as error:  # noqa: BLE001 - the parent raises it again
        pipe.send(f"the sender failed: {error!r}")


async def _run(plan: Plan) -> Sent:
    sent = Sent()
    last = plan.first + plan.requests
    prepared = {
        number: plan.load.request(number) for number in range(plan.first, last if plan.prepared else plan.first)
    }
    plan.load.request(plan.first)  # the template is made before the clock runs
    connections = [await _connect(plan) for _ in range(plan.connections)]
    before, began = cpu_s(), time.perf_counter()
    until = began + plan.seconds if plan.seconds else float("inf")
    numbers = iter(range(plan.first, last)) if plan.requests else count(plan.first)
    work = _Work(plan.load, prepared, numbers, sent, began)
    if plan.rate:
        await _open_loop(work, connections, plan.rate, until)
    else:
        await _closed_loop(work, connections, until)
    sent.began, sent.seconds, sent.cpu_s = began, time.perf_counter() - began, cpu_s() - before
    for connection in connections:
        await connection.close()
    return sent


@dataclass
class _Work:
    load: Load
    prepared: dict[int, bytes]
    numbers: Iterator[int]
    sent: Sent
    began: float

    def body(self, number: int) -> bytes:
        return self.prepared.pop(number, b"") or self.load.request(number)

    async def one(self, connection: _Connection, body: bytes, due: float) -> None:
        """Send until it is taken; ``due`` is when it should have left."""
        while (pause := await connection.ask(body)) is not None:
            self.sent.refused += 1
            await asyncio.sleep(pause)
        now = time.perf_counter()
        self.sent.requests += 1
        self.sent.took_ms.append((now - due) * 1000)
        self.sent.per_s[int(now - self.began)] += 1


async def _closed_loop(work: _Work, connections: list[_Connection], until: float) -> None:
    async def pump(connection: _Connection) -> None:
        while time.perf_counter() < until and (number := next(work.numbers, None)) is not None:
            body = work.body(number)
            await work.one(connection, body, time.perf_counter())

    await asyncio.gather(*map(pump, connections))


async def _open_loop(work: _Work, connections: list[_Connection], rate: float, until: float) -> None:
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for connection in connections:
        free.put_nowait(connection)

    async def ask(number: int, due: float) -> None:
        connection = await free.get()
        await work.one(connection, work.body(number), due)
        free.put_nowait(connection)

    tasks = set()
    for index, number in enumerate(work.numbers):
        due = work.began + index / rate
        if due >= until:
            break
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(ask(number, due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)


class _Connection(Protocol):
    async def ask(self, body: bytes) -> float | None:
        """None once the request was taken; else the seconds after which to send it again."""

    async def close(self) -> None: ...


async def _connect(plan: Plan) -> _Connection:
    if plan.transport == "grpc":
        return _Grpc(plan.address)
    host, port = plan.address.rsplit(":", 1)
    return _Http(*await asyncio.open_connection(host, int(port)))


class _Http:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, body: bytes) -> float | None:
        self._writer.write(_HEAD % len(body) + body)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if line)
        answer = await self._reader.readexactly(int(fields.get("content-length", 0)))
        status = int(lines[0].split()[1])
        if status == 200:
            return None
        if status in (429, 503):
            return float(fields.get("retry-after", 1))
        raise RuntimeError(f"{lines[0]}: {answer!r}")

    async def close(self) -> None:
        self._writer.close()


class _Grpc:
    def __init__(self, address: str) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=_OPTIONS)
        # Without serializers the stub passes bytes through.
        self._export: Any = self._channel.unary_unary(_GRPC_METHOD)

    async def ask(self, body: bytes) -> float | None:
        try:
            await self._export(body)
        except grpc.aio.AioRpcError as error:
            if error.code() in _GRPC_BUSY:
                return _GRPC_PAUSE_S
            raise RuntimeError(f"{error.code()}: {error.details()}") from error
        return None

    async def close(self) -> None:
        await self._channel.close()
