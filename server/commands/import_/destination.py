"""Where an import sends: to a collector that runs, or to one that is started for the time of the import."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

import httpx

from common.scopes import Scope
from common.tenants import DEFAULT_TENANT
from importing.sending.client import Target
from server.running import collector_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.settings import Settings

_POLL_S: Final = 0.05
_PENDING: Final = re.compile(r"^flowtrail_fold_pending_batches(?:\{[^}]*\})? ([0-9.e+]+)$", re.MULTILINE)


class _Own(NamedTuple):
    """The collector of this process: its address, and a key for it."""

    address: str
    key: str


class Destination:
    """A collector to send to; ``settled`` waits until everything it accepted is in the cases."""

    def __init__(self, target: Target) -> None:
        self.target = target

    def settled(self, patience_s: float) -> bool:
        """Wait until everything is stored and folded. False if it takes longer, or if the collector does not say."""
        until = time.monotonic() + patience_s
        calm = 0
        with self.target.client() as client:
            while time.monotonic() < until:
                waiting = self._waiting(client)
                if waiting is None:
                    return False
                calm = calm + 1 if not waiting else 0
                if calm == 2:  # twice in a row: a batch may be on its way from the log to the fold
                    return True
                time.sleep(_POLL_S)
        return False

    def _waiting(self, client: httpx.Client) -> bool | None:
        """Whether anything waits to be stored or folded; None if the collector does not say."""
        base = self.target.url.rstrip("/").removesuffix("/v1/traces")
        try:
            ready = client.get(f"{base}/readyz").json()
            batches = _PENDING.search(client.get(f"{base}/metrics").text)
            return None if batches is None else bool(ready["pending_bytes"]) or float(batches[1]) > 0
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return None


@contextmanager
def destination(settings: Settings, to: str, key: str, patience_s: float) -> Iterator[Destination]:
    """The collector at ``to``; without an address the one on the data directory; if none runs, one started here.

    One that is started here stores and folds everything before the block ends. Raises what its start raises.
    """
    if to:
        yield Destination(Target(to, key, patience_s))
        return
    address = collector_address(settings.data, "--to")
    if address is not None:
        yield Destination(Target(address, key, patience_s))
        return
    with _own_collector(settings) as own:
        yield Destination(Target(own.address, key or own.key, patience_s))


@contextmanager
def _own_collector(settings: Settings) -> Iterator[_Own]:
    """A collector and its fold in a thread of this process, on free ports that only this machine can reach.

    A person who can open the data directory can write into it. So the import gets a key that exists in this process
    only, and the person needs none.
    """
    from server.authentication import authentication  # noqa: PLC0415 - the embedded engine alone takes 300 MiB
    from server.runtime import Ingest, prepare_store  # noqa: PLC0415

    local = settings.model_copy(
        update={"host": "127.0.0.1", "otlp_http_port": 0, "otlp_grpc_port": 0, "require_keys": False}
    )
    started, stopping = threading.Event(), threading.Event()
    state: dict[str, object] = {}

    async def work() -> None:
        store = await asyncio.to_thread(prepare_store, local)
        try:
            with authentication(local) as access:
                parts = Ingest(local, store, access)
                await parts.start()
                # It ends with the import, so no other command may send to it or ask it.
                parts.collector.announce(otlp_http="", otlp_grpc="")
                try:
                    local_key = access.keyring.issue_local(DEFAULT_TENANT, frozenset({Scope.INGEST}))
                    state["own"] = _Own(f"http://127.0.0.1:{parts.collector.http_port}", local_key)
                    started.set()
                    await asyncio.to_thread(stopping.wait)
                    while parts.collector.pending_bytes or not parts.fold.idle or parts.fold.telemetry.backlog.batches:
                        if parts.fold.trouble:
                            break
                        await asyncio.sleep(_POLL_S)
                finally:
                    await parts.stop()
        finally:
            store.close()

    def run() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits for the collector
            state["error"] = error
        finally:
            started.set()

    thread = threading.Thread(target=run, name="flowtrail-own-collector")
    thread.start()
    try:
        started.wait()
        own = state.get("own")
        if isinstance(own, _Own):
            yield own
    finally:
        stopping.set()
        thread.join()
    error = state.get("error")
    if isinstance(error, BaseException):
        raise error
