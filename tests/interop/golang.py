"""Programs in Go, built once for each version of what they try, into a folder that git ignores."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.interop.installed import install_once

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROGRAMS: Final = Path(__file__).parent / "go"
_BUILD_S: Final = 900
_RUN_S: Final = 120


def built(folder: Path, program: str, module: str) -> Path:
    """The program of that name with ``module`` (``path@version``); skips the test where it cannot be had."""
    if not shutil.which("go"):
        pytest.skip(f"NO GO: {module} was not tried. Install Go.")
    source = (_PROGRAMS / program / "main.go").read_text(encoding="utf-8")
    place = folder / f"{program}-{module.rpartition('@')[2]}"
    kept = place / "main.go"
    install_once(
        place,
        lambda: (place / program).exists() and kept.read_text(encoding="utf-8") == source,
        lambda aside: _build(aside, source, program, module),
    )
    return place / program


def run(binary: Path, settings: Mapping[str, str]) -> dict[str, Any]:
    """Run a program with ``settings`` in its environment; the JSON that it prints."""
    done = subprocess.run([binary], env={**os.environ, **settings}, capture_output=True, timeout=_RUN_S, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _build(folder: Path, source: str, program: str, module: str) -> None:
    (folder / "main.go").write_text(source, encoding="utf-8")
    for command in (["mod", "init", program], ["get", module], ["mod", "tidy"], ["build", "-o", program, "."]):
        try:
            done = subprocess.run(
                ["go", *command], cwd=folder, capture_output=True, text=True, timeout=_BUILD_S, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"NO {module}: go {command[0]} took more than {_BUILD_S} s.")
        if done.returncode:
            pytest.skip(f"NO {module}: go {' '.join(command)} failed: {done.stderr.strip()[-300:]}")
