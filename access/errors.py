"""What can go wrong around keys and the database they live in."""

from __future__ import annotations


class AccessError(Exception):
    """A failure with a ``code`` for programs, a ``message`` for people and a ``hint`` on what to do.

    Codes: ``invalid`` (an argument), ``not_found``, ``unavailable`` (the database), ``migration`` (its schema).
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.hint = hint


class Denied(AccessError):
    """Somebody was not let in. Codes: ``unauthenticated`` (no key, or none that counts), ``forbidden`` (no scope)."""
