"""On a build server a test that is skipped proves nothing: the run fails unless ``.ci/allowed-skips.txt`` allows it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

ALLOWED = Path(__file__).resolve().parents[1] / ".ci" / "allowed-skips.txt"


def allowed(lines: Iterable[str]) -> dict[str, str]:
    """From lines ``start of a test's id: reason``; empty lines and those that begin with # say nothing."""
    entries = {}
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        test, separator, reason = line.strip().partition(": ")
        if not separator or not reason.strip():
            raise ValueError(f"{ALLOWED.name}: give a reason, as in 'tests/test_x.py: why'. This has none: {line!r}")
        entries[test] = reason
    return entries


class SkipGuard:
    """Collects what is skipped, also in the processes of pytest-xdist, and fails the run for what is not allowed."""

    def __init__(self, tests: Iterable[str]) -> None:
        self._allowed = tuple(tests)
        self.refused: dict[str, str] = {}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._look(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._look(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.refused and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.refused:
            return
        terminalreporter.section(f"skipped, but not in .ci/{ALLOWED.name}")
        for test, reason in self.refused.items():
            terminalreporter.line(f"{test}: {reason}")

    def _look(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail") and not report.nodeid.startswith(self._allowed):
            self.refused[report.nodeid] = _reason(report)


def install(config: pytest.Config) -> None:
    """Guard this run if a build server started it (``CI=true``); the processes of pytest-xdist only report to it."""
    if os.environ.get("CI") == "true" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipGuard(allowed(ALLOWED.read_text(encoding="utf-8").splitlines())))


def _reason(report: pytest.CollectReport | pytest.TestReport) -> str:
    where = report.longrepr
    return where[2] if isinstance(where, tuple) else str(where)
