"""An export from the command line: from the server that runs, over its query API, else from the store itself."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from cases.errors import NotFound
from cases.flows.declarations import declaration_of
from cases.flows.flows import require_flow
from cases.kpis import Selector
from collector.durable_log.directory_lock import holder
from common.tenants import DEFAULT_TENANT
from exporting.errors import ExportFailed
from exporting.events import SelectedCases
from exporting.formats import write
from server.runtime import open_migrated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.settings import Settings
    from store.client import Store

_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What to export: a flow, one case of it or what ``words`` select, and the format."""

    flow: str
    case_id: str | None
    format: str
    words: Mapping[str, str | None]


@contextmanager
def pieces(settings: Settings, wish: Wish, url: str, key: str) -> Iterator[Iterator[bytes]]:
    """The file in pieces. Raises ExportFailed, CasesError, StoreError."""
    if url or (not settings.store and holder(settings.data / "collector") is not None):
        with _asked(url or f"http://127.0.0.1:{settings.port}", wish, key) as found:
            yield found
        return
    store = open_migrated(settings)
    try:
        yield write(store, _selection(store, wish), wish.format)
    finally:
        store.close()


def _selection(store: Store, wish: Wish) -> SelectedCases:
    require_flow(store, DEFAULT_TENANT, wish.flow)
    if wish.case_id is not None:
        if not store.query("cases/summary", tenant=DEFAULT_TENANT, flow=wish.flow, case_id=wish.case_id):
            raise NotFound(f"There is no case {wish.case_id} of {wish.flow}.", "Check its id.")
        return SelectedCases(DEFAULT_TENANT, wish.flow, only=(wish.case_id,))
    declared = declaration_of(store, DEFAULT_TENANT, wish.flow)
    return SelectedCases(DEFAULT_TENANT, wish.flow, Selector.parse(_api_words(wish), time.time_ns(), declared))


@contextmanager
def _asked(url: str, wish: Wish, key: str) -> Iterator[Iterator[bytes]]:
    path = f"/api/v1/flows/{quote(wish.flow, safe='')}"
    path += f"/cases/{quote(wish.case_id, safe='')}/export" if wish.case_id is not None else "/export"
    words = {name: value for name, value in _api_words(wish).items() if value is not None}
    headers = {"authorization": f"Bearer {key}"} if key else {}
    query = {**({} if wish.case_id is not None else words), "format": wish.format}
    try:
        with httpx.stream(
            "GET", f"{url.rstrip('/')}{path}", params=query, headers=headers, timeout=_TIMEOUT_S
        ) as answer:
            if not answer.is_success:
                answer.read()
                raise _refused(answer)
            yield answer.iter_bytes()
    except httpx.HTTPError as error:
        raise ExportFailed(
            "unavailable", f"The query API at {url} did not answer to the end: {error}.", "Say where it is with --url."
        ) from None


def _api_words(wish: Wish) -> dict[str, str | None]:
    words = dict(wish.words)
    words["from"] = words.pop("since", None)
    return words


def _refused(answer: httpx.Response) -> ExportFailed:
    try:
        said: dict[str, Any] = answer.json()
    except ValueError:
        said = {}
    code, detail = str(said.get("code", "refused")), str(said.get("detail") or f"It answers {answer.status_code}.")
    return ExportFailed(code, detail, str(said.get("hint") or ""))
