"""Imports into a real store through a real collector, and what they come to."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from importing.event_log import LogFile
from importing.mapping.mapping import Mapping, parse_mapping, read_mapping
from server.commands.import_.run import ImportOptions, ImportResult, run
from server.settings import Settings
from store.client import Store, open_store

LOGS = Path(__file__).parent / "logs"

Bring = Callable[..., ImportResult]


class Place:
    """A store, and the folder of the collector that is started for each import."""

    def __init__(self, url: str, folder: Path) -> None:
        self.settings = Settings(data=folder, store=url, flows=str(LOGS / "flows"))

    def bring(self, *files: Path | tuple[Path, Mapping], **wishes: Any) -> ImportResult:
        jobs = [LogFile(*one) if isinstance(one, tuple) else LogFile(one, Mapping()) for one in files]
        return run(jobs, self.settings, ImportOptions(**wishes), io.StringIO())

    def store(self) -> Store:
        return open_store(self.settings.store_url)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        store = self.store()
        try:
            return list(store.rows(sql))
        finally:
            store.close()

    def cases(self) -> list[dict[str, Any]]:
        """Every case with all that is known of it but the version of its row."""
        return self.rows("SELECT * EXCEPT (Version) FROM cases FINAL ORDER BY Tenant, Flow, CaseId")


@pytest.fixture
def place(migrated_chdb_url: str, tmp_path: Path) -> Place:
    return Place(migrated_chdb_url, tmp_path / "data")


@pytest.fixture
def another_place(chdb_directory: Any, tmp_path: Path) -> Iterator[Place]:
    """A second, empty store."""
    with chdb_directory.migrated() as url:
        yield Place(url, tmp_path / "another")


@pytest.fixture
def server_place(migrated_clickhouse_url: str, tmp_path: Path) -> Place:
    """An empty store over ClickHouse's HTTP interface."""
    return Place(migrated_clickhouse_url, tmp_path / "server")


def mapping(name: str) -> Mapping:
    """A mapping of tests/importing/logs."""
    return read_mapping(LOGS / f"{name}.yaml")


def said(**words: Any) -> Mapping:
    """A mapping as it would be written in YAML."""
    return parse_mapping(words, "a test")


def differing(ones: list[dict[str, Any]], others: list[dict[str, Any]], *, ids: bool = True) -> dict[str, Any]:
    """Case id and column → the two values, where they are not equal; cases that only one side has.

    Without ``ids`` the ids of spans do not matter: another file that says the same has others.
    """
    mine, theirs = ({row["CaseId"]: row for row in rows} for rows in (ones, others))
    found: dict[str, Any] = dict.fromkeys(mine.keys() ^ theirs.keys(), "on one side only")
    for case in mine.keys() & theirs.keys():
        for name, value in mine[case].items():
            one, other = (value, theirs[case][name]) if ids else (_plain(value), _plain(theirs[case][name]))
            if one != other:
                found[f"{case} {name}"] = (one, other)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [{name: one[name] for name in one if name not in {"TraceId", "SpanId"}} for one in value]
    return value
