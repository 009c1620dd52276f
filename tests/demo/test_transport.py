import asyncio
import contextvars

import pytest

from demo.systems.service import Answers
from demo.transport import Call, CallFailedError, CallTimeoutError, DirectTransport, HttpTransport, Reply
from demo.virtual_loop import VirtualTimeLoop

MARK = contextvars.ContextVar("mark", default="fresh")


def run(work):
    loop = VirtualTimeLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def test_a_direct_call_is_as_far_away_as_http():
    seen = []

    async def handler(call: Call) -> Reply:
        seen.append((MARK.get(), call.body, call.headers))
        return Reply(201, {"ok": True})

    async def ask():
        transport = DirectTransport()
        transport.register("erp", {"/documents": handler})
        MARK.set("caller")
        return await transport.post("erp", "/documents", {"refs": ("a", "b")}, {"Traceparent": "00"})

    assert run(ask()) == Reply(201, {"ok": True})
    assert seen == [("fresh", {"refs": ["a", "b"]}, {"traceparent": "00"})]


def test_who_gives_up_waiting_does_not_stop_the_other_side():
    done = []

    async def slow(_: Call) -> Reply:
        await asyncio.sleep(8)
        done.append(True)
        return Reply(200)

    async def ask():
        transport = DirectTransport()
        transport.register("carrier", {"/bookings": slow})
        with pytest.raises(CallTimeoutError, match="carrier did not answer /bookings within 5 s"):
            await transport.post("carrier", "/bookings", {}, timeout_s=5)
        assert not done
        await asyncio.sleep(4)

    run(ask())
    assert done == [True]


def test_a_system_that_is_down_is_named():
    transport = HttpTransport({"erp": "http://127.0.0.1:9"})
    with pytest.raises(CallFailedError, match=r"erp cannot be reached at http://127\.0\.0\.1:9"):
        asyncio.run(transport.post("erp", "/documents", {}))


def test_a_double_click_is_answered_from_the_first_even_while_that_is_worked_out():
    acted = []

    async def collect() -> Reply:
        acted.append(True)
        await asyncio.sleep(1)
        return Reply(200, {"collected": len(acted)})

    async def click(answers: Answers) -> Reply:
        return await answers.repeat("pay:1") or await answers.work_out("pay:1", collect)

    async def twice():
        answers = Answers()
        return await asyncio.gather(click(answers), click(answers))

    assert run(twice()) == [Reply(200, {"collected": 1})] * 2


def test_an_act_that_breaks_leaves_its_key_free():
    async def broken() -> Reply:
        raise OSError("disk")

    async def fine() -> Reply:
        return Reply(200)

    async def again():
        answers = Answers()
        with pytest.raises(OSError, match="disk"):
            await answers.work_out("k", broken)
        assert await answers.repeat("k") is None
        return await answers.work_out("k", fine)

    assert run(again()) == Reply(200)
