"""The processes that the chaos test starts, stops, kills and starts again at the same place."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
START_S: Final = 60.0
END_S: Final = 120.0


class Child:
    """A Python module in a process of its own. It ends when this process does: its standard input closes."""

    def __init__(self, module: str, log: Path) -> None:
        self._module = module
        self._log = log
        self._process: subprocess.Popen[str] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *words: str | Path) -> str:
        """Start it and return the first line it prints, '' if it was killed before.

        Raises RuntimeError if it ended of its own accord.
        """
        with self._log.open("a", encoding="utf-8") as log:
            command = [sys.executable, "-m", self._module, *map(str, words)]
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self._process = process
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line and (code := process.wait()) != -signal.SIGKILL:
            raise RuntimeError(f"{self._module} ended with {code} before it served; see {self._log}.")
        return line

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        return self._end(signal.SIGTERM)

    def wait(self, timeout_s: float) -> bool:
        """Whether it ended of its own accord in time."""
        assert self._process is not None
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        self._close()
        return True

    def pause(self) -> None:
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._send(number)
        try:
            code = self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise RuntimeError(f"{self._module} did not end in {END_S:.0f} s after SIGTERM; see {self._log}.") from None
        self._close()
        return code

    def _close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    stream.close()  # type: ignore[union-attr]


class Collector(Child):
    """``proof.chaos.child``, at the same ports after every start."""

    def __init__(self, log_dir: Path, store_url: str, log: Path) -> None:
        super().__init__("proof.chaos.child", log)
        self.log_dir = log_dir
        self._store_url = store_url
        self._ports = ("0", "0")

    def serve(self, *options: str) -> None:
        """Start it with the options of ``proof.chaos.child``. It may die while it starts, if it was told to."""
        line = self.start(self.log_dir, self._store_url, *self._ports, *options)
        if line:
            http, grpc = line.split()
            self._ports = (http, grpc)

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self._ports[0]}"

    @property
    def grpc(self) -> str:
        return f"127.0.0.1:{self._ports[1]}"


class StoreServer(Child):
    """``tests.clickhouse_http`` over one data directory, at the same port after every start."""

    def __init__(self, path: Path, log: Path) -> None:
        super().__init__("tests.clickhouse_http", log)
        self._path = path
        self._port = 0

    def serve(self) -> None:
        line = self.start("--path", self._path, "--port", str(self._port), "--until-stdin-closes")
        self._port = int(line)

    @property
    def url(self) -> str:
        return f"clickhouse://127.0.0.1:{self._port}"

    def slow(self, seconds: float, share: float = 0.1) -> None:
        """Let it run only for ``share`` of the time, in slices of a fifth of a second."""
        end = time.monotonic() + seconds
        pause = threading.Event()
        while time.monotonic() < end:
            self.pause()
            pause.wait(0.2 * (1 - share))
            self.resume()
            pause.wait(0.2 * share)
