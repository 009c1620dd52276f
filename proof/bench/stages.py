"""Where the CPU time of a span goes, stage by stage: door, log, decoding, each table, each statement of the fold.

Everything runs in this process on the embedded engine, with the product's own functions and the schema that the
migrations make; CPU time is that of all threads of the process, so that a busy machine disturbs it little. Merges are
stopped while something is measured and then measured by themselves.

* Inserts: copies of the schema that stop after one view or table each get the same batches in turns; a stage costs what
  its copy takes more than the one before.
* Fold: a store filled with ``--base`` spans gets further batches; each statement is measured as the fold issues it.

``python -m proof.bench stages --help`` lists the choices.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cases.fold.fold import Folder
from collector.check.request import check
from collector.check.rules import CheckRules
from collector.durable_log.log import DurableLog
from collector.durable_log.record import digest
from collector.durable_log.segment import Position
from collector.settings import CollectorSettings
from proof.bench.tools.command import alone
from proof.bench.tools.load import Load
from proof.bench.tools.meter import Bill, cost_s, cpu_s, settle, steps_between
from proof.bench.tools.views import INTAKE, build, reference_store, stages, way
from server.flow_files import declare_tenants
from server.policy import redactor
from server.settings import Settings
from store.client import Store, open_store
from store.intake import Envelope, Signal, insert_envelopes
from store.migrate import migrate
from tests.e2e.running import FLOWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.redaction import Redactor

_QUERIES: Final = Path(__file__).parents[2] / "store" / "queries"
_NAMES: Final = {
    path.read_text(encoding="utf-8"): f"{path.parent.name}/{path.stem}" for path in _QUERIES.glob("*/*.sql")
}


@dataclass(frozen=True)
class Choice:
    """What to measure: ``requests`` of ``load`` make a batch; ``rounds`` batches per stage after one to warm up."""

    load: Load = field(default_factory=Load)
    requests: int = 40
    rounds: int = 12
    base: int = 400_000
    batches_a_fold: int = 1
    directory: Path | None = None

    @property
    def spans(self) -> int:
        """Spans in a batch."""
        return self.requests * self.load.spans_per_request

    def batch(self, number: int) -> list[Envelope]:
        first = number * self.requests
        return [
            Envelope("default", time.time_ns(), self.load.request(index))
            for index in range(first, first + self.requests)
        ]


def run(choice: Choice, parts: Sequence[str] = ("door", "insert", "merge", "fold")) -> dict[str, Any]:
    """CPU microseconds a span by stage."""
    work = {"door": door, "insert": inserts, "merge": merges, "fold": folds}
    with tempfile.TemporaryDirectory(dir=choice.directory) as folder:
        return {"spans_per_batch": choice.spans, **{part: work[part](choice, Path(folder) / part) for part in parts}}


def door(choice: Choice, folder: Path) -> dict[str, float]:
    """What Python does with a request until ClickHouse has it; sockets and event loops are not in it."""
    folder.mkdir()
    log = DurableLog(folder, Position(0, 0), segment_bytes=64 * 1024 * 1024)
    rules, bill, redaction = CheckRules.of(CollectorSettings()), Bill(), by_default()
    for number in range(choice.rounds + 1):
        bill.begin_round()
        batch = choice.batch(number)
        bill.add("check", cost_s(partial(_check_all, batch, rules)))
        bill.add("digest", cost_s(lambda batch=batch: [digest(envelope) for envelope in batch]))
        digests = [digest(envelope) for envelope in batch]
        bill.add("append to the log and fsync", cost_s(partial(log.append, batch, digests)))
        bill.add("read from the log", cost_s(lambda: log.release(log.read_next(1 << 40))))
        plain = cost_s(partial(insert_envelopes, _Nowhere(), batch, "token"))
        bill.add("encode the batch", plain)
        redacting = cost_s(partial(insert_envelopes, _Nowhere(), batch, "token", redaction))
        bill.add("redact by the built-in rules", max(0.0, redacting - plain))
    log.close()
    return _per_span(bill.least(), choice.spans)


def by_default() -> Redactor:
    """What the product redacts when no policy is set."""
    return redactor(Settings(), lambda _tenant: None)


def _check_all(batch: Sequence[Envelope], rules: CheckRules) -> None:
    for envelope in batch:
        check(envelope.request, Signal.TRACES, rules, envelope.received_ns)


def inserts(choice: Choice, folder: Path) -> dict[str, float]:
    """Reading the protobuf, each view, each table."""
    reference = reference_store(folder)
    migrate(reference)
    chosen = stages(way(reference, INTAKE))
    stores = {
        stage.label: build(folder, reference, f"stage_{index}", INTAKE, stage) for index, stage in enumerate(chosen)
    }
    reference.command("SYSTEM STOP MERGES")
    bill = Bill()
    for number in range(choice.rounds + 1):
        bill.begin_round()
        batch = choice.batch(number)
        encoding = cost_s(partial(insert_envelopes, _Nowhere(), batch, "token"))
        for label, store in stores.items():
            bill.add(label, cost_s(partial(insert_envelopes, store, batch, f"batch-{number}")) - encoding)
    _close(reference, *stores.values())
    levels = bill.least()
    return _per_span({**steps_between(levels), "all of it, in one insert": list(levels.values())[-1]}, choice.spans)


def merges(choice: Choice, folder: Path) -> dict[str, float]:
    """Merging the parts of all rounds into one, once, by table: a span goes through this several times in its life."""
    store = open_store(f"chdb://{folder}")
    migrate(store)
    store.command("SYSTEM STOP MERGES")
    for number in range(choice.rounds + 1):
        insert_envelopes(store, choice.batch(number), f"batch-{number}")
    store.command("SYSTEM START MERGES")
    tables = [view.target for view in way(store, INTAKE, store.database)]
    costs = {table: cost_s(partial(store.command, f"OPTIMIZE TABLE {table} FINAL")) for table in dict.fromkeys(tables)}
    store.close()
    return _per_span(costs, choice.spans * (choice.rounds + 1))


def folds(choice: Choice, folder: Path) -> dict[str, Any]:
    """Each statement of the fold, over a store that already holds ``base`` spans."""
    store = _MeteredStore(open_store(f"chdb://{folder}").url)
    migrate(store)
    declare_tenants(store, FLOWS)
    folder_ = Folder(store)
    filled = _fill(choice, store, folder_)
    store.command("SYSTEM STOP MERGES")
    store.bill = Bill()
    for number in range(filled, filled + choice.rounds + 1):
        store.bill.begin_round()
        insert_envelopes(store, choice.batch(number), f"batch-{number}")
        if (number + 1) % choice.batches_a_fold == 0:
            store.bill.add("all of it, in one run", cost_s(partial(_fold, folder_)))
    calls, costs = store.bill.calls, store.bill.least()
    cases = store.rows("SELECT count() AS n FROM cases FINAL")[0]["n"]
    store.close()
    named = {f"{item} ({calls[item]} calls)" if calls.get(item, 1) > 1 else item: cost for item, cost in costs.items()}
    figures = _per_span(named, choice.spans * choice.batches_a_fold)
    return {"spans_before": filled * choice.spans, "cases_after": cases, **figures}


def _fill(choice: Choice, store: Store, folder: Folder) -> int:
    """Put ``base`` spans in and fold them; returns how many batches that took."""
    batches = -(-choice.base // choice.spans)
    for number in range(batches):
        insert_envelopes(store, choice.batch(number), f"batch-{number}")
        if number % 8 == 7:  # catching up in large runs is cheaper, and nothing is measured yet
            _fold(folder)
    _fold(folder)
    settle(store)
    return batches


def _fold(folder: Folder) -> None:
    while folder.fold_pending():
        pass


def _per_span(costs: dict[str, float], spans: int) -> dict[str, float]:
    """Seconds for ``spans`` spans as microseconds a span."""
    return {item: cost / spans * 1e6 for item, cost in costs.items()}


class _MeteredStore(Store):
    """A store that writes down what each statement costs, under the name of its file."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.bill = Bill([{}])

    def rows(self, sql: str, /, **params: Any) -> list[dict[str, Any]]:
        before = cpu_s()
        answer = super().rows(sql, **params)
        self.bill.add(_NAMES.get(sql, sql[:40]), cpu_s() - before)
        return answer

    def command(self, sql: str, /, settings: Any = None, **params: Any) -> Any:
        before = cpu_s()
        answer = super().command(sql, settings, **params)
        self.bill.add(_NAMES.get(sql, sql[:40]), cpu_s() - before)
        return answer


class _Nowhere:
    """In place of a store: takes an insert and forgets it, which leaves what it cost to make."""

    embedded = True

    def raw_insert(self, *_: Any) -> None:
        pass


def _close(*stores: Store) -> None:
    for store in stores:
        store.close()


@click.command("stages", help=__doc__)
@click.option("--only", multiple=True, type=click.Choice(["door", "insert", "merge", "fold"]), help="Default: all.")
@click.option("--rounds", default=12, show_default=True, help="Batches measured; the cheapest counts.")
@click.option("--requests", default=40, show_default=True, help="Requests of 512 spans in a batch.")
@click.option("--base", default=400_000, show_default=True, help="Spans in the store before the fold is measured.")
@click.option("--in-flight", default=0, show_default=True, help="Cases that advance together; 0: one after the other.")
@click.option("--batches-a-fold", default=1, show_default=True, help="Batches that one run of the fold takes.")
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Folder for the store; default: temporary.")
def command(only: tuple[str, ...], in_flight: int, **choices: Any) -> dict[str, Any]:
    choice = Choice(load=Load(in_flight=in_flight), **choices)
    return run(choice, only or ("door", "insert", "merge", "fold"))


if __name__ == "__main__":
    alone(command)
