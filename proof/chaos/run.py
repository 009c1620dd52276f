"""A run: many lives, then the verdict."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proof.chaos.stage import Counts, Stage
from proof.chaos.verdict import Verdict, judge
from store.client import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from proof.chaos.plan import Life


@dataclass(frozen=True, slots=True)
class Run:
    """``lives`` is told whether the disk can be full; they are played until ``seconds`` are over or none is left."""

    seed: int
    server: bool
    seconds: float
    lives: Callable[[bool], Iterable[Life]]
    say: Callable[[str], None] = lambda _line: None
    pause_s: float = 0.01


def play(run: Run, folder: Path) -> tuple[Counts, Verdict]:
    """Play it in ``folder``, which keeps the logs of the processes and the data of a run that went wrong."""
    dice = random.Random(run.seed)
    with Stage(folder, dice, server=run.server, pause_s=run.pause_s) as stage:
        if not stage.disk.fillable:
            instead = "Files are kept from growing instead." if stage.can_fill else "That part is left out."
            run.say(f"No disk can be filled: this account may not mount a file system in memory. {instead}")
        end = time.monotonic() + run.seconds
        for number, life in enumerate(run.lives(stage.can_fill), 1):
            if time.monotonic() > end:
                break
            stage.play(life)
            run.say(f"{number:4} {life}: {len(stage.ledger.acknowledged):,} spans acknowledged so far")
        run.say("     the end: senders deliver, the collector stores and folds")
        stage.settle()
        store = Store(f"{stage.open_store()}?database=flowtrail")
        try:
            return stage.counts, judge(stage, store)
        finally:
            store.close()
