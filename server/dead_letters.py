"""The dead letters of a collector that does not run: see what they are, put them into its log again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from collector.check import expect_acceptable
from collector.dead_letters import SUFFIX, DeadLetters
from collector.engine import DEAD_LETTERS, Engine, EngineHooks
from collector.errors import CollectorError, DirectoryInUse
from collector.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.dead_letters import Letter, Replayed
    from collector.settings import CollectorSettings
    from store.intake import Envelope


def list_letters(settings: CollectorSettings) -> list[Letter]:
    """Every letter, oldest first. Only reads, so a collector may run meanwhile."""
    directory = settings.log_dir / DEAD_LETTERS
    if not any(directory.glob(f"*{SUFFIX}")):
        return []
    return list(DeadLetters(directory, settings.dead_letter_cap_bytes).list())


def replay_letters(settings: CollectorSettings, ids: Sequence[str]) -> Replayed:
    """Append letters (all if ``ids`` is empty) to the durable log and remove those it took; the next start stores them.

    Raises CollectorError ``directory_in_use`` while a collector runs.
    """
    with _log_of(settings) as engine:

        def submit(envelope: Envelope) -> None:
            expect_acceptable(envelope.request, settings.max_spans_per_request)
            engine.log.append([envelope])

        return engine.dead_letters.replay(submit, ids or None)


@contextmanager
def _log_of(settings: CollectorSettings) -> Iterator[Engine]:
    """The log, opened as a start of the collector opens it, with nothing running on it."""
    try:
        engine = Engine(settings, EngineHooks(_store_nothing, _store_nothing), Telemetry())
    except DirectoryInUse as error:
        raise CollectorError(error.code, error.message, "Stop flowtrail serve first.") from None
    try:
        yield engine
    finally:
        engine.stop(0)


def _store_nothing(_envelopes: Sequence[Envelope], _token: str) -> None:
    raise AssertionError  # the writer is never started
