"""Who may come in: the holder of a key, or, while a scope has no keys, whoever is on the same machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from access.errors import Denied
from access.wrong_keys import WrongKeys
from common.loopback import is_loopback
from common.tenants import DEFAULT_TENANT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from access.key import Key
    from access.keyring import Keyring
    from common.scopes import Scope

_SCHEME: Final = "bearer"
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers that proxies add. Whoever is let in for being on this machine must not be somebody's messenger."""

RETRY_AFTER_S: Final = 1
"""Seconds after which an address that sent too many wrong keys should try again."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who was let in; ``key`` is None for whoever needed none."""

    tenant: str
    key: Key | None = None


class Door:
    """Asks every request for its key. ``require_keys``: being on the same machine is never enough."""

    def __init__(self, keyring: Keyring, *, require_keys: bool = False) -> None:
        self._keyring = keyring
        self._require_keys = require_keys
        self._wrong_keys = WrongKeys()
        self.on_refused_key: Callable[[str], None] = lambda _code: None
        """Called with the code of each refusal of a key."""

    def admit(self, headers: Mapping[str, str], peer: str, scope: Scope) -> Visitor:
        """Let in or raise Denied.

        ``headers``: by lower-case name, repeated ones joined by commas. ``peer``: an IP address, '' if it is unknown.
        A key that is brought must count, also where none is needed: its holder means a tenant.
        """
        authorization = headers.get("authorization")
        if authorization is not None:
            key = self._identify(authorization, peer, scope)
            return Visitor(key.tenant, key)
        how = f"Send Authorization: Bearer <key>. A key is made with: flowtrail keys create --scope {scope}"
        if self._require_keys or self._keyring.guards(scope):
            raise Denied("unauthenticated", "A key is needed.", how)
        if not is_here(headers, peer):
            raise Denied("unauthenticated", f"There are no keys with the scope {scope}, so only this machine may.", how)
        return Visitor(DEFAULT_TENANT)

    def _identify(self, authorization: str, peer: str, scope: Scope) -> Key:
        try:
            return self._keyring.identify(bearer(authorization), scope)
        except Denied as error:
            self.on_refused_key(error.code)
            if error.code == "unauthenticated" and self._wrong_keys.note(peer):
                raise Denied(
                    "too_many_attempts",
                    "Too many wrong keys came from this address.",
                    "Send a key that counts, or try again in a second. flowtrail keys list shows the ids of all keys.",
                ) from None
            raise


def bearer(authorization: str) -> str:
    """The key in the value of an Authorization header; raises Denied."""
    scheme, _, text = authorization.strip().partition(" ")
    text = text.strip()
    if scheme.lower() != _SCHEME or not text or "," in text:
        raise Denied(
            "unauthenticated",
            "The Authorization header holds no key.",
            "Send one such header: Authorization: Bearer <key>",
        )
    return text


def is_here(headers: Mapping[str, str], peer: str) -> bool:
    """Whether a request comes from this machine, and not through a proxy that says so."""
    return is_loopback(peer) and not any(name in headers for name in _FORWARDED)
