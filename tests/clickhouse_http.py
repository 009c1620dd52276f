"""A ClickHouse server for tests: ``store_server`` for the owner of a data directory, in a process of its own.

``python -m tests.clickhouse_http --port 0 --path DIR`` prints the port that it listens on. It answers what
clickhouse-connect's HTTP client asks, and refuses what a server refuses although the embedded engine would take it
(several statements in one call, ``FROM INFILE``, writing in a GET), so that no query passes here that a server could
not run.
"""

import argparse
import os
import socket
import sys
import threading
from pathlib import Path

import uvicorn

from store_server.app import application
from store_server.engine import Engine
from store_server.limits import Limits
from store_server.visitor import Visitor

LIMITS = Limits(queries=0)


def serve(path: Path, port: int, *, until_stdin_closes: bool) -> None:
    """Serve the data directory at ``path`` on 127.0.0.1 until a signal comes, or standard input ends."""
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # for every connection, or answers wait 40 ms
    engine = Engine(path, "default", LIMITS)
    os.chdir(engine.uploads)  # the engine keeps schemas that come with a statement in its working directory
    app = application(engine, lambda _headers, _peer: Visitor(None, writes=True), LIMITS)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    if until_stdin_closes:
        threading.Thread(target=stop_at_end_of_input, args=(server,), daemon=True).start()
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])


def stop_at_end_of_input(server: uvicorn.Server) -> None:
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
