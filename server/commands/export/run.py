"""An export: from a server, over its query API, else from the store itself."""

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
class ExportRequest:
    """What to export: one case of a flow, or the cases that ``parameters`` of the query API select."""

    flow: str
    case_id: str | None
    format: str
    parameters: Mapping[str, str | None]


@contextmanager
def pieces(settings: Settings, request: ExportRequest, api_url: str, key: str) -> Iterator[Iterator[bytes]]:
    """The file in pieces: from the API at ``api_url``, else from the one on the data directory, else from its store.

    Raises CasesError, StoreError, ClientError and NotRunning.
    """
    # A ClickHouse server can be read beside others. The embedded store belongs to the process that has it open.
    busy = not api_url and Store(settings.store_url).embedded and running(settings.data)
    if api_url or busy:
        with (
            ServerClient(api_url or api_address(settings.data), key, "--api-url") as server,
            server.stream(*_address(request)) as body,
        ):
            yield body
        return
    with opened(settings) as store:
        yield write(store, _selected(store, request), request.format)


def _selected(store: Store, request: ExportRequest) -> SelectedCases:
    require_flow(store, DEFAULT_TENANT, request.flow)
    if request.case_id is not None:
        if not store.query("cases/summary", tenant=DEFAULT_TENANT, flow=request.flow, case_id=request.case_id):
            raise NotFound(f"There is no case {request.case_id} of {request.flow}.", "Check its id.")
        return SelectedCases(DEFAULT_TENANT, request.flow, only=(request.case_id,))
    declared = declaration_of(store, DEFAULT_TENANT, request.flow)
    selector = Selector.parse(request.parameters, time.time_ns(), declared)
    return SelectedCases(DEFAULT_TENANT, request.flow, selector)


def _address(request: ExportRequest) -> tuple[str, dict[str, str]]:
    """The path and the parameters of an export in the query API."""
    flow = f"{API}/flows/{quote(request.flow, safe='')}"
    if request.case_id is not None:
        return f"{flow}/cases/{quote(request.case_id, safe='')}/export", {"format": request.format}
    parameters = {name: value for name, value in request.parameters.items() if value is not None}
    return f"{flow}/export", {"format": request.format, **parameters}
