"""The errors of the probe."""

from __future__ import annotations

from common.errors import FlowtrailError


class NotThere(Exception):
    """The query API does not know the case yet. The message says why, in a few words."""


class ProbeError(FlowtrailError):
    """A wrong address or key, so that waiting does not help. Codes: ``invalid`` (the address), ``forbidden``."""
