"""What can go wrong around keys and the database they live in."""

from __future__ import annotations

from common.errors import FlowtrailError


class AccessError(FlowtrailError):
    """A failure with a ``code`` for programs, a ``message`` for people and a ``hint`` on what to do.

    Codes: ``invalid`` (an argument), ``not_found``, ``unavailable`` (the database), ``migration`` (its schema).
    """


class Denied(AccessError):
    """Somebody was not let in.

    Codes: ``unauthenticated`` (no key, or none that counts), ``forbidden`` (no scope), ``too_many_attempts``.
    """
