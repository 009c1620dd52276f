"""OpenTelemetry's Node SDK and ClickHouse's client for Node, installed once into a folder that git ignores.

The versions are those of ``package.json``.
"""

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

_HERE: Final = Path(__file__).parent
_INSTALL_S: Final = 180
_RUN_S: Final = 60
OLDEST: Final = 18


def installed(folder: Path) -> Path:
    """The folder with the packages; skips the test, saying why, where that cannot be had."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("NO NODE: nothing was sent with OpenTelemetry's Node SDK. Install node and npm.")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip().lstrip("v").split(".")[0]) < OLDEST:
        pytest.skip(f"OLD NODE: OpenTelemetry's Node SDK needs node {OLDEST}, this is {version.strip()}.")
    packages = (_HERE / "package.json").read_text(encoding="utf-8")
    present = folder / "package.json"
    return install_once(
        folder,
        lambda: present.exists() and present.read_text(encoding="utf-8") == packages,
        lambda aside: _install(aside, packages),
    )


def run_sender(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Run the sender with OTEL_* ``settings``; the ids it prints."""
    return dict(run_script(folder, "sender.mjs", settings))


def run_script(folder: Path, script: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """Run a script with ``settings`` in its environment; the JSON of its last line."""
    shutil.copy(_HERE / script, folder)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        ["node", script],
        cwd=folder,
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=_RUN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _install(folder: Path, packages: str) -> None:
    (folder / "package.json").write_text(packages, encoding="utf-8")
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_INSTALL_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"NO NODE SDK: npm install took more than {_INSTALL_S} s.")
    if done.returncode:
        pytest.skip(f"NO NODE SDK: npm install failed: {done.stderr.strip()[-300:]}")
