"""A running ``store_server`` with two tenants' rows side by side in it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import clickhouse_connect
import httpx

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Door:
    """Where it listens."""

    port: int
    http: httpx.Client = field(default_factory=partial(httpx.Client, timeout=60), compare=False, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def ask(self, sql: str | bytes, key: str = "reader-acme", **params: str) -> httpx.Response:
        """One POST; ``flowtrail`` is the database unless ``params`` say otherwise."""
        given = {"database": "flowtrail", **params}
        return self.http.post(self.url, content=sql, headers={"X-ClickHouse-Key": key}, params=given)

    def client(self, key: str = "reader-acme", **options: Any) -> Client:
        """clickhouse-connect, as anybody would use it."""
        given = {"database": "flowtrail", "username": "any", "password": key, **options}
        return clickhouse_connect.get_client(host="127.0.0.1", port=self.port, **given)


def started(folder: Path) -> tuple[Door, subprocess.Popen[bytes]]:
    """Start it over ``folder``, which it fills. Closing its standard input ends it."""
    command = [sys.executable, "-m", "tests.store_server.child", "--path", str(folder)]
    process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "The server ended before it listened; see its message above."
    return Door(int(line)), process
