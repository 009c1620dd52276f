"""The errors of keys and of their database."""

from __future__ import annotations

from common.errors import FlowtrailError


class AccessError(FlowtrailError):
    """A failure with a ``code`` for programs, a ``message`` for people and a ``hint`` on what to do.

    Codes: ``invalid`` (an argument), ``not_found``, ``unavailable`` (the database), ``migration`` (its schema).
    """


class Denied(AccessError):
    """A request was not let in.

    Codes: ``unauthenticated`` (no valid key), ``forbidden`` (the key lacks the scope), ``too_many_attempts``.
    """
