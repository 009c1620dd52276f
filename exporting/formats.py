"""The formats of an export, by name, and the one function that writes any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.errors import InvalidQuery
from cases.flows.declarations import declaration_of
from exporting.csv import write_csv
from exporting.events import column_names, read_events
from exporting.ocel import write_ocel
from exporting.otlp import write_otlp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exporting.events import SelectedCases
    from store.client import Store


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its media type and the suffix of its files."""

    media_type: str
    suffix: str


FORMATS: Final = {
    "csv": Format("text/csv; charset=utf-8", ".csv"),
    "parquet": Format("application/vnd.apache.parquet", ".parquet"),
    "ocel-json": Format("application/json", ".ocel.json"),
    "otlp-json": Format("application/x-ndjson", ".otlp.jsonl"),
}


def format_of(name: str) -> Format:
    """The format called ``name``; raises InvalidQuery."""
    try:
        return FORMATS[name]
    except KeyError:
        raise InvalidQuery(f"format={name} is not known.", f"Use one of: {', '.join(FORMATS)}.") from None


def write(store: Store, selection: SelectedCases, name: str) -> Iterator[bytes]:
    """The events of ``selection`` in the format ``name``, in pieces, in bounded memory. Raises InvalidQuery.

    with open("orders.csv", "wb") as file:
        file.writelines(write(store, SelectedCases("default", "order-to-cash", only=["SO-1001"]), "csv"))
    """
    format_of(name)
    events = read_events(store, selection)
    if name == "otlp-json":
        return write_otlp(events)
    if name == "ocel-json":
        declared = declaration_of(store, selection.tenant, selection.flow)
        return write_ocel(events, declared.lead if declared else "case")
    names = column_names(store, selection)
    if name == "csv":
        return write_csv(events, names)
    from exporting.parquet import write_parquet  # noqa: PLC0415 - pyarrow takes a tenth of a start, and memory

    return write_parquet(events, names)


def file_name(selection: SelectedCases, name: str) -> str:
    """A name for the file: the flow, the case if it is only one, and the suffix of the format."""
    parts = (selection.flow, *(selection.only if len(selection.only) == 1 else ()))
    # The name goes into a header and onto file systems, so other characters are replaced.
    stem = "-".join("".join(char if char.isalnum() and char.isascii() else "_" for char in part) for part in parts)
    return f"{stem[:100]}{FORMATS[name].suffix}"
