"""Addresses of the pages. Identifiers come from telemetry and may hold anything, so everything is quoted here."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

Query = Mapping[str, Any]

DOWNLOAD = "/download"


def search(text: str) -> str:
    return "/trail?" + urlencode({"q": text})


def trail(flow: str, case_id: str, **query: str) -> str:
    """The page of one case. A case id made of dots alone would be read as a directory, so it goes by search."""
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
    """The page of one flow. A name of dots alone would be read as a directory, so it leads to the list."""
    return f"/flows/{_segment(name)}" if set(name) - {"."} else flows()


def download(query: Query) -> str:
    return DOWNLOAD + _query(query)


def cases_of(api_url: str | None, band: str = "") -> str | None:
    """The page behind a figure's ``cases_url``; None if that is not an address of a case list.

    ``band`` narrows it to a part of those cases.

    Only flow and parameters are taken over, so that an answer can never send a reader to another site.
    """
    parts = urlsplit(api_url or "")
    words = parts.path.strip("/").split("/")
    if len(words) < 3 or words[-1] != "cases" or words[-3] != "flows":
        return None
    return cases(unquote(words[-2]), parsed(parts.query) | ({"band": [band]} if band else {}))


def parsed(query: str) -> dict[str, Any]:
    """The parameters of an address; those given more than once keep all their values."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.removeprefix("?"), keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return dict(found)


def one(value: Any, default: str = "") -> str:
    """A query parameter that makes sense once: the last one given wins."""
    if isinstance(value, list):
        value = value[-1] if value else default
    return default if value is None else str(value)


def _segment(text: str) -> str:
    return quote(text, safe="")


def _query(query: Query) -> str:
    kept = {name: value for name, value in query.items() if value not in (None, "", [], [""])}
    return "?" + urlencode(kept, doseq=True) if kept else ""
