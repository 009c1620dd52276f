"""SQL over the embedded store: the port, who is let in, and the policies that limit readers to their own rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from access.door import is_from_this_machine
from access.errors import Denied
from common.loopback import is_loopback_host
from common.scopes import Scope
from query_api.hosts import KnownHosts
from server.web import WebServer
from server.web_connection import WebLimits
from store.client import Store, open_store
from store.errors import StoreError, StoreUnavailable
from store.migrate import migrate, migrations
from store_server.app import application
from store_server.engine import Engine
from store_server.errors import AUTHENTICATION_FAILED, ServerError, denied, refusal
from store_server.limits import MIB, Limits
from store_server.policies import configuration, databases_in, table_filters
from store_server.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.authentication import Authentication
    from server.settings import Settings
    from store_server.visitor import Authenticate

_FILE: Final = "readers.xml"
_NAME: Final = re.compile(r"[A-Za-z_]\w*")


def readable_url(settings: Settings) -> str:
    """Write the policies for readers; the address opens the embedded store with them.

    Raises StoreError if the store is a ClickHouse server, which serves SQL itself.
    """
    store = Store(settings.store_url)
    if store.path is None:
        raise StoreError(
            "invalid_query",
            "SQL is served over the embedded store only, and this store is a ClickHouse server.",
            "Connect to that server with a user of its own, and set FLOWTRAIL_SQL_PORT to 0.",
        )
    others = databases_in(store.path) - {store.database}
    # A policy has to name each other database to hide it, and not every name can be written into XML and SQL.
    unusable = sorted(name for name in others if not _NAME.fullmatch(name))
    if unusable:
        raise StoreError(
            "invalid_query",
            f"The store has a database named {unusable[0]!r}, which no policy can name.",
            "Rename or drop it: RENAME DATABASE, with flowtrail store serve --writable.",
        )
    file = settings.data / _FILE
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(configuration(file, store.database, shown_tables(), others), encoding="utf-8")
    separator = "&" if "?" in settings.store_url else "?"
    return f"{settings.store_url}{separator}config={quote(str(file))}"


def shown_tables() -> dict[str, str]:
    """The tables and views that readers may see, each with the filter that limits readers to their own rows."""
    return table_filters(migration.text for migration in migrations())


def limits(settings: Settings) -> Limits:
    """The limits of one query, from the settings."""
    return Limits(
        seconds=settings.sql_max_seconds,
        result_rows=settings.sql_max_rows,
        memory_bytes=settings.sql_max_memory_mib * MIB,
        queries=settings.sql_max_queries,
    )


def readers(access: Authentication) -> Authenticate:
    """Lets in holders of a key with the scope sql or admin. On this machine, no key is needed until there is one."""

    def admit(headers: Mapping[str, str], peer: str) -> Visitor:
        try:
            admission = access.sql_reader(headers, peer)
        except Denied as error:
            raise _refused(error) from None
        key = admission.key
        owner = key is not None and Scope.ADMIN in key.scopes
        return Visitor(None if owner else admission.tenant, name=key.id if key else "")

    return admit


def owners(access: Authentication) -> Authenticate:
    """Lets in holders of a key with the scope admin, on this machine only. No key is needed until there is one."""

    def admit(headers: Mapping[str, str], peer: str) -> Visitor:
        if not is_from_this_machine(headers, peer):
            # Not even with a key: SQL that may write can also read and write files of this machine.
            raise denied("The store is open for writing, so only programs on its own machine are let in.")
        try:
            access.door.admit(headers, peer, Scope.ADMIN)
        except Denied as error:
            raise _refused(error) from None
        return Visitor(None, writes=True)

    return admit


def open_alone(settings: Settings, *, writable: bool) -> Store:
    """Open a store that exists and that no server has open. Raises StoreError, which says what to do instead."""
    if writable and not is_loopback_host(settings.host):
        raise StoreError(
            "invalid_query",
            f"A store that is open for writing is served on this machine only, not on {settings.host}.",
            "Start it with --host 127.0.0.1.",
        )
    path = Store(settings.store_url).path
    if path is not None and not path.is_dir():
        raise StoreError(
            "invalid_query", f"There is no store in {path}.", "Give --data the data directory of flowtrail serve."
        )
    url = settings.store_url if writable and path is not None else readable_url(settings)
    try:
        store = open_store(url)
    except StoreUnavailable as error:
        raise StoreUnavailable(
            error.message,
            "If flowtrail serve runs on it, that server can serve SQL itself: start it with FLOWTRAIL_SQL_PORT=8123.",
        ) from error
    try:
        migrate(store)
    except BaseException:
        store.close()
        raise
    return store


class SqlDoor:
    """ClickHouse's HTTP interface over ``store``, which this process has open. ``writable``: for its owner only."""

    def __init__(self, settings: Settings, store: Store, access: Authentication, *, writable: bool = False) -> None:
        assert store.path is not None  # noqa: S101 - readable_url() has checked it
        policies = None if writable else settings.data / _FILE
        allowed = limits(settings)
        self.engine = Engine(store.path, store.database, allowed, policies)
        if policies:
            self.engine.show(shown_tables())
        app = application(self.engine, owners(access) if writable else readers(access), allowed)
        known = app if settings.known_hosts is None else KnownHosts(app, settings.known_hosts)
        allowance = WebLimits(settings.max_connections)
        self._web = WebServer(known, settings.host, settings.sql_port, "FLOWTRAIL_SQL_PORT", allowance)

    @property
    def port(self) -> int:
        """The bound port."""
        return self._web.port

    def bind(self) -> None:
        """Bind the port. Raises PortTaken."""
        self._web.bind()

    async def start(self) -> None:
        """Serve until :meth:`stop`."""
        await self._web.start()

    async def stop(self) -> None:
        """Finish current queries for up to five seconds, then close."""
        await self._web.stop()
        self.engine.close()


def _refused(error: Denied) -> ServerError:
    text = f"{error.message} {error.hint}".strip()
    if error.code == "forbidden":
        return denied(text)
    return refusal(AUTHENTICATION_FAILED, "AUTHENTICATION_FAILED", text)
