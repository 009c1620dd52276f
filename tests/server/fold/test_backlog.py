"""What waits for the fold, and for how long."""

import pytest

from server.fold.backlog import MOST, Backlog


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def backlog(clock):
    return Backlog(clock)


def test_nothing_waits_at_first(backlog):
    assert (backlog.batches, backlog.oldest_s) == (0, 0.0)


def test_the_oldest_batch_says_how_long(backlog, clock):
    backlog.arrived()
    clock.now += 5
    backlog.arrived(2)
    assert (backlog.batches, backlog.oldest_s) == (3, 5.0)


def test_what_arrives_during_a_run_waits_for_the_next(backlog, clock):
    backlog.arrived(2)
    clock.now += 1
    backlog.begin()
    clock.now += 1
    backlog.arrived()
    assert (backlog.batches, backlog.oldest_s) == (3, 2.0)
    clock.now += 1
    backlog.end(2, everything=True)
    assert (backlog.batches, backlog.oldest_s) == (1, 1.0)


def test_a_run_that_folded_a_part_leaves_the_rest(backlog, clock):
    backlog.arrived(64)
    clock.now += 10
    backlog.arrived(3)
    backlog.begin()
    backlog.end(64, everything=False)
    assert (backlog.batches, backlog.oldest_s) == (3, 0.0)


def test_a_batch_that_was_announced_twice_is_forgotten_with_a_whole_run(backlog, clock):
    backlog.arrived(5)
    clock.now += 1
    backlog.begin()
    backlog.end(1, everything=True)
    assert backlog.batches == 0


def test_it_does_not_grow_without_end(backlog):
    backlog.arrived(10 * MOST)
    backlog.arrived()
    assert backlog.batches == MOST
