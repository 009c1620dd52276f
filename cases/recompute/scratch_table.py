"""A scratch table of the cases and ids to be read: statements stay short however many there are."""

from __future__ import annotations

import contextlib
import itertools
import uuid
from typing import TYPE_CHECKING, Final

import orjson

from cases.recompute.graph import CASE, Carrier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cases.recompute.graph import Case, Node
    from store.client import Row, Store

_ROWS_AT_ONCE: Final = 50_000


class ScratchTable:
    """A table with the columns of ``reach``: ids stand under the name of a round, cases under their flow."""

    def __init__(self, store: Store, table: str) -> None:
        self._store = store
        self._table = table
        self._rounds = itertools.count(1)

    def add_cases(self, cases: Iterable[Case]) -> None:
        """Add cases: from now on statements about cases, see :meth:`rows`, are about these as well."""
        self._insert(
            {"Tenant": key.tenant, "IdType": CASE, "IdValue": key.case_id, "Flow": key.flow, "CaseId": key.case_id}
            for key in cases
        )

    def add(self, nodes: Iterable[Node]) -> str:
        """Add ``nodes`` as a new round; returns its name."""
        name = f"round-{next(self._rounds)}"
        self._insert(
            {"Tenant": node.tenant, "IdType": node.type, "IdValue": node.value, "Flow": name, "CaseId": ""}
            for node in nodes
        )
        return name

    def rows(self, statement: str, **params: object) -> list[Row]:
        """The rows of a named statement about what this table holds."""
        return self._store.query(statement, scratch=self._table, **params)

    def carriers(self, nodes: Iterable[Node]) -> Iterator[Carrier]:
        """What stands together on each event that carries one of ``nodes``."""
        return map(_carrier, self.rows("recompute/carriers", round=self.add(nodes)))

    def _insert(self, rows: Iterable[dict[str, str]]) -> None:
        remaining = iter(rows)
        while chunk := list(itertools.islice(remaining, _ROWS_AT_ONCE)):
            self._store.raw_insert(self._table, b"\n".join(map(orjson.dumps, chunk)), "JSONEachRow", {})


@contextlib.contextmanager
def scratch_table(store: Store) -> Iterator[ScratchTable]:
    """An empty scratch table, dropped at the end."""
    table = f"scratch_{uuid.uuid4().hex}"
    store.command(f"CREATE TABLE {table} AS reach")
    try:
        yield ScratchTable(store, table)
    finally:
        store.command(f"DROP TABLE IF EXISTS {table}")


def _carrier(row: Row) -> Carrier:
    return Carrier(
        row["Tenant"],
        row["Flow"],
        row["CaseId"],
        tuple(zip(row["RefTypes"], row["RefValues"], strict=True)),
        tuple(zip(row["SourceTypes"], row["SourceValues"], row["TargetTypes"], row["TargetValues"], strict=True)),
        row["Trace"],
    )
