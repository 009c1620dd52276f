"""An import of a large CSV that mixes its cases: events a second, and the most memory it takes.

The file goes to a door that acknowledges everything and stores nothing, so that only the importer is measured; it
runs in a process of its own.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import click

from proof.bench.tools.command import alone
from proof.bench.tools.report import say

MIB: Final = 1024 * 1024
_ROW: Final = 180
_HEADER: Final = "case_id,activity,timestamp,resource,channel,region,amount,currency,comment"


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


def run(mib: int = 100) -> dict[str, Any]:
    """Figures of one import of about ``mib`` MiB, eight events a case, and of a tenth of it."""
    with tempfile.TemporaryDirectory(prefix="flowtrail-bench-") as folder:
        door = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
        threading.Thread(target=door.serve_forever, daemon=True).start()
        try:
            found = [_measured(Path(folder), part, door.server_port) for part in (mib / 10, mib)]
        finally:
            door.shutdown()
            door.server_close()
    for one in found:
        say(f"{one['mib']:.0f} MiB: {one['events']:,} events, {one['events_per_s']:,.0f}/s, {one['peak_mib']:,.0f} MiB")
    return {"imports": found}


def _measured(folder: Path, mib: float, port: int) -> dict[str, Any]:
    events = _write(folder / "log.csv", int(mib * MIB))
    command = [Path(sys.executable).parent / "flowtrail", "import", "--data", folder / "data"]
    began = time.monotonic()
    child = subprocess.Popen(
        [*command, "--to", f"http://127.0.0.1:{port}", folder / "log.csv"], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"The import ended with {child.returncode}; see its message above.")
    seconds = time.monotonic() - began
    return {
        "name": f"{mib:.0f} MiB",
        "mib": (folder / "log.csv").stat().st_size / MIB,
        "events": events,
        "seconds": seconds,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "events_per_s": events / seconds,
        "peak_mib": usage.ru_maxrss / 1024,
    }


def _write(path: Path, size: int) -> int:
    """A log of about ``size`` bytes whose cases lie scattered over all of it; returns its events."""
    dice = random.Random(7)
    events = size // _ROW
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{_HEADER}\n")
        for number in range(events):
            case, day, second = dice.randrange(events // 8 + 1), number * 28 // events + 1, number % 86400
            when = f"2026-03-{day:02d}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"
            file.write(
                f"SO-{case:08d},step {number % 9} of the process,{when},user{number % 300},web,north,"
                f"{number % 10000}.50,EUR,{'lorem ipsum dolor sit amet ' * 3}{number}\n"
            )
    return events


@click.command("importing", help=__doc__)
@click.option("--mib", default=100, show_default=True, help="Size of the larger file.")
def command(mib: int) -> dict[str, Any]:
    return run(mib)


if __name__ == "__main__":
    alone(command)
