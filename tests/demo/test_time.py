import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from demo.arrivals import plan_arrivals
from demo.clock import LiveClock, SimulatedClock
from demo.systems.office import after_office_time
from demo.systems.policy import policy_of_history, steady_policy
from demo.virtual_loop import NothingScheduledError, VirtualTimeLoop

FRIDAY = datetime(2026, 3, 6, tzinfo=UTC)
HOUR = 3600.0


@pytest.fixture
def loop():
    loop = VirtualTimeLoop()
    yield loop
    loop.close()


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (FRIDAY.replace(hour=9), 2, FRIDAY.replace(hour=11)),
        (FRIDAY.replace(hour=5), 1, FRIDAY.replace(hour=8)),
        (FRIDAY.replace(hour=16), 3, FRIDAY.replace(hour=9) + timedelta(days=3)),
        (FRIDAY.replace(hour=20), 1, FRIDAY.replace(hour=8) + timedelta(days=3)),
        (FRIDAY + timedelta(days=1, hours=12), 11, FRIDAY.replace(hour=8) + timedelta(days=4)),
    ],
)
def test_people_work_in_office_hours_only(start, hours, end):
    assert after_office_time(start, hours * HOUR) == end


def test_weeks_pass_at_once_and_in_order(loop):
    seen = []

    async def sleeper(name, seconds):
        await asyncio.sleep(seconds)
        seen.append((name, asyncio.get_running_loop().time()))

    async def run():
        await asyncio.gather(sleeper("late", 3e6), sleeper("early", 5), sleeper("early too", 5))

    loop.run_until_complete(run())
    assert seen == [("early", 5.0), ("early too", 5.0), ("late", 3e6)]


def test_a_simulation_in_which_nothing_can_happen_any_more_says_so(loop):
    with pytest.raises(NothingScheduledError):
        loop.run_until_complete(asyncio.Event().wait())


def test_the_simulated_clock_tells_the_same_instant_twice(loop):
    clock = SimulatedClock(FRIDAY, loop)

    async def run():
        await clock.wait(1.5)
        await clock.person(HOUR, hurried=True)

    loop.run_until_complete(run())
    assert clock.now() == FRIDAY.replace(hour=8)
    assert clock.now_ns() == int(clock.now().timestamp()) * 10**9


def test_the_live_clock_reads_the_time_it_is_given():
    assert LiveClock(nanoseconds=lambda: 1_500_000_000).now() == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)


def test_orders_arrive_by_the_rhythm_of_the_week():
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    arrivals = plan_arrivals(1, monday, monday + timedelta(weeks=3), 2000)
    assert len(arrivals) == 2000
    assert [a.at for a in arrivals] == sorted(a.at for a in arrivals)
    by_day = [sum(a.at.weekday() == day for a in arrivals) for day in range(7)]
    assert by_day[0] > by_day[5] > by_day[6]
    assert sum(10 <= a.at.hour < 22 for a in arrivals) > 0.6 * 2000
    assert len({a.order["reference"] for a in arrivals}) == 2000


def test_manual_work_gives_way_over_the_history():
    start, end = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 4, 13, tzinfo=UTC)
    policy = policy_of_history(start, end)
    assert policy.approval_limit(end) > policy.approval_limit(start)
    assert policy.address_mended_by_machine(end) > policy.address_mended_by_machine(start)
    assert policy.outage is not None
    assert policy.booking_refused(policy.outage[0]) > policy.booking_refused(policy.outage[1])
    assert steady_policy().approval_limit(end) == policy.approval_limit(start)
