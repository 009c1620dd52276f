"""What a run found: the machine, then one table a section, on the terminal (as Markdown) and as JSON."""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES: Final = ("chdb-core", "clickhouse-connect", "opentelemetry-proto", "protobuf", "grpcio", "uvloop")


class Report:
    """Prints each section as it is done, so that a long run that is stopped has not been for nothing."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {"machine": machine()}
        self._show("machine", self.found["machine"])

    def add(self, section: str, figures: Any) -> None:
        """``figures``: a dict (nested as deep as it likes), or a list of dicts with the same keys: a table."""
        self.found[section] = figures
        self._show(f"{section} (load average {os.getloadavg()[0]:.1f} at its end)", figures)

    def save(self, file: Path) -> None:
        file.write_text(json.dumps(self.found, indent=2) + "\n", encoding="utf-8")

    def _show(self, title: str, figures: Any) -> None:
        say(f"\n## {title}\n")
        _figures(figures)


def machine() -> dict[str, Any]:
    """What the figures depend on besides the program."""
    return {
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": _first("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def progress(text: str) -> None:
    """For whoever waits; no part of the result."""
    sys.stderr.write(f"… {text}\n")
    sys.stderr.flush()


def _first(file: str, key: str) -> str:
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")


def _figures(figures: Any) -> None:
    if isinstance(figures, list):
        if figures:
            _rows(figures)
        return
    _table([["what", "figure"], *([name, _text(figure)] for name, figure in _flat(figures, ""))])
    for name, rows in figures.items():
        if _is_table(rows):
            say(f"\n### {name}\n")
            _rows(rows)


def _flat(figures: dict[str, Any], before: str) -> Iterator[tuple[str, Any]]:
    for name, figure in figures.items():
        if isinstance(figure, dict):
            yield from _flat(figure, f"{before}{name}: ")
        elif not isinstance(figure, list):
            yield f"{before}{name}", figure


def _is_table(figure: Any) -> bool:
    return isinstance(figure, list) and bool(figure) and isinstance(figure[0], dict)


def _rows(rows: list[dict[str, Any]]) -> None:
    """A column for each of ``rows`` under its name; a line each where they are many with few figures."""
    if len(rows) > len(rows[0]):
        _table([list(rows[0]), *([_text(figure) for figure in row.values()] for row in rows)])
        return
    names = dict.fromkeys(key for row in rows for key, figure in row.items() if not isinstance(figure, list))
    cells = [["", *(str(row["name"]) for row in rows)]]
    for name in names:
        figures = [row.get(name, "") for row in rows]
        if name == "name":
            continue
        if isinstance(figures[0], dict):
            parts = dict.fromkeys(part for figure in figures for part in figure)
            cells += [[f"{name} {part}", *(_text(figure.get(part, "")) for figure in figures)] for part in parts]
        else:
            cells.append([name, *map(_text, figures)])
    _table(cells)


def _table(cells: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    for index, (first, *others) in enumerate(cells):
        texts = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        say(f"| {' | '.join(texts)} |")
        if not index:
            say(f"|{'-' * (widths[0] + 2)}|{'|'.join('-' * (width + 1) + ':' for width in widths[1:])}|")


def _text(figure: Any) -> str:
    if isinstance(figure, float):
        return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:,.2f}"
    return f"{figure:,}" if isinstance(figure, int) else str(figure)
