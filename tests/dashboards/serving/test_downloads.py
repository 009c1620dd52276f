import pytest

from tests.dashboards.fixture_trails import HOSTILE


@pytest.fixture
def reader(app):
    return app.server.test_client()


def test_an_export_is_handed_on_with_its_name_and_never_shown(reader):
    answer = reader.get("/download?flow=f%2Fg&kpi=retries&format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cases.csv"'
    assert answer.text.splitlines()[1] == "/api/v1/flows/f%2Fg/export?kpi=retries&format=csv"


def test_one_case_of_any_name_is_exported_under_its_own_address(reader):
    answer = reader.get("/download", query_string={"flow": "f", "case": HOSTILE, "format": "csv"})
    assert "/flows/f/cases/%22%3E%3Cimg" in answer.text
    assert answer.text.strip().endswith("/export?format=csv")


def test_a_refusal_says_in_plain_text_what_to_do(reader, api_mode):
    api_mode("refusing")
    answer = reader.get("/download?flow=f&tz=Mars/Olympus&format=csv")
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert "Use a name such as UTC." in answer.text
