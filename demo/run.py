"""The demo live: five processes that talk over HTTP and a queue, and orders pushed through them."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

import click
import httpx

from demo.children import Child, free_ports, start_child, stop_children, wait_until_healthy
from demo.customers import Order, make_customers, make_order
from demo.errors import DemoError
from demo.showcase import showcase_pairs
from demo.truth.ended import Ended
from demo.truth.truth import Truth, merge, read_workdir, write_truth

SYSTEMS = ("shop", "erp", "wms", "carrier", "billing")
HEALTHY_WITHIN_S = 60.0
STOP_PATIENCE_S = 8.0
PUSHED_AT_ONCE = 4
BIG_CUSTOMERS = 0.3


class Demo:
    """Starts the systems, pushes orders, and knows from their own books what became of them.

    ``workdir`` holds the queue, the logs and the truth and belongs to one run; ``ports`` (system → port) are free ones
    unless given; ``series`` is where number ranges begin (by default taken from the clock, so that runs do not meet);
    ``speed`` 1.0 lets an order pass in a few seconds. May be used from several threads.
    """

    def __init__(  # noqa: PLR0913 - the knobs of the demo
        self,
        endpoint: str,
        workdir: Path,
        seed: int = 1,
        *,
        ports: Mapping[str, int] | None = None,
        series: int | None = None,
        speed: float = 1.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._endpoint = endpoint
        self._workdir = workdir
        self._seed = seed
        self._ports = ports
        self._series = _series(now()) if series is None else series
        self._speed = speed
        self._lock = threading.Lock()
        self._rng = Random(f"live|{seed}|{self._series}")
        self._customers = make_customers(self._rng, 60)
        self._big = [customer for customer in self._customers if customer.segment == "key-account"]
        self._pairs = showcase_pairs(seed, f"PO-{self._series}")
        self._ordered = 0
        self._children: list[Child] = []
        self._pushed: list[str] = []
        self._ended = Ended(workdir)

    def start(self) -> None:
        """Start the five systems and wait until they answer; raises DemoError with the reason if one does not."""
        self._workdir.mkdir(parents=True, exist_ok=True)
        ports = self._ports or dict(zip(SYSTEMS, free_ports(len(SYSTEMS)), strict=True))
        arguments = ["--endpoint", self._endpoint, "--workdir", str(self._workdir), "--seed", str(self._seed)]
        arguments += ["--series", str(self._series), "--speed", str(self._speed)]
        for name in SYSTEMS:
            arguments += ["--peer", f"{name}=http://127.0.0.1:{ports[name]}"]
        try:
            for name in SYSTEMS:
                self._children.append(start_child(name, ports[name], arguments, self._workdir))
            wait_until_healthy(self._children, HEALTHY_WITHIN_S)
        except BaseException:
            self.stop()
            raise

    @property
    def urls(self) -> dict[str, str]:
        """Each running system's address."""
        return {child.name: child.url for child in self._children}

    def push(self, n: int) -> list[str]:
        """Order ``n`` times at the shop; returns the order numbers. From 4 on, the first two are a showcase pair."""
        with self._lock:
            orders = list(next(self._pairs)) if n >= 4 else []
            orders += [self._order(hurried=True) for _ in range(n - len(orders))]
        return self._push(orders)

    def wait_until_through(self, timeout_s: float) -> bool:
        """Wait until every order pushed has ended; False if some have not after ``timeout_s`` (see ``under_way``)."""
        deadline = time.monotonic() + timeout_s
        while self.under_way():
            if time.monotonic() > deadline:
                return False
            self._check_alive()
            time.sleep(0.05)
        return True

    def under_way(self) -> list[str]:
        """Orders pushed that have not ended yet."""
        ended = self._ended.numbers()
        with self._lock:
            return [number for number in self._pushed if number not in ended]

    def trickle(self, rate_per_s: float, stop_event: threading.Event) -> None:
        """Order ``rate_per_s`` times a second on average until the event is set; here approvers take their time."""
        with httpx.Client(trust_env=False) as http:
            while not stop_event.wait(self._rng.expovariate(rate_per_s)):
                with self._lock:
                    order = self._order(hurried=False)
                self._post(http, order)

    def interesting_order(self, timeout_s: float = 30.0) -> str:
        """An ended order with an approval, a retry and a shared package; pushes further pairs until there is one."""
        deadline = time.monotonic() + timeout_s
        while True:
            accounts = self.truth()["orders"]
            found = [number for number, account in accounts.items() if _is_interesting(account)]
            if found:
                return str(max(found, key=lambda number: accounts[number]["events"]))
            left = deadline - time.monotonic()
            if left <= 0:
                raise DemoError("No order so far had an approval, a retry and a shared package; push some more.")
            self.push(4)
            self.wait_until_through(left)

    def truth(self) -> Truth:
        """What the systems say they did so far, see ``demo.truth.truth``."""
        return merge(read_workdir(self._workdir), {"seed": self._seed, "series": self._series})

    def stop(self) -> None:
        """Stop the systems (their telemetry is sent first) and write ``truth.json`` into the working directory."""
        stop_children(self._children, STOP_PATIENCE_S)
        if self._children:
            write_truth(self.truth(), self._workdir / "truth.json")
        self._children = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _order(self, *, hurried: bool) -> Order:
        self._ordered += 1
        customers = self._big if self._big and self._rng.random() < BIG_CUSTOMERS else self._customers
        reference = f"PO-{self._series}-{self._ordered}"
        return make_order(self._rng, self._rng.choice(customers), reference, hurried=hurried)

    def _push(self, orders: list[Order]) -> list[str]:
        with httpx.Client(trust_env=False) as http, ThreadPoolExecutor(PUSHED_AT_ONCE) as pool:
            numbers = list(pool.map(partial(self._post, http), orders))
        with self._lock:
            self._pushed += numbers
        return numbers

    def _post(self, http: httpx.Client, order: Order) -> str:
        if not self._children:
            raise DemoError("The demo does not run; call start() first.")
        try:
            answer = http.post(f"{self.urls['shop']}/orders", json=order, timeout=30)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            self._check_alive()
            raise DemoError(f"The demo's shop did not take an order: {error}") from error
        return str(answer.json()["order"])

    def _check_alive(self) -> None:
        for child in self._children:
            if child.process.poll() is not None:
                raise DemoError(f"The demo's {child.name} has died; see {child.log}")


def _series(now: datetime) -> int:
    """Seconds since 2025: number ranges of live runs start after those of earlier runs and above those of history."""
    return int((now - datetime(2025, 1, 1, tzinfo=UTC)).total_seconds())


def _is_interesting(account: Mapping[str, Any]) -> bool:
    steps = {step["step"] for step in account["steps"]}
    return bool(account["end"] and account["retries"] and account["shared_with"] and "approve-order" in steps)


@click.command()
@click.option("--endpoint", default="http://127.0.0.1:4318", show_default=True, help="OTLP/HTTP endpoint.")
@click.option(
    "--workdir", type=click.Path(path_type=Path, file_okay=False), default=Path("demo-run"), show_default=True
)
@click.option("--orders", default=20, show_default=True, help="Orders pushed at once when it starts.")
@click.option("--rate", default=0.5, show_default=True, help="Orders a second that trickle in afterwards.")
@click.option("--exit", "exit_when_through", is_flag=True, help="Stop when the orders pushed are through.")
@click.option("--seed", default=1, show_default=True)
@click.option("--speed", default=1.0, show_default=True, help="How many times faster than usual.")
@click.option("--port-base", type=int, help="First of five ports in a row; without it free ones are taken.")
def main(  # noqa: PLR0913, PLR0917 - one parameter per option
    endpoint: str,
    workdir: Path,
    orders: int,
    rate: float,
    exit_when_through: bool,  # noqa: FBT001 - a flag
    seed: int,
    speed: float,
    port_base: int | None,
) -> None:
    """Run the five systems against an OTLP/HTTP endpoint."""
    ports = {name: port_base + place for place, name in enumerate(SYSTEMS)} if port_base else None
    try:
        with Demo(endpoint, workdir, seed, ports=ports, speed=speed) as demo:
            numbers = demo.push(orders)
            click.echo(f"{len(numbers)} orders, {numbers[0]} to {numbers[-1]}; what happens is written to {workdir}")
            if exit_when_through:
                _see_through(demo, max(60.0, float(orders)))
            else:
                click.echo("More orders trickle in; Ctrl-C stops.")
                demo.trickle(rate, threading.Event())
    except DemoError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("Stopped.")


def _see_through(demo: Demo, timeout_s: float) -> None:
    if not demo.wait_until_through(timeout_s):
        raise DemoError(f"These orders did not get through in time: {', '.join(demo.under_way())}")
    click.echo(f"All are through. Look at {demo.interesting_order()}.")


if __name__ == "__main__":
    main()
