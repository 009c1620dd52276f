"""The guard over skipped tests: what it refuses, and that a run fails for it."""

import subprocess
import sys

import pytest

from tests.skips import ALLOWED, SkipGuard, allowed

CONFTEST = """
from tests.skips import SkipGuard

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipGuard(["test_it.py::test_permitted"]))
"""
TESTS = """
import pytest

def test_permitted():
    pytest.skip("no such tool")

@pytest.mark.xfail(reason="known")
def test_expected():
    assert False
"""
REFUSED = """
@pytest.mark.skip(reason="no time")
def test_other():
    pass
"""


def run(folder, repository, tests, *options):
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_it.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "--disable-plugin-autoload", "-p", "no:cacheprovider", *options, "."]
    return subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(repository)}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n", "1")])
def test_a_skip_that_is_not_allowed_fails_the_run(tmp_path, repository, options):
    done = run(tmp_path, repository, TESTS + REFUSED, *options)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "test_it.py::test_other: Skipped: no time" in done.stdout
    assert "test_it.py::test_permitted" not in done.stdout


def test_allowed_skips_and_expected_failures_pass(tmp_path, repository):
    done = run(tmp_path, repository, TESTS)
    assert done.returncode == pytest.ExitCode.OK, done.stdout


def test_a_module_that_skips_itself_is_refused_too(tmp_path, repository):
    done = run(tmp_path, repository, 'import pytest\npytest.skip("no tool", allow_module_level=True)\n')
    assert "test_it.py: Skipped: no tool" in done.stdout


def test_every_allowed_skip_names_a_test_and_a_reason(repository):
    lines = ALLOWED.read_text(encoding="utf-8").splitlines()
    for test in allowed(lines):
        file, _, name = test.partition("::")
        assert f"def {name}" in (repository / file).read_text(encoding="utf-8")


def test_an_entry_without_a_reason_is_refused():
    with pytest.raises(ValueError, match="give a reason"):
        allowed(["tests/test_x.py"])


def test_the_guard_allows_by_the_start_of_the_id():
    guard = SkipGuard(["tests/test_x.py::test_a"])
    for name in ("test_a[1]", "test_b"):
        guard.pytest_runtest_logreport(
            pytest.TestReport(f"tests/test_x.py::{name}", ("x", 1, name), {}, "skipped", ("x", 1, "why"), "setup")
        )
    assert guard.refused == {"tests/test_x.py::test_b": "why"}
