"""Calls between the systems: JSON over HTTP between processes, or straight into the service when history is made."""

import asyncio
import contextvars
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

Body = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request as a service sees it; header names are lower-case."""

    body: Body
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """One answer; ``status`` is an HTTP status."""

    status: int
    body: Body = field(default_factory=dict)


Handler = Callable[[Call], Awaitable[Reply]]


class CallTimeoutError(Exception):
    """No answer in time; the other side may or may not have acted."""


class CallFailedError(Exception):
    """The other side cannot be reached."""


class Transport(Protocol):
    """Posts to a system by its name; the timeout is in seconds of the running event loop."""

    async def post(
        self, system: str, path: str, body: Body, headers: Mapping[str, str] | None = None, timeout_s: float = 120.0
    ) -> Reply: ...


class HttpTransport:
    """Real HTTP; ``urls`` names each system's base address."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls
        self._client = httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=200))

    async def post(
        self, system: str, path: str, body: Body, headers: Mapping[str, str] | None = None, timeout_s: float = 120.0
    ) -> Reply:
        try:
            answer = await self._client.post(
                self._urls[system] + path, json=body, headers=dict(headers or {}), timeout=timeout_s
            )
        except httpx.TimeoutException as error:
            raise CallTimeoutError(f"{system} did not answer {path} within {timeout_s:g} s") from error
        except httpx.TransportError as error:
            raise CallFailedError(f"{system} cannot be reached at {self._urls[system]}: {error}") from error
        return Reply(answer.status_code, answer.json())


class DirectTransport:
    """Hands the call to the service in this process, as far apart as HTTP would keep them.

    Bodies go through JSON, the callee runs in a task and a context of its own (no trace context leaks but through the
    headers), and goes on when the caller gives up waiting.
    """

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str], Handler] = {}
        self._running: set[asyncio.Task[Reply]] = set()

    def register(self, system: str, routes: Mapping[str, Handler]) -> None:
        self._routes.update({(system, path): handler for path, handler in routes.items()})

    async def post(
        self, system: str, path: str, body: Body, headers: Mapping[str, str] | None = None, timeout_s: float = 120.0
    ) -> Reply:
        call = Call(json.loads(json.dumps(body)), {k.lower(): v for k, v in (headers or {}).items()})
        task = asyncio.get_running_loop().create_task(
            _answer(self._routes[system, path], call), context=contextvars.Context()
        )
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.wait_for(asyncio.shield(task), timeout_s)
        except TimeoutError as error:
            raise CallTimeoutError(f"{system} did not answer {path} within {timeout_s:g} s") from error


async def _answer(handler: Handler, call: Call) -> Reply:
    return await handler(call)
