"""The figures of the logs, computed straight from the files."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from proof.oracle.logs import DECLARATION_IDS, DOMESTIC, INTERNATIONAL, LOGS, PERMITS, PREPAID, REQUEST_IDS, read_events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from proof.oracle.logs import LogFile

Value = int | Fraction | None
"""A count, or hours; None of nothing."""

Figures = dict[tuple[str, str], Value]
"""By log (its system) and name of the figure."""

PAID: Final = "Payment Handled"
SUBMITTED: Final = "Declaration SUBMITTED"
REJECTED: Final = "Declaration REJECTED"
_NANOS_AN_HOUR: Final = 3600 * 10**9


def figures(folder: Path) -> Figures:
    """Every figure of the five logs in ``folder``."""
    tables = {log.system: read_events(folder / log.file) for log in LOGS}
    found: Figures = {}
    for log in LOGS:
        found |= {(log.system, name): value for name, value in _of_log(log, tables[log.system]).items()}
    return found | _joined(tables)


def _of_log(log: LogFile, events: pd.DataFrame) -> dict[str, Value]:
    cases = events.groupby("case")
    ways = cases["activity"].agg(tuple)
    hours = (cases["at"].max() - cases["at"].min()).map(lambda time: Fraction(time.value, _NANOS_AN_HOUR))
    paid = ways.map(lambda way: PAID in way)
    repeated = ways.map(lambda way: len(set(way)) < len(way))
    rejected = ways.map(lambda way: any("REJECTED" in activity for activity in way))
    found: dict[str, Value] = {
        "cases": len(ways),
        "events": len(events),
        "variants": ways.nunique(),
        "activities": events["activity"].nunique(),
        "median hours, all": median(list(hours)),
        "paid cases": int(paid.sum()),
        "median hours, paid": median(list(hours[paid])),
        "mean hours": sum(hours, Fraction()) / len(hours),
        "cases with a rejection": int(rejected.sum()),
        "cases with a repeated activity": int(repeated.sum()),
        "paid cases, first time right": int((paid & ~repeated & ~rejected).sum()),
        "events by SYSTEM": int((events[log.resource] == "SYSTEM").sum()),
        "events by STAFF MEMBER": int((events[log.resource] == "STAFF MEMBER").sum()),
    }
    if log in {DOMESTIC, INTERNATIONAL}:
        found |= declaration_figures(ways, paid)
    return found


def declaration_figures(ways: pd.Series[tuple[str, ...]], paid: pd.Series[bool]) -> dict[str, Value]:
    """Submissions of paid cases, and rejections: a rejection that only passes on one before it is no further one."""
    times = ways[paid].map(lambda way: sum(activity.startswith(SUBMITTED) for activity in way))
    found: dict[str, Value] = {
        f"paid cases, submitted {name}": int(count)
        for name, count in {
            "never": (times == 0).sum(), "once": (times == 1).sum(), "twice": (times == 2).sum(),
            "3 times": (times == 3).sum(), "more often": (times > 3).sum(),
        }.items()
    }  # fmt: skip
    return found | {"rejections": int(ways.map(rejections).sum())}


def rejections(way: tuple[str, ...]) -> int:
    """How often a declaration was rejected: rejections in a row, with nothing else done to it between, are one."""
    own = [activity.startswith(REJECTED) for activity in way if activity.startswith("Declaration ")]
    return sum(now and not before for now, before in zip(own, [False, *own], strict=False))


def median(values: list[Fraction]) -> Fraction | None:
    """The middle value, or the mean of the two middle ones."""
    ordered = sorted(values)
    if not ordered:
        return None
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _joined(tables: Mapping[str, pd.DataFrame]) -> Figures:
    """What the ids that permits name have in common with the other logs, and what a permit's case gains by it."""
    permits = tables[PERMITS.system]
    found: Figures = {}
    gained = dict.fromkeys(permits["case"].unique(), 0)
    for log, prefix in ((INTERNATIONAL, DECLARATION_IDS), (PREPAID, REQUEST_IDS)):
        named = permits.melt("case", [column for column in permits if column.startswith(prefix)], value_name="named")
        named = named.dropna().drop_duplicates(["case", "named"])
        sizes = tables[log.system].groupby(log.case).size()
        shared = named[named["named"].isin(sizes.index)]
        found["joined", f"ids of permits and {log.system}"] = shared["named"].nunique()
        found["joined", f"ids only of {log.system}"] = int((~sizes.index.isin(named["named"])).sum())
        found["joined", f"ids of {log.system} that search tells otherwise"] = 0
        found["joined", f"permits with events of {log.system}"] = shared["case"].nunique()
        for case, size in shared.assign(size=shared["named"].map(sizes)).groupby("case")["size"].sum().items():
            gained[case] += int(size)
    found["joined", "cases"] = len(gained)
    found["joined", "events in cases of permits"] = len(permits) + sum(gained.values())
    return found
