"""The head of a request, a whole request, and a response."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collector.principal import Principal

_HEAD: Final = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Head:
    """Method, path without query, and headers by lower-case name (repeated ones joined by commas).

    ``peer``: the sender's IP address, '' for a Unix socket. ``query``: the text after the question mark, not decoded.
    """

    method: str
    path: str
    headers: dict[str, str]
    peer: str = ""
    query: str = ""

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def content_length(self) -> int | None:
        """The number of bytes that the sender announces; None if it does not."""
        text = self.headers.get("content-length")
        return int(text) if text else None  # the parser has checked that it is a number


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request whose sender was let in. ``body`` is decompressed."""

    head: Head
    body: bytes
    principal: Principal


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. ``headers`` are those besides content type and length."""

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def encode(self, *, keep_alive: bool, with_body: bool = True) -> bytes:
        """The bytes for the wire."""
        lines = [f"content-type: {self.content_type}", f"content-length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if not keep_alive:
            lines.append("connection: close")
        return b"".join((_HEAD[self.status], "\r\n".join(lines).encode(), b"\r\n\r\n", self.body if with_body else b""))
