"""A PostgreSQL of the tests' own, where its programs are installed."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

_STARTS_WITHIN_S = 60
_NUMBERS = itertools.count(1)


def programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``; None where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or (str(debian[-1]) if debian else None)
    return Path(found).parent if found else None


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """A server on a free port; gives ``postgresql://…`` without a database. It keeps nothing: fsync is off."""
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        yield from _serve(programs, Path(folder))


def _serve(programs: Path, folder: Path) -> Iterator[str]:
    port = _free_port()
    data = folder / "data"
    user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    if user:
        shutil.chown(folder, user)
    command = [programs / "initdb", "--no-sync", "--auth=trust", "--username=flowtrail", "--pgdata", data]
    subprocess.run(command, check=True, capture_output=True, user=user, cwd="/")
    options = ["-c", f"port={port}", "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    command = [programs / "postgres", "-D", data, *options, "-c", f"unix_socket_directories={folder}"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stderr=log, user=user, cwd="/")
    try:
        address = f"postgresql://flowtrail@127.0.0.1:{port}"
        _wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait()


@contextmanager
def database(address: str) -> Iterator[str]:
    """The address of a schema of its own, empty, on the server at ``address``; quicker than a database."""
    name = f"t_{next(_NUMBERS)}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        yield f"{address}/postgres?options=-csearch_path%3D{name}"
        connection.execute(f"DROP SCHEMA {name} CASCADE")


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            psycopg.connect(f"{address}/postgres").close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.02)
        else:
            return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
