"""Log lines in both formats: what they hold, and what they never hold."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tomllib

import pytest
from click.testing import CliRunner

from server.cli import main
from server.logs import _PACKAGES, JsonLines, TextLines, without_secrets

KEY = "ftk_0a1b2c_" + "5e" * 24


def record(message: str, *arguments, error: BaseException | None = None, **extra) -> logging.LogRecord:
    about = (type(error), error, None) if error else None
    made = logging.getLogger("collector.writer.writer").makeRecord(
        "collector.writer.writer", logging.WARNING, "f.py", 1, message, arguments, about, extra=extra
    )
    made.created = 1_790_000_000.25
    return made


def test_a_json_line_has_time_level_logger_message_and_fields():
    line = json.loads(JsonLines().format(record("Batch %d is divided.", 7, batch=7, tenant="acme")))
    assert line == {
        "time": "2026-09-21T14:13:20.250+00:00",
        "level": "warning",
        "logger": "collector.writer.writer",
        "message": "Batch 7 is divided.",
        "batch": 7,
        "tenant": "acme",
    }


def test_an_error_stands_in_a_field_of_the_same_line():
    text = JsonLines().format(record("It failed.", error=ValueError("two\nlines")))
    assert "\n" not in text
    assert json.loads(text)["error"] == "ValueError: two\nlines"


def test_what_json_cannot_say_is_said_as_text():
    line = json.loads(JsonLines().format(record("x", path=os, half="\ud800", level="mine")))
    assert line["level"] == "warning"
    assert "module" in line["path"]


def test_a_text_line_ends_with_its_fields():
    assert (
        TextLines()
        .format(record("It is divided.", batch=7))
        .endswith("collector.writer.writer: It is divided. [batch=7]")
    )


@pytest.mark.parametrize("formatter", [JsonLines(), TextLines()])
def test_no_key_and_no_password_is_written(formatter):
    secrets = (f"Bearer {KEY}", KEY, "clickhouse://user:hunter2@host/db", "Authorization: Basic dXNlcjpwYXNzd29yZA==")
    for secret in secrets:
        line = formatter.format(record("refused: %s", secret, error=ValueError(secret), field=secret))
        assert "5e5e5e" not in line
        assert "hunter2" not in line
        assert "dXNl" not in line
    assert "ftk_0a1b2c_***" in formatter.format(record(KEY))


def test_a_very_long_message_is_cut():
    assert len(without_secrets("x" * 100_000)) < 10_000
    assert without_secrets("x" * 100_000).endswith("characters more)")


def lines_of(code: str, **environment: str) -> list[str]:
    program = f"from server.commands.common import settings_with; settings_with(); import logging, threading; {code}"
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, env={**os.environ, **environment}
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_the_settings_decide_what_is_written_and_how():
    code = "logging.getLogger('collector.x').info('ours'); logging.getLogger('httpx').info('GET /search?q=dana')"
    assert lines_of(code) == []
    [line] = lines_of(code, FLOWTRAIL_LOG_LEVEL="info", FLOWTRAIL_LOG_FORMAT="json")
    assert json.loads(line)["message"] == "ours"


def test_an_uncaught_error_is_a_json_line_too():
    code = "threading.Thread(target=lambda: 1 / 0, name='t').start(); 1 / 0"
    lines = [json.loads(line) for line in lines_of(code, FLOWTRAIL_LOG_FORMAT="json")]
    assert {line["level"] for line in lines} == {"critical"}
    assert all("ZeroDivisionError" in line["error"] for line in lines)
    assert len(lines) == 2


def test_a_setting_that_cannot_be_is_told_without_a_traceback(monkeypatch):
    monkeypatch.setenv("FLOWTRAIL_LOG_LEVEL", "loud")
    told = CliRunner().invoke(main, ["serve"])
    assert told.exit_code == 2
    assert "FLOWTRAIL_LOG_LEVEL" in told.output
    assert "docs/settings.md" in told.output


def test_the_level_reaches_every_package(repository):
    pyproject = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    packages = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(_PACKAGES) == {*packages, "flowtrail"}
