"""A section run by its own command, with little work: it must not rot, and it must count what it stored."""

import json
import subprocess
import sys


def test_ingest(tmp_path):
    file = tmp_path / "found.json"
    choices = ["--transport", "grpc", "--spans-per-request", "100", "--spans", "1000", "--dir", str(tmp_path)]
    command = [sys.executable, "-m", "proof.bench", "ingest", *choices, "--json", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(file.read_text())
    assert found["machine"]["cores"] > 0
    assert [(run["spans"], run["spans_in_store"]) for run in found["ingest"]] == [(1000, 1000)]
    assert "| folded_per_s" in done.stdout
