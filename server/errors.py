"""The error of the server beside those of its parts."""

from __future__ import annotations

from common.errors import FlowtrailError


class PolicyError(FlowtrailError):
    """A policy file that cannot be used. The text names file, line and field, and what to do. Code: ``invalid``."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__("invalid", message, hint)
