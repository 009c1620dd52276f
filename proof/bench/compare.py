"""Three ways from a batch of OTLP requests to rows in every table, side by side.

* ``ours``: the product's way into the store, its built-in redaction included; Python frames bytes, ClickHouse decodes.
* ``walked``: Python opens every span and inserts rows into ``otel_traces`` (proof/bench/tools/walked.py).
* ``ceiling``: nothing is left to decode; ``INSERT INTO otel_traces SELECT`` of the same rows out of a Memory table.

All three write the same rows into the same tables (a checksum says so), and from ``otel_traces`` on the same views run.
``with`` folds: a second thread folds the cases of each batch, as in the running product; ``without`` leaves that out.
Each way runs in a process of its own with an empty embedded store; one thread inserts one batch after the other. What
comes before (making requests, filling Memory tables) is not measured. ``spans_per_s`` is wall time until the last case
is folded; CPU is that of the whole process, until then and until no merge is left.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import click

from cases.fold.fold import Fold
from proof.bench.stages import by_default
from proof.bench.tools import walked
from proof.bench.tools.command import alone
from proof.bench.tools.load import Load
from proof.bench.tools.meter import cpu_s, settle
from proof.bench.tools.report import progress
from proof.bench.tools.views import INTAKE, View, way
from server.flow_files import declare_tenants
from store.client import Store, open_store
from store.intake import Envelope, insert_envelopes
from store.migrate import migrate
from tests.e2e.running import FLOWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

WAYS: Final = ("ours", "walked", "ceiling")
_DECODED: Final = "bench_decoded"


@dataclass(frozen=True)
class Race:
    """``spans`` spans of ``load`` in batches of ``requests`` requests, the size at which the product inserts."""

    way: str
    folding: bool
    spans: int = 400_000
    requests: int = 40
    load: Load = field(default_factory=Load)
    directory: Path | None = None

    @property
    def batches(self) -> int:
        return max(1, self.spans // (self.requests * self.load.spans_per_request))

    @property
    def all_spans(self) -> int:
        return self.batches * self.requests * self.load.spans_per_request

    def batch(self, number: int) -> list[Envelope]:
        first, now = number * self.requests, time.time_ns()
        return [Envelope("default", now, self.load.request(first + index)) for index in range(self.requests)]


def run(race: Race) -> dict[str, Any]:
    """The figures of one way, from a process of its own."""
    progress(f"compare: {race.way}, {'with' if race.folding else 'without'} folds")
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_process, args=(race, theirs))
    process.start()
    theirs.close()
    try:
        figures: dict[str, Any] = ours.recv()
    except EOFError:
        raise RuntimeError(f"{race.way} failed") from None
    finally:
        process.join()
    return figures


def table(races: list[Race]) -> list[dict[str, Any]]:
    """Each race, and what a span costs and yields in relation to the ceiling of the same kind."""
    rows = [run(race) for race in races]
    if len({row.pop("fingerprint") for row in rows}) > 1:
        raise RuntimeError("the ways did not store the same rows: they cannot be compared")
    for row in rows:
        ceiling = next((r for r in rows if r["way"] == "ceiling" and r["folds"] == row["folds"]), None)
        if ceiling:
            row["speed_to_ceiling"] = row["spans_per_s"] / ceiling["spans_per_s"]
            row["cpu_to_ceiling"] = ceiling["cpu_s_per_million"] / row["cpu_s_per_million"]
    return rows


def _process(race: Race, pipe: Connection) -> None:
    with tempfile.TemporaryDirectory(dir=race.directory) as folder:
        store = open_store(f"chdb://{folder}/store")
        try:
            migrate(store)
            declare_tenants(store, FLOWS)
            pipe.send(_measure(race, store, Path(folder)))
        finally:
            store.close()


def _measure(race: Race, store: Store, folder: Path) -> dict[str, Any]:
    insert = _inserter(race, store, folder / "store")
    batches = [insert(number) for number in range(race.batches)]
    settle(store)
    before, began = cpu_s(), time.perf_counter()
    with _Folds(store) if race.folding else _NoFolds() as worker:
        for batch in batches:
            batch()
            worker.wake()
    seconds, busy = time.perf_counter() - began, cpu_s() - before
    settle(store)
    return _figures(race, store, seconds, busy, cpu_s() - before)


def _figures(race: Race, store: Store, seconds: float, busy: float, at_rest: float) -> dict[str, Any]:
    million = race.all_spans / 1e6
    columns = ", ".join(f"`{name}`" for name in walked.COLUMNS if name not in ("ReceivedAt", "Batch"))
    prints = store.rows(f"SELECT sum(cityHash64({columns})) AS n, count() AS spans FROM otel_traces FINAL")[0]  # noqa: S608
    cases = store.rows("SELECT count() AS n FROM cases FINAL")[0]["n"]
    if prints["spans"] != race.all_spans or cases != race.folding * race.load.cases(race.all_spans):
        raise RuntimeError(f"{race.way} stored {prints['spans']} spans and {cases} cases")
    return {
        "name": f"{race.way}, {'with' if race.folding else 'without'} folds",
        "way": race.way,
        "folds": "with" if race.folding else "without",
        "spans": race.all_spans,
        "spans_per_s": race.all_spans / seconds,
        "cpu_s_per_million": busy / million,
        "cpu_s_per_million_at_rest": at_rest / million,
        "fingerprint": prints["n"],
    }


def _inserter(race: Race, store: Store, folder: Path) -> Callable[[int], Callable[[], None]]:
    """Batch number → the work of inserting it, everything before it already done."""
    if race.way == "ceiling":
        _decode(race, store, folder)
        copy = f"INSERT INTO otel_traces SELECT * FROM {_DECODED}.batch_"  # noqa: S608
        return lambda number: lambda: store.command(f"{copy}{number}")
    ours = partial(insert_envelopes, redaction=by_default())
    chosen = {"ours": ours, "walked": walked.insert}[race.way]

    def insert(number: int) -> Callable[[], None]:
        batch = race.batch(number)
        return lambda: chosen(store, batch, f"batch-{number}")

    return insert


def _decode(race: Race, store: Store, folder: Path) -> None:
    """Make a Memory table of each batch, in the order in which the spans came."""
    decoding = [view for view in way(store, INTAKE, store.database) if view.target == "otel_traces"]
    decoder = open_store(f"chdb://{folder}?database={_DECODED}")
    _copy(store, decoder, decoding)
    for number in range(race.batches):
        decoder.command(f"CREATE TABLE otel_traces AS {store.database}.otel_traces ENGINE = Memory")
        insert_envelopes(decoder, race.batch(number), f"batch-{number}")
        decoder.command(f"RENAME TABLE otel_traces TO batch_{number}")
    decoder.close()


def _copy(store: Store, decoder: Store, views: list[View]) -> None:
    decoder.command(f"CREATE TABLE {INTAKE} AS {store.database}.{INTAKE}")
    decoder.command(f"CREATE TABLE otel_traces AS {store.database}.otel_traces ENGINE = Memory")
    for view in views:
        decoder.command(view.statement.replace(f"{store.database}.", f"{_DECODED}."))
    decoder.command("DROP TABLE otel_traces")


class _NoFolds:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def wake(self) -> None: ...


class _Folds:
    """Folds in a thread of its own whenever it is woken, as the product does; its end waits for the last one."""

    def __init__(self, store: Store) -> None:
        self._folder = Fold(store)
        self._wake = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._wake.set()
        self._thread.join()

    def wake(self) -> None:
        self._wake.set()

    def _run(self) -> None:
        over = False
        while not over:
            self._wake.wait()
            over = self._over
            self._wake.clear()
            while self._folder.fold_pending():
                pass


@click.command("compare", help=__doc__)
@click.option("--way", "ways", multiple=True, type=click.Choice(WAYS), help="Default: all three.")
@click.option("--folds", type=click.Choice(["with", "without", "both"]), default="both", show_default=True)
@click.option("--spans", default=400_000, show_default=True, help="Spans of each race.")
@click.option("--in-flight", default=0, show_default=True, help="Cases that advance together; 0: one after the other.")
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Folder for the stores; default: temporary.")
def command(
    ways: tuple[str, ...], folds: str, spans: int, in_flight: int, directory: Path | None
) -> list[dict[str, Any]]:
    # One choice of times for all, so that all store the same rows.
    load = Load(in_flight=in_flight)
    chosen = {"with": (True,), "without": (False,), "both": (False, True)}[folds]
    races = [Race(way, folding, spans, load=load, directory=directory) for folding in chosen for way in ways or WAYS]
    return table(races)


if __name__ == "__main__":
    alone(command)
