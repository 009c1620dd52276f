from __future__ import annotations

from uuid import UUID

from collector.durable_log.log import DurableLog
from collector.durable_log.segment import Position
from collector.writer.progress import WriterProgress
from store.intake import Envelope, Signal

SLOT = 4096


def test_the_last_plan_survives_with_its_token(tmp_path):
    first = WriterProgress(tmp_path, lambda: UUID(int=5))
    first.plan_next(Position(1, 0), Position(1, 80))
    first.mark_done()
    plan = first.plan_next(Position(1, 80), Position(1, 90))
    first.mark_cursor(Signal.LOGS, "0.1")
    first.mark_cursor(Signal.TRACES, "1")
    first.close()
    again = WriterProgress(tmp_path).plan
    assert (again.token, again.start, again.end) == (f"{UUID(int=5)}-2", Position(1, 80), Position(1, 90))
    assert (again.token, again.done, again.cursors) == (plan.token, False, {"logs": "0.1", "traces": "1"})


def test_a_plan_that_was_written_halfway_leaves_the_one_before_it(tmp_path):
    progress = WriterProgress(tmp_path)
    done = progress.plan_next(Position(1, 0), Position(1, 80))
    progress.plan_next(Position(1, 80), Position(1, 90))
    progress.close()
    with (tmp_path / "progress").open("r+b") as file:  # the second save of three is in slot 0
        file.write(b"torn")
    assert WriterProgress(tmp_path).plan == done


def test_lost_progress_begins_with_the_oldest_file_rather_than_losing_it(tmp_path):
    log = DurableLog(tmp_path, Position(4, 0), segment_bytes=1000)
    log.append([Envelope("default", 1, b"kept")])
    log.close()
    (tmp_path / "progress").write_bytes(b"\xff" * 2 * SLOT)
    plan = WriterProgress(tmp_path).plan
    assert (plan.end, plan.done) == (Position(5, 0), True)


def test_the_file_never_grows_so_that_progress_is_possible_on_a_full_disk(tmp_path):
    progress = WriterProgress(tmp_path)
    for number in range(50):
        progress.plan_next(Position(number, 0), Position(number, 80))
        progress.mark_done()
    assert (tmp_path / "progress").stat().st_size == 2 * SLOT
