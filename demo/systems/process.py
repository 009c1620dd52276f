"""One system as a process of its own: ``python -m demo.systems.shop --port 9101 …``."""

import os
import signal
import sys
import threading
from pathlib import Path

import click
import flowtrail
import uvicorn

from demo.clock import LiveClock
from demo.dice import Dice
from demo.file_queue import FileQueue
from demo.systems.consumer import PollingBell
from demo.systems.policy import steady_policy
from demo.systems.service import Parts, Service, make_app
from demo.transport import HttpTransport
from demo.truth.log import JsonLines, TruthLog


def main(kind: type[Service]) -> None:
    """The command line of one system."""

    @click.command(help=f"Run the {kind.system} of the demo until it gets SIGTERM.")
    @click.option("--port", type=int, required=True, help="Port on 127.0.0.1.")
    @click.option("--endpoint", default="http://127.0.0.1:4318", show_default=True, help="OTLP/HTTP endpoint.")
    @click.option("--workdir", type=click.Path(path_type=Path, file_okay=False), required=True)
    @click.option("--peer", "peers", multiple=True, help="Another system and its address: erp=http://127.0.0.1:9102")
    @click.option("--seed", type=int, default=1, show_default=True)
    @click.option("--series", type=int, default=1, show_default=True, help="Where number ranges begin.")
    @click.option("--speed", type=float, default=1.0, show_default=True, help="How many times faster than usual.")
    @click.option("--follow-stdin", is_flag=True, help="Stop when standard input ends, that is, when the parent dies.")
    def command(**options: object) -> None:
        _serve(kind, **options)  # type: ignore[arg-type]

    command()


def _serve(  # noqa: PLR0913 - one parameter per option
    kind: type[Service],
    *,
    port: int,
    endpoint: str,
    workdir: Path,
    peers: tuple[str, ...],
    seed: int,
    series: int,
    speed: float,
    follow_stdin: bool,
) -> None:
    clock = LiveClock(speed)
    parts = Parts(
        runtime=flowtrail.init(kind.system, endpoint, schedule_delay_s=0.25),
        clock=clock,
        http=HttpTransport(dict(_peer(text) for text in peers)),
        queue=FileQueue(workdir / "queue.sqlite", lambda: clock.now_ns() / 1e9, visibility_s=2.0),
        bell=PollingBell(),
        dice=Dice(seed),
        policy=steady_policy(),
        truth=TruthLog(kind.system, clock.now, JsonLines(workdir / f"truth-{kind.system}.jsonl")),
        series=series,
    )
    if follow_stdin:
        threading.Thread(target=_stop_with_parent, daemon=True).start()
    uvicorn.run(make_app(kind(parts)), host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)


def _peer(text: str) -> tuple[str, str]:
    name, found, url = text.partition("=")
    if not found:
        raise click.BadParameter(f"{text!r} is not of the form system=http://host:port", param_hint="--peer")
    return name, url


def _stop_with_parent() -> None:
    """Standard input is a pipe that only the parent holds open: its end is the parent's end, however that died."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
