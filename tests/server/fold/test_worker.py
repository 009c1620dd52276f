"""The fold worker: folds when woken, says what is wrong, keeps going, counts what it does."""

import threading

from collector.telemetry.telemetry import Telemetry
from server.fold.telemetry import FoldTelemetry
from server.fold.worker import FoldWorker
from store.errors import StoreUnavailable


class Fold:
    """A folder whose runs are written down; it fails as often as told."""

    def __init__(self, batches, failures=(), left_over=()):
        self.batches = list(batches)
        self.failures = list(failures)
        self.left_over = list(left_over)
        self.changed = threading.Condition()

    def pending(self, limit):
        return self.left_over[:limit]

    def fold_pending(self):
        with self.changed:
            self.changed.notify_all()
            if self.failures:
                raise self.failures.pop()
            return self.batches.pop() if self.batches else 0

    def forget_folded(self):
        pass

    def wait(self, true):
        with self.changed:
            assert self.changed.wait_for(true, timeout=60)


def test_folds_what_waits_at_the_start_and_when_woken():
    folder = Fold([1, 2])
    worker = FoldWorker(folder)
    worker.start()
    folder.wait(lambda: not folder.batches)
    folder.batches = [5]
    worker.wake()
    folder.wait(lambda: not folder.batches)
    worker.stop()
    assert worker.telemetry.batches.value() == 8
    assert worker.trouble is None


def test_a_store_that_is_away_and_a_defect_are_said_and_tried_again():
    folder = Fold([1], [StoreUnavailable("away"), ValueError("a defect")])
    worker = FoldWorker(folder)
    worker.start()
    folder.wait(lambda: not folder.failures)
    folder.wait(lambda: not folder.batches)
    worker.stop()
    assert (worker.telemetry.failures.value(), worker.telemetry.batches.value()) == (2, 1)


def test_what_waits_is_on_the_page_of_metrics():
    telemetry = Telemetry()
    folder = Fold([], [StoreUnavailable("away")] * 100, left_over=["b1", "b2"])
    worker = FoldWorker(folder, FoldTelemetry(telemetry))
    worker.start()
    folder.wait(lambda: len(folder.failures) < 100)
    worker.wake()
    lines = dict(line.split(" ") for line in telemetry.page().splitlines() if line.startswith("flowtrail_fold_"))
    assert float(lines["flowtrail_fold_pending_batches"]) == 3
    assert float(lines["flowtrail_fold_oldest_pending_seconds"]) > 0
    folder.failures = []
    folder.wait(lambda: not folder.failures)
    worker.stop()
