"""A scratch table that says what is wanted of the store: statements stay short however many ids there are."""

from __future__ import annotations

import contextlib
import itertools
import uuid
from typing import TYPE_CHECKING, Final

import orjson

from cases.recompute.graph import CASE, Carrier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cases.recompute.graph import Key, Node
    from store.client import Row, Store

_ROWS_AT_ONCE: Final = 50_000


class Wanted:
    """Ids go in under the name of a round, cases under their flow."""

    def __init__(self, store: Store, table: str) -> None:
        self._store = store
        self._table = table
        self._rounds = itertools.count(1)

    def want_cases(self, cases: Iterable[Key]) -> None:
        """From now on :meth:`rows` of statements about cases speak of these as well."""
        self._insert(
            {"Tenant": key.tenant, "IdType": CASE, "IdValue": key.case_id, "Flow": key.flow, "CaseId": key.case_id}
            for key in cases
        )

    def want(self, nodes: Iterable[Node]) -> str:
        """The name of a round that wants ``nodes``."""
        name = f"round-{next(self._rounds)}"
        self._insert(
            {"Tenant": node.tenant, "IdType": node.type, "IdValue": node.value, "Flow": name, "CaseId": ""}
            for node in nodes
        )
        return name

    def rows(self, statement: str, **params: object) -> list[Row]:
        return self._store.query(statement, wanted=self._table, **params)

    def carriers(self, nodes: Iterable[Node]) -> Iterator[Carrier]:
        """What stands together on each event that carries one of ``nodes``."""
        return map(_carrier, self.rows("recompute/carriers", round=self.want(nodes)))

    def _insert(self, rows: Iterable[dict[str, str]]) -> None:
        remaining = iter(rows)
        while chunk := list(itertools.islice(remaining, _ROWS_AT_ONCE)):
            self._store.raw_insert(self._table, b"\n".join(map(orjson.dumps, chunk)), "JSONEachRow", {})


@contextlib.contextmanager
def wanted(store: Store) -> Iterator[Wanted]:
    """An empty scratch table, dropped at the end. Its columns are those of an id that a case reaches."""
    table = f"wanted_{uuid.uuid4().hex}"
    store.command(f"CREATE TABLE {table} AS reach")
    try:
        yield Wanted(store, table)
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
