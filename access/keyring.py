"""The keys in the memory of a running server: refreshed in the background, checked on every request."""

from __future__ import annotations

import hmac
import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from access.errors import AccessError, Denied
from access.key import Key
from access.keys import Keys
from access.secrets import new_secret, read_secret
from access.tenants import Tenants
from common.scopes import CLOSED_BY, INCLUDED_IN, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from access.database import Database

REFRESH_S: Final = 1.0
"""Seconds between two reads of the database. A revocation takes effect within this time and that of one query."""

_LOOK_EVERY_S: Final = 0.1
"""Seconds between two extra reads, which a key that is not known asks for."""

_LOOK_S: Final = 0.05
"""Longest wait for an extra read, in seconds. It blocks the event loop, so a slow database is not waited for."""

_NOTE_USE_EVERY_S: Final = 15.0
_NO_DIGEST: Final = "0" * 64

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All keys by id, and the scopes that some key has or had: a request for one of them needs a key."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    guarded: frozenset[Scope] = frozenset()


class Keyring:
    """Finds the key of a request. ``clock`` gives Unix nanoseconds. Thread-safe.

    A key that was just created is valid at once: :meth:`identify` has the database read again for a key that is not
    known, at most ten times a second, and waits for up to 50 ms. While the database cannot be read, the last known keys
    remain valid.
    """

    def __init__(
        self, database: Database, clock: Callable[[], int] = time.time_ns, refresh_s: float = REFRESH_S
    ) -> None:
        self._keys = Keys(database, clock)
        self.tenants = Tenants(database, clock)
        self._clock = clock
        self._refresh_s = refresh_s
        self._local: dict[str, Key] = {}
        self._used: dict[str, int] = {}
        self._noted_at = time.monotonic()
        self._revision = -1
        self._snapshot = Snapshot()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._looks = threading.Condition()
        self._begun = self._ended = 0
        self._next_look = 0.0
        self._thread = threading.Thread(target=self._run, name="flowtrail-keys", daemon=True)
        self.trouble: str | None = None
        """Why the keys could not be read the last time; None if they could."""
        self._refresh()  # raises: without any known keys, a server must not start

    def start(self) -> None:
        """Start to look for changes."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and store which keys were used."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._attempt(self._note_use)

    def issue_local(self, tenant: str, scopes: frozenset[Scope]) -> str:
        """A key that exists in this process only. It is in no database, and its scopes need no key because of it."""
        secret = new_secret()
        self._local[secret.id] = Key(id=secret.id, tenant=tenant, scopes=scopes, digest=secret.digest)
        return secret.text

    def guards(self, scope: Scope) -> bool:
        """Whether requests for this scope need a key, because there is or was one with it."""
        return not self._snapshot.guarded.isdisjoint(CLOSED_BY.get(scope, {scope}))

    def identify(self, text: str, scope: Scope) -> Key:
        """The key with this text, if it is valid now and has ``scope``. Raises Denied."""
        secret = read_secret(text)
        if secret is None:
            raise Denied("unauthenticated", "This is not a key.", "A key has the form ftk_<id>_<secret>.")
        key = self._key(secret.id)
        if key is None and self._look():
            key = self._key(secret.id)
        # Compared in constant time, and also when there is no such id: the response time must not reveal which.
        if not hmac.compare_digest(secret.digest, key.digest if key else _NO_DIGEST) or key is None:
            raise Denied("unauthenticated", "The key is not known.", "flowtrail keys create makes one.")
        now_ns = self._clock()
        if not key.usable_at(now_ns):
            reason = "was revoked" if key.revoked_ns is not None else "has expired"
            raise Denied("unauthenticated", f"The key {key.id} {reason}.", "flowtrail keys create makes another one.")
        if key.scopes.isdisjoint({scope, INCLUDED_IN.get(scope, scope)}):
            raise Denied(
                "forbidden",
                f"The key {key.id} does not have the scope {scope}.",
                f"Create another key with: flowtrail keys create --scope {scope}",
            )
        if key.id not in self._local:
            self._used[key.id] = now_ns
        return key

    def token_key(self, tenant: str) -> bytes:
        """See :meth:`access.tenants.Tenants.token_key`."""
        return self.tenants.token_key(tenant)

    def refresh(self) -> None:
        """Look for changes now. A failure is kept in ``trouble``."""
        with self._looks:
            self._begun += 1
        self._attempt(self._refresh)
        with self._looks:
            self._ended = self._begun
            self._looks.notify_all()

    def _key(self, key_id: str) -> Key | None:
        return self._local.get(key_id) or self._snapshot.keys.get(key_id)

    def _look(self) -> bool:
        """Have the database read again, unless that was done a moment ago; returns whether it was."""
        now = time.monotonic()
        with self._looks:
            if now < self._next_look or self.trouble is not None or not self._thread.is_alive():
                return False
            self._next_look = now + _LOOK_EVERY_S
            # A look that is under way may have begun before the key was made.
            wanted = self._begun + 1
            self._wake.set()
            read = self._looks.wait_for(lambda: self._ended >= wanted, _LOOK_S)
            if not read:
                self._next_look = now + self._refresh_s
            return read

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._refresh_s)
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                self.refresh()
                if self.trouble is None and time.monotonic() - self._noted_at >= _NOTE_USE_EVERY_S:
                    self._attempt(self._note_use)
            except Exception:  # noqa: BLE001 - if the thread ended, revoked keys would stay valid for ever
                _LOG.exception("The keys could not be refreshed because of a defect.")

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except AccessError as error:
            if self.trouble is None:
                _LOG.warning("The keys could not be refreshed. The last known keys remain valid: %s", error)
            self.trouble = str(error)
        else:
            if self.trouble is not None:
                _LOG.warning("The database of keys can be read again.")
            self.trouble = None

    def _refresh(self) -> None:
        # The number is read first. A change between the two reads is then read twice, never missed.
        revision = self._keys.revision()
        if revision != self._revision:
            keys = self._keys.list()
            guarded = frozenset(scope for key in keys for scope in key.scopes)
            # One assignment: a request on another thread sees either all old or all new keys, so it needs no lock.
            self._snapshot = Snapshot({key.id: key for key in keys}, guarded)
            self._revision = revision

    def _note_use(self) -> None:
        self._noted_at = time.monotonic()
        used, self._used = self._used, {}
        try:
            if used:
                self._keys.used(used)
        except AccessError:
            self._used = used | self._used  # kept for the next time; newer times win
            raise
