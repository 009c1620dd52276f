import pytest


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_answers_ok(api, path):
    response = api.get(path)
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
