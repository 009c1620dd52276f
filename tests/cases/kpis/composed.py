"""The composed SQL of every KPI. ``python -m tests.cases.kpis.composed`` writes the golden files anew."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Final

from cases.flows.declarations import Calendar, Declaration, Routing
from cases.kpis import DEFINITIONS, KpiQuery, Selector, answer, answers, population, population_n
from tests.cases.kpis.records import at

GOLDEN: Final = Path(__file__).parent / "golden"

_WORDS: Final = {"from": "2026-03-02", "to": "2026-03-16", "interval": "week"}
_AS_OF: Final = at("2026-03-20")
_DECLARED: Final = Declaration(
    "orders",
    "1",
    "order",
    (),
    sla_s=3600,
    touchless_target=0.5,
    routing=Routing("route", ("auto",), ("manual",), ("channel",)),
    calendar=Calendar("UTC", 1, (((9 * 60, 17 * 60),),) * 7),
)
# A KPI for each way in which statements are put together is written down grouped as well.
_GROUPED: Final = {"touchless-rate": "channel", "retries": "outcome", "exceptions": "step", "onboarding": "channel"}
_SHARING: Final = ("automated-events", "errors-per-1000", "retries")
_SELECTORS: Final = (
    {"band": "finished"},
    {"kpi": "retries", "group": '{"step":"pick","system":"wms"}', "band": "wasted"},
    {"kpi": "exceptions", "group": '{"class":"business","channel":"web"}', "band": "recovered"},
    {"kpi": "exceptions", "group": '{"class":"business"}', "band": "backlog"},
    {"kpi": "first-time-right", "group": '{"channel":"web","outcome":"completed"}', "band": "right"},
)


class _Recorder:
    """Stands in for a store: keeps the statements that it is asked, each once, and has no rows."""

    def __init__(self) -> None:
        self.statements: dict[str, None] = {}

    def rows(self, sql: str, /, **_params: Any) -> list[dict[str, Any]]:
        self.statements[sql.strip()] = None
        return []

    def query(self, _name: str, /, **_params: Any) -> list[dict[str, Any]]:
        return []


def composed() -> dict[str, str]:
    """The text of each golden file by its name: a KPI, the page of all KPIs, the cases behind figures."""
    return {
        **{kpi: _text([_asked(kpi, group_by) for group_by in _groupings(kpi)]) for kpi in DEFINITIONS},
        "page": _text([_page()]),
        "population": _text([_behind(words) for words in _SELECTORS]),
    }


def _groupings(kpi: str) -> list[str | None]:
    return [None, _GROUPED[kpi]] if kpi in _GROUPED else [None]


def _asked(kpi: str, group_by: str | None) -> tuple[str, list[str]]:
    recorder = _Recorder()
    query = KpiQuery.parse({**_WORDS, "group_by": group_by}, _AS_OF)
    answer(recorder, "default", "orders", kpi, query, _DECLARED)  # type: ignore[arg-type]
    return f"group_by={group_by or ''}", list(recorder.statements)


def _page() -> tuple[str, list[str]]:
    """The statement that several KPIs share because they count the same cases."""
    recorder = _Recorder()
    query = KpiQuery.parse(_WORDS, _AS_OF)
    answers(recorder, "default", "orders", query, _DECLARED, _SHARING)  # type: ignore[arg-type]
    return ", ".join(_SHARING), sorted(sql for sql in recorder.statements if "errors_per_1000" in sql)


def _behind(words: dict[str, str]) -> tuple[str, list[str]]:
    recorder = _Recorder()
    selector = Selector.parse({**_WORDS, **words}, _AS_OF, _DECLARED)
    population(recorder, "default", "orders", selector, 100, "WzEsImMiXQ")  # type: ignore[arg-type]
    with contextlib.suppress(ValueError):  # there is no row to read the number from
        population_n(recorder, "default", "orders", selector)  # type: ignore[arg-type]
    return " ".join(f"{name}={word}" for name, word in words.items()) or "no KPI", list(recorder.statements)


def _text(parts: list[tuple[str, list[str]]]) -> str:
    """The statements under what was asked; one that was asked before is not repeated."""
    lines: list[str] = []
    known: set[str] = set()
    for title, statements in parts:
        new = [statement for statement in statements if statement not in known]
        known.update(new)
        lines += [f"-- {title}: {len(new)} of {len(statements)} statements are new.", *(f"{sql};\n" for sql in new)]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    for name, text in composed().items():
        (GOLDEN / f"{name}.sql").write_text(text, encoding="utf-8")
