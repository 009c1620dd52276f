"""Whatever an address contains, the API answers with a result or a problem, never with an internal error."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.kpis import DEFINITIONS, INTERVALS
from tests.cases import orders

pytestmark = pytest.mark.slow

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
BYTES = st.binary(max_size=20).map(lambda raw: "".join(f"%{byte:02X}" for byte in raw))
ID = st.one_of(st.sampled_from(["SO-1001", "P-1", orders.ODD_ID, "A/trail", orders.BATCH_TRACE, ".", ".."]), TEXT)
TIME = st.one_of(
    st.dates().map(str),
    st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
    st.datetimes().map(lambda at: f"{at.isoformat()}+14:00"),
    st.sampled_from(["2026-11-16", "2026-11-16T00:00:00Z", "2026-03-29T02:30:00", "9999-12-31", "0001-01-01", "1e9"]),
    TEXT,
)
NUMBER = st.one_of(st.integers(-5, 2000).map(str), st.sampled_from(["1e3", "NaN", "\uff19", "1.0", "0x10"]), TEXT)
WORDS = {
    "from": TIME,
    "to": TIME,
    "as_of": TIME,
    "bucket": TIME,
    "tz": st.one_of(st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia", "../etc/passwd", "localtime"]), TEXT),
    "interval": st.one_of(st.sampled_from(INTERVALS), TEXT),
    "group_by": st.one_of(st.sampled_from(["channel", "outcome", "step"]), TEXT),
    "kpi": st.one_of(st.sampled_from(list(DEFINITIONS)), TEXT),
    "group": st.one_of(st.sampled_from(['{"channel":"web"}', "{}", "[1]", '{"a":1}', '{"":""}', "null"]), TEXT),
    "band": st.one_of(st.sampled_from(["in_flight", "finished", "touched", "unknown"]), TEXT),
    "limit": NUMBER,
    "cursor": st.one_of(st.sampled_from(["W10", "bnVsbA", "WzEsMl0", "WzEsIlx1ZDgwMCJd"]), TEXT),
    "q": ID,
    "logs": st.one_of(st.sampled_from(["all", "warnings", "none"]), TEXT),
    "agg": st.one_of(st.sampled_from(["last", "sum"]), TEXT),
    "kind": st.one_of(st.sampled_from(["gauge", "counter"]), TEXT),
    "unit": TEXT,
    "nonsense": TEXT,
}
PARAMS = st.fixed_dictionaries({}, optional=WORDS)
FLOW = st.one_of(st.just(orders.FLOW), TEXT)
PATH = st.one_of(
    st.sampled_from(["/search", "/flows"]),
    st.builds("/flows/{}/cases".format, FLOW.map(lambda flow: quote(flow, safe=""))),
    st.builds("/flows/order-to-cash/kpis{}".format, st.sampled_from(["", *(f"/{kpi}" for kpi in DEFINITIONS)])),
    st.builds("/flows/order-to-cash/cases/{}".format, ID.map(lambda text: quote(text, safe=""))),
    st.builds("/flows/order-to-cash/cases/{}/trail".format, ID.map(lambda text: quote(text, safe=""))),
    st.builds("/flows/order-to-cash/cases/{}/logs".format, ID.map(lambda text: quote(text, safe=""))),
    st.builds("/flows/{}/measures".format, FLOW.map(lambda flow: quote(flow, safe=""))),
    st.builds("/flows/-/measures/{}".format, TEXT.map(lambda text: quote(text, safe=""))),
    st.builds("/flows/{}/cases/{}".format, BYTES, BYTES),
    st.builds("/flows/order-to-cash/kpis/{}".format, TEXT.map(lambda text: quote(text, safe=""))),
)  # fmt: skip

quietly = settings(
    max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def check(response):
    assert response.status_code in {200, 400, 404}, (response.request.url, response.text)
    problem = response.status_code != 200
    assert response.headers["content-type"] == ("application/problem+json" if problem else "application/json")
    assert not problem or response.json()["detail"]


@quietly
@given(PATH, PARAMS)
def test_no_address_breaks_the_api(api, path, params):
    check(api.get(f"/api/v1{path}?{urlencode(params)}"))


@quietly
@given(st.lists(st.tuples(st.sampled_from([*WORDS, "q", "q"]), BYTES), max_size=4))
def test_no_bytes_in_a_parameter_break_the_api(api, params):
    query = "&".join(f"{name}={value}" for name, value in params)
    check(api.get(f"/api/v1/search?{query}"))
    check(api.get(f"/api/v1/flows/order-to-cash/cases?{query}"))


@quietly
@given(ID)
def test_any_text_can_be_searched(api, text):
    response = api.get("/api/v1/search", params={"q": text})
    assert response.status_code == 200
    assert response.json()["query"] == text.strip()
