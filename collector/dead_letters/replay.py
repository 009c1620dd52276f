"""Put dead letters into the durable log again, each once, whenever the collector is killed meanwhile.

A letter is set aside with the end of the log in its name, then its request is appended, then it is deleted. If a crash
comes between, the next start looks for the request in the log from that place on.
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
    """What became of the letters of a replay: ids taken again, and ids kept with the reason."""

    taken: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """Replays ``letters``.

    ``submit`` returns once the envelope is in the log and raises CollectorError if it is refused; ``end`` tells where
    the log ends.
    """

    letters: DeadLetters
    submit: Callable[[Envelope], None]
    end: Callable[[], Position]

    def run(self, ids: Iterable[str]) -> Replayed:
        """Replay the letters with these ids; those that are taken are no letters any more."""
        taken: list[str] = []
        kept: list[tuple[str, str]] = []
        for letter_id in ids:
            refusal = self._one(letter_id)
            if refusal is None:
                taken.append(letter_id)
            else:
                kept.append((letter_id, refusal))
        return Replayed(tuple(taken), tuple(kept))

    def _one(self, letter_id: str) -> str | None:
        try:
            letter, body = self.letters.read(letter_id)
            if letter.content == "raw":
                return "These are damaged bytes of the log, not a request; look at them, then drop them."
            end = self.end()
            aside = self.letters.set_aside(letter_id, f"{end.segment}-{end.offset}")
        except CollectorError as error:
            return str(error)
        try:
            self.submit(letter.envelope(body))
        except CollectorError as error:
            self.letters.restore(aside)
            return str(error)
        except BaseException:
            self.letters.restore(aside)
            raise
        aside.unlink()
        return None


def settle(letters: DeadLetters, in_log: Callable[[Envelope, Position], bool]) -> None:
    """Decide on the letters whose replay a crash interrupted; only for the collector that owns them, before it runs.

    ``in_log`` says whether the log holds a request from a place on: then it was taken, else it is a letter again.
    """
    for path, note, letter, body in letters.asides():
        segment, _, offset = note.partition("-")
        if in_log(letter.envelope(body), Position(int(segment), int(offset))):
            path.unlink()
        else:
            letters.restore(path)
