"""Hand-made measures in the shapes of the query API, over the weeks of the KPI fixture."""

from datetime import timedelta

from tests.dashboards.fixture_kpis import START, WEEKS, answer

MEASURES = [
    {"measure": "backlog", "kind": "level", "unit": "{order}", "dims": ["channel"], "aggregations": ["last"]},
    {"measure": "labels_printed", "kind": "counter", "unit": "1", "dims": [], "aggregations": ["increase"]},
    {"measure": "storage_cost", "kind": "delta", "unit": "EUR", "dims": ["channel"], "aggregations": ["sum"]},
    {"measure": "fill_rate", "kind": "gauge", "unit": "%", "dims": [], "aggregations": ["last", "avg", "min", "max"]},
]
OF_NO_FLOW = [{"measure": "<img src=x onerror=window.hacked=1>", "kind": "gauge", "unit": "1", "dims": []}]
_SIZES = {"backlog": 310, "labels_printed": 12_400, "storage_cost": 99.5, "fill_rate": 93.25}


def listed(flow):
    """The measures of a flow, as the list has them."""
    more = {"series": 2, "first_time": "2026-10-05T00:00:00Z", "last_time": "2026-11-22T15:00:00Z", "last_value": 1}
    return [{"aggregations": ["last"], **measure, **more} for measure in (OF_NO_FLOW if flow == "-" else MEASURES)]


def measured(flow, name, query):
    """One measure per week. Nothing was reported in the third week."""
    (measure,) = [known for known in listed(flow) if known["measure"] == name]
    group_by = query.get("group_by", [None])[0]
    groups = [{group_by: value} for value in ("web", "shop")] if group_by else [{}]
    size = _SIZES.get(name, 1)
    whole = answer("retries", query)
    return {
        "measure": name, "flow": flow, "agg": measure["aggregations"][0],
        **{field: measure[field] for field in ("kind", "unit", "aggregations", "dims")},
        "n": 1176, "series": 2, "as_of": whole["as_of"],
        "definition": {"version": "1", "text": "How the values of a bucket are put together."},
        "window": whole["window"],
        "totals": [_point(None, group, size) for group in ([{}, *groups] if group_by else [{}])],
        "points": [_point(week, group, size) for week in range(WEEKS) for group in groups],
    }  # fmt: skip


def _point(week, group, size):
    start = START + timedelta(weeks=week or 0)
    nothing = week == 2
    return {
        "bucket": start.isoformat() if week is not None else None,
        "bucket_start": start.isoformat() if week is not None else None,
        "bucket_end": (start + timedelta(weeks=1)).isoformat() if week is not None else None,
        "group": group, "n": 0 if nothing else 168, "series": 0 if nothing else 2,
        "value": None if nothing else size + size * ((week or 0) % 4) / 10,
    }  # fmt: skip
