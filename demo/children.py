"""Child processes that are started, found healthy, and stopped; none outlives its parent."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from demo.errors import DemoError


@dataclass(frozen=True)
class Child:
    """One running system; its output goes to ``log``."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path


def free_ports(count: int) -> list[int]:
    """Ports on 127.0.0.1 that nobody listens on right now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def check_port(name: str, port: int) -> None:
    """Raises DemoError if somebody listens on it already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DemoError(
                f"Port {port}, meant for the demo's {name}, cannot be used: {error.strerror}. "
                f"Stop what listens there or choose other ports."
            ) from error


def start_child(name: str, port: int, arguments: Sequence[str], workdir: Path) -> Child:
    """Start ``python -m demo.systems.<name>``; it stops by itself when this process ends."""
    check_port(name, port)
    log = workdir / f"{name}.log"
    command = [sys.executable, "-m", f"demo.systems.{name}", "--port", str(port), "--follow-stdin", *arguments]
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=_environment(), start_new_session=True
        )
    return Child(name, f"http://127.0.0.1:{port}", process, log)


def wait_until_healthy(children: Sequence[Child], timeout_s: float) -> None:
    """Raises DemoError, with the end of the child's log, if one dies or does not answer in time."""
    deadline = time.monotonic() + timeout_s
    for child in children:
        while not _answers(child):
            if child.process.poll() is not None:
                raise DemoError(f"The demo's {child.name} died at once:\n{_tail(child.log)}")
            if time.monotonic() > deadline:
                raise DemoError(f"The demo's {child.name} does not answer at {child.url}:\n{_tail(child.log)}")
            time.sleep(0.05)


def stop_children(children: Sequence[Child], patience_s: float) -> None:
    """SIGTERM to all, SIGKILL to those who have not ended after ``patience_s``."""
    for child in children:
        if child.process.poll() is None:
            child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    for child in children:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        if child.process.stdin:
            child.process.stdin.close()


def _environment() -> Mapping[str, str]:
    """The parent's, without what would make the child take itself for a test run."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


def _answers(child: Child) -> bool:
    try:
        return bool(httpx.get(f"{child.url}/health", timeout=1, trust_env=False).json() == {"system": child.name})
    except (httpx.TransportError, ValueError):
        return False


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
