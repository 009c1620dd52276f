"""ClickHouse's own clients read the embedded store unchanged, in other languages than Python."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.interop.golang import built, run
from tests.interop.installed import install_once
from tests.interop.node import installed, run_script
from tests.store_server.child import SPANS
from tests.store_server.door import Door, started

if TYPE_CHECKING:
    from collections.abc import Iterator

JDBC = ("0.9.4", "0.10.0")
POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId><artifactId>ask</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>com.clickhouse</groupId><artifactId>clickhouse-jdbc</artifactId><version>{version}</version>
  </dependency></dependencies>
</project>
"""
DRIVER = "github.com/ClickHouse/clickhouse-go/v2"
GO = ("v2.51.0", "v2.47.0")
"""The newest of ClickHouse's drivers for Go, and the one that Grafana's data source has."""
EXPORTER = "github.com/open-telemetry/opentelemetry-collector-contrib/exporter/clickhouseexporter@v0.165.1"
FILTERED = (
    "SELECT * FROM otel_traces SETTINGS additional_table_filters = {'sql.otel_traces': ' SpanName = \\'op-acme\\' '}"
)
HERE = Path(__file__).parent
INSTALL_S, RUN_S = 180, 60


@pytest.fixture(scope="module")
def door(tmp_path_factory) -> Iterator[Door]:
    running, process = started(tmp_path_factory.mktemp("sql"))
    yield running
    process.communicate(timeout=RUN_S)


@pytest.fixture(scope="module", params=JDBC)
def driver(repository, request) -> str:
    """A class path with a version of the JDBC driver, fetched once; git ignores its folder."""
    if not (shutil.which("java") and shutil.which("mvn")):
        pytest.skip("NO JAVA: ClickHouse's JDBC driver was not tried. Install a JDK and Maven.")
    folder = repository / ".interop.jdbc" / request.param
    install_once(folder, folder.exists, lambda aside: _fetch(request.param, aside))
    return f"{folder}/*"


@pytest.fixture(scope="module", params=GO)
def asker(repository, request) -> Path:
    return built(repository / ".interop.go", "asker", f"{DRIVER}@{request.param}")


def _fetch(version: str, folder: Path) -> None:
    (folder / "pom.xml").write_text(POM.format(version=version), encoding="utf-8")
    command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False)
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
        ["java", "-cp", driver, str(HERE / "Ask.java"), url, "reader-acme", "acme-7"],
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
    counts = dict(pair.split(":") for pair in said["counts"].split(","))
    assert (counts["cases"], counts["otel_traces"]) == (str(SPANS), str(SPANS))
    assert "cases" in said["tables"].split(",")
    assert said["type of Timestamp"].startswith("DateTime64")
    assert "497" in said["refused"]


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd", "gzip"])
def test_the_driver_for_go(door, asker, compression):
    """What Grafana's data source does: say a version of the protocol, ask, list, filter from outside, read blocks."""
    address = f"127.0.0.1:{door.port}"
    settings = {"ADDRESS": address, "KEY": "reader-acme", "CASE": "acme-7", "COMPRESSION": compression}
    answer = run(asker, {**settings, "FILTERED": FILTERED})
    assert (answer["server"], answer["case"], answer["time"]) == ("flowtrail", "acme-7", ["2026-03-01 00:00:00"])
    assert (answer["streamed"], answer["empty"], answer["filtered"]) == (300_000, 0, SPANS)
    assert {table: answer["rows"][table] for table in ("cases", "otel_traces", "otel_traces_trace_id_ts")} == {
        "cases": SPANS,
        "otel_traces": SPANS,
        "otel_traces_trace_id_ts": SPANS,
    }
    assert (answer["refused"], answer["late"]) == (497, 395)


@pytest.mark.parametrize("compression", ["lz4", "zstd", "none"])
def test_the_collectors_exporter_writes_as_the_owner(door, repository, compression):
    """It makes its own database and tables, and keeps the times of traces in a table of its own."""
    database = f"exported_{compression}"
    settings = {"ADDRESS": f"127.0.0.1:{door.port}", "DATABASE": database, "COMPRESSION": compression}
    sent = run(built(repository / ".interop.go", "exporter", EXPORTER), settings)["sent"]
    tables = ("otel_traces", "otel_traces_trace_id_ts", "otel_logs", "otel_metrics_gauge", "otel_metrics_histogram")
    counts = [door.ask(f"SELECT count() FROM {database}.{table}", "owner").text for table in tables]  # noqa: S608
    assert counts == [f"{sent}\n"] * len(tables)
    numbers = f"SELECT sum(toUInt64(SpanAttributes['number'])) FROM {database}.otel_traces"  # noqa: S608
    assert door.ask(numbers, "owner").text == f"{sum(range(sent))}\n"
    assert door.ask(f"SELECT 1 FROM {database}.otel_traces").status_code == 404  # noqa: S608 - no reader's
    door.ask(f"DROP DATABASE {database}", "owner")
