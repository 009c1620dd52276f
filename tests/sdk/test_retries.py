"""A batch that the receiver does not take, when somebody waits for it: real HTTP, and a receiver that comes up late."""

from __future__ import annotations

import threading
from email.utils import formatdate

import flowtrail
import pytest
import requests
from flowtrail import _retries
from flowtrail._session import retry_after


@pytest.fixture
def runtime(receiver_that_is_down):
    """Sends at once; a batch that fails would then wait for minutes."""
    runtime = flowtrail.Runtime("wms", receiver_that_is_down.url, timeout_s=3600, schedule_delay_s=0.01)
    yield runtime
    runtime.shutdown(0)


@pytest.fixture
def long_pauses(monkeypatch):
    monkeypatch.setattr(_retries, "FIRST_PAUSE_S", 600)
    monkeypatch.setattr(_retries, "LONGEST_PAUSE_S", 600)


def record(runtime, n=1):
    case = flowtrail.Flow("f", runtime=runtime).case("SO-1")
    for i in range(n):
        with case.step(f"step-{i}"):
            pass


@pytest.fixture
def failed_tries(caplog):
    caplog.set_level("DEBUG", "flowtrail")
    return lambda: sum(record.message.startswith("Try ") for record in caplog.records)


def in_background(function):
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(function()), daemon=True)
    thread.start()

    def result():
        thread.join(60)
        return outcome[0]

    return result


@pytest.mark.usefixtures("long_pauses")
@pytest.mark.parametrize("ask", ["flush", "shutdown"])
def test_what_waits_is_tried_again_at_once_when_somebody_asks(
    runtime, receiver_that_is_down, ask, failed_tries, wait_for
):
    record(runtime)
    wait_for(failed_tries)
    receiver_that_is_down.start()
    assert getattr(runtime, ask)(60)
    assert runtime.stats().exported == 1
    assert receiver_that_is_down.names() == ["step-0"]


@pytest.mark.usefixtures("long_pauses")
@pytest.mark.parametrize("ask", ["flush", "shutdown"])
def test_a_collector_that_comes_up_while_somebody_waits_gets_everything(
    receiver_that_is_down, ask, failed_tries, wait_for
):
    runtime = flowtrail.Runtime("wms", receiver_that_is_down.url, timeout_s=3600, max_batch_size=2)
    record(runtime, 5)
    wait_for(failed_tries)
    result = in_background(lambda: getattr(runtime, ask)(60))
    wait_for(lambda: failed_tries() >= 3)
    receiver_that_is_down.start()
    assert result()
    assert runtime.stats() == flowtrail.Stats(exported=5, dropped=0, failed=0, pending=0)
    assert receiver_that_is_down.names() == [f"step-{i}" for i in range(5)]
    runtime.shutdown(0)


@pytest.mark.usefixtures("long_pauses")
def test_a_flush_in_vain_leaves_what_waits_for_the_next(runtime, receiver_that_is_down, failed_tries, wait_for):
    record(runtime)
    wait_for(failed_tries)
    assert not runtime.flush(0.5)
    assert failed_tries() >= 2
    assert runtime.stats().pending == 1
    receiver_that_is_down.start()
    assert runtime.flush(60)
    assert runtime.stats().exported == 1


def test_without_a_flush_it_is_tried_again_too(runtime, receiver_that_is_down, failed_tries, wait_for):
    record(runtime)
    wait_for(lambda: failed_tries() >= 2)
    receiver_that_is_down.start()
    wait_for(lambda: runtime.stats().exported == 1)


def test_what_a_collector_that_stays_down_did_not_take_is_counted_and_told(runtime, failed_tries, wait_for, caplog):
    record(runtime, 3)
    wait_for(failed_tries)
    runtime.shutdown(1)
    stats = runtime.stats()
    assert (stats.failed + stats.dropped, stats.exported, stats.pending) == (3, 0, 0)
    assert failed_tries() >= 2
    assert "could not deliver 3 spans" in caplog.text


def test_every_loss_is_told_at_the_end_also_soon_after_another(receiver, answer, caplog):
    runtime = flowtrail.Runtime("wms", receiver.url)
    for n in (1, 2, 3):
        receiver.answers = [answer(400)]
        record(runtime, n)
        assert runtime.flush(60)
    assert "could not deliver 5 spans" not in caplog.text
    assert runtime.shutdown(60)
    assert "could not deliver 5 spans" in caplog.text


def test_a_receiver_that_hangs_at_the_end_costs_what_it_holds_and_that_is_told(receiver, answer, wait_for, caplog):
    receiver.answers = [answer(hang=True)]
    runtime = flowtrail.Runtime("wms", receiver.url, timeout_s=3600)
    record(runtime, 2)
    assert not runtime.flush(0.05)
    wait_for(lambda: receiver.requests)
    assert not runtime.shutdown(0.05)
    assert runtime.stats() == flowtrail.Stats(exported=0, dropped=0, failed=2, pending=0)
    assert "could not deliver 2 spans" in caplog.text


@pytest.mark.usefixtures("long_pauses")
def test_a_try_at_the_end_that_hangs_ends_with_the_shutdown(receiver, answer, wait_for):
    receiver.answers = [answer(503), answer(hang=True)]
    runtime = flowtrail.Runtime("wms", receiver.url, timeout_s=3600, schedule_delay_s=0.01)
    record(runtime)
    wait_for(lambda: receiver.requests)
    runtime.shutdown(1)
    assert len(receiver.requests) == 2
    wait_for(lambda: not runtime._queue._thread.is_alive())
    assert runtime.stats() == flowtrail.Stats(exported=0, dropped=0, failed=1, pending=0)


@pytest.mark.usefixtures("long_pauses")
def test_overload_without_a_time_is_tried_again_during_the_shutdown(receiver, answer):
    receiver.answers = [answer(503), answer(503)]
    runtime = flowtrail.Runtime("wms", receiver.url, timeout_s=3600)
    record(runtime)
    assert runtime.shutdown(60)
    assert runtime.stats().exported == 1
    assert len(receiver.requests) == 3


def test_the_shutdown_keeps_to_the_time_the_receiver_asked_for(receiver, answer):
    receiver.answers = [answer(503, {"Retry-After": "1"})]
    runtime = flowtrail.Runtime("wms", receiver.url, timeout_s=3600)
    record(runtime)
    assert runtime.shutdown(60)
    assert runtime.stats().exported == 1
    assert receiver.times[1] - receiver.times[0] >= 1


@pytest.mark.parametrize("before", ["", "wait"])
def test_a_receiver_that_asks_for_more_than_is_left_is_given_up_at_once(receiver, answer, before, wait_for, caplog):
    receiver.answers = [answer(503, {"Retry-After": "300"})]
    runtime = flowtrail.Runtime("wms", receiver.url, timeout_s=3600, schedule_delay_s=0.01)
    record(runtime)
    if before:
        wait_for(lambda: receiver.requests)
    assert runtime.shutdown(60)
    assert runtime.stats().failed == 1
    assert len(receiver.requests) == 1
    assert "could not deliver 1 spans" in caplog.text


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7), ("0.5", 0.5), ("-3", 0), ("", None), ("soon", None), ("inf", None), ("nan", None)]
)
def test_retry_after_in_seconds(text, seconds):
    response = requests.Response()
    response.headers["retry-after"] = text
    assert retry_after(response) == seconds


def test_retry_after_as_a_date():
    response = requests.Response()
    response.headers["Retry-After"] = formatdate(usegmt=True)
    assert retry_after(response) == 0
    response.headers["Retry-After"] = "Fri, 31 Dec 9999 23:59:59 GMT"
    assert retry_after(response) > 1e9


def test_pauses_double_up_to_five_seconds():
    for failures in range(1, 40):
        middle = min(5.0, 0.2 * 2 ** (failures - 1))
        assert 0.8 * middle <= _retries.growing(failures) <= 1.2 * middle
