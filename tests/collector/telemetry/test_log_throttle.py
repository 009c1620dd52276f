from __future__ import annotations

from collector.telemetry.log_throttle import MOST, LogThrottle


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_subject_is_let_through_once_in_a_while():
    clock = Clock()
    seldom = LogThrottle(60, clock)
    assert seldom.allows("key", "quota")
    assert not seldom.allows("key", "quota")
    assert seldom.allows("other", "quota")
    clock.now = 59.9
    assert not seldom.allows("key", "quota")
    clock.now = 60
    assert seldom.allows("key", "quota")
    assert not seldom.allows("key", "quota")


def test_it_does_not_remember_without_end():
    seldom = LogThrottle(60, Clock())
    for number in range(10 * MOST):
        assert seldom.allows(number)
    assert len(seldom._said) <= MOST
