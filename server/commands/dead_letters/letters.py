"""The dead letters of one collector: in its files while it is stopped, over HTTP while it runs."""

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
"""Letters of one HTTP request."""


class Letters(Protocol):
    """The dead letters of a collector, as the HTTP API returns them. Methods raise CollectorError and ClientError."""

    def all(self) -> Iterator[dict[str, Any]]:
        """The metadata of every letter, oldest first."""
        ...

    def show(self, letter_id: str, *, values: bool) -> dict[str, Any]:
        """One letter with its request decoded; ``values``: also the values that the request carries."""
        ...

    def replay(self, ids: Sequence[str]) -> dict[str, Any]:
        """Append letters to the durable log again: ``taken`` ids, and ``kept`` ones with the reason."""
        ...

    def drop(self, letter_id: str) -> None:
        """Delete a letter for good."""
        ...


def letters_of(settings: Settings, url: str, key: str) -> Letters:
    """The letters of the collector at ``url``, or else of the data directory. Raises NotRunning."""
    address = url or collector_address(settings.data, "--url")
    return LettersOverHttp(address, key) if address else LettersInFiles(settings.collector())


@dataclass(frozen=True, slots=True)
class LettersInFiles:
    """The letters of a collector that is stopped. What is replayed is stored by its next start."""

    settings: CollectorSettings

    def all(self) -> Iterator[dict[str, Any]]:
        # Listing must not make a directory where no collector has ever run.
        exists = (self.settings.log_dir / DEAD_LETTERS).exists()
        return map(metadata, self._letters().list()) if exists else iter(())

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
        # A collector that starts at this moment could be replaying the letter.
        lock = DirectoryLock(self.settings.log_dir)
        try:
            self._letters().delete(letter_id)
        finally:
            lock.close()

    def _letters(self) -> DeadLetters:
        return DeadLetters(self.settings.log_dir / DEAD_LETTERS, self.settings.dead_letter_cap_bytes)


class LettersOverHttp:
    """The letters of a collector that runs at ``url``; ``key`` is sent along if there is one."""

    def __init__(self, url: str, key: str) -> None:
        self._server = ServerClient(url, key)

    def all(self) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            page = self._server.request("GET", PATH, params={"limit": _PAGE, "after": after})
            yield from page["letters"]
            if page["next"] is None:
                return
            after = page["next"]

    def show(self, letter_id: str, *, values: bool) -> dict[str, Any]:
        params = {"values": "true" if values else "false"}
        letter: dict[str, Any] = self._server.request("GET", f"{PATH}/{letter_id}", params=params)
        return letter

    def replay(self, ids: Sequence[str]) -> dict[str, Any]:
        outcome: dict[str, Any] = {"taken": [], "kept": []}
        for start in range(0, len(ids), _PAGE):
            answer = self._server.request("POST", f"{PATH}/replay", json={"ids": list(ids[start : start + _PAGE])})
            outcome["taken"] += answer["taken"]
            outcome["kept"] += answer["kept"]
        return outcome

    def drop(self, letter_id: str) -> None:
        self._server.request("DELETE", f"{PATH}/{letter_id}")


@contextmanager
def _pipeline(settings: CollectorSettings) -> Iterator[Pipeline]:
    """The durable log, opened as a start of the collector opens it, but with no thread that inserts."""
    try:
        pipeline = Pipeline(settings, PipelineHooks(_never_called, _never_called, _never_called), Telemetry())
    except DirectoryInUse as error:
        raise CollectorError(error.code, error.message, "A collector has just started. Try again.") from None
    try:
        yield pipeline
    finally:
        pipeline.stop(0)


def _never_called(_batch: object, _token: str) -> None:
    raise AssertionError  # the writer is not started
