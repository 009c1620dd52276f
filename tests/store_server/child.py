"""``store_server`` in a process of its own, over a store with two tenants' rows, for whoever their key says.

``python -m tests.store_server.child --path DIR`` prints its port. The key ``owner`` writes, ``whole`` reads the whole
store, ``reader-<tenant>`` the rows of that tenant. It ends when its standard input closes.
"""

import argparse
import os
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import uvicorn

from cases.fold.fold import Fold
from server.settings import Settings
from server.sql_access import limits, readable_url, shown_tables
from store.client import open_store
from store.migrate import migrate
from store_server.app import application
from store_server.engine import Engine
from store_server.errors import AUTHENTICATION_FAILED, refusal
from store_server.limits import MIB
from store_server.visitor import Visitor
from tests.clickhouse_http import stop_at_end_of_input

SPANS = 50
"""Of each tenant, all received on one day: they share parts and granules of every table."""

FILL = """
INSERT INTO otel_traces (Timestamp, TraceId, SpanId, SpanName, ServiceName, SpanAttributes, Duration, StatusCode,
    Tenant, ReceivedAt, Batch)
SELECT
    toDateTime64('2026-03-01 00:00:00', 9, 'UTC') + number, lower(hex(MD5(concat(who, toString(number))))),
    substring(lower(hex(MD5(concat('s', who, toString(number))))), 1, 16), concat('op-', who), concat('svc-', who),
    map('flow.step', 'ship', 'flow.name', 'orders', 'flow.case.id', concat(who, '-', toString(number)),
        'flow.ref.order', concat('O-', who, toString(number))),
    1000000, 'Unset', who, toDateTime64('2026-03-01 12:00:00', 9, 'UTC'), 'batch'
FROM numbers({spans:UInt64}) ARRAY JOIN ['acme', 'other'] AS who
"""


def admit(headers: Mapping[str, str], _peer: str) -> Visitor:
    name = headers.get("authorization", "").removeprefix("Bearer ")
    if name == "owner":
        return Visitor(None, writes=True)
    if name == "whole":
        return Visitor(None)
    if name.startswith("reader-"):
        return Visitor(name.removeprefix("reader-"))
    raise refusal(AUTHENTICATION_FAILED, "AUTHENTICATION_FAILED", "A key is needed.")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--path", type=Path, required=True)
    folder = parser.parse_args().path
    settings = Settings(data=folder, sql_max_seconds=5, sql_max_queries=4, sql_max_memory_mib=128)
    store = open_store(readable_url(settings))
    migrate(store)
    store.command(FILL, spans=SPANS)
    Fold(store).fold_pending()
    assert store.path is not None
    allowed = replace(limits(settings), body_bytes=8 * MIB)
    engine = Engine(store.path, store.database, allowed, folder / "readers.xml")
    engine.show(shown_tables())
    os.chdir(engine.uploads)
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # for every connection, or answers wait 40 ms
    server = uvicorn.Server(uvicorn.Config(application(engine, admit, allowed), log_level="warning", lifespan="off"))
    threading.Thread(target=stop_at_end_of_input, args=(server,), daemon=True).start()
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
