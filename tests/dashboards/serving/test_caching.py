"""What a browser may cache. Without a cache it loads and compiles six megabytes of scripts for every page."""

import asyncio
import re

import httpx
import pytest

from dashboards.serving.asgi import WsgiBridge
from query_api.headers import UncachedReads

FOR_GOOD = "public, max-age=31536000, immutable"


@pytest.fixture
def get(app):
    """Requests an address through the same middleware as in the product; returns the response."""
    bridge = WsgiBridge(app.server, threads=2)

    async def ask(address, headers):
        transport = httpx.ASGITransport(UncachedReads(bridge))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return await client.get(address, headers=headers)

    yield lambda address, **headers: asyncio.run(ask(address, headers))
    bridge.close()


def test_scripts_and_styles_are_kept_for_good_under_addresses_that_change_with_them(get):
    index = get("/business")
    assert index.headers["cache-control"] == "no-store"
    addresses = re.findall(r'(?:src|href|content)="(/(?:assets|_dash-component)[^"]+)"', index.text)
    named = [address for address in addresses if "?m=" in address or re.search(r"\.v[\w-]+m\d+\.", address)]
    assert len(named) > 10
    assert any("/plotly/" in address for address in named)
    assert {get(address).headers["cache-control"] for address in named} == {FOR_GOOD}


def test_scripts_whose_address_stays_are_asked_for_again_and_not_sent_again(get):
    address = "/_dash-component-suites/dash/dcc/async-dropdown.js"
    get("/business")
    first = get(address)
    assert first.headers["cache-control"] == "no-cache"
    again = get(address, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("address", ["/", "/_dash-layout", "/assets/none.js?m=1"])
def test_nothing_else_is_kept(get, address):
    assert get(address).headers["cache-control"] == "no-store"
