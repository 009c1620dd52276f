"""The composition root: which parts run in this process, and in which order they start and stop."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cases.fold import Folder
from collector.receiver import DEFAULT_TENANT
from collector.service import Collector
from dashboards.app import create_app as create_ui
from dashboards.asgi import WsgiBridge
from query_api.app import create_app as create_api
from query_api.hosts import LOOPBACK
from server.flows import declare_folder
from server.fold_worker import FoldWorker
from server.web import WebServer
from store.client import Store, open_store, redacted
from store.intake import insert_traces
from store.migrate import REPLICATED, SINGLE, migrate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.settings import Settings
    from store.intake import Envelope

_LOG = logging.getLogger(__name__)


def prepare_store(settings: Settings) -> Store:
    """Open the store, bring its schema up to date and declare the configured flows."""
    store = open_migrated(settings)
    try:
        if settings.flows:
            declare_folder(store, DEFAULT_TENANT, Path(settings.flows).absolute())
    except BaseException:
        store.close()
        raise
    return store


def open_migrated(settings: Settings) -> Store:
    """Open the store and bring its schema up to date."""
    url = settings.store_url
    if not settings.store:
        settings.data.mkdir(parents=True, exist_ok=True)
    store = open_store(url)
    try:
        migrate(store, REPLICATED if settings.replicated else SINGLE)
    except BaseException:
        store.close()
        raise
    _LOG.info("The store is open at %s", redacted(url))
    return store


def known_hosts(settings: Settings) -> Sequence[str] | None:
    """The names under which this machine alone may be asked; None for any, once others are let in."""
    return LOOPBACK if settings.host in LOOPBACK else None


class Ingest:
    """The collector and, beside it, the fold of the cases that its batches touch."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.fold = FoldWorker(Folder(store))
        self.collector = Collector(settings.collector(), partial(insert_traces, store), self._inserted)

    async def start(self) -> None:
        await self.collector.start()
        self.fold.start()

    async def stop(self) -> None:
        await self.collector.stop()
        await asyncio.to_thread(self.fold.stop)

    def _inserted(self, _envelopes: Sequence[Envelope], _token: str) -> None:
        self.fold.wake()


class AllInOne:
    """Collector, fold, query API and dashboards in one process, over one store."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self.ingest = Ingest(settings, store)
        self._bridge: WsgiBridge | None = None
        self.web: WebServer | None = None

    async def start(self) -> None:
        """Bind every port, then start; raises PortTaken or DirectoryInUse with nothing left running."""
        api = create_api(self._store, hosts=known_hosts(self._settings))
        self.web = WebServer(api, self._settings.host, self._settings.port)
        self.web.bind()
        try:
            await self.ingest.start()
        except BaseException:
            await self.web.stop()
            raise
        try:
            self._bridge = WsgiBridge(create_ui(self._settings.api_url or self._own_address()).server)
            api.mount("/", self._bridge)
            await self.web.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop taking requests, store what was accepted, close."""
        if self.web:
            await self.web.stop()
        if self._bridge:
            self._bridge.close()
        await self.ingest.stop()

    def _own_address(self) -> str:
        host = self._settings.host if self._settings.host not in ("0.0.0.0", "::", "") else "127.0.0.1"  # noqa: S104
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.web.port if self.web else self._settings.port}"
