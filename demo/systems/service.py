"""What the five systems have in common: what they are given, how they are served, how they work in the background."""

import asyncio
import contextvars
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import flowtrail
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from demo.clock import Clock
from demo.dice import Dice
from demo.file_queue import FileQueue
from demo.systems.consumer import Bell
from demo.systems.policy import Policy
from demo.transport import Body, Call, Handler, Reply, Transport
from demo.truth.log import TruthLog

FLOW, FLOW_VERSION = "order-to-cash", "1"


@dataclass(frozen=True)
class Parts:
    """Everything a service needs from outside; ``series`` is where its number ranges begin."""

    runtime: flowtrail.Runtime
    clock: Clock
    http: Transport
    queue: FileQueue
    bell: Bell
    dice: Dice
    policy: Policy
    truth: TruthLog
    series: int


class Service(ABC):
    """One system; it knows its own ids and other systems by name only."""

    system: ClassVar[str]

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.clock, self.http, self.dice, self.truth = parts.clock, parts.http, parts.dice, parts.truth
        self.policy = parts.policy
        self.flow = flowtrail.Flow(FLOW, version=FLOW_VERSION, runtime=parts.runtime)
        self._tasks: set[asyncio.Task[None]] = set()

    @abstractmethod
    def routes(self) -> Mapping[str, Handler]:
        """Path → handler, all POST."""

    def start(self) -> None:  # noqa: B027 - most systems only answer
        """Begin what runs without being asked (a queue consumer)."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on in the background, in a trace context of its own."""
        task = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error:
            context = {"message": f"{self.system} failed in the background", "exception": error}
            task.get_loop().call_exception_handler(context)

    def backoff(self, first_s: float) -> Callable[[int], float]:
        """Pauses between attempts: ``first_s``, doubled each time."""
        return lambda attempt: self.clock.loop_seconds(first_s * 2 ** (attempt - 1))

    def headers(self) -> dict[str, str]:
        """Headers that continue the trace and the case from here."""
        headers: dict[str, str] = {}
        flowtrail.inject(headers)
        return headers

    async def call(self, system: str, path: str, body: Body, timeout_s: float = 120.0) -> Reply:
        """Post to another system from within this trace; ``timeout_s`` in seconds of the event loop."""
        return await self.http.post(system, path, body, self.headers(), timeout_s)

    async def repeat(
        self, scope: flowtrail.Scope, key: str, *, order: str | None = None, **refs: str | list[str]
    ) -> None:
        """Record that a request came again under its key and was answered from the first time.

        The step does not carry the key: it has no effect that the key would have to guard.
        """
        said: dict[str, Any] = {"kind": "gate", "refs": refs}
        name = "answer-repeated-request"
        with scope.step(name, **said) as step, self.truth.act(name, order=order, **said):
            step.attribute("request.key", key)
            await self.clock.work(0.05)

    async def stop(self) -> None:
        """Send what is finished, then drop what runs in the background: a step cut short is not a failed step."""
        logging.getLogger("flowtrail").setLevel(logging.CRITICAL)  # it would count the steps cut short
        await asyncio.to_thread(self.parts.runtime.shutdown)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Answers:
    """The first answer to each idempotency key: asked again, a service repeats itself instead of acting again."""

    def __init__(self) -> None:
        self._given: dict[str, asyncio.Future[Reply]] = {}

    async def repeat(self, key: str) -> Reply | None:
        """The answer already given to this key (waiting for it if it is being worked out), or None if it is new."""
        given = self._given.get(key)
        return await asyncio.shield(given) if given else None

    async def work_out(self, key: str, act: Callable[[], Awaitable[Reply]]) -> Reply:
        """Act once and remember the answer; an act that raises leaves the key free."""
        given = self._given[key] = asyncio.get_running_loop().create_future()
        try:
            reply = await act()
        except BaseException:
            del self._given[key]
            given.cancel()
            raise
        given.set_result(reply)
        return reply


def make_app(service: Service) -> Starlette:
    """The service over HTTP; ``GET /health`` names it."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        service.start()
        yield
        await service.stop()

    routes = [Route(path, _endpoint(handler), methods=["POST"]) for path, handler in service.routes().items()]

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"system": service.system})

    return Starlette(routes=[*routes, Route("/health", health)], lifespan=lifespan)


def _endpoint(handler: Handler) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def endpoint(request: Request) -> JSONResponse:
        body: Body = await request.json()
        reply = await handler(Call(body, dict(request.headers)))
        return JSONResponse(reply.body, status_code=reply.status)

    return endpoint
