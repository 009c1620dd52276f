"""Downloads: the browser has no key of the query API, so exports are handed on, piece by piece, by this server."""

from collections.abc import Iterator
from typing import Any

import flask

from dashboards import urls
from dashboards.api.current import api
from dashboards.api.errors import DashboardError

FORMATS = {"csv": "CSV", "parquet": "Parquet", "ocel-json": "OCEL 2.0", "otlp-json": "OTLP JSON"}
"""What the query API can write, and how a reader calls it."""

_TAKEN_OVER = ("Content-Type", "Content-Disposition")
_CASE, _FLOW = "case", "flow"


def address(flow: str, selection: urls.Query, file_format: str) -> str:
    """Where the cases of a selection, or the one under the parameter ``case``, can be downloaded."""
    return urls.download({_FLOW: flow, **selection, "format": file_format})


def install(server: flask.Flask) -> None:
    """Adds the address of downloads to the server of the pages."""
    server.add_url_rule(urls.DOWNLOAD, "download", _download)


def _download() -> flask.Response:
    asked: dict[str, Any] = flask.request.args.to_dict(flat=False)
    flow, case_id = urls.one(asked.pop(_FLOW, None)), urls.one(asked.pop(_CASE, None))
    try:
        headers, pieces = api().export(flow, case_id, asked)
    except DashboardError as error:
        return _refused(error)
    taken = {name: headers[name] for name in _TAKEN_OVER if name in headers}
    # Whatever it is, a browser must not show it as a page of this site.
    return flask.Response(_closing(pieces), headers={"Content-Disposition": "attachment", **taken})


def _closing(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A generator, so that a reader who goes away closes the connection to the API as well."""
    yield from pieces


def _refused(error: DashboardError) -> flask.Response:
    words = "\n".join(part for part in (error.title, error.detail, error.hint) if part)
    return flask.Response(words + "\n", error.status or 503, mimetype="text/plain")
