import asyncio

import httpx
import pytest

from dashboards.serving.asgi import MAX_BODY_BYTES, WsgiBridge


@pytest.fixture
def ask():
    """Sends a request to a WSGI app through the bridge."""
    bridges = []

    async def answer(app, method, target, more):
        bridges.append(WsgiBridge(app, threads=2))
        transport = httpx.ASGITransport(bridges[-1])
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return await client.request(method, target, **more)

    def send(app, method="GET", target="/", **more):
        return asyncio.run(answer(app, method, target, more))

    yield send
    for bridge in bridges:
        bridge.close()


def echo(env, start_response):
    start_response(
        "201 Created",
        [("X-Path", env["PATH_INFO"].encode("latin-1").decode()), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")],
    )
    names = ("REQUEST_METHOD", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_X_TWICE", "SERVER_PORT")
    return [str([env.get(name) for name in names]).encode(), env["wsgi.input"].read()]


def test_a_request_arrives_as_wsgi_says(ask):
    headers = [("X-Twice", "1"), ("X-Twice", "2"), ("Content-Type", "text/plain")]
    answer = ask(echo, "POST", "/trail/f/a%2Fb%20x?q=%22", content=b"body", headers=headers)
    assert answer.status_code == 201
    assert answer.headers["x-path"] == "/trail/f/a/b x"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.text == "['POST', 'q=%22', 'text/plain', '4', '1,2', '8080']body"


def test_a_body_that_is_too_large_is_refused(ask):
    assert ask(echo, "POST", content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413


def test_what_the_app_hands_out_is_closed(ask):
    class Chunks(list):
        closed = False

        def close(self):
            self.closed = True

    chunks = Chunks([b"a", b"b"])

    def app(_env, start_response):
        start_response("200 OK", [])
        return chunks

    assert ask(app).text == "ab"
    assert chunks.closed


class Download:
    """A WSGI app whose body has no Content-Length. It counts the pieces that were read and notices its close()."""

    def __init__(self, pieces):
        self.left, self.taken, self.closed = pieces, 0, False

    def __call__(self, _env, start_response):
        start_response("200 OK", [("Content-Type", "text/csv")])
        return self

    def __iter__(self):
        return self

    def __next__(self):
        if self.taken == self.left:
            raise StopIteration
        self.taken += 1
        return b"x"

    def close(self):
        self.closed = True


SCOPE = {
    "type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "http_version": "1.1",
}  # fmt: skip


async def piece_by_piece(app, messages):
    """The bodies that the bridge sends while the client says ``messages``."""
    bridge, sent, incoming = WsgiBridge(app, threads=1), [], iter(messages)
    over = asyncio.Event()

    async def receive():
        message = next(incoming, None)
        if message is None:
            await over.wait()
        return message or {"type": "http.disconnect"}

    async def send(message):
        await asyncio.sleep(0)
        if message["type"] == "http.response.body":
            sent.append(message["body"])

    await bridge(SCOPE, receive, send)
    bridge.close()
    return sent


def test_what_states_no_length_is_sent_piece_by_piece():
    app = Download(3)
    assert asyncio.run(piece_by_piece(app, [{"type": "http.request"}])) == [b"x", b"x", b"x", b""]
    assert app.closed


def test_a_download_that_nobody_waits_for_any_more_stops():
    app = Download(1000)
    asyncio.run(piece_by_piece(app, [{"type": "http.request"}, {"type": "http.disconnect"}]))
    assert app.taken < 1000
    assert app.closed
