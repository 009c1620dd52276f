"""Whatever is done to the files of the durable log, reading them ends, and never yields what was not written."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from collector.durable_log.log import DurableLog
from collector.durable_log.record import Record, encode, scan
from collector.durable_log.segment import Position, segment_numbers, segment_path
from collector.writer.progress import WriterProgress
from proof.fuzz.messages import nearly
from proof.fuzz.profile import tries
from store.intake import Envelope, Signal

SEED = st.integers(0, 2**64 - 1)


def envelopes(dice: random.Random) -> list[Envelope]:
    return [
        Envelope(
            dice.choice(("default", "", "ü")), dice.getrandbits(63), dice.randbytes(dice.choice((0, 3, 200))), signal
        )
        for signal in dice.choices(list(Signal), k=dice.randint(1, 8))
    ]


def test_scanning_a_damaged_file_covers_it_and_invents_nothing():
    @tries(400)
    @given(SEED)
    def run(seed):
        dice = random.Random(seed)
        written = envelopes(dice)
        data = nearly(b"".join(part for one in written for part in encode(one)), dice)
        at = 0
        for found in scan(data):
            assert isinstance(found, Record) or found.start == at
            assert found.end > at
            at = found.end
            assert not isinstance(found, Record) or found.envelope in written
        assert at == len(data)

    run()


def test_a_log_with_damaged_files_is_read_to_its_end_and_goes_on():
    @tries(60)
    @given(SEED)
    def run(seed):
        dice = random.Random(seed)
        written = envelopes(dice)
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            log = DurableLog(directory, Position(0, 0), segment_bytes=dice.choice((0, 300, 10_000)))
            for one in written:
                log.append([one])
            log.close()
            for number in segment_numbers(directory):
                if dice.random() < 0.6:
                    path = segment_path(directory, number)
                    path.write_bytes(nearly(path.read_bytes(), dice))
            log = DurableLog(directory, Position(0, 0), segment_bytes=1000)
            assert all(one in written for one in drained(log))
            log.append([Envelope("default", 7, b"new")])
            assert drained(log) == [Envelope("default", 7, b"new")]
            assert log.pending_bytes == 0
            log.close()

    run()


def drained(log: DurableLog) -> list[Envelope]:
    """Read and release everything; ends, because each step moves on."""
    found: list[Envelope] = []
    before = -1
    while batch := log.read_next(500):
        assert (batch.end.segment, batch.end.offset) != before
        before = (batch.end.segment, batch.end.offset)
        found += batch.envelopes
        log.release(batch)
    return found


def test_a_damaged_note_of_progress_is_found_out():
    """A note that is not whole is not believed: the one before it counts, or the log from its start."""

    @tries(100)
    @given(SEED)
    def run(seed):
        dice = random.Random(seed)
        with tempfile.TemporaryDirectory() as name:
            progress = WriterProgress(Path(name))
            known = [progress.plan]
            for end in range(1, dice.randint(2, 5)):
                known += [progress.plan_next(progress.plan.end, Position(0, end * 10)), progress.mark_done()]
            progress.close()
            path = next(path for path in Path(name).iterdir() if path.name == "progress")
            data = bytearray(path.read_bytes())
            for _ in range(dice.randint(1, 3)):
                data[dice.randrange(len(data))] ^= dice.randint(1, 255)
            path.write_bytes(data)
            reopened = WriterProgress(Path(name))
            assert reopened.plan in known[-2:] or (reopened.plan.number, reopened.plan.end) == (0, Position(0, 0))
            reopened.close()

    run()
