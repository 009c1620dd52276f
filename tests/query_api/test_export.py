import csv
import io
import json
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest

from tests.cases import orders

FLOW = f"/api/v1/flows/{orders.FLOW}"
WINDOW = {"from": "2000-01-01", "to": "2090-01-01", "interval": "none"}


def table(response):
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text)))


def test_the_export_of_a_case_holds_the_steps_of_its_trail(api):
    trail = api.get(f"{FLOW}/cases/SO-1001/trail").json()
    expected = {event["id"]: event["step"] for event in trail["events"] if not event["plain"]}
    response = api.get(f"{FLOW}/cases/SO-1001/export")
    assert {row["event_id"]: row["flow.step"] for row in table(response)} == expected
    assert (
        response.headers["content-disposition"] == f'attachment; filename="{orders.FLOW.replace("-", "_")}-SO_1001.csv"'
    )


def test_the_export_of_a_list_holds_the_cases_that_it_lists(api):
    listed = {case["case_id"] for case in api.get(f"{FLOW}/cases", params={**WINDOW, "limit": 1000}).json()["cases"]}
    assert len(listed) > 3
    assert {row["case_id"] for row in table(api.get(f"{FLOW}/export", params=WINDOW))} == listed


def test_every_format_holds_the_same_events(api):
    rows = table(api.get(f"{FLOW}/export", params=WINDOW))
    answers = {
        form: api.get(f"{FLOW}/export", params={**WINDOW, "format": form})
        for form in ("parquet", "ocel-json", "otlp-json")
    }
    frame = pq.read_table(io.BytesIO(answers["parquet"].content))
    assert frame.num_rows == len(rows)
    assert frame.column("event_id").to_pylist() == [row["event_id"] for row in rows]
    ocel = answers["ocel-json"].json()
    once = {row["event_id"] for row in rows}
    assert {event["id"] for event in ocel["events"]} == once
    assert len(ocel["events"]) == len(once)
    known = {item["id"] for item in ocel["objects"]}
    assert {each["objectId"] for event in ocel["events"] for each in event["relationships"]} <= known
    spans = [
        span
        for line in answers["otlp-json"].text.splitlines()
        for resource in json.loads(line)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]
    assert len(spans) == len(once)


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/export?format=pdf", 400, "Use one of: csv, parquet, ocel-json, otlp-json."),
        ("/export?band=much", 400, "band=much"),
        (f"/cases/{quote('SO/none', safe='')}/export", 404, "has no case 'SO/none'"),
    ],
)
def test_what_cannot_be_exported_is_a_problem_not_a_file(api, path, status, text):
    response = api.get(f"{FLOW}{path}")
    assert response.status_code == status
    assert text in response.text
    assert response.headers["content-type"].startswith("application/problem+json")
