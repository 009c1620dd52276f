"""The names that OpenTelemetry keeps to itself are there, and the SDK works without them."""

import subprocess
import sys

import pytest
from flowtrail._quiet import _NAMES, quiet
from opentelemetry import context

WITHOUT = """
from opentelemetry import context
for name in {names}:
    delattr(context, name)

import flowtrail
from flowtrail import testing

with testing.capture("wms") as captured:
    with flowtrail.Flow("f", runtime=captured.runtime).case("SO-1").step("a"):
        pass
    print(len(captured.spans()))
"""


@pytest.mark.parametrize("name", _NAMES)
def test_the_installed_version_has_the_name(name):
    assert context.get_value(getattr(context, name), quiet()) is True


def test_a_key_that_is_gone_is_passed_over(monkeypatch):
    monkeypatch.delattr(context, _NAMES[0])
    suppressed = quiet()
    assert context.get_value(getattr(context, _NAMES[1]), suppressed) is True
    assert context.get_value("suppress_instrumentation", suppressed) is True


def test_the_sdk_starts_and_sends_without_the_names():
    # The library's own modules import the first name, so only the second can be gone there.
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(names=_NAMES[1:])], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr
