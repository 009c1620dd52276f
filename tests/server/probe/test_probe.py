"""``flowtrail probe`` against the running product."""

from __future__ import annotations

import re
import subprocess
from itertools import count
from time import sleep

import httpx
import pytest

from server.probe.api import Api
from server.probe.known_case import open_senders
from server.probe.round import Round
from tests.e2e.running import FLOWTRAIL, Flowtrail

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def flowtrail(new_data):
    with Flowtrail(new_data()) as running:
        yield running


def probe(flowtrail, *words):
    command = [FLOWTRAIL, "probe", "--otlp-url", flowtrail.otlp, "--api-url", flowtrail.web, *words]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def test_every_known_case_comes_back_whole_by_every_way(flowtrail):
    code, said = probe(flowtrail, "--cases", 2, "--deadline", 30)
    assert code == 0, said
    for check in ("by id", "by search", "in the trail", "in KPIs"):
        assert re.search(rf"^{check} +2 +2 +0 +0 +[\d,]+ +[\d,]+$", said, re.MULTILINE), said


def test_its_cases_are_in_no_other_flow(flowtrail):
    assert {flow["name"] for flow in flowtrail.get("/flows")["flows"]} >= {"flowtrail-probe"}
    found = flowtrail.get("/search", q="VR-")["results"]
    assert {result["flow"] for result in found} == {"flowtrail-probe"}


def test_what_cannot_be_read_is_missed_and_what_cannot_be_sent_is_said(flowtrail):
    code, said = probe(flowtrail, "--cases", 1, "--deadline", 0.5, "--api-url", "http://127.0.0.1:1")
    assert code == 1
    assert "was missed by id: the query API at http://127.0.0.1:1 does not answer" in said
    assert "Traceback" not in said
    code, said = probe(flowtrail, "--cases", 1, "--deadline", 0.5, "--otlp-url", "http://127.0.0.1:1")
    assert code == 1
    assert "5 spans were not accepted in time" in said


def test_what_comes_back_otherwise_than_sent_is_missed(flowtrail, monkeypatch):
    monkeypatch.setitem(__import__("server.probe.known_case", fromlist=["FIGURES"]).FIGURES, "retries", 2)
    ticks = count()
    senders = open_senders(flowtrail.otlp, "", 30)
    with Api(flowtrail.web, "") as api:
        # A clock of its own: every look takes two seconds, so that late and missed need little waiting.
        tally = Round(1, deadline_s=20, clock=lambda: 2 * next(ticks), sleep=lambda _: sleep(0.2)).run(api, senders)
    senders.close()
    assert (tally.line("by id").missed, tally.line("by search").found) == (1, 1)
    assert not tally.sound
    assert "was missed by id: retries is 1" in tally.wrong[0]


def test_a_round_goes_on_until_it_is_told_to_stop(flowtrail):
    command = [FLOWTRAIL, "probe", "--continuous", "--every", "0", "--cases", "1", "--deadline", "30"]
    command += ["--otlp-url", flowtrail.otlp, "--api-url", flowtrail.web]
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline() for _ in range(2)]
        process.terminate()
        rest = process.stdout.read()
    assert process.returncode == 0, rest
    assert all("found, 0 late, 0 missed" in line for line in lines)
    assert rest.splitlines()[-1].startswith("in KPIs")


def test_a_key_that_is_refused_is_said_with_what_to_do(new_data):
    with Flowtrail(new_data()) as guarded:
        made = subprocess.run(
            [
                FLOWTRAIL,
                "keys",
                "create",
                "--name",
                "verifier",
                "--scope",
                "ingest",
                "--scope",
                "read",
                "--data",
                guarded.data,
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        key = re.search(r"ftk_\S+", made.stdout)[0]
        assert guarded.until(lambda: httpx.get(f"{guarded.web}/api/v1/flows").status_code == 401)
        code, said = probe(guarded, "--cases", 1, "--deadline", 1)
        assert (code, "5 spans were not accepted in time" in said) == (1, True), said
        code, said = probe(guarded, "--cases", 1, "--deadline", 30, "--key", key)
        assert code == 0, said
