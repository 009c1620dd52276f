"""One request, decoded."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store_server.compression import blocks_opened, decompressed
from store_server.errors import refusal
from store_server.form import Form, parse_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

# Address parameters that ClickHouse's HTTP handler keeps to itself; every other one is a setting.
_RESERVED: Final = frozenset(
    {
        *("query", "database", "default_format", "user", "password", "quota_key", "role", "profile", "query_id"),
        *("session_id", "session_timeout", "session_check", "close_session", "buffer_size", "wait_end_of_query"),
        *("compress", "decompress", "client_protocol_version", "stacktrace", "add_http_cors_header"),
    }
)
_FORM: Final = "multipart/form-data"
_WORD: Final = re.compile(r"\w{1,100}", re.ASCII)
_HEADER_VALUE: Final = re.compile(r"[!-~]([ -~]{0,254}[!-~])?")
_METHODS: Final = frozenset({"LZ4", "LZ4HC", "ZSTD", "NONE"})


@dataclass(frozen=True, slots=True)
class Session:
    """A connection that the client wants to find again. ``seconds``: how long it is kept when nobody asks for it."""

    id: str
    seconds: float
    must_exist: bool
    close: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a client. ``settings`` holds everything that is to be SET for it."""

    body: bytes
    """A statement, and after an INSERT its rows."""
    database: str
    settings: Mapping[str, str]
    params: Mapping[str, str]
    default_format: str
    query_id: str
    tag: str
    """What tells it from all others while it runs; unlike the id, no client chooses it."""
    session: Session | None = None
    blocks: str = ""
    """The method, if the answer is to come in ClickHouse's own compressed blocks."""
    revision: int = 0
    """The version of the protocol that the client names, for answers in the format Native."""


def query_id_of(request: Request) -> str:
    """The id that the client chose, or a new one. Raises ServerError for one that no header can carry."""
    query_id = request.query_params.get("query_id") or str(uuid.uuid4())
    if not _HEADER_VALUE.fullmatch(query_id):
        raise refusal(36, "BAD_ARGUMENTS", "A query_id is up to 256 printable ASCII characters.")
    return query_id


def is_form(request: Request) -> bool:
    """Whether the body is a form."""
    return request.headers.get("content-type", "").startswith(_FORM)


def read_call(request: Request, body: bytes, query_id: str, limit: int, tag: str) -> Call:
    """The request as a call; the query is the address's ``query``, a line break and the body, as in ClickHouse.

    Raises ServerError. ``limit`` is in bytes, of the body once it is decompressed; ``tag`` is the call's.
    """
    fields = dict(request.query_params)
    body = _opened(request, fields, body, limit)
    if is_form(request):
        form = _form(request.headers["content-type"], body)
        fields, body = {**fields, **form.fields}, b""
    query = fields.get("query", "").encode()
    settings = {name: v for name, v in fields.items() if name not in _RESERVED and not name.startswith("param_")}
    if request.method != "POST":
        settings["readonly"] = "2"
    return Call(
        body=query + b"\n" + body if query else body,
        database=fields.get("database") or request.headers.get("x-clickhouse-database") or "default",
        settings=settings,
        params={name.removeprefix("param_"): v for name, v in fields.items() if name.startswith("param_")},
        default_format=_default_format(request, fields),
        query_id=query_id,
        tag=tag,
        session=_session(fields),
        blocks=_method(fields) if fields.get("compress") == "1" else "",
        revision=_revision(fields.get("client_protocol_version") or "0"),
    )


def _opened(request: Request, fields: Mapping[str, str], body: bytes, limit: int) -> bytes:
    try:
        body = decompressed(request.headers.get("content-encoding", ""), body, limit)
        return blocks_opened(body, limit) if fields.get("decompress") == "1" else body
    except ValueError as error:
        raise refusal(271, "CANNOT_DECOMPRESS", str(error), status=400) from error


def _form(content_type: str, body: bytes) -> Form:
    try:
        form = parse_form(content_type, body)
    except ValueError as error:
        raise refusal(36, "BAD_ARGUMENTS", str(error)) from error
    if form.files:
        raise refusal(
            48,
            "NOT_IMPLEMENTED",
            "External tables are not taken here. Send the values as a parameter: {ids:Array(String)}.",
        )
    return form


def _default_format(request: Request, fields: Mapping[str, str]) -> str:
    name = fields.get("default_format") or request.headers.get("x-clickhouse-format") or "TabSeparated"
    if not _WORD.fullmatch(name):
        raise refusal(73, "UNKNOWN_FORMAT", f"Unknown format {name[:100]!r}")
    return name


def _method(fields: Mapping[str, str]) -> str:
    method = (fields.get("network_compression_method") or "LZ4").upper()
    if method not in _METHODS:
        raise refusal(36, "BAD_ARGUMENTS", f"Unknown network_compression_method {method[:80]}: LZ4, ZSTD or NONE.")
    return method


def _revision(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise refusal(72, "CANNOT_PARSE_NUMBER", f"{text[:80]!r} is not a client_protocol_version.")
    return int(text)


def _session(fields: Mapping[str, str]) -> Session | None:
    if not fields.get("session_id"):
        return None
    try:
        seconds = float(fields.get("session_timeout") or 60)
    except ValueError:
        raise refusal(36, "BAD_ARGUMENTS", f"Invalid session timeout: '{fields['session_timeout']}'") from None
    must_exist, close = fields.get("session_check") == "1", fields.get("close_session") == "1"
    return Session(fields["session_id"], min(max(seconds, 0), 3600), must_exist, close)
