"""One request, decoded."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store_server.compression import blocks_opened, decompressed
from store_server.errors import refusal, syntax
from store_server.form import Form, parse_form
from store_server.statement import Statement, StatementError, parse

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
_TABLE_NAME: Final = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class External:
    """Rows that come with a statement and can be read in it as a table of that name."""

    name: str
    structure: str
    format: str
    data: bytes


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

    statement: Statement
    database: str
    settings: Mapping[str, str]
    params: Mapping[str, str]
    default_format: str
    query_id: str
    tag: str
    """What tells it from all others while it runs; unlike the id, no client chooses it."""
    externals: tuple[External, ...] = ()
    session: Session | None = None
    blocks: bool = False
    """Whether the answer is to come in ClickHouse's own compressed blocks."""

    @property
    def format(self) -> str:
        """The format of the answer."""
        return self.statement.format or self.default_format


def query_id_of(request: Request) -> str:
    return request.query_params.get("query_id") or str(uuid.uuid4())


def read_call(request: Request, body: bytes, query_id: str, limit: int) -> Call:
    """The request as a call; the query is the address's ``query``, a line break and the body, as in ClickHouse.

    Raises ServerError. ``limit`` is in bytes, of the body once it is decompressed.
    """
    fields = dict(request.query_params)
    body = _opened(request, fields, body, limit)
    form = _form(request.headers.get("content-type", ""), body)
    if form is not None:
        fields, body = {**fields, **form.fields}, b""
    query = fields.get("query", "").encode()
    externals = _externals(form.files if form else {}, fields)
    own = {
        name for table in externals for name in (f"{table.name}_{what}" for what in ("structure", "types", "format"))
    }
    settings = {name: v for name, v in fields.items() if name not in _RESERVED | own and not name.startswith("param_")}
    if request.method != "POST":
        settings["readonly"] = "2"
    return Call(
        statement=_statement(query + b"\n" + body if query else body),
        database=fields.get("database") or request.headers.get("x-clickhouse-database") or "default",
        settings=settings,
        params={name.removeprefix("param_"): v for name, v in fields.items() if name.startswith("param_")},
        default_format=fields.get("default_format") or request.headers.get("x-clickhouse-format") or "TabSeparated",
        query_id=query_id,
        tag=uuid.uuid4().hex,
        externals=externals,
        session=_session(fields),
        blocks=fields.get("compress") == "1",
    )


def _opened(request: Request, fields: Mapping[str, str], body: bytes, limit: int) -> bytes:
    try:
        body = decompressed(request.headers.get("content-encoding", ""), body, limit)
        return blocks_opened(body) if fields.get("decompress") == "1" else body
    except ValueError as error:
        raise refusal(271, "CANNOT_DECOMPRESS", str(error), status=400) from error


def _form(content_type: str, body: bytes) -> Form | None:
    if not content_type.startswith("multipart/form-data"):
        return None
    try:
        return parse_form(content_type, body)
    except ValueError as error:
        raise refusal(36, "BAD_ARGUMENTS", str(error)) from error


def _externals(files: Mapping[str, bytes], fields: Mapping[str, str]) -> tuple[External, ...]:
    return tuple(_external(name, data, fields) for name, data in files.items())


def _external(name: str, data: bytes, fields: Mapping[str, str]) -> External:
    types = fields.get(f"{name}_types", "")
    structure = fields.get(f"{name}_structure", "") or _numbered(types)
    if not _TABLE_NAME.fullmatch(name) or not structure:
        raise refusal(
            36,
            "BAD_ARGUMENTS",
            f"The external table {name[:80]!r} needs a name of letters and digits, and {name[:80]}_structure.",
        )
    read_as = fields.get(f"{name}_format") or "TabSeparated"
    if not _TABLE_NAME.fullmatch(read_as):
        raise refusal(73, "UNKNOWN_FORMAT", f"Unknown format {read_as[:80]}")
    return External(name, structure, read_as, data)


def _numbered(types: str) -> str:
    """``Int32, Decimal(9, 2)`` → ``_1 Int32, _2 Decimal(9, 2)``."""
    depth, parts = 0, [""]
    for char in types:
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return ", ".join(f"_{number} {part.strip()}" for number, part in enumerate(parts, 1) if part.strip())


def _session(fields: Mapping[str, str]) -> Session | None:
    if not fields.get("session_id"):
        return None
    try:
        seconds = float(fields.get("session_timeout") or 60)
    except ValueError:
        raise refusal(36, "BAD_ARGUMENTS", f"Invalid session timeout: '{fields['session_timeout']}'") from None
    must_exist, close = fields.get("session_check") == "1", fields.get("close_session") == "1"
    return Session(fields["session_id"], min(max(seconds, 0), 3600), must_exist, close)


def _statement(text: bytes) -> Statement:
    try:
        return parse(text)
    except StatementError as error:
        raise syntax(str(error)) from error
