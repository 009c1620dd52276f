"""Keys at the doors: how collector, query API and SQL authenticate, and the keys that a server makes for itself."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from access.database import Database
from access.door import RETRY_AFTER_S, Admission, Door
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
    """Who is let in at the doors of this process.

    ``requests_per_s`` and ``bytes_per_s`` are the quotas of keys without one of their own; 0 is no quota.
    """

    keyring: Keyring
    door: Door
    requests_per_s: float = 0
    bytes_per_s: float = 0
    require_keys: bool = False

    def principal(self, headers: Mapping[str, str], peer: str, scope: str) -> Principal:
        """The ``Authenticate`` of the collector."""
        try:
            admission = self.door.admit(headers, peer, Scope(scope))
        except Denied as error:
            raise _refusal(error) from None
        return self._principal(admission)

    def reader(self, headers: Mapping[str, str], peer: str) -> str:
        """The ``Authenticate`` of the query API: the tenant that may be read."""
        try:
            return self.door.admit(headers, peer, Scope.READ).tenant
        except Denied as error:
            raise NotAllowed(error.code, error.message, error.hint) from None

    def sql_reader(self, headers: Mapping[str, str], peer: str) -> Admission:
        """Who may read the store in SQL: all tenants with the scope admin, else the rows of the own tenant."""
        if "authorization" in headers:
            with suppress(Denied):
                return self.door.admit(headers, peer, Scope.ADMIN)
        return self.door.admit(headers, peer, Scope.SQL)

    def token_key(self, tenant: str) -> bytes:
        """The key with which identifiers of ``tenant`` are tokenised; 32 bytes.

        Raises StoreUnavailable if the database of keys is away, so that callers wait as they wait for the store.
        """
        try:
            return self.keyring.token_key(tenant)
        except AccessError as error:
            if error.code == "unavailable":
                raise StoreUnavailable(error.message, error.hint) from error
            raise

    def dashboards_key(self, settings: Settings) -> str:
        """The key with which the dashboards of this process read from its API.

        The one in the settings; else one that lives in this process only; '' if keys are required.
        """
        configured = settings.api_key.get_secret_value()
        return configured or ("" if self.require_keys else self.keyring.issue_local(DEFAULT_TENANT, _READ))

    def _principal(self, admission: Admission) -> Principal:
        key = admission.key
        if key is None:
            return Principal(admission.tenant, all_tenants=True)
        return Principal(
            admission.tenant,
            key.id,
            self.requests_per_s if key.requests_per_s is None else key.requests_per_s,
            self.bytes_per_s if key.bytes_per_s is None else key.bytes_per_s,
            all_tenants=Scope.OPERATE_ALL in key.scopes,
        )


@contextmanager
def authentication(settings: Settings) -> Iterator[Authentication]:
    """The keys of this process, refreshed in the background until the end of the block.

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
    """Export whether the keys can be read, and count the keys that are refused at any port of this process."""
    door.on_refused_key = lambda code: telemetry.refused_keys.add(code=code)
    text = "1 while the database of keys can be read; while 0, the last known keys are valid."
    telemetry.gauges({"keys_readable": (text, lambda: float(keyring.trouble is None))})


def _refusal(error: Denied) -> Refusal:
    if error.code == "too_many_attempts":
        return Refusal("quota_exceeded", error.message, error.hint, retry_after_s=RETRY_AFTER_S)
    return Refusal(error.code, error.message, error.hint)


def ensure_bootstrap_key(keys: Keys, text: str) -> None:
    """Create the read key that an operator chose, if it does not exist. If it was revoked, it stays revoked.

    Raises AccessError ``invalid`` for a text that is no key, or one whose id belongs to another key.
    """
    if not text:
        return
    secret = expect_secret(text)
    with suppress(AccessError):  # it exists already; any other failure shows in the next line
        keys.create(KeyRequest(scopes=_READ, name="FLOWTRAIL_BOOTSTRAP_KEY"), secret)
    if keys.get(secret.id).digest != secret.digest:
        raise AccessError(
            "invalid",
            f"FLOWTRAIL_BOOTSTRAP_KEY has the id {secret.id}, which belongs to another key.",
            "Choose another id: ftk_<id>_<secret>.",
        )
