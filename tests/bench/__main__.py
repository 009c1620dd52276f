"""``make bench``: measure this machine and print the figures beside the targets.

``python -m tests.bench [spans] [cases]``: spans through the whole chain (default 1,000,000), cases of the KPI page
(default 2,000,000).
"""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from tests.bench import collector_ack, kpis, sdk_step, whole_chain

_PACKAGES = ("chdb-core", "clickhouse-connect", "opentelemetry-sdk", "grpcio")


def main(spans: int = 1_000_000, cases: int = 2_000_000) -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    _say(f"{datetime.now(UTC):%Y-%m-%d}, {machine}")
    _say(f"{versions}; load average {os.getloadavg()[0]:.1f} before the run")
    for name, work in (
        (f"whole chain, {spans:,} spans", lambda: whole_chain.run(spans)),
        ("acknowledging alone, no store", collector_ack.run),
        (f"KPI page, {cases:,} cases", lambda: kpis.run(cases)),
        ("a step of the SDK", sdk_step.run),
    ):
        _say(f"\n## {name}")
        _show(work(), "")


def _show(figures: dict[str, Any], indent: str) -> None:
    for name, figure in figures.items():
        if isinstance(figure, dict):
            _say(f"{indent}{name}")
            _show(figure, f"{indent}  ")
        else:
            _say(f"{indent}{name:<34} {_text(figure)}")


def _text(figure: Any) -> str:
    return f"{figure:,.2f}" if isinstance(figure, float) else f"{figure:,}" if isinstance(figure, int) else str(figure)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
