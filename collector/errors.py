"""What can go wrong in the collector: one base error, one table from codes to HTTP and gRPC."""

from __future__ import annotations

from typing import Final

from common.errors import FlowtrailError


class CollectorError(FlowtrailError):
    """A failure with a ``code`` for programs, a ``message`` for people and a ``hint`` on what to do."""


class Refusal(CollectorError):
    """A request the collector does not take. ``retry_after_s`` is set when the sender should come back."""

    def __init__(self, code: str, message: str, hint: str = "", *, retry_after_s: int | None = None) -> None:
        super().__init__(code, message, hint)
        self.retry_after_s = retry_after_s


def internal_error() -> Refusal:
    """The answer when a request runs into a defect of ours."""
    return Refusal("internal", "The collector failed on this request.", "Please report it with the collector's log.")


class PortTaken(CollectorError):
    """A port of the collector is in use by another program. ``port`` and ``setting`` name it."""

    def __init__(self, port: int, setting: str, host: str) -> None:
        super().__init__(
            "port_taken",
            f"Port {port} on {host} is in use by another program.",
            f"Stop that program or choose another port with the setting {setting} (0 = any free port).",
        )
        self.port = port
        self.setting = setting


class DirectoryInUse(CollectorError):
    """Another collector holds the log directory."""

    def __init__(self, directory: str, holder: str) -> None:
        super().__init__(
            "directory_in_use",
            f"Another collector{holder} uses the log directory {directory}.",
            "Stop it, or give this collector its own folder with the setting log_dir.",
        )


class LogFailed(CollectorError):
    """The durable log could not take a record; nothing of it is left on disk."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "log_failed", f"The durable log cannot be written: {reason}.", "Free disk space or check the disk."
        )


# google.rpc.Code, which is also gRPC's status code. Source: google/rpc/code.proto.
RPC_CODE: Final = {
    "invalid_data": 3,
    "unsupported_media_type": 3,
    "method_not_allowed": 12,
    "not_found": 12,
    "headers_too_large": 3,
    "too_large": 8,
    "timeout": 4,
    "unauthenticated": 16,
    "forbidden": 7,
    "conflict": 9,
    "quota_exceeded": 8,
    "overloaded": 14,
    "log_failed": 14,
    "internal": 13,
}

# OTLP: only 429, 502, 503 and 504 are sent again by a client, so a transient fault is always 503.
HTTP_STATUS: Final = {
    "invalid_data": 400,
    "unsupported_media_type": 415,
    "method_not_allowed": 405,
    "not_found": 404,
    "headers_too_large": 431,
    "too_large": 413,
    "timeout": 503,
    "unauthenticated": 401,
    "forbidden": 403,
    "conflict": 409,
    "quota_exceeded": 429,
    "overloaded": 503,
    "log_failed": 503,
    "internal": 500,
}
