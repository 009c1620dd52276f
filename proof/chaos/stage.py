"""Where it is played: a collector, a store, a disk, senders, and the hand that interferes with them."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from proof.chaos import plan
from proof.chaos.disk import Disk
from proof.chaos.ledger import Ledger
from proof.chaos.orders import Orders
from proof.chaos.processes import Collector, StoreServer
from proof.chaos.senders import Traffic, all_senders
from proof.chaos.wounds import damage, tear

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

    from proof.chaos.plan import Life

SETTLE_S: Final = 180.0

LARGEST_FILE: Final = 20_000
"""Bytes beyond which no file grows in the place of a full disk, where no disk can be mounted."""


@dataclass
class Counts:
    """What was done to the collector."""

    kills: int = 0
    by_itself: int = 0
    """Kills among these at the point where it was told to kill itself."""
    outages: Counter[str] = field(default_factory=Counter)
    wounds: Counter[str] = field(default_factory=Counter)


class Stage:
    """``with Stage(folder, dice, server=True) as stage: stage.play(life)``.

    ``server``: the store runs on its own. ``pause_s``: seconds between two steps of each sender.
    """

    def __init__(self, folder: Path, dice: random.Random, *, server: bool, pause_s: float) -> None:
        self._dice = dice
        self._pause_s = pause_s
        self.folder = folder
        self.counts = Counts()
        self.ledger = Ledger()
        self.letters: set[str] = set()
        """Ends of the ids of the dead letters there must be, one for each place damaged by hand."""
        self.disk = Disk(folder / "log")
        self.store = StoreServer(folder / "store", folder / "store.txt")
        self._server = server
        self._open = contextlib.ExitStack()

    @property
    def can_fill(self) -> bool:
        """Whether writing to the log can be made to fail without the embedded store failing too."""
        return self.disk.fillable or self._server

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as opening:
            opening.enter_context(self.disk)
            url = f"chdb://{self.folder / 'store'}"
            if self._server:
                self._serve_store()
                opening.callback(self.store.kill)
                url = self.store.url
            self.collector = Collector(self.disk.path, url, self.folder / "collector.txt")
            self.collector.serve()
            opening.callback(self.collector.kill)
            senders = all_senders(self.collector.http, self.collector.grpc, self.ledger, self._dice.getrandbits(32))
            self.traffic = Traffic(senders, Orders(self._dice), self._pause_s)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.store.resume()
        self._open.close()

    def play(self, life: Life) -> None:
        """One life of the collector, from its start to its death."""
        if self.collector.running:
            self._end(0)
        seconds, options = life.seconds, [f"die={life.die}"] if life.die else []
        if life.outage == plan.AWAY:
            options.append("away=3600")
        if life.outage == plan.DISK_FULL and not self.disk.fillable:
            options.append(f"largest_file={LARGEST_FILE}")
        self.collector.serve(*options)
        began = time.monotonic()
        self._befall(life)
        self._end(max(0.0, began + seconds - time.monotonic()), life.die)
        self._wound(life.wound)

    def settle(self) -> None:
        """Let the senders deliver what they have, the collector store it, and end the collector in order."""
        if not self.collector.running:
            self.collector.serve()
        self.traffic.stop()
        _until(lambda: self._pending() == 0, "the log did not become empty")
        if code := self.collector.stop():
            raise RuntimeError(f"The collector ended with {code}; see {self.folder / 'collector.txt'}.")

    def open_store(self) -> str:
        """The address of the store's data, over HTTP, whoever had it open before."""
        if not self._server:
            self._serve_store()
            self._open.callback(self.store.kill)
        return self.store.url

    def _pending(self) -> int:
        with contextlib.suppress(httpx.TransportError):
            state: dict[str, Any] = httpx.get(f"{self.collector.http}/readyz", timeout=10).json()
            return int(state["pending_bytes"])
        return -1

    def _serve_store(self) -> None:
        (self.folder / "store").mkdir(exist_ok=True)
        self.store.serve()

    def _end(self, seconds: float, die: str = "") -> None:
        """Wait for the collector to kill itself, at most so long; kill it otherwise."""
        if die and self.collector.wait(seconds):
            self.counts.by_itself += 1
        else:
            time.sleep(0 if die else seconds)
            self.collector.kill()
        self.counts.kills += 1

    def _befall(self, life: Life) -> None:
        befalls: dict[str, Callable[[float], None]] = {
            plan.STORE_STOPPED: self._stop_store,
            plan.STORE_SLOW: self.store.slow,
            plan.STORE_KILLED: self._kill_store,
            plan.DISK_FULL: self._fill_disk,
        }
        if life.outage:
            self.counts.outages[life.outage] += 1
            befalls.get(life.outage, lambda _seconds: None)(life.seconds / 2)

    def _stop_store(self, seconds: float) -> None:
        self.store.pause()
        time.sleep(seconds)
        self.store.resume()

    def _kill_store(self, seconds: float) -> None:
        time.sleep(seconds / 2)
        self.store.kill()
        time.sleep(seconds / 2)
        self.store.serve()

    def _fill_disk(self, seconds: float) -> None:
        if self.disk.fillable:
            self.disk.fill()
        time.sleep(seconds)
        self.disk.free()

    def _wound(self, wound: str) -> None:
        if wound in (plan.TORN, plan.BLANK):
            tear(self.disk.path, wound, self._dice)
        elif wound:
            letter, keys = damage(self.disk.path, wound, self._dice)
            if not letter:
                return
            self.letters.add(letter)
            self.ledger.damage(keys)
        self.counts.wounds[wound] += bool(wound)


def _until(true: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + SETTLE_S
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError(f"After {SETTLE_S:.0f} s {otherwise}.")
        time.sleep(0.05)
