import httpx
import pytest

from dashboards.asgi import MAX_BODY_BYTES, WsgiBridge


@pytest.fixture
def ask():
    """Sends a request to a WSGI app through the bridge."""
    bridges = []

    async def send(app, method="GET", target="/", **more):
        bridges.append(WsgiBridge(app, threads=2))
        transport = httpx.ASGITransport(bridges[-1])
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return await client.request(method, target, **more)

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


@pytest.mark.anyio
async def test_a_request_arrives_as_wsgi_says(ask):
    headers = [("X-Twice", "1"), ("X-Twice", "2"), ("Content-Type", "text/plain")]
    answer = await ask(echo, "POST", "/trail/f/a%2Fb%20x?q=%22", content=b"body", headers=headers)
    assert answer.status_code == 201
    assert answer.headers["x-path"] == "/trail/f/a/b x"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.text == "['POST', 'q=%22', 'text/plain', '4', '1,2', '8080']body"


@pytest.mark.anyio
async def test_a_body_that_is_too_large_is_refused(ask):
    assert (await ask(echo, "POST", content=b"x" * (MAX_BODY_BYTES + 1))).status_code == 413


@pytest.mark.anyio
async def test_what_the_app_hands_out_is_closed(ask):
    class Chunks(list):
        closed = False

        def close(self):
            self.closed = True

    chunks = Chunks([b"a", b"b"])

    def app(_env, start_response):
        start_response("200 OK", [])
        return chunks

    assert (await ask(app)).text == "ab"
    assert chunks.closed


@pytest.fixture
def anyio_backend():
    return "asyncio"
