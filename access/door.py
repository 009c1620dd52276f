"""Who is let in: holders of a key. While no key has a scope, programs on the same machine need none for it."""

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
"""Headers that proxies add. With one of them, a request from this machine may come from another one."""

RETRY_AFTER_S: Final = 1
"""Seconds after which an address that sent too many wrong keys should try again."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The tenant of a request that was let in, and its key; None if it needed none."""

    tenant: str
    key: Key | None = None


class Door:
    """Checks the key of each request. ``require_keys``: programs on this machine need one too."""

    def __init__(self, keyring: Keyring, *, require_keys: bool = False) -> None:
        self._keyring = keyring
        self._require_keys = require_keys
        self._wrong_keys = WrongKeys()
        self.on_refused_key: Callable[[str], None] = lambda _code: None
        """Called with the code of each refusal of a key."""

    def admit(self, headers: Mapping[str, str], peer: str, scope: Scope) -> Admission:
        """Let the request in or raise Denied.

        ``headers``: by lower-case name, repeated ones joined by commas. ``peer``: an IP address, '' if it is unknown.
        """
        authorization = headers.get("authorization")
        if authorization is not None:
            # A key must be valid also where none is needed: without it, the data would go to the default tenant.
            key = self._identify(authorization, peer, scope)
            return Admission(key.tenant, key)
        how = f"Send Authorization: Bearer <key>. Create a key with: flowtrail keys create --scope {scope}"
        if self._require_keys or self._keyring.guards(scope):
            raise Denied("unauthenticated", "A key is needed.", how)
        if not is_from_this_machine(headers, peer):
            reason = f"No key has the scope {scope} yet, so only programs on the server's machine need none."
            raise Denied("unauthenticated", reason, how)
        return Admission(DEFAULT_TENANT)

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
    if scheme.lower() != _SCHEME or not text or "," in text:  # a comma joins several headers of this name
        raise Denied(
            "unauthenticated",
            "The Authorization header has no key.",
            "Send one header: Authorization: Bearer <key>",
        )
    return text


def is_from_this_machine(headers: Mapping[str, str], peer: str) -> bool:
    """Whether a request comes from this machine, and not through a proxy. A proxy is known by the headers it adds."""
    return is_loopback(peer) and not any(name in headers for name in _FORWARDED)
