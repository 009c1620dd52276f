"""Who asks, and what they may do."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store_server.errors import AUTHENTICATION_FAILED, refusal

if TYPE_CHECKING:
    from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who was let in. ``tenant``: whose rows they see; None is the whole store, as its owner sees it.

    ``name``: what tells them from others of the tenant, such as the id of their key. Sessions and queries are theirs.
    """

    tenant: str | None
    writes: bool = False
    name: str = ""


Authenticate = Callable[[Mapping[str, str], str], Visitor]
"""Headers by lower-case name (repeated ones joined by commas) and the peer's IP address ('' if unknown).

A key, wherever the client put it, stands in ``authorization`` as ``Bearer <key>``. Raises ServerError 516 or 497.
"""


def presented(request: Request) -> dict[str, str]:
    """The headers of ``request`` with the key it brought, in the one place where it is looked for.

    ClickHouse's clients send a key as the password of any user: in Basic authentication, in ``X-ClickHouse-Key``, in
    the address. No password is no key. Raises ServerError 516 for a header that cannot be read, or two keys.
    """
    headers = {name: ",".join(request.headers.getlist(name)) for name in request.headers}
    authorization = headers.pop("authorization", "")
    keys = {
        _authorization(authorization) if authorization else "",
        headers.get("x-clickhouse-key", ""),
        request.query_params.get("password", ""),
    } - {""}
    if len(keys) > 1:
        raise refusal(AUTHENTICATION_FAILED, "AUTHENTICATION_FAILED", "Two different keys were sent. Send one.")
    return {**headers, "authorization": f"Bearer {keys.pop()}"} if keys else headers


def _authorization(header: str) -> str:
    scheme, _, text = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return text.strip()
    try:
        pair = base64.b64decode(text.strip() if scheme.lower() == "basic" else "no", validate=True).decode()
        return pair.partition(":")[2]
    except (ValueError, binascii.Error):  # "no" is three characters short of anything
        raise refusal(
            AUTHENTICATION_FAILED,
            "AUTHENTICATION_FAILED",
            "The Authorization header holds no key. Send Bearer <key>, or Basic with the key as password.",
        ) from None
