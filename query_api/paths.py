"""Ids in paths. A case id may contain a slash, so an encoded slash must not become a path separator."""

import re
from typing import Annotated, Final
from urllib.parse import unquote

from fastapi import Depends, Path
from starlette.types import ASGIApp, Receive, Scope, Send

# These stay encoded until the router has matched the path: "/" would split an id, "%" would make the second decoding
# ambiguous, and the router's patterns never match a line feed.
_STILL_ENCODED: Final = re.compile(rb"%(2[fF5]|0[aA])")


class ExactPaths:
    """ASGI middleware that keeps ``A%2Ftrail`` (the case "A/trail") apart from ``A/trail`` (the trail of case "A").

    Endpoints take their path parameters through :func:`flow_name` and :func:`case_id`, which finish the decoding.
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
    """The decoded name of the flow in a path."""
    return unquote(flow)


def case_id(
    case_id: Annotated[
        str, Path(description="Id of the case, percent-encoded (a slash as %2F).", examples=["SO-1001"])
    ],
) -> str:
    """The decoded id of the case in a path."""
    return unquote(case_id)


FlowName = Annotated[str, Depends(flow_name)]
CaseId = Annotated[str, Depends(case_id)]


def _routable(scope: Scope) -> str:
    raw: bytes | None = scope.get("raw_path")
    if raw is None:
        # This server hands over the decoded path only. An encoded slash is lost; a percent sign can still be saved.
        path: str = scope["path"]
        return path.replace("%", "%25")
    return unquote(_STILL_ENCODED.sub(rb"%25\1", raw))
