"""Hand-made KPI answers in the shapes of the query API: seven weeks, of which the last is not over."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from tests.dashboards import fixture_more_kpis as more
from tests.dashboards.fixture_trails import AS_OF, FLOW, z

START = datetime(2026, 10, 5, tzinfo=UTC)
WEEKS = 7
DAY = 86_400.0
WEEK_RULE = {"week_rule": "ISO 8601 (Monday)", "week_starts": 1}

TITLES = {
    "touchless-rate": "Touchless rate",
    "time-to-fulfil": "Time to fulfil",
    "errors-per-1000": "Errors per 1,000",
    "retries": "Retries and retry cost",
} | more.TITLES
MEANINGLESS = {
    "touchless-rate": {"step"},
    "time-to-fulfil": {"step", "outcome"},
    "errors-per-1000": {"step"},
    "manual-to-automated": {"step", "outcome"},
    "onboarding": {"step", "outcome"},
}
"""Groupings that the API ignores for a KPI."""
TEXTS = {
    "touchless-rate": "Terminal cases without touches, divided by terminal cases; always split by outcome. A touch is "
    "an event whose actor is human and whose action creates, edits, approves, rejects, retries, resends or releases.",
    "time-to-fulfil": "Median and 90th percentile of the time from start to end, Kaplan-Meier over finished cases and "
    "cases in flight, by the week in which cases started.",
    "errors-per-1000": "1000 x cases with an error / cases, 1000 x failed attempts / attempts; each split by class.",
    "retries": "Attempts beyond the first, per step and system, with their explicit cost. Wasted: retries of steps "
    "that never succeeded.",
} | more.TEXTS
MEASURES = {
    "touchless-rate": [
        ("touchless_rate", "Touchless", "ratio"), ("touched_rate", "Touched", "ratio"),
        ("unknown_rate", "Unknown actor", "ratio"),
    ],
    "time-to-fulfil": [
        ("km_median_s", "Median (Kaplan-Meier)", "s"), ("km_p90_s", "p90 (Kaplan-Meier)", "s"),
        ("plain_median_s", "Median of finished cases", "s"), ("plain_p90_s", "p90 of finished cases", "s"),
    ],
    "errors-per-1000": [
        (f"{name}{part}", f"{title}{part.replace('_', ': ')}", unit)
        for name, title, unit in (
            ("cases_with_error_per_1000", "Cases with an error", "per 1,000 cases"),
            ("failed_attempts_per_1000", "Failed attempts", "per 1,000 attempts"),
        )
        for part in ("", "_business", "_infrastructure", "_unclassified")
    ],
    "retries": [
        ("retries", "Retries", "retries"), ("retry_cost_EUR", "Retry cost, EUR", "EUR"),
        ("retry_cost_USD", "Retry cost, USD", "USD"), ("wasted_share", "Wasted share", "ratio"),
    ],
} | more.MEASURES  # fmt: skip
BANDS = {
    "touchless_rate": "touchless", "touched_rate": "touched", "unknown_rate": "unknown", "plain_median_s": "finished",
    "plain_p90_s": "finished", "retries": "retried", "retry_cost_EUR": "retried", "retry_cost_USD": "retried",
    "wasted_share": "wasted",
} | {
    f"{name}{part}": part.strip("_") or "error"
    for name in ("cases_with_error_per_1000", "failed_attempts_per_1000")
    for part in ("", "_business", "_infrastructure", "_unclassified")
} | more.BANDS  # fmt: skip
STEPS = (("book-carrier", "carrier", 190), ("check-credit", "erp", 61), ("create-invoice", "billing", 14))
CHANNELS = (("web", 140), ("shop", 60), ("edi", 3))


def values(kpi, week, weight, place):
    wave = (0.0, 0.03, -0.02, 0.05, 0.01, -0.04, 0.02)[(week + place) % 7]
    if kpi == "touchless-rate":
        touchless = max(0.02, 0.62 + wave + 0.012 * week - 0.12 * place)
        return {"touchless_rate": touchless, "touched_rate": 0.98 - touchless, "unknown_rate": 0.02}
    if kpi == "time-to-fulfil":
        base = (4.2 - 0.2 * week + 6 * wave + place) * DAY
        return {"km_median_s": base, "km_p90_s": base * 2.3, "plain_median_s": base * 0.86, "plain_p90_s": base * 1.8}
    if kpi == "errors-per-1000":
        parts = {"_business": 41 + 90 * wave, "_infrastructure": 78 - 6 * week + 200 * wave, "_unclassified": 4.5}
        return {
            f"{name}{part}": factor * number
            for name, factor in (("cases_with_error_per_1000", 1.0), ("failed_attempts_per_1000", 0.21))
            for part, number in (("", sum(parts.values()) * 0.93), *parts.items())
        }
    if kpi != "retries":
        return more.values(kpi, week, weight, wave)
    return {
        "retries": round(weight * (1 + 4 * wave)), "retry_cost_EUR": f"{weight * 0.35:.2f}", "wasted_share": 0.11,
        "retry_cost_USD": "1.5" if place == 0 else None,
    }  # fmt: skip


def groups(kpi, group_by):
    """Pairs of a group and its size. The groups of the touchless rate include the outcome."""
    if kpi == "retries":
        segments = [({group_by: name}, size / 203) for name, size in CHANNELS] if group_by else [({}, 1)]
        own = [
            (segment | {"step": step, "system": system}, round(size * share))
            for segment, share in segments
            for step, system, size in STEPS
        ]
    elif group_by:
        own = [({group_by: name}, size) for name, size in CHANNELS]
    else:
        own = [({}, 203)]
    own = [(segment | part, size // 2 or 1) for segment, size in own for part in more.PARTS.get(kpi, [{}])]
    if kpi != "touchless-rate":
        return own
    return [
        (group | {"outcome": outcome}, size * share // 10)
        for group, size in own
        for outcome, share in (("completed", 8), ("rejected", 2))
    ]


def bands(kpi):
    """The bands that the measures of a KPI are about."""
    names = dict.fromkeys(BANDS[name] for name, *_ in MEASURES[kpi] if name in BANDS)
    return [{"id": name, "title": name.replace("_", " ").capitalize()} for name in names]


def point(kpi, week, grouped, place, flow):
    group, size = grouped
    start = START + timedelta(weeks=week)
    last = week == WEEKS - 1
    figures = values(kpi, week, size, place)
    bounds = {}
    if kpi == "time-to-fulfil" and week >= WEEKS - 2:
        bounds = {"km_p90_s": {"at_least": (AS_OF - start).total_seconds()}}
        figures["km_p90_s"] = None
        if last:
            bounds["km_median_s"] = {"at_least": (AS_OF - start).total_seconds() * 0.8}
            figures["km_median_s"] = None
    return {
        "bucket": start.isoformat(), "bucket_start": z(start), "bucket_end": z(start + timedelta(weeks=1)),
        "group": group, "n": size if not last else size // 2, "in_flight_n": 4 if not last else size // 3,
        "unknown_actor_n": 3, "values": figures, "bounds": bounds,
        "cases_url": cases_url(flow, kpi=kpi, bucket=z(start), group=json.dumps(group)),
    }  # fmt: skip


def cases_url(flow, **query):
    return f"/api/v1/flows/{flow}/cases?" + urlencode(query, doseq=True)


def total(kpi, group, size, place, flow):
    # The figures of the whole window are those of a middle week; only their n is larger.
    made = point(kpi, 2, (group, size * WEEKS), place, flow)
    return made | {
        "bucket": None,
        "bucket_start": None,
        "bucket_end": None,
        "cases_url": cases_url(flow, kpi=kpi, group=json.dumps(group)),
    }


def answer(kpi, query, flow=FLOW):
    """The KpiAnswer for ``query`` (a dict of lists, as ``parse_qs`` makes it)."""
    tz = query.get("tz", ["UTC"])[0]
    group_by = query.get("group_by", [None])[0]
    if group_by in MEANINGLESS.get(kpi, {"step"} - {kpi}):
        group_by = None
    own = groups(kpi, group_by)
    totals = [total(kpi, group, size, place, flow) for place, (group, size) in enumerate(own)]
    if own[0][0]:
        totals.insert(0, total(kpi, {}, sum(size for _, size in own), 0, flow))
    local = datetime(2026, 10, 5, tzinfo=ZoneInfo(tz))
    return {
        "kpi": kpi, "title": TITLES[kpi], "definition": {"version": "1", "text": TEXTS[kpi]}, "flow": flow,
        "window": {
            "from": z(local.astimezone(UTC)), "to": z((local + timedelta(weeks=WEEKS)).astimezone(UTC)), "tz": tz,
            "interval": query.get("interval", ["week"])[0], **WEEK_RULE,
        },
        "cohort": "cases that ended in the window" if kpi == "touchless-rate" else "cases that started in the window",
        "unit": MEASURES[kpi][0][2], "currencies": ["EUR", "USD"] if kpi == "retries" else [], "n": 1421,
        "in_flight": {"n": 318, "oldest_age_s": 21 * DAY + 7200},
        "unknown_actor_n": 21 if kpi == "touchless-rate" else None,
        "measures": [
            {"id": name, "title": title, "unit": unit, "definition": f"How {title.lower()} is counted.",
             "band": BANDS.get(name)}
            for name, title, unit in MEASURES[kpi]
        ],
        "totals": totals,
        "points": [
            point(kpi, week, grouped, place, flow)
            for week in range(0 if kpi == "onboarding" else WEEKS)
            for place, grouped in enumerate(own)
        ],
        "cases_url": cases_url(flow, kpi=kpi), "as_of": z(AS_OF), "notes": more.NOTES.get(kpi, []),
        "groupings": ["dimension", "outcome"], "bands": bands(kpi),
        "previous": before(totals, kpi, own, flow, local) if "compare" in query else None,
    }  # fmt: skip


def before(totals, kpi, own, flow, start):
    """The seven weeks before, with other figures and without one of the groups."""
    since = start - timedelta(weeks=WEEKS)
    earlier = [total(kpi, group, size, place + 1, flow) for place, (group, size) in enumerate(own)]
    if own[0][0]:
        earlier = [total(kpi, {}, 203, 1, flow), *earlier[:-1]]
    return {
        "window": {"from": z(since.astimezone(UTC)), "to": z(start.astimezone(UTC)), "tz": str(start.tzinfo),
                   "interval": "week", **WEEK_RULE},
        "as_of": z(start.astimezone(UTC)), "n": 1300, "in_flight": {"n": 40, "oldest_age_s": DAY},
        "unknown_actor_n": None, "totals": earlier, "cases_url": totals[0]["cases_url"],
    }  # fmt: skip


def without_finished(made):
    """The same answer for a flow in which nothing has ended yet."""
    whole = made["totals"][0]
    nothing = whole | {"n": 0, "values": dict.fromkeys(whole["values"]), "bounds": {}}
    return made | {"n": 0, "totals": [nothing], "points": []}
