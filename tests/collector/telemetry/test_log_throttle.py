from __future__ import annotations

from collector.telemetry.log_throttle import MAX_SUBJECTS, LogThrottle


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_subject_is_logged_once_per_interval():
    clock = Clock()
    throttle = LogThrottle(60, clock)
    assert throttle.allows("key", "quota")
    assert not throttle.allows("key", "quota")
    assert throttle.allows("other", "quota")
    clock.now = 59.9
    assert not throttle.allows("key", "quota")
    clock.now = 60
    assert throttle.allows("key", "quota")
    assert not throttle.allows("key", "quota")


def test_it_remembers_a_limited_number_of_subjects():
    throttle = LogThrottle(60, Clock())
    for number in range(10 * MAX_SUBJECTS):
        assert throttle.allows(number)
    assert len(throttle._last_logged) <= MAX_SUBJECTS
