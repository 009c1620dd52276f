"""Keys at the doors: what the collector and the query API ask, and the keys a server makes for itself."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from access.database import Database
from access.door import RETRY_AFTER_S, Door, Visitor
from access.errors import AccessError, Denied
from access.key import KeyRequest
from access.keyring import Keyring
from access.keys import Keys
from access.secrets import expect_secret
from collector.errors import Refusal
from collector.principal import Principal
from common.scopes import Scope
from common.tenants import DEFAULT_TENANT
from common.units import MIB
from query_api.access import NotAllowed
from store.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.telemetry.telemetry import Telemetry
    from server.settings import Settings

_READ: Final = frozenset({Scope.READ})


@dataclass(frozen=True, slots=True)
class Authentication:
    """Who is let in at every door of this process. Quotas are per second and key, 0 for none; they are the defaults."""

    keyring: Keyring
    door: Door
    requests_per_s: float = 0
    bytes_per_s: float = 0
    require_keys: bool = False

    def principal(self, headers: Mapping[str, str], peer: str, scope: str) -> Principal:
        """The ``Authenticate`` of the collector."""
        try:
            visitor = self.door.admit(headers, peer, Scope(scope))
        except Denied as error:
            raise _refusal(error) from None
        return self._principal(visitor)

    def reader(self, headers: Mapping[str, str], peer: str) -> str:
        """The ``Authenticate`` of the query API: the tenant that may be read."""
        try:
            return self.door.admit(headers, peer, Scope.READ).tenant
        except Denied as error:
            raise NotAllowed(error.code, error.message, error.hint) from None

    def sql_reader(self, headers: Mapping[str, str], peer: str) -> Visitor:
        """Who may ask the store itself, to read.

        A key with the scope admin is the owner's, whose view is the whole store; else see :meth:`Door.admit`.
        """
        if "authorization" in headers:
            with suppress(Denied):
                return self.door.admit(headers, peer, Scope.ADMIN)
        return self.door.admit(headers, peer, Scope.SQL)

    def token_key(self, tenant: str) -> bytes:
        """The key under which identifiers of ``tenant`` are tokenised; 32 bytes.

        Raises StoreUnavailable where the database of keys is: whoever asks then waits as for the store.
        """
        try:
            return self.keyring.token_key(tenant)
        except AccessError as error:
            if error.code == "unavailable":
                raise StoreUnavailable(error.message, error.hint) from error
            raise

    def dashboards_key(self, settings: Settings) -> str:
        """The key with which the dashboards of this process ask its API.

        The one set; else one that lives in this process only, for whoever is on this machine; '' if keys are required.
        """
        given = settings.api_key.get_secret_value()
        return given or ("" if self.require_keys else self.keyring.issue_local(DEFAULT_TENANT, _READ))

    def _principal(self, visitor: Visitor) -> Principal:
        key = visitor.key
        if key is None:
            return Principal(visitor.tenant)
        return Principal(
            visitor.tenant,
            key.id,
            self.requests_per_s if key.requests_per_s is None else key.requests_per_s,
            self.bytes_per_s if key.bytes_per_s is None else key.bytes_per_s,
        )


@contextmanager
def authentication(settings: Settings) -> Iterator[Authentication]:
    """The keys of this process, read again in the background until the end of the block.

    Raises AccessError if the database cannot be opened.
    """
    database = Database.open(settings.database_url)
    try:
        ensure_bootstrap_key(Keys(database), settings.bootstrap_key.get_secret_value())
        keyring = Keyring(database)
        keyring.start()
        try:
            yield Authentication(
                keyring,
                Door(keyring, require_keys=settings.require_keys),
                settings.key_requests_per_s,
                settings.key_mib_per_s * MIB,
                settings.require_keys,
            )
        finally:
            keyring.stop()
    finally:
        database.close()


def observe_keys(telemetry: Telemetry, keyring: Keyring, door: Door) -> None:
    """Show whether changes of the keys are seen, and how many keys are refused at the doors of this process."""
    door.on_refused_key = lambda code: telemetry.refused_keys.add(code=code)
    text = "1 while the database of keys can be read; while 0, the last known keys count."
    telemetry.gauges({"keys_readable": (text, lambda: float(keyring.trouble is None))})


def _refusal(error: Denied) -> Refusal:
    if error.code == "too_many_attempts":
        return Refusal("quota_exceeded", error.message, error.hint, retry_after_s=RETRY_AFTER_S)
    return Refusal(error.code, error.message, error.hint)


def ensure_bootstrap_key(keys: Keys, text: str) -> None:
    """Make the read key that an operator chose, once; it is then a key like any other, and stays revoked if it was.

    Raises AccessError ``invalid`` for a text that is no key, or one whose id belongs to another secret.
    """
    if not text:
        return
    secret = expect_secret(text)
    with suppress(AccessError):  # it is there already; what else went wrong shows in the next line
        keys.create(KeyRequest(scopes=_READ, name="FLOWTRAIL_BOOTSTRAP_KEY"), secret)
    if keys.get(secret.id).digest != secret.digest:
        raise AccessError(
            "invalid",
            f"FLOWTRAIL_BOOTSTRAP_KEY has the id {secret.id}, which belongs to another key.",
            "Choose another id: ftk_<id>_<secret>.",
        )
