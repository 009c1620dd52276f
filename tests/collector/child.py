"""A collector in a process of its own, which a test may kill.

``python -m tests.collector.child LOG SINK [die_at=INSERT] [largest_file=BYTES]``.

Prints its HTTP port and serves until it is told to end (SIGTERM) or killed.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
from pathlib import Path

from collector.service import Collector
from tests.collector.running import settings
from tests.collector.sinks import FileSink


async def main(log_dir: str, sink_dir: str, die_at: int) -> None:
    sink = FileSink(Path(sink_dir), die_at)
    collector = Collector(settings(Path(log_dir), segment_bytes=20_000, batch_bytes=5_000), sink)
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    await collector.start()
    print(collector.http_port, flush=True)  # noqa: T201 (the parent waits for it)
    await end.wait()
    await collector.stop()


if __name__ == "__main__":
    options = dict(option.split("=") for option in sys.argv[3:])
    if "largest_file" in options:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(options["largest_file"]), resource.RLIM_INFINITY))
    asyncio.run(main(sys.argv[1], sys.argv[2], int(options.get("die_at", 0))))
