"""Downloads. A browser has no key for the query API, so this server passes exports on, piece by piece."""

from collections.abc import Iterator
from typing import Any

import flask

from dashboards import urls
from dashboards.api.current import api
from dashboards.api.errors import DashboardError

FORMATS = {"csv": "CSV", "parquet": "Parquet", "ocel-json": "OCEL 2.0", "otlp-json": "OTLP JSON"}
"""The formats of the query API, and their names on the pages."""

_FORWARDED_HEADERS = ("Content-Type", "Content-Disposition")
_CASE, _FLOW = "case", "flow"


def address(flow: str, selection: urls.Query, file_format: str) -> str:
    """The address of a download: the cases of ``selection``, or one case if it has the parameter ``case``."""
    return urls.download({_FLOW: flow, **selection, "format": file_format})


def install(server: flask.Flask) -> None:
    """Adds the route for downloads to the Flask server."""
    server.add_url_rule(urls.DOWNLOAD, "download", _download)


def _download() -> flask.Response:
    query: dict[str, Any] = flask.request.args.to_dict(flat=False)
    flow, case_id = urls.single(query.pop(_FLOW, None)), urls.single(query.pop(_CASE, None))
    try:
        headers, pieces = api().export(flow, case_id, query)
    except DashboardError as error:
        return _refused(error)
    forwarded = {name: headers[name] for name in _FORWARDED_HEADERS if name in headers}
    # "attachment" even if the API sends none: a browser must never show an export as a page of this site.
    return flask.Response(_closing(pieces), headers={"Content-Disposition": "attachment", **forwarded})


def _closing(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A generator, so that a client that disconnects also closes the connection to the API."""
    yield from pieces


def _refused(error: DashboardError) -> flask.Response:
    words = "\n".join(part for part in (error.title, error.detail, error.hint) if part)
    return flask.Response(words + "\n", error.status or 503, mimetype="text/plain")
