"""Addresses of the pages. Identifiers come from telemetry and may contain anything, so everything is quoted here.

>>> trail("order-to-cash", "A/1")
'/trail/order-to-cash/A%2F1'
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

Query = Mapping[str, Any]

DOWNLOAD = "/download"


def search(text: str) -> str:
    return "/trail?" + urlencode({"q": text})


def trail(flow: str, case_id: str, **query: str) -> str:
    """The page of one case. An id of dots only would mean a directory, so that case is reached by search."""
    if not flow or set(case_id) <= {"."}:
        return search(case_id)
    return f"/trail/{_segment(flow)}/{_segment(case_id)}" + _query(query)


def business(query: Query) -> str:
    return "/business" + _query(query)


def cases(flow: str, query: Query) -> str:
    return f"/cases/{_segment(flow)}" + _query(query)


def flows() -> str:
    return "/flows"


def flow(name: str) -> str:
    """The page of one flow. A name of dots only would mean a directory, so it leads to the list."""
    return f"/flows/{_segment(name)}" if set(name) - {"."} else flows()


def download(query: Query) -> str:
    return DOWNLOAD + _query(query)


def cases_of(api_url: str | None, band: str = "") -> str | None:
    """The page for a figure's ``cases_url``; None if that is not the address of a list of cases.

    ``band`` narrows the list to a part of the cases. Only the flow and the parameters are used, so no answer can send
    a reader to another site.
    """
    parts = urlsplit(api_url or "")
    words = parts.path.strip("/").split("/")
    if len(words) < 3 or words[-1] != "cases" or words[-3] != "flows":
        return None
    return cases(unquote(words[-2]), parsed(parts.query) | ({"band": [band]} if band else {}))


def parsed(query: str) -> dict[str, Any]:
    """The parameters of an address, each with the list of its values."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.removeprefix("?"), keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return dict(values)


def single(value: Any, default: str = "") -> str:
    """The value of a parameter that may appear once; the last value wins."""
    if isinstance(value, list):
        value = value[-1] if value else default
    return default if value is None else str(value)


def _segment(text: str) -> str:
    return quote(text, safe="")


def _query(query: Query) -> str:
    parameters = {name: value for name, value in query.items() if value not in (None, "", [], [""])}
    return "?" + urlencode(parameters, doseq=True) if parameters else ""
