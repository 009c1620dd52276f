"""Whether a known case came back whole. Each check says what is wrong; '' when everything is as it was sent.

Checks raise NotThere while there is nothing to compare.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from server.probe.known_case import FIGURES, FLOW

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from server.probe.api import Api
    from server.probe.known_case import KnownCase


def by_id(api: Api, case: KnownCase) -> str:
    """The case with every figure."""
    answer = api.case(case.case_id)
    expected = {**FIGURES, "case_id": case.case_id, "flow": FLOW, "dims": {"round": case.round_id}}
    wrong = [name for name, value in expected.items() if _comparable(answer.get(name)) != _comparable(value)]
    ids = {(identifier["type"], identifier["value"]) for identifier in answer["ids"]}
    wrong += ["ids"] * (("check", case.ref) not in ids)
    return ", ".join(f"{name} is {answer.get(name)!r}" for name in wrong)


def by_search(api: Api, case: KnownCase) -> str:
    """The case, and nothing else, by its id and by the id of the other system."""
    for text in (case.case_id, case.ref):
        results = api.search(text)["results"]
        cases = [(result["flow"], result["case_id"], result["exact"]) for result in results]
        if cases != [(FLOW, case.case_id, True)]:
            return f"a search for {text} finds {cases}"
    return ""


def in_trail(api: Api, case: KnownCase) -> str:
    """Every event once, each with its step, and no other."""
    trail = api.trail(case.case_id)
    shown = sorted((event["id"], event["step"]) for event in trail["events"])
    return "" if shown == sorted(case.events.items()) else f"the trail shows {shown}"


def in_kpis(api: Api, cases: Sequence[KnownCase]) -> str:
    """The cases of the round, and no other, in its figures and in the list of cases behind them."""
    round_id = cases[0].round_id
    now = datetime.now(UTC)
    # A day on both sides, in case the clocks of the two machines differ.
    window = {
        "from": (now - timedelta(days=1)).isoformat(),
        "to": (now + timedelta(days=1)).isoformat(),
        "interval": "none",
    }
    grouped = {**window, "group_by": "round"}
    retries, touchless = (api.kpi(kpi, **grouped) for kpi in ("retries", "touchless-rate"))
    group = json.dumps({"round": round_id})
    behind = api.cases(**grouped, kpi="touchless-rate", group=group, limit="1000")
    n = len(cases)
    shown = {
        "retries": _value(retries, round_id, "retries"),
        "touchless n": (_point(touchless, round_id) or {}).get("n"),
        "touchless rate": _value(touchless, round_id, "touchless_rate"),
        "cases": sorted(case["case_id"] for case in behind["cases"]),
    }
    ids = sorted(case.case_id for case in cases)
    expected = {"retries": n, "touchless n": n, "touchless rate": 0, "cases": ids}
    return ", ".join(f"{name}: {shown[name]!r}" for name in expected if shown[name] != expected[name])


CASE_CHECKS: Final[dict[str, Callable[[Api, KnownCase], str]]] = {
    "by id": by_id,
    "by search": by_search,
    "in the trail": in_trail,
}
ROUND_CHECKS: Final[dict[str, Callable[[Api, Sequence[KnownCase]], str]]] = {"in KPIs": in_kpis}


def _comparable(value: Any) -> Any:
    return sorted(value, key=repr) if isinstance(value, list) else value


def _point(kpi: dict[str, Any], round_id: str) -> dict[str, Any] | None:
    points: list[dict[str, Any]] = kpi["totals"]
    return next((point for point in points if point["group"].get("round") == round_id), None)


def _value(kpi: dict[str, Any], round_id: str, measure: str) -> Any:
    return ((_point(kpi, round_id) or {}).get("values") or {}).get(measure)
