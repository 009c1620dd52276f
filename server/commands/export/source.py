"""An export from the command line: from the server that runs, over its query API, else from the store itself."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from cases.errors import NotFound
from cases.flows.declarations import declaration_of
from cases.flows.flows import require_flow
from cases.kpis import Selector
from common.tenants import DEFAULT_TENANT
from exporting.events import SelectedCases
from exporting.formats import write
from server.client import API, ServerClient
from server.commands.offline_store import opened
from server.running import api_address, running
from store.client import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Wish:
    """What to export: a flow, one case of it or what ``words`` select, and the format."""

    flow: str
    case_id: str | None
    format: str
    words: Mapping[str, str | None]


@contextmanager
def pieces(settings: Settings, wish: Wish, url: str, key: str) -> Iterator[Iterator[bytes]]:
    """The file in pieces: from the server at ``url``, else from the one on the data directory, else from its store.

    Raises ExportFailed, CasesError, StoreError, ClientError and NotRunning.
    """
    # A ClickHouse server can be read beside others; the embedded store belongs to the process that has it open.
    busy = not url and Store(settings.store_url).embedded and running(settings.data)
    if url or busy:
        with (
            ServerClient(url or api_address(settings.data), key) as server,
            server.stream(*_request(wish)) as body,
        ):
            yield body
        return
    with opened(settings) as store:
        yield write(store, _selection(store, wish), wish.format)


def _selection(store: Store, wish: Wish) -> SelectedCases:
    require_flow(store, DEFAULT_TENANT, wish.flow)
    if wish.case_id is not None:
        if not store.query("cases/summary", tenant=DEFAULT_TENANT, flow=wish.flow, case_id=wish.case_id):
            raise NotFound(f"There is no case {wish.case_id} of {wish.flow}.", "Check its id.")
        return SelectedCases(DEFAULT_TENANT, wish.flow, only=(wish.case_id,))
    declared = declaration_of(store, DEFAULT_TENANT, wish.flow)
    return SelectedCases(DEFAULT_TENANT, wish.flow, Selector.parse(_api_words(wish), time.time_ns(), declared))


def _request(wish: Wish) -> tuple[str, dict[str, str]]:
    """The path and the parameters by which the query API is asked for an export."""
    flow = f"{API}/flows/{quote(wish.flow, safe='')}"
    if wish.case_id is not None:
        return f"{flow}/cases/{quote(wish.case_id, safe='')}/export", {"format": wish.format}
    words = {name: value for name, value in _api_words(wish).items() if value is not None}
    return f"{flow}/export", {"format": wish.format, **words}


def _api_words(wish: Wish) -> dict[str, str | None]:
    words = dict(wish.words)
    words["from"] = words.pop("since", None)
    return words
