"""What can go wrong in an export that another process makes."""

from __future__ import annotations

from common.errors import FlowtrailError


class ExportFailed(FlowtrailError):
    """An export that did not come to its end: a ``code`` for programs, a ``message`` for people, a ``hint``."""
