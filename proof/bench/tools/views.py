"""The tables behind an intake table, as the store really has them, and copies of them that stop at any point.

The way of a batch is read from the store (``system.tables``), so this needs no change when a migration adds a view.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store.client import Store, open_store

if TYPE_CHECKING:
    from pathlib import Path

INTAKE: Final = "otlp_intake"
REFERENCE: Final = "bench_reference"


@dataclass(frozen=True)
class View:
    """A materialized view: on an insert into ``source`` it writes to ``target``."""

    name: str
    source: str
    target: str
    statement: str


@dataclass(frozen=True)
class Stage:
    """How far a copy goes: through ``views``; tables in ``real`` are written, the others throw away what they get."""

    label: str
    views: tuple[View, ...]
    real: frozenset[str]


def way(reference: Store, table: str, database: str = REFERENCE) -> list[View]:
    """The views that an insert into ``table`` runs, in the order in which each can be added to those before it."""
    rows = {
        row["name"]: row
        for row in reference.rows(
            "SELECT name, dependencies_table, create_table_query FROM system.tables WHERE database = currentDatabase()"
        )
    }
    target = re.compile(rf"\bTO {database}\.(\w+)")
    found: list[View] = []
    waiting = [table]
    while waiting:
        source = waiting.pop(0)
        for name in sorted(rows[source]["dependencies_table"]):
            statement = rows[name]["create_table_query"]
            match = target.search(statement)
            if match:
                found.append(View(name, source, match[1], statement))
                waiting.append(match[1])
    return found


def stages(views: list[View]) -> list[Stage]:
    """From the bare intake to everything: each view first with a target that keeps nothing, then with the real one."""
    found = [Stage("read protobuf", (), frozenset())]
    for count, view in enumerate(views, 1):
        last = found[-1]
        if view.target not in last.real:
            found.append(Stage(f"view {view.name}", tuple(views[:count]), last.real))
        real = last.real | {view.target}
        label = f"write {view.target}" if view.target not in last.real else f"view and write {view.name}"
        found.append(Stage(label, tuple(views[:count]), real))
    return found


def build(folder: Path, reference: Store, name: str, intake: str, stage: Stage) -> Store:
    """A database ``name`` that holds copies of the tables of ``stage`` and nothing else. The caller closes it."""
    store = open_store(f"chdb://{folder}?database={name}")
    tables = [intake, *dict.fromkeys(view.target for view in stage.views)]
    for table in tables:
        engine = "" if table in stage.real or table == intake else " ENGINE = Null"
        store.command(f"CREATE TABLE {name}.{table} AS {REFERENCE}.{table}{engine}")
    for view in stage.views:
        store.command(view.statement.replace(f"{REFERENCE}.", f"{name}."))
    return store


def reference_store(folder: Path) -> Store:
    """The store whose schema is copied; the caller migrates and closes it."""
    return open_store(f"chdb://{folder}?database={REFERENCE}")
