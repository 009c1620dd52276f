"""What the services did, written down by themselves at the place where they act.

This account is independent of the telemetry: it uses none of the SDK, and Flowtrail never sees it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Refs = Mapping[str, str | Sequence[str]]


@dataclass
class Act:
    """One attempt of one step while it runs; the service fills in what only turns out on the way."""

    record: Record

    def failed(self, error_class: str, error: str) -> None:
        """The attempt failed: ``business`` or ``infrastructure``, and the code."""
        self.record |= {"error_class": error_class, "error": error}

    def note(self, **changes: Any) -> None:
        """Overwrite fields known only now (actor, action, outcome)."""
        self.record |= changes

    def refs(self, **refs: str | Sequence[str]) -> None:
        self.record["refs"] |= _lists(refs)


class TruthLog:
    """Writes the records of one system to ``sink``; times are RFC 3339 UTC with microseconds."""

    def __init__(self, system: str, now: Callable[[], datetime], sink: Callable[[Record], None]) -> None:
        self._system = system
        self._now = now
        self._sink = sink

    @contextmanager
    def act(self, step: str, *, order: str | None = None, **details: Any) -> Iterator[Act]:
        """Record one attempt from here to the end of the block.

        Details: attempt, kind, actor (type, or type and id), action, idempotency_key, refs, compensates, outcome, dims,
        cost and value (amount and currency), start (for what was opened earlier). An exception that nobody explained
        with ``failed`` is infrastructure.
        """
        act = Act(self._record("step", step, order, details))
        try:
            yield act
        except Exception as error:
            if "error_class" not in act.record:
                act.failed("infrastructure", type(error).__name__)
            self._close(act)
            raise
        self._close(act)  # a cancelled task never comes here: what it was doing is not done

    def opened(self, step: str, *, order: str, **details: Any) -> str:
        """Record that a step began which somebody will end later; returns its start for ``act(start=…)``."""
        record = self._record("open", step, order, details)
        self._sink(record)
        return str(record["start"])

    def fact(self, fact: str, **content: Any) -> None:
        """Record which things belong together, out of the system's own books."""
        self._sink({"type": fact, "system": self._system, "at": self._stamp(), **content})

    def _close(self, act: Act) -> None:
        self._sink({**act.record, "end": self._stamp()})

    def _record(self, record_type: str, step: str, order: str | None, details: Mapping[str, Any]) -> Record:
        return {
            "type": record_type,
            "system": self._system,
            "step": step,
            "order": order,
            "start": self._stamp(),
            "attempt": 1,
            "actor": ("service", self._system),
            **{name: _plain(name, value) for name, value in details.items()},
            "refs": _lists(details.get("refs", {})),
        }

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class JsonLines:
    """Appends records to a file, one JSON object a line, each on its way to disk when the call returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def __call__(self, record: Record) -> None:
        self._file.write(json.dumps(record) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def _plain(name: str, value: Any) -> Any:
    if name in {"cost", "value"}:
        return [str(value[0]), value[1]]
    if name == "actor" and isinstance(value, str):
        return [value, ""]
    return value


def _lists(refs: Refs) -> dict[str, list[str]]:
    return {kind: [ids] if isinstance(ids, str) else list(ids) for kind, ids in refs.items()}
