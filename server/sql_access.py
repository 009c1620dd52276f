"""The embedded store in SQL: which port, who may ask, and the policies that keep readers to their rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from access.door import is_here
from access.errors import Denied
from common.loopback import LOOPBACK_NAMES, is_loopback_host
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
    """The address of the embedded store, opened with the policies for readers, which are written for it.

    Raises StoreError where the store is a server, which speaks SQL itself.
    """
    store = Store(settings.store_url)
    if store.path is None:
        raise StoreError(
            "invalid_query",
            "SQL is offered over the embedded store only, and this store is a ClickHouse server.",
            "Connect to that server, with users of its own; set FLOWTRAIL_SQL_PORT to 0.",
        )
    others = databases_in(store.path) - {store.database}
    odd = sorted(name for name in others if not _NAME.fullmatch(name))
    if odd:
        raise StoreError(
            "invalid_query",
            f"The store holds a database named {odd[0]!r}, which no policy can name.",
            "Rename or drop it: RENAME DATABASE, with flowtrail store serve --writable.",
        )
    file = settings.data / _FILE
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(configuration(file, store.database, shown_tables(), others), encoding="utf-8")
    separator = "&" if "?" in settings.store_url else "?"
    return f"{settings.store_url}{separator}config={quote(str(file))}"


def shown_tables() -> dict[str, str]:
    """The tables and views that readers may see, each with what keeps them to their rows."""
    return table_filters(migration.text for migration in migrations())


def limits(settings: Settings) -> Limits:
    """What the settings allow one query."""
    return Limits(
        seconds=settings.sql_max_seconds,
        result_rows=settings.sql_max_rows,
        memory_bytes=settings.sql_max_memory_mib * MIB,
        queries=settings.sql_max_queries,
    )


def readers(access: Authentication) -> Authenticate:
    """Whoever has a key with the scope sql, or admin; on this machine, while nobody has a key to read, everybody."""

    def admit(headers: Mapping[str, str], peer: str) -> Visitor:
        try:
            visitor = access.sql_reader(headers, peer)
        except Denied as error:
            raise _refused(error) from None
        owner = visitor.key is not None and Scope.ADMIN in visitor.key.scopes
        return Visitor(None if owner else visitor.tenant, name=visitor.key.id if visitor.key else "")

    return admit


def owners(access: Authentication) -> Authenticate:
    """On this machine alone: whoever has a key with the scope admin, and while there are none, everybody."""

    def admit(headers: Mapping[str, str], peer: str) -> Visitor:
        if not is_here(headers, peer):
            raise denied("The store is open for writing, so only programs on its own machine may come in.")
        try:
            access.door.admit(headers, peer, Scope.ADMIN)
        except Denied as error:
            raise _refused(error) from None
        return Visitor(None, writes=True)

    return admit


def open_alone(settings: Settings, *, writable: bool) -> Store:
    """Open a store that is there and that no server has open. Raises StoreError that says what to do instead."""
    if writable and not is_loopback_host(settings.host):
        raise StoreError(
            "invalid_query",
            f"A store that is open for writing is offered on this machine only, not on {settings.host}.",
            "Start it with --host 127.0.0.1.",
        )
    path = Store(settings.store_url).path
    if path is not None and not path.is_dir():
        raise StoreError(
            "invalid_query", f"There is no store in {path}.", "Name the folder of flowtrail serve with --data."
        )
    url = settings.store_url if writable and path is not None else readable_url(settings)
    try:
        store = open_store(url)
    except StoreUnavailable as error:
        raise StoreUnavailable(
            error.message,
            "If flowtrail serve runs on it, that server can offer SQL itself: start it with FLOWTRAIL_SQL_PORT=8123.",
        ) from error
    try:
        migrate(store)
    except BaseException:
        store.close()
        raise
    return store


class SqlDoor:
    """ClickHouse's HTTP interface over ``store``, which this process has open. ``writable``: for its owner alone."""

    def __init__(self, settings: Settings, store: Store, access: Authentication, *, writable: bool = False) -> None:
        assert store.path is not None  # noqa: S101 - readable_url() saw to it
        policies = None if writable else settings.data / _FILE
        allowed = limits(settings)
        self.engine = Engine(store.path, store.database, allowed, policies)
        if policies:
            self.engine.show(shown_tables())
        app = application(self.engine, owners(access) if writable else readers(access), allowed)
        known = KnownHosts(app, LOOPBACK_NAMES) if is_loopback_host(settings.host) else app
        allowance = WebLimits(settings.max_connections)
        self._web = WebServer(known, settings.host, settings.sql_port, "FLOWTRAIL_SQL_PORT", allowance)

    @property
    def port(self) -> int:
        """The port that is bound."""
        return self._web.port

    def bind(self) -> None:
        """Take the port; raises PortTaken."""
        self._web.bind()

    async def start(self) -> None:
        """Answer until :meth:`stop`."""
        await self._web.start()

    async def stop(self) -> None:
        """Answer what is under way for up to five seconds, then close."""
        await self._web.stop()
        self.engine.close()


def _refused(error: Denied) -> ServerError:
    text = f"{error.message} {error.hint}".strip()
    if error.code == "forbidden":
        return denied(text)
    return refusal(AUTHENTICATION_FAILED, "AUTHENTICATION_FAILED", text)
