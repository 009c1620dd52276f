"""The counts of the probe: cases sent, found, late and missed, and how long they took."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

HEADINGS: Final = ("check", "sent", "found", "late", "missed", "p50 ms", "p95 ms")


@dataclass(slots=True)
class Line:
    """One check. ``late`` cases are also ``found``; ``latencies_s``: from acknowledgement to the first right answer."""

    sent: int = 0
    found: int = 0
    late: int = 0
    missed: int = 0
    latencies_s: list[float] = field(default_factory=list)

    def find(self, latency_s: float, deadline_s: float, items: int) -> None:
        """Count ``items`` that were found together."""
        self.found += items
        self.late += items * (latency_s > deadline_s)
        self.latencies_s += [latency_s] * items

    def cells(self) -> list[str]:
        counts = [f"{count:,}" for count in (self.sent, self.found, self.late, self.missed)]
        return [*counts, *(_milliseconds(self.latencies_s, share) for share in (0.5, 0.95))]


@dataclass(slots=True)
class Tally:
    """``unsent``: spans that the collector did not accept in time; their cases are not checked."""

    lines: dict[str, Line] = field(default_factory=dict)
    unsent: int = 0
    wrong: list[str] = field(default_factory=list)
    """A sentence for each missed case: what was wrong with it in the last check."""

    @property
    def sound(self) -> bool:
        """Nothing was missed and nothing was left unsent."""
        return not self.unsent and not any(line.missed for line in self.lines.values())

    def line(self, check: str) -> Line:
        return self.lines.setdefault(check, Line())

    def add(self, other: Tally) -> None:
        """Add the counts of ``other``, without its sentences."""
        self.unsent += other.unsent
        for check, line in other.lines.items():
            mine = self.line(check)
            mine.sent += line.sent
            mine.found += line.found
            mine.late += line.late
            mine.missed += line.missed
            mine.latencies_s = (mine.latencies_s + line.latencies_s)[-_LATENCIES:]

    def summary(self) -> str:
        """All counts in one line."""
        counts = [sum(getattr(line, name) for line in self.lines.values()) for name in HEADINGS[1:5]]
        named = ", ".join(f"{count:,} {name}" for count, name in zip(counts, HEADINGS[1:5], strict=True))
        return f"checks: {named}; spans not accepted: {self.unsent:,}"

    def table(self) -> list[str]:
        """The counts as lines of text."""
        rows = [HEADINGS, *((check, *line.cells()) for check, line in self.lines.items())]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
        lines = ["  ".join(_aligned(cell, column, widths) for column, cell in enumerate(row)) for row in rows]
        if self.unsent:
            lines.append(f"{self.unsent:,} spans were not accepted in time; their cases were not checked.")
        return lines


_LATENCIES: Final = 100_000
"""Latencies kept over all rounds, the latest ones."""


def _aligned(cell: str, column: int, widths: list[int]) -> str:
    return cell.rjust(widths[column]) if column else cell.ljust(widths[column])


def _milliseconds(latencies_s: list[float], share: float) -> str:
    if not latencies_s:
        return "-"
    ordered = sorted(latencies_s)
    # The nearest rank, not interpolated: a latency that was measured.
    return f"{1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]:,.0f}"
