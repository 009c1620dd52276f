"""The collector's errors, and the tables that turn their codes into HTTP and gRPC status codes."""

from __future__ import annotations

from typing import Final

from common.errors import FlowtrailError


class CollectorError(FlowtrailError):
    """Any failure of the collector that somebody has to act on.

    Codes: those of ``Refusal`` (the keys of ``RPC_CODE``), ``port_taken``, ``directory_in_use``, ``log_failed``,
    ``not_found`` (a dead letter) and ``not_running``.
    """


class Refusal(CollectorError):
    """A request that the collector does not accept. ``retry_after_s`` is set if the sender should try again."""

    def __init__(self, code: str, message: str, hint: str = "", *, retry_after_s: int | None = None) -> None:
        super().__init__(code, message, hint)
        self.retry_after_s = retry_after_s


def internal_error() -> Refusal:
    """The answer to a request that hits a defect of the collector."""
    return Refusal("internal", "The collector failed on this request.", "Please report it with the collector's log.")


def too_slow(retry_after_s: int) -> Refusal:
    """The answer to a request that arrives too slowly.

    Over HTTP it is 503, not 408: after a 408 an OTLP client drops its data, although the network may soon be faster.
    """
    hint = "Send it again, in smaller batches."
    return Refusal("timeout", "The request took too long to arrive.", hint, retry_after_s=retry_after_s)


class PortTaken(CollectorError):
    """Another program uses a port of the collector. ``port`` and ``setting`` name it."""

    def __init__(self, port: int, setting: str, host: str) -> None:
        super().__init__(
            "port_taken",
            f"Port {port} on {host} is in use by another program.",
            f"Stop that program, or choose another port with the setting {setting} (0 = any free port).",
        )
        self.port = port
        self.setting = setting


class DirectoryInUse(CollectorError):
    """Another collector uses the log directory. ``holder`` names its process (`` (process 42)``), '' if unknown."""

    def __init__(self, directory: str, holder: str) -> None:
        super().__init__(
            "directory_in_use",
            f"Another collector{holder} uses the log directory {directory}.",
            "Stop it, or give this collector a directory of its own with the setting log_dir.",
        )


class LogFailed(CollectorError):
    """The durable log could not write a record. Nothing of the record is left on disk."""

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
    "misdirected": 7,
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

# An OTLP client sends again only after 429, 502, 503 and 504, so a fault that may pass is 503.
HTTP_STATUS: Final = {
    "invalid_data": 400,
    "unsupported_media_type": 415,
    "method_not_allowed": 405,
    "not_found": 404,
    "misdirected": 421,
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
