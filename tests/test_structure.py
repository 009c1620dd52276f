"""The shape of the code: no module imports itself through others, and a folder can be taken in at a glance."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "access", "cases", "collector", "common", "dashboards", "demo", "exporting", "flowtrail", "importing", "query_api",
    "server", "store", "store_server",
)  # fmt: skip

# Cycles in annotations only, each with the reason why it stays.
NAMED = {
    # A policy is read into a plan, and the pass over a request takes that plan as an argument.
    frozenset({"store.redaction", "store.redaction_pass"}),
    # A scope makes steps and attempts, and each of them says in its types which scope it belongs to.
    frozenset(
        f"flowtrail.{name}"
        for name in (
            "_attempts", "_context", "_decorators", "_default", "_flow", "_runtime", "_scope", "_step", "_watch",
        )
    ),
}  # fmt: skip

MOST_MODULES = 28
"""Modules side by side in one folder; more, and a newcomer does not find the right one."""

MOST_LINES = 500


def cycles(*, annotations: bool) -> set[frozenset[str]]:
    """The groups of modules that import each other, at run time or also for annotations."""
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=not annotations, cache_dir=None)
    reached = {module: graph.find_upstream_modules(module) for module in graph.modules}
    return {
        frozenset({module} | {other for other in reached[module] if module in reached[other]})
        for module in graph.modules
        if any(module in reached[other] for other in reached[module] - {module})
    }


def test_no_module_imports_itself_through_others():
    assert cycles(annotations=False) == set()


def test_the_only_cycles_of_annotations_are_the_named_ones():
    assert cycles(annotations=True) == NAMED


@pytest.fixture(scope="module")
def modules() -> list[Path]:
    paths = [path for package in (*PACKAGES, "proof") for path in (ROOT / package).rglob("*.py")]
    return paths + list((ROOT / "sdk" / "flowtrail").glob("*.py"))


def test_no_folder_is_too_full(modules):
    full = Counter(path.parent.relative_to(ROOT).as_posix() for path in modules if path.name != "__init__.py")
    assert {folder: n for folder, n in full.items() if n > MOST_MODULES} == {}


def test_no_module_is_too_long(modules):
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in modules}
    assert {str(path): n for path, n in lines.items() if n > MOST_LINES} == {}


def test_every_package_says_what_it_does(modules):
    silent = [
        str(path.relative_to(ROOT))
        for path in modules
        if path.name == "__init__.py" and not path.read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []
