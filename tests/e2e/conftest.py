"""One run of the demo that many tests look at."""

import json
import shutil
import subprocess

import pytest

from tests.e2e.running import FLOWTRAIL, UNTIL, Flowtrail
from tests.made_once import made_once

ORDERS, HISTORY = 12, 250


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory):
    """What ``flowtrail demo --exit`` leaves behind: data, truth of the history and of the live systems.

    The history ends at UNTIL, and the live orders happen now: a test that asks for a window or for the state at some
    instant names it. The demo runs once; every process of the tests gets a copy, as a store belongs to one process.
    """
    made = made_once(tmp_path_factory, "the-demo", _run_demo)
    return shutil.copytree(made / "demo", tmp_path_factory.mktemp("demo") / "demo", symlinks=True)


def _run_demo(data):
    command = [FLOWTRAIL, "demo", "--orders", ORDERS, "--history", HISTORY, "--until", UNTIL.isoformat(), "--exit"]
    command += ["--data", data, "--port", 0, "--otlp-http-port", 0, "--otlp-grpc-port", 0]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def history(demo_folder):
    """The part of the truth that lies in the past weeks."""
    return json.loads((demo_folder / "history-truth.json").read_text())["orders"]


@pytest.fixture(scope="session")
def truth(demo_folder, history):
    """Order number → what really happened, as the systems themselves wrote it down."""
    return history | json.loads((demo_folder / "systems" / "truth.json").read_text())["orders"]


@pytest.fixture(scope="session")
def flowtrail(demo_folder):
    """Flowtrail over the data of the demo, started again."""
    with Flowtrail(demo_folder / "data") as running:
        yield running
