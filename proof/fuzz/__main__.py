"""``make fuzz``: the tests of tests/proof/fuzz again and again with other examples, until one fails or time is over.

``python -m proof.fuzz [--minutes 5] [--examples 500] [--seed N]``. Each round has a seed of its own, which is printed,
and tries that many examples in each test. Exit code 1 when one fails; the same seed finds it again.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).resolve().parents[2] / "tests" / "proof" / "fuzz"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m proof.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long to go on (default 5)")
    parser.add_argument("--examples", type=int, default=500, help="examples of each test in a round (default 500)")
    parser.add_argument("--seed", type=int, help="of the first round (default: by the clock)")
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    seed = options.seed if options.seed is not None else time.time_ns() % 1_000_000
    rounds = 0
    while not rounds or time.monotonic() < end:
        _say(f"round {rounds + 1}: {options.examples} examples a test, seed {seed}")
        if _round(seed, options.examples):
            _say(f"FAILED; again with: python -m proof.fuzz --minutes 0 --examples {options.examples} --seed {seed}")
            sys.exit(1)
        rounds += 1
        seed += 1
    _say(f"{rounds} rounds passed")


def _round(seed: int, examples: int) -> int:
    command = [sys.executable, "-m", "pytest", str(TESTS), f"--hypothesis-seed={seed}", "-x"]
    return subprocess.run(command, env={**os.environ, "FUZZ_EXAMPLES": str(examples)}, check=False).returncode


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
