"""The dead letters of one collector, for the command line: in its folder while it is stopped, else over HTTP."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from collector.check.request import expect_acceptable
from collector.dead_letters.replay import Replay
from collector.dead_letters.store import DeadLetters
from collector.dead_letters.view import metadata
from collector.durable_log.directory_lock import DirectoryLock
from collector.errors import CollectorError, DirectoryInUse
from collector.pipeline import DEAD_LETTERS, Pipeline, PipelineHooks
from collector.routes.dead_letters import PATH, described
from collector.telemetry.telemetry import Telemetry
from server.client import ServerClient
from server.running import collector_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.settings import CollectorSettings
    from server.settings import Settings
    from store.intake import Envelope

_PAGE: Final = 500


class Desk(Protocol):
    """Where letters are worked on; what it answers has the shape of the HTTP API.

    Raises CollectorError and ClientError.
    """

    def all(self) -> Iterator[dict[str, Any]]:
        """The metadata of every letter, oldest first."""
        ...

    def show(self, letter_id: str, *, values: bool) -> dict[str, Any]:
        """One letter with its request decoded; ``values``: with what it carries."""
        ...

    def replay(self, ids: Sequence[str]) -> dict[str, Any]:
        """Put letters into the log again: ``taken`` ids, and ``kept`` ones with the reason."""
        ...

    def drop(self, letter_id: str) -> None:
        """Delete a letter for good."""
        ...


def desk(settings: Settings, url: str, key: str) -> Desk:
    """The letters at ``url``; without one, those of the collector that runs on the data directory, or of its files."""
    address = url or collector_address(settings.data, "--url")
    return HttpDesk(address, key) if address else FolderDesk(settings.collector())


@dataclass(frozen=True, slots=True)
class FolderDesk:
    """The letters of a collector that does not run; the next start stores what is replayed."""

    settings: CollectorSettings

    def all(self) -> Iterator[dict[str, Any]]:
        there = (self.settings.log_dir / DEAD_LETTERS).exists()
        return map(metadata, self._letters().list()) if there else iter(())

    def show(self, letter_id: str, *, values: bool) -> dict[str, Any]:
        letter, body = self._letters().read(letter_id)
        return described(letter, body, values=values)

    def replay(self, ids: Sequence[str]) -> dict[str, Any]:
        with _pipeline(self.settings) as pipeline:

            def submit(envelope: Envelope) -> None:
                expect_acceptable(envelope, self.settings, time.time_ns())
                pipeline.log.append([envelope])

            outcome = Replay(pipeline.dead_letters, submit, lambda: pipeline.log.end).run(ids)
        kept = [{"id": letter_id, "reason": reason} for letter_id, reason in outcome.kept]
        return {"taken": list(outcome.taken), "kept": kept}

    def drop(self, letter_id: str) -> None:
        lock = DirectoryLock(self.settings.log_dir)
        try:
            self._letters().delete(letter_id)
        finally:
            lock.close()

    def _letters(self) -> DeadLetters:
        return DeadLetters(self.settings.log_dir / DEAD_LETTERS, self.settings.dead_letter_cap_bytes)


class HttpDesk:
    """The letters of a collector that runs at ``url``; ``key`` is sent along if there is one."""

    def __init__(self, url: str, key: str) -> None:
        self._server = ServerClient(url, key)

    def all(self) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            page = self._server.ask("GET", PATH, params={"limit": _PAGE, "after": after})
            yield from page["letters"]
            if page["next"] is None:
                return
            after = page["next"]

    def show(self, letter_id: str, *, values: bool) -> dict[str, Any]:
        letter: dict[str, Any] = self._server.ask(
            "GET", f"{PATH}/{letter_id}", params={"values": "true" if values else "false"}
        )
        return letter

    def replay(self, ids: Sequence[str]) -> dict[str, Any]:
        outcome: dict[str, Any] = {"taken": [], "kept": []}
        for start in range(0, len(ids), _PAGE):
            answer = self._server.ask("POST", f"{PATH}/replay", json={"ids": list(ids[start : start + _PAGE])})
            outcome["taken"] += answer["taken"]
            outcome["kept"] += answer["kept"]
        return outcome

    def drop(self, letter_id: str) -> None:
        self._server.ask("DELETE", f"{PATH}/{letter_id}")


@contextmanager
def _pipeline(settings: CollectorSettings) -> Iterator[Pipeline]:
    """The log, opened as a start of the collector opens it, with nothing running on it."""
    try:
        pipeline = Pipeline(settings, PipelineHooks(_nothing, _nothing, _nothing), Telemetry())
    except DirectoryInUse as error:
        raise CollectorError(error.code, error.message, "Try again: a collector was started just now.") from None
    try:
        yield pipeline
    finally:
        pipeline.stop(0)


def _nothing(_what: object, _token: str) -> None:
    raise AssertionError  # the writer is never started
