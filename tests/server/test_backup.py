"""What docs/upgrade.md says of a backup: a copy of the data directory of a stopped server is the whole installation."""

from __future__ import annotations

import shutil

import httpx
import pytest

from tests.e2e.running import Flowtrail
from tests.server.test_running import flowtrail


@pytest.mark.slow
def test_a_copy_of_the_data_directory_is_the_whole_installation(new_data, tmp_path):
    data = new_data()
    code, key = flowtrail("keys", "create", "--scope", "read", "--scope", "ingest", "--quiet", "--data", data)
    assert code == 0, key
    headers = {"authorization": f"Bearer {key.strip().splitlines()[0]}"}
    event = {"flow": "claim", "case": "C-1", "step": "file", "system": "desk", "time": "2026-03-02T09:00:00Z"}
    with Flowtrail(data) as server:
        assert httpx.post(f"{server.otlp}/v1/events", json=[event], headers=headers).status_code == 200
    backup = tmp_path / "backup"
    shutil.copytree(data, backup, symlinks=True)  # as cp -a and tar do; ClickHouse links its databases
    shutil.rmtree(data)
    with Flowtrail(backup) as server:
        address = f"{server.web}/api/v1/flows/claim/cases/C-1"
        assert httpx.get(address).status_code == 401
        # Accepted before the stop: it is in the store, or in the log and stored at this start.
        assert server.until(lambda: httpx.get(address, headers=headers).status_code == 200)
