from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

import flowtrail
import pytest
from flowtrail._settings import DEFAULT_ENDPOINT, Settings, SettingsArguments, resolve

DOC = (Path(__file__).parents[2] / "docs" / "sdk.md").read_text()
NAMES = [f.name for f in fields(Settings) if f.name != "endpoint_is_the_hosts"]


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in list(__import__("os").environ):
        if name.startswith(("FLOWTRAIL_", "OTEL_")):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_documented_with_its_variable(name):
    row = next((line for line in DOC.splitlines() if line.startswith(f"| `{name}` ")), "")
    assert f"`FLOWTRAIL_{name.upper()}`" in row


def test_arguments_and_settings_are_the_same():
    assert set(SettingsArguments.__annotations__) | {"system", "endpoint"} == set(NAMES)


def test_an_argument_wins_over_flowtrails_variable_and_that_over_opentelemetrys(monkeypatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "otel")
    assert resolve({})[0].system == "otel"
    monkeypatch.setenv("FLOWTRAIL_SYSTEM", "ours")
    assert resolve({})[0].system == "ours"
    assert resolve({"system": "said"})[0].system == "said"


@pytest.mark.parametrize(
    ("variable", "value", "url"),
    [
        (None, None, DEFAULT_ENDPOINT + "/v1/traces"),
        ("FLOWTRAIL_ENDPOINT", "http://a:1", "http://a:1/v1/traces"),
        ("FLOWTRAIL_ENDPOINT", "http://a:1/", "http://a:1/v1/traces"),
        ("FLOWTRAIL_ENDPOINT", "http://a:1/v1/traces", "http://a:1/v1/traces"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:1/x", "http://a:1/x/v1/traces"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://a:1/x", "http://a:1/x"),
    ],
)
def test_an_endpoint_may_be_given_with_or_without_its_path(monkeypatch, variable, value, url):
    if variable:
        monkeypatch.setenv(variable, value)
    settings = resolve({})[0]
    assert settings.endpoint == url
    assert settings.endpoint_is_the_hosts == bool(variable and variable.startswith("OTEL_"))


def test_variables_are_read_in_their_units(monkeypatch):
    for name, value in {
        "OTEL_BSP_SCHEDULE_DELAY": "250",
        "FLOWTRAIL_HEADERS": "a=1, b = 2",
        "FLOWTRAIL_STRICT": "no",
        "FLOWTRAIL_COMPRESSION": "GZIP",
        "FLOWTRAIL_MAX_QUEUE_SIZE": "100",
        "FLOWTRAIL_RESOURCE_ATTRIBUTES": "service.version=7",
    }.items():
        monkeypatch.setenv(name, value)
    settings = resolve({})[0]
    assert settings.schedule_delay_s == 0.25
    assert settings.headers == {"a": "1", "b": "2"}
    assert settings.strict is False
    assert settings.compression == "gzip"
    assert (settings.max_queue_size, settings.max_batch_size) == (100, 100)
    assert settings.resource_attributes == {"service.version": "7"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("strict", "perhaps"),
        ("timeout_s", "-1"),
        ("timeout_s", "nan"),
        ("timeout_s", "0"),
        ("max_queue_size", "0"),
        ("compression", "zip"),
        ("schedule_delay_s", "inf"),
        ("exit_timeout_s", "soon"),
    ],
)
def test_a_wrong_value_is_told_and_the_next_source_counts(monkeypatch, name, value):
    monkeypatch.setenv(f"FLOWTRAIL_{name.upper()}", value)
    settings, wrong = resolve({})
    assert getattr(settings, name) == getattr(resolve({"system": "x"})[0], name)
    assert [f"FLOWTRAIL_{name.upper()} cannot be {value!r}."] == wrong


def test_wrong_settings_raise_in_strict_mode_and_are_told_otherwise(caplog):
    with pytest.raises(flowtrail.FlowtrailError, match="no setting 'colour'"):
        flowtrail.Runtime("wms", colour="red")
    with pytest.raises(flowtrail.FlowtrailError, match="has no name"):
        flowtrail.Runtime()
    flowtrail.Runtime("wms", strict=False, timeout_s="soon").shutdown()
    assert "timeout_s cannot be 'soon'" in caplog.text


def test_strict_is_the_default_in_a_test_run_only(monkeypatch):
    assert resolve({})[0].strict
    monkeypatch.delitem(sys.modules, "pytest")
    assert not resolve({})[0].strict
    monkeypatch.setenv("FLOWTRAIL_STRICT", "1")
    assert resolve({})[0].strict


@pytest.mark.parametrize("variable", ["FLOWTRAIL_DISABLED", "OTEL_SDK_DISABLED"])
def test_a_disabled_runtime_runs_everything_and_sends_nothing(monkeypatch, variable):
    monkeypatch.setenv(variable, "true")
    runtime = flowtrail.Runtime("wms")
    with flowtrail.Flow("f", runtime=runtime).case("SO-1").step("a", kind="approval") as step:
        assert step.trace_id
    assert runtime.flush()
    assert runtime.shutdown()
    assert runtime.stats() == flowtrail.Stats(0, 0, 0, 0)


@pytest.mark.parametrize("key", ["ftk_a_b\r\nX-Evil: 1", "ftk a b", "ftk_ä"])
def test_a_key_that_fits_no_header_is_left_out_and_not_repeated(key):
    settings, wrong = resolve({"key": key})
    assert settings.key == ""
    assert wrong == ["The setting key cannot be what it is."]


def test_neither_key_nor_headers_are_shown():
    settings = resolve({"key": "ftk_a_secret", "headers": {"authorization": "hush"}})[0]
    assert settings.key == "ftk_a_secret"
    assert "secret" not in repr(settings)
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("endpoint", "key", "warns"),
    [
        ("http://collector:4318", "ftk_a_secret", True),
        ("http://collector:4318", None, False),
        ("https://collector:4318", "ftk_a_secret", False),
        ("http://127.0.0.1:4318", "ftk_a_secret", False),
        ("http://[::1]:4318", "ftk_a_secret", False),
        ("http://127.0.0.1.example:4318", "ftk_a_secret", True),
    ],
)
def test_a_key_in_the_clear_to_another_machine_is_warned_of(endpoint, key, warns, caplog):
    flowtrail.Runtime("wms", endpoint, key=key, exporter=flowtrail.testing.CaptureExporter()).shutdown(0)
    assert ("unencrypted" in caplog.text) is warns
    assert "secret" not in caplog.text
