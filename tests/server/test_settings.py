"""Settings: documented, read from the environment, overridden by options."""

import re
from pathlib import Path

from server.commands.common import settings_with
from server.settings import Settings


def test_every_setting_is_documented_with_its_default(repository):
    text = (repository / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `FLOWTRAIL_(\w+)` \| (.+?) \|", text, re.MULTILINE))
    assert rows.keys() == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, int | bool) or field.default == "127.0.0.1":
            assert rows[name.upper()] == f"`{str(field.default).lower()}`", name


def test_options_come_before_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("FLOWTRAIL_PORT", "9000")
    monkeypatch.setenv("FLOWTRAIL_DATA", str(tmp_path))
    assert (settings_with().port, settings_with(port=9001).port) == (9000, 9001)
    assert settings_with(port=None, data=None).data == tmp_path


def test_a_relative_folder_is_made_absolute_at_once():
    settings = Settings(data=Path("here"))
    assert settings.data.is_absolute()
    assert settings.store_url == f"chdb://{settings.data}/store"


def test_a_store_elsewhere_is_left_as_it_is():
    assert Settings(store="clickhouse://h/db").store_url == "clickhouse://h/db"


def test_a_server_on_a_loopback_address_knows_its_own_names():
    assert {"localhost", "127.0.0.1", "::1", "host.docker.internal"} <= set(Settings().known_hosts)
    assert "127.0.0.2" in Settings(host="127.0.0.2").known_hosts
    assert Settings(host="192.0.2.7").known_hosts is None
    named = Settings(host="192.0.2.7", hosts="trail.example, 10.0.0.7").known_hosts
    assert {"trail.example", "10.0.0.7", "127.0.0.1"} <= set(named)
