import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse

from server.web_headers import WebHeaders


async def _headers(own):
    app = WebHeaders(PlainTextResponse("hello", headers=own))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        return (await client.get("/")).headers


@pytest.mark.parametrize(
    ("own", "policy"), [({}, "default-src 'none'; form-action 'none'"), ({"Content-Security-Policy": "x"}, "x")]
)
def test_an_answer_that_has_no_policy_of_its_own_may_do_nothing(own, policy):
    headers = asyncio.run(_headers(own))
    assert headers["content-security-policy"].startswith(policy)
    assert headers["x-content-type-options"] == "nosniff"
