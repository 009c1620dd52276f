"""The fold worker: folds when woken, says what is wrong, keeps going."""

import threading

from server.fold_worker import FoldWorker
from store.errors import StoreUnavailable


class Folder:
    """A folder whose runs are written down; it fails as often as told."""

    def __init__(self, batches, failures=()):
        self.batches = list(batches)
        self.failures = list(failures)
        self.changed = threading.Condition()

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
            assert self.changed.wait_for(true, timeout=20)


def test_folds_what_waits_at_the_start_and_when_woken():
    folder = Folder([1, 2])
    worker = FoldWorker(folder)
    worker.start()
    folder.wait(lambda: not folder.batches)
    folder.batches = [5]
    worker.wake()
    folder.wait(lambda: not folder.batches)
    worker.stop()
    assert worker.batches == 8
    assert worker.trouble is None


def test_a_store_that_is_away_and_a_defect_are_said_and_tried_again():
    folder = Folder([1], [StoreUnavailable("away"), ValueError("a defect")])
    worker = FoldWorker(folder)
    worker.start()
    folder.wait(lambda: not folder.failures)
    folder.wait(lambda: not folder.batches)
    worker.stop()
    assert (worker.failures, worker.batches) == (2, 1)
