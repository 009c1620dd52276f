"""Ids in paths: a case id may hold a slash, so an encoded slash must not become a path separator."""

import re
from typing import Annotated, Final
from urllib.parse import unquote

from fastapi import Depends, Path
from starlette.types import ASGIApp, Receive, Scope, Send

# Slash, percent sign and line feed stay encoded while the router looks at the path: "/" would split an id, "%" would
# make the second decoding ambiguous, and a router's pattern never matches a line feed.
_KEPT: Final = re.compile(rb"%(2[fF5]|0[aA])")


class ExactPaths:
    """ASGI middleware that lets routes tell ``A%2Ftrail`` (an id) from ``A/trail`` (the trail of A).

    Handlers get their path parameters through :func:`flow_name` and :func:`case_id`, which decode the rest.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": _routable(scope)}
        await self._app(scope, receive, send)


def flow_name(
    flow: Annotated[str, Path(description="Name of the flow, percent-encoded.", examples=["order-to-cash"])],
) -> str:
    """The flow a path names."""
    return unquote(flow)


def case_id(
    case_id: Annotated[str, Path(description="Id of the case, percent-encoded (slash: %2F).", examples=["SO-1001"])],
) -> str:
    """The case a path names."""
    return unquote(case_id)


FlowName = Annotated[str, Depends(flow_name)]
CaseId = Annotated[str, Depends(case_id)]


def _routable(scope: Scope) -> str:
    raw: bytes | None = scope.get("raw_path")
    if (
        raw is None
    ):  # The server decoded the path and kept no original: an encoded slash is lost, a percent sign is not.
        path: str = scope["path"]
        return path.replace("%", "%25")
    return unquote(_KEPT.sub(rb"%25\1", raw))
