"""One log record of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from cases import instants

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cases.identifier import Identifier
    from cases.trail.event import Shared

Severity = Literal["unspecified", "trace", "debug", "info", "warn", "error", "fatal"]
Joined = Literal["case", "id", "trace"]

_LEVELS: Final[tuple[Severity, ...]] = ("trace", "debug", "info", "warn", "error", "fatal")
# For records without a severity number: what the severity text begins with.
_WORDS: Final[dict[str, Severity]] = {
    "warn": "warn",
    "err": "error",
    "fatal": "fatal",
    "crit": "fatal",
    "alert": "fatal",
    "emerg": "fatal",
    "panic": "fatal",
    "info": "info",
    "notice": "info",
    "debug": "debug",
    "trace": "trace",
}
WARNINGS: Final = frozenset({"warn", "error", "fatal"})
"""Severities that mean a warning or worse."""


def severity_of(number: int, text: str) -> Severity:
    """The severity by OpenTelemetry's number (1 to 4 trace, 5 to 8 debug, …); without a number, by the text."""
    if 1 <= number <= 4 * len(_LEVELS):
        return _LEVELS[(number - 1) // 4]
    word = text.strip().lower()
    return next((level for start, level in _WORDS.items() if word.startswith(start)), "unspecified")


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One log record of a case.

    ``joined`` says how it belongs to the case: by its case id, by an ``identifier`` that it carries, or by its trace.
    ``event`` is the id of the event whose span wrote it, ``step`` that of the step of this case in or above that span;
    both may be None. ``body`` and attribute values may be cut; ``body_cut`` says whether the body is.
    """

    ns: int
    severity: Severity
    severity_text: str
    severity_number: int
    system: str
    body: str
    body_cut: bool
    event_name: str
    attributes: Mapping[str, str]
    trace_id: str
    span_id: str
    event: str | None
    step: str | None
    joined: Joined
    identifier: Identifier | None
    shared: Shared | None

    @property
    def time(self) -> datetime:
        return instants.to_datetime(self.ns)
