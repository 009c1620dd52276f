import asyncio
import errno
import logging

from common import listener
from common.listener import Listener, bound_socket


class Greeting(asyncio.Protocol):
    def connection_made(self, transport):
        transport.write(b"hello")
        transport.close()


class Exhausted:
    """A socket of a process without descriptors: the first ``failures`` connections cannot be accepted."""

    def __init__(self, wrapped, failures):
        self._wrapped = wrapped
        self._failures = failures
        self.tries = 0

    def __getattr__(self, name):
        return getattr(self._wrapped, name)

    def accept(self):
        self.tries += 1
        if self.tries <= self._failures:
            raise OSError(errno.EMFILE, "Too many open files")
        return self._wrapped.accept()


async def _read(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    data = await reader.read()
    writer.close()
    return data


def test_connections_are_accepted_again_after_the_descriptors_ran_out(monkeypatch, caplog):
    monkeypatch.setattr(listener, "_PAUSE_S", 0.01)

    async def run():
        bound = Exhausted(bound_socket("127.0.0.1", 0), failures=20)
        port = bound.getsockname()[1]
        server = Listener(bound, Greeting, lambda: False)
        server.start()
        assert await _read(port) == b"hello"
        server.stop()

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
    assert len(caplog.records) == 1
    assert "ulimit -n" in caplog.text


def test_a_connection_is_closed_while_the_port_is_full(caplog):
    async def run():
        bound = bound_socket("127.0.0.1", 0)
        port = bound.getsockname()[1]
        server = Listener(bound, Greeting, lambda: True)
        server.start()
        assert [await _read(port) for _ in range(50)] == [b""] * 50
        server.stop()

    asyncio.run(run())
    assert len(caplog.records) == 1


def test_a_stopped_listener_frees_its_port():
    async def run():
        first = Listener(bound_socket("127.0.0.1", 0), Greeting, lambda: False)
        first.start()
        port = first._socket.getsockname()[1]
        first.stop()
        bound_socket("127.0.0.1", port).close()

    asyncio.run(run())


def test_it_listens_on_ipv6():
    async def run():
        bound = bound_socket("::1", 0)
        server = Listener(bound, Greeting, lambda: False)
        server.start()
        reader, writer = await asyncio.open_connection("::1", bound.getsockname()[1])
        assert await reader.read() == b"hello"
        writer.close()
        server.stop()

    asyncio.run(run())
