"""docs/observing.md says every metric there is, and no other; its alerts name metrics that exist."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from collector.pipeline import Pipeline, PipelineHooks
from collector.telemetry.prometheus import Counter
from collector.telemetry.telemetry import Telemetry
from server.authentication import observe_keys
from server.fold.telemetry import FoldTelemetry
from server.store_watch import StoreWatch
from tests.collector.running import settings

PREFIX = re.compile(r"^Names that begin with `(\w+)`")
ALERTS = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def page(repository):
    return (repository / "docs" / "observing.md").read_text(encoding="utf-8")


@pytest.fixture
def telemetry(tmp_path):
    """Everything that a serving process registers."""
    made = Telemetry()

    def nothing(*_anything):
        pass

    pipeline = Pipeline(settings(tmp_path), PipelineHooks(nothing, nothing, nothing), made)
    FoldTelemetry(made)
    observe_keys(made, SimpleNamespace(trouble=None), SimpleNamespace())
    StoreWatch(None, made)
    yield made
    pipeline.stop(0)


def documented(page: str) -> dict[str, set[str]]:
    """Name → labels, by the tables."""
    found: dict[str, set[str]] = {}
    prefix = ""
    for line in page.splitlines():
        begin, cells = PREFIX.match(line), line.split("|")
        prefix = begin[1] if begin else "" if line.startswith("#") else prefix
        if prefix and len(cells) > 3 and "`" in cells[1]:
            found |= {prefix + name: set(re.findall(r"\w+", cells[2])) for name in re.findall(r"\w+", cells[1])}
    return found


def exposed(telemetry: Telemetry) -> dict[str, set[str]]:
    """Name → labels, as they are registered; gauges without a value too."""
    families = text_string_to_metric_families(telemetry.page())
    names = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    counters = [one for one in vars(telemetry).values() if isinstance(one, Counter)]
    labels = {f"{counter._family._name}_total": set(counter._labels) for counter in counters}
    return {name: labels.get(name, set()) for name in names | set(telemetry._gauges._readers)}


def test_the_tables_say_what_is_exposed(page, telemetry):
    assert documented(page) == exposed(telemetry)


def test_the_alerts_name_metrics_that_exist(page, telemetry):
    [text] = ALERTS.findall(page)
    names = set(exposed(telemetry))
    rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    assert len(rules) > 5
    for rule in rules:
        used = re.findall(r"\b((?:flowtrail|process)_\w+)", rule["expr"])
        assert used, rule["alert"]
        assert {name.removesuffix("_bucket") for name in used} <= names, rule["alert"]
        assert rule["annotations"]["summary"]
