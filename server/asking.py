"""The query API as commands ask it: of a server on this machine, or elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
import httpx

if TYPE_CHECKING:
    from server.settings import Settings

_TIMEOUT_S: Final = 300.0


def ask(settings: Settings, api_url: str, key: str, path: str, **params: str) -> Any:
    """What ``GET /api/v1<path>`` answers, as JSON; ``api_url`` '' is this machine, ``key`` may be ''.

    Raises click.ClickException in words for whoever typed the command.
    """
    url = (api_url or f"http://127.0.0.1:{settings.port}").rstrip("/")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    try:
        answer = httpx.get(f"{url}/api/v1{path}", params=params, headers=headers, timeout=_TIMEOUT_S)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise click.ClickException(
            f"No query API answers at {url} ({error}). Start one with flowtrail serve, or give --api-url another."
        ) from None
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise click.ClickException(
            f"The query API at {url} refuses the key ({answer.status_code}). Give --key one with the scope read; "
            f"make one with: flowtrail keys create --scope read."
        )
    try:
        said = answer.json()
    except ValueError:
        said = {}
    if not answer.is_success:
        told = " ".join(str(said[name]) for name in ("detail", "hint") if isinstance(said, dict) and said.get(name))
        raise click.ClickException(told or f"The query API at {url} answers {answer.status_code}.")
    return said
