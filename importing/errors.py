"""What can go wrong in an import: one base error, and the place in a file that it is about."""

from __future__ import annotations

from typing import NamedTuple

from common.errors import FlowtrailError


class ImportFailed(FlowtrailError):
    """An import that cannot go on: a ``code`` for programs, a ``message`` for people, a ``hint`` on what to do."""


class Place(NamedTuple):
    """Where something stands: the file, and a line of it or the number of a record, from 1."""

    file: str
    number: int
    unit: str = "line"

    def __str__(self) -> str:
        return f"{self.file}, {self.unit} {self.number:,}"


class Unreadable(Exception):
    """One record that cannot become an event: ``place``, ``field`` ('' for the whole record), why, what to do."""

    def __init__(self, place: Place, field: str, why: str, remedy: str) -> None:
        super().__init__(f"{place}{f', {field}' if field else ''}: {why} {remedy}".strip())
        self.place = place
        self.field = field
        self.why = why
        self.remedy = remedy
