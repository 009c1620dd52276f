"""What could not be read: counted by reason, and each one written to a file as a line of JSON."""

from __future__ import annotations

from collections import Counter
from typing import IO, TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from pathlib import Path

    from importing.errors import Unreadable

MOST_REASONS: Final = 1000


class Report:
    """Set-aside records of one import. ``strict``: the first one is raised instead."""

    def __init__(self, path: Path, *, strict: bool) -> None:
        self.path = path
        self.count = 0
        self.reasons: Counter[str] = Counter()
        self.first: dict[str, Unreadable] = {}
        self._strict = strict
        self._file: IO[bytes] | None = None

    def add(self, problem: Unreadable) -> None:
        """Set ``problem`` aside; raises it when strict."""
        if self._strict:
            raise problem
        self.count += 1
        kind = f"{problem.field}: {_general(problem.why)}" if problem.field else _general(problem.why)
        if kind in self.reasons or len(self.reasons) < MOST_REASONS:
            self.reasons[kind] += 1
            self.first.setdefault(kind, problem)
        self._write(problem)

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _write(self, problem: Unreadable) -> None:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb")
        line = {
            "file": problem.place.file,
            problem.place.unit: problem.place.number,
            "field": problem.field,
            "why": problem.why,
            "what_to_do": problem.remedy,
        }
        self._file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def _general(why: str) -> str:
    """A reason without the value that it quotes."""
    before, quote, rest = why.partition("'")
    return f"{before}…{rest.rpartition(quote)[2]}" if quote else why
