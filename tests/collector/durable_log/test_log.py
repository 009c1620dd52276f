from __future__ import annotations

import errno
import struct
import tempfile
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.durable_log.log import DurableLog, LogHooks
from collector.durable_log.record import Damage, Record, encode, scan
from collector.durable_log.segment import FileSegment, Position, segment_numbers, segment_path
from collector.errors import LogFailed
from store.intake import Envelope, Signal

START = Position(0, 0)
ENVELOPES = st.lists(
    st.builds(Envelope, st.text(max_size=8), st.integers(0, 2**63), st.binary(max_size=60), st.sampled_from(Signal)),
    min_size=1,
    max_size=6,
)


def opened(
    directory: Path, start: Position = START, segment_bytes: int = 10_000, hooks: LogHooks | None = None
) -> DurableLog:
    return DurableLog(directory, start, segment_bytes=segment_bytes, hooks=hooks)


def numbered(count: int, size: int = 20) -> list[Envelope]:
    return [Envelope("default", number, bytes([number]) * size) for number in range(1, count + 1)]


def drain(log: DurableLog, max_bytes: int = 1000) -> list[Envelope]:
    """Read and release everything."""
    envelopes: list[Envelope] = []
    while batch := log.read_next(max_bytes):
        envelopes += batch.envelopes
        log.release(batch)
    return envelopes


def only_file(directory: Path) -> Path:
    (number,) = segment_numbers(directory)
    return segment_path(directory, number)


def record_ends(envelopes: list[Envelope]) -> list[int]:
    ends, at = [], 0
    for envelope in envelopes:
        at += sum(map(len, encode(envelope)))
        ends.append(at)
    return ends


@settings(max_examples=80, deadline=None)
@given(ENVELOPES, st.data())
def test_a_file_cut_at_any_byte_keeps_exactly_the_whole_records(envelopes, data):
    with tempfile.TemporaryDirectory() as name:
        log = opened(Path(name))
        log.append(envelopes)
        log.close()
        file = only_file(Path(name))
        cut = data.draw(st.integers(0, file.stat().st_size))
        with file.open("r+b") as handle:
            handle.truncate(cut)
        survivors = [envelope for envelope, end in zip(envelopes, record_ends(envelopes), strict=True) if end <= cut]
        reopened = opened(Path(name))
        assert drain(reopened) == survivors
        assert reopened.torn_bytes == cut - (record_ends(survivors) or [0])[-1]


@settings(max_examples=150, deadline=None)
@given(ENVELOPES, st.data())
def test_a_flipped_byte_never_gives_a_false_record(envelopes, data):
    whole = b"".join(part for envelope in envelopes for part in encode(envelope))
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    parts = list(scan(damaged))
    first_bad = sum(end <= at for end in record_ends(envelopes))
    records = [item.envelope for item in parts if isinstance(item, Record)]
    assert records[:first_bad] == envelopes[:first_bad]
    assert all(record in envelopes for record in records)
    assert any(isinstance(item, Damage) for item in parts)


def test_a_tail_of_zeros_is_cut_off_as_an_unfinished_write(tmp_path):
    log = opened(tmp_path)
    log.append(numbered(2))
    log.close()
    with only_file(tmp_path).open("ab") as file:
        file.write(bytes(500))
    reopened = opened(tmp_path)
    assert reopened.torn_bytes == 500
    assert drain(reopened) == numbered(2)


def test_a_damaged_body_costs_one_record_and_a_damaged_header_the_rest_of_its_file(tmp_path):
    envelopes = numbered(4)
    log = opened(tmp_path)
    log.append(envelopes)
    log.close()
    first, second, *_ = record_ends(envelopes)
    with only_file(tmp_path).open("r+b") as file:
        file.seek(first - 1)
        file.write(b"?")
        file.seek(second + 1)
        file.write(b"?")
    log = opened(tmp_path)
    batch = log.read_next(1000)
    assert batch is not None
    assert batch.envelopes == (envelopes[1],)
    assert [damage.reason for damage in batch.damages] == ["damaged record body"]
    log.release(batch)
    rest = log.read_next(1000)
    assert rest is not None
    assert rest.envelopes == ()
    assert [(damage.start, damage.end) for damage in rest.damages] == [(second, record_ends(envelopes)[-1])]


def test_records_come_back_in_order_over_many_files_and_finished_files_are_deleted(tmp_path):
    log = opened(tmp_path, segment_bytes=200)
    for envelope in numbered(30):
        log.append([envelope])
    assert len(segment_numbers(tmp_path)) > 5
    assert log.oldest_age_s() > 0
    assert drain(log, max_bytes=150) == numbered(30)
    assert log.pending_bytes == 0
    assert log.oldest_age_s() == 0
    assert len(segment_numbers(tmp_path)) == 1


def test_a_record_larger_than_a_batch_is_a_batch_of_its_own(tmp_path):
    log = opened(tmp_path)
    log.append([Envelope("t", 1, b"x" * 5000), Envelope("t", 2, b"y")])
    assert [len(envelope.request) for envelope in drain(log, max_bytes=100)] == [5000, 1]


def test_a_reopened_log_continues_after_what_was_released(tmp_path):
    log = opened(tmp_path)
    log.append(numbered(3))
    batch = log.read_next(80)
    assert batch is not None
    log.release(batch)
    log.close()
    reopened = opened(tmp_path, batch.end)
    reopened.append([Envelope("default", 99, b"new")])
    assert list(batch.envelopes) + drain(reopened) == [*numbered(3), Envelope("default", 99, b"new")]


def test_an_emptied_log_does_not_use_its_file_numbers_again(tmp_path):
    reopened = opened(tmp_path, Position(7, 123))
    reopened.append(numbered(1))
    assert segment_numbers(tmp_path) == [8]
    assert drain(reopened) == numbered(1)


class FailingSegment(FileSegment):
    """A file on a disk that fails when told to: while writing after some bytes, while syncing, while cutting back."""

    fail: set[str] = set()  # noqa: RUF012 (shared on purpose: the disk fails, not the file)

    def write(self, data: bytes, offset: int) -> None:
        if "write" in self.fail:
            super().write(data[: len(data) // 2], offset)
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(data, offset)

    def sync(self) -> None:
        if "sync" in self.fail:
            raise OSError(errno.EIO, "Input/output error")
        super().sync()

    def truncate(self, size: int) -> None:
        if "truncate" in self.fail:
            raise OSError(errno.EIO, "Input/output error")
        super().truncate(size)


@pytest.fixture
def disk():
    FailingSegment.fail = set()
    yield FailingSegment.fail
    FailingSegment.fail = set()


@pytest.mark.parametrize("fault", [{"write"}, {"sync"}, {"write", "truncate"}, {"sync", "truncate"}])
@pytest.mark.parametrize("before", [0, 2])
def test_a_failed_append_leaves_nothing_and_the_log_goes_on_when_the_disk_works_again(tmp_path, disk, fault, before):
    log = opened(tmp_path, hooks=LogHooks(open_segment=FailingSegment))
    written = numbered(before)
    if written:
        log.append(written)
    disk.update(fault)
    for _ in range(2):
        with pytest.raises(LogFailed):
            log.append([Envelope("default", 50, b"refused" * 10)])
    assert log.pending_bytes == sum(record_ends(written)[-1:])
    disk.clear()
    log.append([Envelope("default", 60, b"taken")])
    log.close()
    assert drain(opened(tmp_path)) == [*written, Envelope("default", 60, b"taken")]


def test_a_record_of_an_unknown_signal_is_damage():
    record = bytearray(b"".join(encode(numbered(1)[0])))
    record[16] = 9
    record[35:39] = struct.pack("<I", crc32(record[:35]))
    assert [type(part) for part in scan(bytes(record))] == [Damage]


def test_the_age_of_the_log_counts_from_the_append_and_ends_with_the_release(tmp_path):
    now_s = [1000.0]
    log = opened(tmp_path, hooks=LogHooks(clock=lambda: int(now_s[0] * 1e9)))
    assert log.oldest_age_s() == 0
    log.append([Envelope("default", 1, b"a letter from long ago")])
    now_s[0] += 30
    log.append(numbered(1))
    assert log.oldest_age_s() == 30
    first = log.read_next(1)
    assert first is not None
    log.release(first)
    assert log.oldest_age_s() == 0
    now_s[0] += 7
    assert log.oldest_age_s() == 7


def test_files_are_readable_by_their_owner_alone(tmp_path):
    log = opened(tmp_path, segment_bytes=50)
    for envelope in numbered(5):
        log.append([envelope])
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_probe_tells_whether_the_disk_takes_a_write_and_leaves_nothing(tmp_path, disk):
    log = opened(tmp_path, hooks=LogHooks(open_segment=FailingSegment))
    disk.add("write")
    with pytest.raises(LogFailed, match="No space left"):
        log.probe()
    disk.clear()
    log.probe()
    assert list(tmp_path.iterdir()) == []
