"""The product as a user runs it: ``flowtrail`` in a process of its own, spoken to over its ports."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx

FLOWTRAIL = Path(sys.executable).with_name("flowtrail")
FLOWS = Path(__file__).resolve().parents[2] / "demo" / "flows"
# The demo's history ends here, whatever day it is. Its six weeks hold the change to summer time of New York and Berlin
# and the change back of Auckland. It is a Monday morning: approvers have not come round to the orders of the weekend.
UNTIL = datetime(2026, 4, 13, 7, 40, tzinfo=UTC)
_ADDRESSES = re.compile(r"UI and API (\S+), OTLP/HTTP (\S+), OTLP/gRPC (\S+)\. ")


class Flowtrail:
    """``flowtrail serve`` over the data in one folder. ``ports`` of an earlier run are taken again after a restart.

    ``settings`` are further environment variables; ``program`` stands in for the command ``flowtrail``; ``log`` is the
    file for what it writes to stderr.
    """

    def __init__(self, data, ports=(0, 0, 0), settings=None, program=(FLOWTRAIL,), log=None):
        self.data = data
        certificates = {name: value for name, value in os.environ.items() if name == "SSL_CERT_DIR"}
        self._settings = {"FLOWTRAIL_FLOWS": str(FLOWS), **certificates, **(settings or {})}
        self._program = program
        self._log = log
        self._ports = ports
        self._process = None
        self._http = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        web, http, grpc = self._ports
        command = [*self._program, "serve", "--data", self.data, "--port", web, "--otlp-http-port", http]
        command += ["--otlp-grpc-port", grpc]
        with ExitStack() as stack:
            stderr = stack.enter_context(self._log.open("w")) if self._log else None
            self._process = subprocess.Popen(
                [str(word) for word in command], stdout=subprocess.PIPE, stderr=stderr, text=True, env=self._settings
            )
        line = self._process.stdout.readline()
        found = _ADDRESSES.search(line)
        if not found:
            raise RuntimeError(f"flowtrail did not start: {line!r}")
        self.web, self.otlp, self.grpc = found.groups()
        self._http = httpx.Client(timeout=60)
        self._ports = tuple(int(address.rsplit(":", 1)[1]) for address in found.groups())

    @property
    def pid(self):
        return self._process.pid

    def kill(self):
        """As the power cut does it."""
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._http.close()

    def stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=60)
        self._process.stdout.close()
        self._http.close()

    def get(self, path, **params):
        return self._answer(path, params).json()

    def text(self, path, **params):
        return self._answer(path, params).text

    def _answer(self, path, params):
        answer = self._http.get(f"{self.web}/api/v1{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer

    def until(self, true, within_s=60):
        """Wait until ``true()``; the last answer otherwise."""
        deadline = time.monotonic() + within_s
        while not (answer := true()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return answer


def verify(data):
    """``flowtrail cases verify --same-sql`` over the data of a stopped server: (exit code, what it said)."""
    done = subprocess.run(
        [FLOWTRAIL, "cases", "verify", "--same-sql", "--data", str(data)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout
