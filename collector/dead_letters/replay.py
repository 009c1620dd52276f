"""Puts dead letters into the durable log again, each exactly once, even if the collector is killed meanwhile.

A letter is set aside (its file gets a name that contains the end of the log), then its request is appended, then the
file is deleted. After a crash in between, the next start looks for the request in the log from that position on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.durable_log.segment import Position
from collector.errors import CollectorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collector.dead_letters.store import DeadLetters
    from store.intake import Envelope


@dataclass(frozen=True, slots=True)
class Replayed:
    """The result of a replay: the ids that were taken, and the ids that were kept, each with the reason."""

    taken: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """Replays ``letters``.

    ``submit`` returns once the envelope is in the log, or raises CollectorError if it is refused. ``end`` returns the
    end of the log.
    """

    letters: DeadLetters
    submit: Callable[[Envelope], None]
    end: Callable[[], Position]

    def run(self, ids: Iterable[str]) -> Replayed:
        """Replay the letters with these ids. The letters that are taken are deleted."""
        taken: list[str] = []
        kept: list[tuple[str, str]] = []
        for letter_id in ids:
            refusal = self._replay(letter_id)
            if refusal is None:
                taken.append(letter_id)
            else:
                kept.append((letter_id, refusal))
        return Replayed(tuple(taken), tuple(kept))

    def _replay(self, letter_id: str) -> str | None:
        """Replay a letter. Returns why it was kept; None if it was taken."""
        try:
            letter, body = self.letters.read(letter_id)
            if letter.content == "raw":
                return "These are damaged bytes of the log, not a request. Look at them, then drop them."
            end = self.end()  # taken before the append, so the request can only lie behind it
            aside = self.letters.set_aside(letter_id, f"{end.segment}-{end.offset}")
        except CollectorError as error:
            return str(error)
        try:
            self.submit(letter.envelope(body))
        except CollectorError as error:
            self.letters.restore(aside)
            return str(error)
        except BaseException:  # also when the collector stops in the middle
            self.letters.restore(aside)
            raise
        aside.unlink()
        return None


def settle(letters: DeadLetters, in_log: Callable[[Envelope, Position], bool]) -> None:
    """Finish the replays that a crash interrupted. Only for the collector that owns the letters, before it runs.

    ``in_log`` says whether the log holds a request at a position or later. If so, the letter was taken and is deleted,
    else it is restored.
    """
    for path, note, letter, body in letters.asides():
        segment, _, offset = note.partition("-")
        if in_log(letter.envelope(body), Position(int(segment), int(offset))):
            path.unlink()
        else:
            letters.restore(path)
