"""What the documents show runs as written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def blocks(path):
    return re.findall(r"```python\n(.*?)```", (ROOT / path).read_text(), re.DOTALL)


def run(code, url):
    # the pages mean the default port; the receiver of the test listens on another
    code = code.replace("http://127.0.0.1:4318", url)
    environment = {**os.environ, "FLOWTRAIL_ENDPOINT": url}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60, env=environment
    )


def test_the_readmes_example_runs_and_is_five_lines(receiver):
    (code,) = blocks("sdk/README.md")
    done = run(code, receiver.url)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "the work itself\n")
    assert receiver.names() == ["reserve-stock"]
    assert len([line for line in code.splitlines() if line.strip()]) == 5


@pytest.mark.parametrize("strict", ["0", "1"])
def test_the_guides_examples_run_one_after_the_other(receiver, strict, monkeypatch):
    monkeypatch.setenv("FLOWTRAIL_STRICT", strict)
    done = run("\n".join(blocks("docs/sdk.md")), receiver.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert {"reserve-stock", "pack", "load", "check-credit", "book-carrier", "approve-order"} <= set(receiver.names())
