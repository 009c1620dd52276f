"""The collector and the fold, as ``flowtrail serve`` runs them, in a process that may be killed or kill itself.

``python -m proof.chaos.child LOG STORE_URL HTTP_PORT GRPC_PORT [die=POINT:COUNT] [away=SECONDS] [largest_file=BYTES]``

Prints its two ports once it serves. Ends in order at SIGTERM: takes no more, stores what it has, folds it. Ends at once
when its standard input closes, so that it never outlives whoever started it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cases.fold.fold import Fold
from collector.service import Collector
from collector.settings import CollectorSettings
from proof.chaos.fuse import Fuse, fuse_commands, fused_segments, fused_sink
from server.fold.worker import FoldWorker
from store.client import open_store
from store.errors import StoreUnavailable
from store.intake import insert_envelopes
from store.migrate import migrate
from store.take_back import take_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.client import Store
    from store.intake import Envelope


def settings(log_dir: Path, http_port: int, grpc_port: int) -> CollectorSettings:
    """Small files, small batches and short pauses, so that a minute holds what a day holds elsewhere."""
    return CollectorSettings(
        http_port=http_port,
        grpc_port=grpc_port,
        log_dir=log_dir,
        segment_bytes=400_000,
        batch_bytes=300_000,
        batch_max_age_ms=50,
        retry_first_s=0.05,
        retry_longest_s=0.5,
        retry_after_s=1,
        drain_timeout_s=60,
    )


class Away:
    """A sink whose store is not reachable for some seconds after the start."""

    def __init__(self, seconds: float, store: Store) -> None:
        self._back = time.monotonic() + seconds
        self._insert = partial(insert_envelopes, store)

    def __call__(self, envelopes: Sequence[Envelope], token: str) -> None:
        if time.monotonic() < self._back:
            raise StoreUnavailable("The store is away.")
        self._insert(envelopes, token)


async def serve(collector: Collector, fold: FoldWorker) -> None:
    """Print the ports, then serve until SIGTERM."""
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    await collector.start()
    fold.start()
    sys.stdout.write(f"{collector.http_port} {collector.grpc_port}\n")
    sys.stdout.flush()
    await end.wait()
    emptied = await collector.stop()
    await asyncio.to_thread(fold.stop)
    if not emptied:
        raise SystemExit("The collector ended before all it had acknowledged was stored.")


def main(log_dir: str, url: str, http_port: str, grpc_port: str, *words: str) -> None:
    options = dict(word.split("=") for word in words)
    point, _, count = options.get("die", "").partition(":")
    if "largest_file" in options:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(options["largest_file"]), resource.RLIM_INFINITY))
    fuse = Fuse(point, int(count or 0))
    store = open_store(url)
    migrate(store)
    fuse_commands(fuse, store)
    fold = FoldWorker(Fold(store))

    def inserted(_envelopes: Sequence[Envelope], _token: str) -> None:
        fold.wake()
        fuse.burn("followed")

    sink = fused_sink(fuse, Away(float(options.get("away", 0)), store))
    collector = Collector(settings(Path(log_dir), int(http_port), int(grpc_port)), sink, inserted)
    collector.open_segment = fused_segments(fuse)
    collector.take_back = partial(take_back, store)
    asyncio.run(serve(collector, fold))
    store.close()


def _end_with_the_parent() -> None:
    os.read(0, 1)  # not through a buffer, whose lock a thread must not hold when the interpreter ends
    os._exit(1)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    main(*sys.argv[1:])
