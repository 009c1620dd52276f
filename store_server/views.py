"""The tables as readers see them: views in a database of their own, over the tables of the store.

A row policy takes other tenants' rows out of a granule, but a ``LowCardinality`` column keeps its dictionary, and a
function that is tried on a whole dictionary can fail on a value of somebody else's (``base58Decode(ServiceName)`` even
quotes it). So the views turn every such column into plain values first, from the rows that are left.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DATABASE: Final = "sql"

# What the fold writes for itself.
_INTERNAL: Final = re.compile(r"arrivals|all_arrivals|touched|fold_\w+|\w+_afresh|otlp_\w+|trace_ids")
# Large, and the same row twice only until parts are merged: whoever minds says LIMIT 1 BY.
_AS_THEY_ARE: Final = re.compile(r"otel_\w+|steps|log_keys|measures")
_LOW: Final = "LowCardinality("
_MISREAD: Final = re.compile(r"\bObject (?=[A-Z])")
"""A field of a tuple that ClickHouse's JDBC driver takes for a type, as whatever begins so."""
_FIELD: Final = re.compile(r"\b\w+ (?=[A-Z])")
# Readers have no privilege on what a view reads. The row policies hold nevertheless: the definer is the same user.
_AS_OWNER: Final = "DEFINER = default SQL SECURITY DEFINER"


def statements(database: str, tables: Iterable[str], rows: Callable[[str], list[list[Any]]]) -> list[str]:
    """What makes the database of views over ``tables`` of ``database``; ``rows`` runs a query and returns its rows."""
    exposed = [table for table in tables if not _INTERNAL.fullmatch(table)]
    of_store = f"WHERE database = '{database}'"
    engines = {str(row[0]): str(row[1]) for row in rows(f"SELECT name, engine FROM system.tables {of_store}")}  # noqa: S608
    columns = rows(f"SELECT table, name, type FROM system.columns {of_store} ORDER BY table, position")  # noqa: S608
    columns_of = {table: [(str(row[1]), str(row[2])) for row in columns if row[0] == table] for table in exposed}
    return [
        f"CREATE DATABASE IF NOT EXISTS {DATABASE}",
        *(_view(database, table, engines[table], columns_of[table]) for table in exposed if table in engines),
        *([_times_of_traces(database)] if "otel_traces" in exposed else []),
    ]


def without_low_cardinality(kind: str) -> str:
    """A type without ``LowCardinality``, wherever it stands in it."""
    while (begin := kind.find(_LOW)) >= 0:
        depth, end = 1, begin + len(_LOW)
        while depth:
            depth += (kind[end] == "(") - (kind[end] == ")")
            end += 1
        kind = kind[:begin] + kind[begin + len(_LOW) : end - 1] + kind[end:]
    return kind


def _view(database: str, table: str, engine: str, columns: list[tuple[str, str]]) -> str:
    shown = ", ".join(column(name, kind) for name, kind in columns)
    final = " FINAL" if "Replacing" in engine and not _AS_THEY_ARE.fullmatch(table) else ""
    return f"CREATE OR REPLACE VIEW {DATABASE}.{table} {_AS_OWNER} AS SELECT {shown} FROM {database}.{table}{final}"  # noqa: S608


def column(name: str, kind: str) -> str:
    """The column as readers see it: without ``LowCardinality``, and no field called so that a driver misreads it."""
    as_is = without_low_cardinality(kind)
    renamed = _MISREAD.sub("Ids ", as_is)
    if renamed != as_is:
        # By position: from a tuple to one with other names, a CAST takes what has no namesake for empty.
        return f"{_cast(_cast(f'`{name}`', _FIELD.sub('', as_is)), renamed)} AS `{name}`"
    return f"`{name}`" if as_is == kind else f"{_cast(f'`{name}`', as_is)} AS `{name}`"


def _cast(value: str, kind: str) -> str:
    return f"CAST({value}, '{kind.replace(chr(39), chr(92) + chr(39))}')"


def _times_of_traces(database: str) -> str:
    """A table that the OpenTelemetry Collector's exporter keeps beside ``otel_traces``. Grafana asks it first."""
    columns = "TraceId, toDateTime(min(Timestamp)) AS Start, toDateTime(max(Timestamp)) AS End, Tenant"
    select = f"SELECT {columns} FROM {database}.otel_traces GROUP BY Tenant, TraceId"  # noqa: S608
    return f"CREATE OR REPLACE VIEW {DATABASE}.otel_traces_trace_id_ts {_AS_OWNER} AS {select}"
