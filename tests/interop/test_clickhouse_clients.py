"""ClickHouse's own clients read the embedded store unchanged, in other languages than Python."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.interop.node import installed, run_script
from tests.store_server.door import Door, started

if TYPE_CHECKING:
    from collections.abc import Iterator

JARS = {
    "com.clickhouse:clickhouse-jdbc:0.9.4:jar:all": "clickhouse-jdbc-0.9.4-all.jar",
    "org.slf4j:slf4j-api:2.0.17": "slf4j-api-2.0.17.jar",
}
HERE = Path(__file__).parent
INSTALL_S, RUN_S = 180, 60


@pytest.fixture(scope="module")
def door(tmp_path_factory) -> Iterator[Door]:
    running, process = started(tmp_path_factory.mktemp("sql"))
    yield running
    process.communicate(timeout=RUN_S)


@pytest.fixture(scope="module")
def driver(repository) -> Path:
    """A folder with the JDBC driver, fetched once; git ignores it."""
    if not (shutil.which("java") and shutil.which("mvn")):
        pytest.skip("NO JAVA: ClickHouse's JDBC driver was not tried. Install a JDK and Maven.")
    folder = repository / ".interop.jdbc"
    for artifact, file in JARS.items():
        if not (folder / file).exists():
            _fetch(artifact, folder)
    return folder


def _fetch(artifact: str, folder: Path) -> None:
    command = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"NO JDBC DRIVER: Maven took more than {INSTALL_S} s.")
    if done.returncode:
        pytest.skip(f"NO JDBC DRIVER: Maven failed: {done.stdout.strip()[-300:]}")


def test_the_client_for_node(door, repository):
    settings = {"URL": door.url, "KEY": "reader-acme", "CASE": "acme-7"}
    found = run_script(installed(repository / ".interop"), "asker.mjs", settings)
    assert [row["CaseId"] for row in found["rows"]] == ["acme-7"]
    assert found["rows"][0]["Refs"] == [{"Type": "order", "Value": "O-acme7"}]
    assert (found["streamed"], found["refused"], found["alive"]) == (300_000, "497", True)


def test_the_driver_for_java(door, driver, tmp_path):
    """What DBeaver and other JDBC tools do: connect, list tables and columns, ask with parameters, compressed."""
    url = f"jdbc:clickhouse:http://127.0.0.1:{door.port}/sql"
    done = subprocess.run(
        ["java", "-cp", f"{driver}/*", str(HERE / "Ask.java"), url, "reader-acme", "acme-7"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert said["case"] == "acme-7"
    assert said["rows"] == "200000"
    assert "cases" in said["tables"].split(",")
    assert said["type of Timestamp"].startswith("DateTime64")
    assert "497" in said["refused"]
