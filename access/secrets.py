"""The text of a key: ``ftk_<id>_<secret>``. Only the SHA-256 of the secret is stored.

A plain hash would be wrong for passwords. Here it is enough: the secret has 192 random bits and cannot be guessed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from access.errors import AccessError

MAX_LENGTH: Final = 200
"""Characters of the longest text that can be a key."""

_KEY: Final = re.compile(r"ftk_([a-z0-9]{1,32})_([A-Za-z0-9-]{32,128})")


@dataclass(frozen=True, slots=True)
class Secret:
    """A key as its holder has it. Its ``repr`` does not contain the secret."""

    id: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """The whole key, as its holder sends it."""
        return f"ftk_{self.id}_{self.secret}"

    @property
    def digest(self) -> str:
        """The SHA-256 of the secret in hexadecimal; this is stored."""
        return hashlib.sha256(self.secret.encode()).hexdigest()


def new_secret() -> Secret:
    """A new random key."""
    return Secret(secrets.token_hex(6), secrets.token_hex(24))


def read_secret(text: str) -> Secret | None:
    """The key in ``text``; None if it is not a key."""
    match = _KEY.fullmatch(text) if len(text) <= MAX_LENGTH else None
    return Secret(match[1], match[2]) if match else None


def expect_secret(text: str) -> Secret:
    """The key in ``text``. Raises AccessError ``invalid``, which does not repeat the text."""
    secret = read_secret(text)
    if secret is None:
        raise AccessError(
            "invalid",
            "The key does not have the form ftk_<id>_<secret>.",
            "Create one with: echo ftk_ui_$(openssl rand -hex 24)",
        )
    return secret
