"""``make chaos``: kill, starve, tear and damage a running collector, then count what is in the store.

``python -m proof.chaos [--minutes 5] [--rounds N] [--seed N] [--store embedded|server|both] [--keep FOLDER]``. With
``--rounds`` the plan ends after so many lives of the collector for each store, otherwise when the time is over. The
same seed gives the same plan; what a process is doing when it is killed differs from run to run. Exit code 1 on any
defect.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from proof.chaos.plan import Life, lives
from proof.chaos.run import Run, play

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proof.chaos.stage import Counts
    from proof.chaos.verdict import Verdict


def main() -> None:
    options = _options()
    stores = ("embedded", "server") if options.store == "both" else (options.store,)
    seed = options.seed if options.seed is not None else time.time_ns() % 1_000_000
    _say(f"seed {seed}")
    logging.disable(logging.CRITICAL)  # the clients' complaints about a collector that is being killed
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that nothing stays mounted or running
    sound = True
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        root = options.keep or Path(name)
        for store in stores:
            run = _run(seed, store, 60 * options.minutes / len(stores), options.rounds)
            _say(f"\n## {store} store")
            folder = root / store
            folder.mkdir(parents=True)
            counts, verdict = play(run, folder)
            _report(counts, verdict)
            sound = sound and verdict.sound
    _say("\nsound" if sound else f"\nNOT SOUND (seed {seed})")
    sys.exit(0 if sound else 1)


def _run(seed: int, store: str, seconds: float, rounds: int | None) -> Run:
    server = store == "server"

    def planned(disk: bool) -> Iterable[Life]:  # noqa: FBT001 - the shape that Run asks for
        return itertools.islice(lives(random.Random(f"{seed} {store}"), server=server, disk=disk), rounds)

    return Run(seed, server, float("inf") if rounds else seconds, planned, _say)


def _report(counts: Counts, verdict: Verdict) -> None:
    _say("")
    _line("kills", counts.kills)
    _line("  at a chosen point", counts.by_itself)
    for name, count in sorted((counts.outages + counts.wounds).items()):
        if name:
            _line(f"outages: {name}" if name in counts.outages else f"wounds: {name}", count)
    for name, count in verdict.numbers().items():
        _line(name.replace("_", " "), count)
    for example in verdict.examples:
        _say(f"  ! {example}")


def _line(name: str, count: int) -> None:
    _say(f"{name:<36} {count:>9,}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long to go on, all stores together (default 5)")
    parser.add_argument("--rounds", type=int, help="so many lives of the collector for each store instead")
    parser.add_argument("--seed", type=int, help="of the plan; printed when it is chosen by chance")
    parser.add_argument("--store", choices=("embedded", "server", "both"), default="both")
    parser.add_argument("--keep", type=Path, help="an empty folder for the data, kept after the run")
    return parser.parse_args()


if __name__ == "__main__":
    main()
