"""The composition root: which parts run in a process, and in which order they start and stop."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cases.fold.fold import Fold
from collector.allocator import keep_freed_memory
from collector.files import private_directory
from collector.service import Collector
from collector.telemetry.tracing import only_self_traces
from dashboards.app import create_app as create_ui
from dashboards.serving.asgi import WsgiBridge
from query_api.app import create_app as create_api
from query_api.hosts import KnownHosts
from server.authentication import observe_keys
from server.flow_files import Declared, declare_tenants
from server.fold.telemetry import FoldTelemetry
from server.fold.worker import FoldWorker
from server.jobs.jobs import Jobs
from server.jobs.rebuilds import Rebuilds
from server.jobs.verifications import Verifications
from server.machine_only import MachineOnly
from server.policy import redactor
from server.running import expect_free_store, http_address
from server.self_traces import self_tracing, traced_sink
from server.sql_access import SqlDoor, readable_url
from server.store_watch import StoreWatch
from server.web import WebServer
from server.web_connection import WebLimits
from store.client import Store, open_store, redacted
from store.intake import insert_envelopes
from store.migrate import REPLICATED, SINGLE, migrate
from store.take_back import take_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from collector.durable_log.directory_lock import Addresses
    from server.authentication import Authentication
    from server.settings import Settings
    from store.intake import Envelope

_LOG = logging.getLogger(__name__)


def prepare_store(settings: Settings, *, readers: bool = False) -> Store:
    """Open the store, bring its schema up to date and declare the configured flows; see :func:`open_migrated`."""
    store = open_migrated(settings, readers=readers)
    try:
        declare_flows(settings, store)
    except BaseException:
        store.close()
        raise
    return store


def declare_flows(settings: Settings, store: Store) -> tuple[Declared, ...]:
    """Declare the configured flows. The result says which cases do not follow their declaration yet."""
    if not settings.flows:
        return ()
    return declare_tenants(store, Path(settings.flows).absolute())


def open_migrated(settings: Settings, *, readers: bool = False) -> Store:
    """Open the store and bring its schema up to date; ``readers``: with the row policies for readers in SQL.

    Raises NotRunning where another process has the embedded store open.
    """
    expect_free_store(settings)
    if not settings.store:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        private_directory(settings.data / "store")
    url = readable_url(settings) if readers else settings.store_url
    store = open_store(url)
    try:
        migrate(store, REPLICATED if settings.replicated else SINGLE)
    except BaseException:
        store.close()
        raise
    _LOG.info("The store is open at %s", redacted(url))
    return store


def query_api(settings: Settings, store: Store, access: Authentication) -> FastAPI:
    """The query API over ``store``, with its keys."""
    return create_api(store, hosts=settings.known_hosts, token_key=access.token_key, authenticate=access.reader)


def web_server(settings: Settings, app: Any) -> WebServer:
    """``app`` on the port of pages and query API."""
    return WebServer(app, settings.host, settings.port, limits=WebLimits(settings.max_connections))


def restricted(settings: Settings, dashboards: WsgiBridge) -> WsgiBridge | MachineOnly:
    """The dashboards, for this machine only unless they have a key of their own."""
    return dashboards if settings.api_key.get_secret_value() else MachineOnly(dashboards)


def asked_by_name(settings: Settings, app: Any) -> Any:
    """``app``, for requests under a known host name only."""
    return app if settings.known_hosts is None else KnownHosts(app, settings.known_hosts)


class Ingest:
    """The collector and, beside it, the fold of the cases that its batches touch, and the jobs."""

    def __init__(self, settings: Settings, store: Store, access: Authentication) -> None:
        self._tracing = self_tracing(settings)
        self._settings = settings
        self._store = store
        self._fold = Fold(store)
        self._jobs = Jobs()
        self._rebuilds = Rebuilds(store, self._fold, self._jobs)
        self.collector = Collector(
            settings.collector(),
            traced_sink(
                self._tracing, partial(insert_envelopes, store, redaction=redactor(settings, access.token_key))
            ),
            self._inserted,
            take_back=partial(take_back, store),
            authenticate=access.principal,
            troubles=(lambda: self.fold.trouble,),
            more=(self._rebuilds.routes(), Verifications(store, self._fold, self._jobs).routes()),
        )
        telemetry = self.collector.telemetry
        telemetry.tracing = self._tracing
        observe_keys(telemetry, access.keyring, access.door)
        self.fold = FoldWorker(self._fold, FoldTelemetry(telemetry), self._tracing)
        self._watch = StoreWatch(store, telemetry)

    async def start(self) -> None:
        keep_freed_memory()
        due = await asyncio.to_thread(lambda: self._rebuilds.due(declare_flows(self._settings, self._store)))
        await self.collector.start()
        self.fold.start()
        self._watch.start()
        if due:
            self._rebuilds.start_due(due)
        _LOG.info("The collector runs.", extra=self._ports())

    async def stop(self) -> None:
        """Stop the jobs, store what was accepted, and stop the fold. The next start folds what is left."""
        ports = self._ports()
        await asyncio.to_thread(self._jobs.stop)
        # The last traces go first: the collector that takes them may be this one.
        await asyncio.to_thread(self._tracing.close)
        stored = await self.collector.stop()
        await asyncio.to_thread(self.fold.stop)  # after the collector, which wakes it with each batch
        await asyncio.to_thread(self._watch.stop)
        _LOG.info("The collector has stopped.", extra={**ports, "everything_stored": stored})

    def _ports(self) -> dict[str, int]:
        return {"otlp_http_port": self.collector.http_port, "otlp_grpc_port": self.collector.grpc_port}

    def _inserted(self, envelopes: Sequence[Envelope], _token: str) -> None:
        self.fold.wake(traced=not (self._tracing.enabled and only_self_traces(envelopes)))


class AllInOne:
    """Collector, fold, query API and dashboards in one process, over one store."""

    def __init__(self, settings: Settings, store: Store, access: Authentication) -> None:
        self._settings = settings
        self._store = store
        self._access = access
        self.ingest = Ingest(settings, store, access)
        self._bridge: WsgiBridge | None = None
        self.web: WebServer | None = None
        self.sql: SqlDoor | None = None

    async def start(self) -> None:
        """Bind every port, then start. Raises PortTaken or DirectoryInUse and leaves nothing running."""
        api = query_api(self._settings, self._store, self._access)
        # A port that is taken must be known before the collector accepts anything.
        self.web = web_server(self._settings, api)
        self.web.bind()
        try:
            self._bind_sql()
            await self.ingest.start()
        except BaseException:
            await self._stop_reading()
            raise
        try:
            if self.sql:
                await self.sql.start()
            self._bridge = self._dashboards()
            # Mounted last, and at the root: the dashboards get what the API has no route for.
            api.mount("/", restricted(self._settings, self._bridge))
            await self.web.start()
            self.ingest.collector.announce(**self._addresses())
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop accepting requests, store what was accepted, close."""
        await self._stop_reading()
        if self._bridge:
            self._bridge.close()
        await self.ingest.stop()

    async def _stop_reading(self) -> None:
        for door in (self.web, self.sql):
            if door:
                await door.stop()

    def _bind_sql(self) -> None:
        if self._settings.sql_port:
            self.sql = SqlDoor(self._settings, self._store, self._access)
            self.sql.bind()

    def _dashboards(self) -> WsgiBridge:
        elsewhere = self._settings.api_url
        if elsewhere:
            # Only the API of this process knows the key that lives in this process.
            return WsgiBridge(create_ui(elsewhere, self._settings.api_key.get_secret_value()).server)
        return WsgiBridge(create_ui(self._own_address(), self._access.dashboards_key(self._settings)).server)

    def _own_address(self) -> str:
        return http_address(self._settings.host, self.web.port if self.web else self._settings.port)

    def _addresses(self) -> Addresses:
        addresses: Addresses = {"api": self._own_address()}
        if self.sql:
            addresses["sql"] = http_address(self._settings.host, self.sql.port)
        return addresses
