"""A ClickHouse server for tests: the embedded engine behind ClickHouse's HTTP interface, in a process of its own.

``python -m tests.clickhouse_http --port 0 --path DIR`` prints the port that it listens on. It answers what
clickhouse-connect's HTTP client asks, and refuses what a server refuses although the embedded engine would take it
(several statements in one call, ``FROM INFILE``, writing in a GET), so that no query passes here that a server could
not run.
"""

import argparse
import gzip
import json
import os
import re
import socket
import sys
import tempfile
import threading
import uuid
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import chdb
import lz4.frame
import uvicorn
from backports import zstd
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.clickhouse_form import parse_form
from tests.clickhouse_statement import Statement, StatementError, parse

_COMPRESS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "lz4": lz4.frame.compress,
    "zstd": zstd.compress,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
}
_DECOMPRESS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "lz4": lz4.frame.decompress,
    "zstd": zstd.decompress,
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "identity": bytes,
}
# Address parameters that ClickHouse's HTTP handler keeps to itself; every other one is a setting.
_RESERVED: Final = frozenset(
    {
        *("query", "database", "default_format", "user", "password", "quota_key", "role", "profile", "query_id"),
        *("session_id", "session_timeout", "session_check", "close_session", "buffer_size", "wait_end_of_query"),
        *("compress", "decompress", "client_protocol_version", "stacktrace", "add_http_cors_header"),
    }
)
# Source: ClickHouse's src/Server/HTTP/exceptionCodeToHTTPStatus.cpp, those that a test may meet; all others are 500.
_STATUS: Final = {
    **dict.fromkeys((6, 8, 15, 25, 26, 27, 36, 38, 41, 44, 53, 62, 72, 117, 321, 376, 427), 400),
    **dict.fromkeys((46, 47, 50, 56, 60, 63, 73, 81, 115), 404),
    **dict.fromkeys((48,), 501),
    **dict.fromkeys((76, 209, 439), 503),
    **dict.fromkeys((159,), 408),
}
_CODE: Final = re.compile(r"Code: (\d+)\.")
_TIMEZONE: Final = "X-ClickHouse-Timezone"


class ServerError(Exception):
    """An exception as ClickHouse writes it: numeric code and text."""

    def __init__(self, text: str) -> None:
        found = text.find("Code: ")
        self.text = text[max(found, 0) :].strip()
        code = _CODE.match(self.text)
        self.code = int(code[1]) if code else 1002  # UNKNOWN_EXCEPTION
        super().__init__(self.text)


@dataclass(frozen=True)
class Call:
    """One request of a client, decoded. ``settings`` holds everything that is to be SET for it."""

    statement: Statement
    database: str
    settings: Mapping[str, str]
    params: Mapping[str, str]
    default_format: str


class Engine:
    """The data directory. Every call has a connection of its own, so nothing that it sets outlives it."""

    def __init__(self, path: Path) -> None:
        self._path = str(path.resolve())
        self._uploads = tempfile.TemporaryDirectory(prefix="clickhouse-http-")
        os.chdir(self._uploads.name)  # the engine keeps schemas that come with a statement in its working directory
        self._anchor = chdb.connect(self._path)  # the engine shuts down with its last connection
        self.timezone = self._anchor.query("SELECT timezone()", "TSVRaw").bytes().decode().strip()

    def run(self, call: Call) -> Any:
        """The engine's result (bytes, counts, times). Raises ServerError with the engine's text."""
        with closing(chdb.connect(self._path)) as connection:
            try:
                connection.query(f"USE `{call.database}`")
                if call.settings:
                    connection.query("SET " + ", ".join(f"{name} = {_quoted(v)}" for name, v in call.settings.items()))
                return self._execute(connection, call)
            except RuntimeError as error:
                raise ServerError(str(error)) from error

    def _execute(self, connection: Any, call: Call) -> Any:
        statement = call.statement
        if statement.data is None:
            return connection.query(statement.text, call.default_format, params=dict(call.params))
        with tempfile.NamedTemporaryFile(dir=self._uploads.name, suffix=".bin") as upload:
            upload.write(statement.data)
            upload.flush()
            return connection.query(statement.reading(upload.name), call.default_format, params=dict(call.params))


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def application(engine: Engine) -> Starlette:
    """ClickHouse's HTTP interface over ``engine``."""

    async def ping(_request: Request) -> Response:
        return PlainTextResponse("Ok.\n")

    async def query(request: Request) -> Response:
        query_id = request.query_params.get("query_id") or str(uuid.uuid4())
        headers = {"X-ClickHouse-Query-Id": query_id, _TIMEZONE: engine.timezone}
        try:
            call = _call(request, await request.body())
            result = await run_in_threadpool(engine.run, call)
        except ServerError as error:
            headers["X-ClickHouse-Exception-Code"] = str(error.code)
            return PlainTextResponse(error.text + "\n", _STATUS.get(error.code, 500), headers)
        return _response(request, call, result, headers)

    return Starlette(routes=[Route("/ping", ping), Route("/", query, methods=["GET", "POST"])])


def _call(request: Request, body: bytes) -> Call:
    """The request as a call; the query is the address's ``query``, a line break and the body, as in ClickHouse."""
    fields = dict(request.query_params)
    if fields.get("decompress") == "1" or fields.get("compress") == "1":
        raise ServerError("Code: 48. DB::Exception: compress and decompress are not supported here. (NOT_IMPLEMENTED)")
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        fields, body = {**fields, **_form(content_type, body)}, b""
    else:
        body = _decoded(request.headers.get("content-encoding", "identity"), body)
    query = fields.get("query", "").encode()
    settings = {name: v for name, v in fields.items() if name not in _RESERVED and not name.startswith("param_")}
    if request.method == "GET":
        settings["readonly"] = "2"
    return Call(
        statement=_statement(query + b"\n" + body if query else body),
        database=fields.get("database") or request.headers.get("x-clickhouse-database") or "default",
        settings=settings,
        params={name.removeprefix("param_"): v for name, v in fields.items() if name.startswith("param_")},
        default_format=fields.get("default_format") or request.headers.get("x-clickhouse-format") or "TabSeparated",
    )


def _form(content_type: str, body: bytes) -> dict[str, str]:
    try:
        return parse_form(content_type, body)
    except ValueError as error:
        raise ServerError(f"Code: 48. DB::Exception: {error} (NOT_IMPLEMENTED)") from error


def _decoded(encoding: str, body: bytes) -> bytes:
    decompress = _DECOMPRESS.get(encoding)
    if decompress is None:
        raise ServerError(f"Code: 48. DB::Exception: Unknown content encoding {encoding}. (NOT_IMPLEMENTED)")
    return decompress(body)


def _statement(text: bytes) -> Statement:
    try:
        return parse(text)
    except StatementError as error:
        raise ServerError(f"Code: 62. DB::Exception: Syntax error: {error} (SYNTAX_ERROR)") from error


def _response(request: Request, call: Call, result: Any, headers: dict[str, str]) -> Response:
    content = result.bytes() or b""
    headers["X-ClickHouse-Summary"] = json.dumps(
        {
            "read_rows": str(result.rows_read()),
            "read_bytes": str(result.bytes_read()),
            "written_rows": str(result.rows_written()),
            "written_bytes": str(result.bytes_written()),
            "elapsed_ns": str(int(result.elapsed() * 1e9)),
        }
    )
    if content or call.statement.answers:
        headers["X-ClickHouse-Format"] = call.statement.format or call.default_format
    encoding = _response_encoding(request)
    if encoding and content:
        headers["Content-Encoding"] = encoding
        content = _COMPRESS[encoding](content)
    return Response(content, headers=headers, media_type="application/octet-stream")


def _response_encoding(request: Request) -> str | None:
    if request.query_params.get("enable_http_compression") != "1":
        return None
    accepted = [part.split(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")]
    return next((encoding for encoding in accepted if encoding in _COMPRESS), None)


def serve(path: Path, port: int, *, until_stdin_closes: bool) -> None:
    """Serve the data directory at ``path`` on 127.0.0.1 until a signal comes, or standard input ends."""
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    config = uvicorn.Config(application(Engine(path)), log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    if until_stdin_closes:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True


def main() -> None:
    parser = argparse.ArgumentParser(description="The embedded engine behind ClickHouse's HTTP interface, for tests.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--path", type=Path, required=True, help="data directory; no other process may have it open")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input ends")
    options = parser.parse_args()
    serve(options.path, options.port, until_stdin_closes=options.until_stdin_closes)


if __name__ == "__main__":
    main()
