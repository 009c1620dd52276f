from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.instants import SECOND
from cases.trail.event import Actor, TrailEvent
from cases.trail.waits import waits_between

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def step(start, end, system="erp"):
    """A step from ``start`` to ``end`` seconds; end None: it still runs."""
    state = "started" if end is None else "finished"
    end_ns = None if end is None else end * SECOND
    return TrailEvent(
        trace_id="t", span_id=f"{start}-{end}-{system}", parent_span_id="", system=system, name="n", step="n",
        kind="task", state=state, start_ns=start * SECOND, end_ns=end_ns, attempt=1, error=None, cost=None,
        cost_share=None, actor=Actor("", ""), action="", outcome=None, compensates=None, idempotency_key=None, refs=(),
        shared=None, plain=False,
    )  # fmt: skip


def gaps(*steps, until=None):
    waits, before = waits_between(steps, None if until is None else EPOCH + timedelta(seconds=until))
    return [wait.seconds for wait in waits], list(before.values())


@pytest.mark.parametrize(
    ("steps", "waits", "before"),
    [
        ([], [], []),
        ([(0, 10)], [], [None]),
        ([(0, 10), (15, 20)], [5], [None, 5]),
        ([(0, 10), (10, 20)], [], [None, 0]),
        ([(0, 10), (5, 20)], [], [None, 0]),
        ([(0, 100), (10, 20), (30, 40), (110, 120)], [10], [None, 0, 0, 10]),  # nested: the long one ends last
        ([(0, 10), (0, 30), (20, 25), (40, 50)], [10], [None, 0, 0, 10]),  # parallel
        ([(0, 0), (0, 0), (5, 5)], [5], [None, 0, 5]),  # instants
        ([(0, None), (50, 60), (90, 95)], [], [None, 0, 0]),  # one still runs
    ],
)
def test_a_wait_is_time_in_which_nothing_runs(steps, waits, before):
    made = [step(start, end, f"s{number}") for number, (start, end) in enumerate(steps)]
    assert gaps(*made) == (waits, before)


def test_a_wait_names_both_ends():
    shop, erp = step(0, 10, "shop"), step(15, 20, "erp")
    (wait,), _ = waits_between([shop, erp], None)
    assert (wait.after, wait.before, wait.from_system, wait.to_system) == (shop.id, erp.id, "shop", "erp")


def test_a_case_in_flight_waits_until_now_unless_something_runs():
    assert gaps(step(0, 10), until=70) == ([60], [None])
    assert gaps(step(0, None), until=70) == ([], [None])
    assert gaps(step(0, 10), until=5) == ([], [None])


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 50)), max_size=12))
def test_running_and_waiting_add_up_to_the_whole(spans):
    spans = sorted(((start, start + length) for start, length in spans), key=lambda span: (span[0], -span[1]))
    waits, _ = gaps(*(step(start, end, f"s{number}") for number, (start, end) in enumerate(spans)))
    running = {second for start, end in spans for second in range(start, end)}
    whole = max(end for _, end in spans) - spans[0][0] if spans else 0
    assert sum(waits) + len(running) == whole
