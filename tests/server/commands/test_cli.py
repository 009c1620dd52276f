"""The command line: errors are sentences, not tracebacks."""

import socket

import pytest
from click.testing import CliRunner

from server.cli import main


@pytest.mark.parametrize(
    ("option", "other"),
    [
        ("--port", "--port or FLOWTRAIL_PORT"),
        ("--otlp-http-port", "--otlp-http-port or FLOWTRAIL_OTLP_HTTP_PORT"),
        ("--otlp-grpc-port", "--otlp-grpc-port or FLOWTRAIL_OTLP_GRPC_PORT"),
    ],
)
def test_a_port_that_is_taken_says_how_to_choose_another(tmp_path, migrated_chdb_url, option, other):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = {"--port": 0, "--otlp-http-port": 0, "--otlp-grpc-port": 0, option: taken.getsockname()[1]}
        words = [str(word) for pair in ports.items() for word in pair]
        environment = {"FLOWTRAIL_STORE": migrated_chdb_url}
        done = CliRunner().invoke(main, ["serve", "--data", str(tmp_path), *words], env=environment)
    assert done.exit_code == 1
    assert f"Port {ports[option]} is in use by another program. Choose another: {other}." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["203.0.113.1", "nowhere.invalid", "a..b", "2001:db8::1"])
@pytest.mark.parametrize(
    "words", ["serve", "collector", "api", "ui --api-url http://127.0.0.1:1", "store serve", "demo"]
)
def test_a_host_that_cannot_be_bound_is_refused_before_anything_starts(tmp_path, host, words):
    done = CliRunner().invoke(main, [*words.split(), "--host", host, "--data", str(tmp_path)])
    assert (done.exit_code, done.exception.__class__) == (2, SystemExit)
    assert f"{host!r} is not an address of this machine" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_store_that_is_not_there_is_named_without_its_password(tmp_path, monkeypatch):
    monkeypatch.setenv("FLOWTRAIL_STORE", "clickhouse://u:secret@127.0.0.1:1/x")
    done = CliRunner().invoke(main, ["cases", "verify", "--data", str(tmp_path)])
    assert done.exit_code == 1
    assert "clickhouse://u:***@127.0.0.1:1" in done.output
    assert "secret" not in done.output


def test_the_ui_alone_asks_for_the_address_of_an_api():
    done = CliRunner().invoke(main, ["ui"])
    assert done.exit_code == 2
    assert "--api-url or FLOWTRAIL_API_URL" in done.output


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("yesterday", "not an instant with a time zone"),
        ("2026-03-16T07:40:00", "not an instant with a time zone"),
        ("1999-12-31T23:59:59Z", "does not lie between 2000 and now"),
        ("9999-01-01T00:00:00Z", "does not lie between 2000 and now"),
    ],
)
def test_the_demo_refuses_an_end_of_its_history_that_cannot_be(tmp_path, text, why):
    done = CliRunner().invoke(main, ["demo", "--data", str(tmp_path), "--until", text])
    assert done.exit_code == 2
    assert why in done.output
    assert not list(tmp_path.iterdir())
