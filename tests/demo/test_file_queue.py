import threading

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from demo.file_queue import FileQueue
from demo.systems.consumer import InstantBell, consume
from demo.virtual_loop import NothingScheduledError, VirtualTimeLoop


class QueueMachine(RuleBasedStateMachine):
    """Whatever is sent is delivered until somebody acknowledges it in time, and never again after that."""

    messages = Bundle("messages")

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self.queue = FileQueue(":memory:", lambda: self.now, visibility_s=10)
        self.sent = 0
        self.acked: set[int] = set()
        self.visible_from: dict[int, float] = {}
        self.deliveries: dict[int, int] = {}

    @rule(delay=st.sampled_from([0.0, 3.0]))
    def send(self, delay):
        self.sent += 1
        self.queue.send({"n": self.sent}, {"traceparent": str(self.sent)}, delay_s=delay)
        self.visible_from[self.sent] = self.now + delay

    @rule(target=messages)
    def receive(self):
        message = self.queue.receive()
        due = [n for n, at in self.visible_from.items() if at <= self.now]
        if message is None:
            assert not due
            return None
        n = message.body["n"]
        assert n == min(due, key=lambda n: (self.visible_from[n], n))
        assert n not in self.acked
        assert message.headers == {"traceparent": str(n)}
        self.visible_from[n] = self.now + 10
        self.deliveries[n] = self.deliveries.get(n, 0) + 1
        assert message.deliveries == self.deliveries[n]
        return message

    def _is_holder(self, message):
        n = message.body["n"]
        return n not in self.acked and message.deliveries == self.deliveries[n]

    @rule(message=messages)
    def ack(self, message):
        if message is None:
            return
        expected = self._is_holder(message)
        assert self.queue.ack(message) is expected
        if expected:
            self.acked.add(message.body["n"])
            del self.visible_from[message.body["n"]]

    @rule(message=messages)
    def release(self, message):
        if message is None:
            return
        expected = self._is_holder(message)
        assert self.queue.release(message, delay_s=1.0) is expected
        if expected:
            self.visible_from[message.body["n"]] = self.now + 1.0

    @rule(seconds=st.sampled_from([0.5, 4.0, 20.0]))
    def time_passes(self, seconds):
        self.now += seconds

    @invariant()
    def nothing_is_lost(self):
        assert len(self.queue) == self.sent - len(self.acked)
        assert self.queue.next_visible_at() == min(self.visible_from.values(), default=None)

    def teardown(self):
        self.queue.close()


TestQueue = QueueMachine.TestCase
TestQueue.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_two_receivers_of_one_file_never_hold_the_same_message(tmp_path):
    path = tmp_path / "queue.sqlite"
    sender = FileQueue(path, lambda: 0.0)
    for n in range(200):
        sender.send({"n": n}, {})
    taken: list[int] = []

    def work():
        queue = FileQueue(path, lambda: 0.0)
        while message := queue.receive():
            taken.append(message.body["n"])
            assert queue.ack(message)
        queue.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(200))
    assert len(sender) == 0
    sender.close()


def test_messages_outlive_the_process_that_sent_them(tmp_path):
    first = FileQueue(tmp_path / "queue.sqlite", lambda: 0.0)
    first.send({"order": "SO-1"}, {"baggage": "flow.case.id=SO-1"})
    first.close()
    second = FileQueue(tmp_path / "queue.sqlite", lambda: 0.0)
    message = second.receive()
    assert message is not None
    assert (message.body, message.headers) == ({"order": "SO-1"}, {"baggage": "flow.case.id=SO-1"})
    second.close()


def test_a_message_its_worker_died_on_is_delivered_again_when_its_visibility_ends():
    loop = VirtualTimeLoop()
    seen: list[tuple[float, int]] = []

    async def dies_once(message):
        seen.append((loop.time(), message.deliveries))
        return message.deliveries == 2

    async def run():
        bell = InstantBell(loop.time)
        queue = FileQueue(":memory:", loop.time, visibility_s=30, on_send=bell.ring)
        queue.send({}, {}, delay_s=5)
        await consume(queue, bell, dies_once)

    with pytest.raises(NothingScheduledError):  # dealt with: the consumer would wait for ever
        loop.run_until_complete(run())
    assert seen == [(5.0, 1), (35.0, 2)]
