import asyncio
from urllib.parse import quote, unquote

import pytest

from query_api.paths import ExactPaths


def routed(**scope):
    """The path that the app behind ExactPaths sees."""
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["path"])

    asyncio.run(ExactPaths(app)({"type": "http", **scope}, None, None))
    return seen[0]


@pytest.mark.parametrize("text", ["plain", "a/b", "100%", "%2F", "%252F", "a\nb", "ü", "a b", "?", "%zz", "%0A", "/"])
def test_what_a_client_encodes_a_handler_decodes(text):
    path = routed(path=f"/{text}", raw_path=f"/{quote(text, safe='')}".encode())
    assert "/" not in path[1:]
    assert "\n" not in path
    assert unquote(path[1:]) == text


@pytest.mark.parametrize("text", ["plain", "100%", "%2F", "ü"])
def test_a_server_that_keeps_no_raw_path_still_gives_exact_ids(text):
    assert unquote(routed(path=f"/{text}")[1:]) == text
