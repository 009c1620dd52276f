"""Five small logs of our own that look like the real ones, with every odd thing that those have."""

from __future__ import annotations

import gzip
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import quoteattr

from proof.oracle.logs import DOMESTIC, INTERNATIONAL, PERMITS, PREPAID, REQUESTS

if TYPE_CHECKING:
    from pathlib import Path

    from proof.oracle.logs import LogFile

Event = tuple[str, datetime]
Attributes = dict[str, str]

_CASES: Final = 24
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0" xmlns="http://www.xes-standard.org">\n'


def write_logs(folder: Path, seed: int = 1) -> None:
    """Write the five logs into ``folder``; the same ones for the same ``seed``."""
    dice = random.Random(seed)
    begin = datetime(2017, 3, 20, 8, tzinfo=UTC)  # the clock changes in the first week
    logs: dict[LogFile, list[tuple[Attributes, list[Event]]]] = {
        log: [] for log in (DOMESTIC, INTERNATIONAL, PERMITS, PREPAID, REQUESTS)
    }
    for number in range(_CASES):
        at = begin + timedelta(hours=7 * number)
        permit, declaration, request = (
            f"travel permit {number}",
            f"declaration {number}",
            f"request for payment {number}",
        )
        logs[DOMESTIC].append((
            {"(case)_id": f"declaration {900 + number}", "(case)_DeclarationNumber": f"number {number % 20}"},
            _way(dice, at, "Declaration"),
        ))  # fmt: skip
        # Every third permit is not in the log of permits; some pay two declarations, one of them with another permit.
        known = permit if number % 3 else f"travel permit {800 + number}"
        logs[INTERNATIONAL].append(
            ({"(case)_id": declaration, "(case)_Permit_ID": known}, _way(dice, at, "Declaration"))
        )
        logs[PREPAID].append(
            ({"(case)_Rfp_id": request, "(case)_Permit_id": known}, _way(dice, at, "Request For Payment"))
        )
        logs[REQUESTS].append((
            {"(case)_Rfp_id": f"request for payment {700 + number}", "(case)_RfpNumber": "UNKNOWN"},
            _way(dice, at, "Request For Payment"),
        ))  # fmt: skip
        if number % 3:
            ids = {"(case)_id": permit, "(case)_dec_id_0": declaration, "(case)_Rfp_id_0": request}
            ids |= {"(case)_dec_id_1": f"declaration {number - 1}"} if number % 4 == 0 else {}
            logs[PERMITS].append((ids, _way(dice, at, "Permit")))
    for log, traces in logs.items():
        with gzip.open(folder / log.file, "wt", encoding="utf-8") as file:
            file.write(_HEAD + "".join(_trace(log, *one) for one in traces) + "</log>\n")


def _way(dice: random.Random, at: datetime, thing: str) -> list[Event]:
    """What happens to a claim: rejected and sent again, paid or not, with events at the same time."""
    activities = [] if dice.random() < 0.05 else [f"{thing} SUBMITTED by EMPLOYEE"]
    while dice.random() < 0.4:
        activities += [f"{thing} REJECTED by ADMINISTRATION"] * (dice.random() < 0.8)
        activities += [f"{thing} REJECTED by EMPLOYEE"] * (dice.random() < 0.7)
        activities += [f"{thing} SUBMITTED by EMPLOYEE"]
    if dice.random() < 0.85:
        activities += [f"{thing} FINAL_APPROVED by SUPERVISOR", "Request Payment", "Payment Handled"]
    if not activities or dice.random() < 0.2:
        activities.append("End trip")
    times = [at]
    for _ in activities[1:]:
        times.append(times[-1] + timedelta(seconds=dice.choice((0, 0, 61, 3_599, 86_400, 777_777))))
    return list(zip(activities, times, strict=True))


def _trace(log: LogFile, ids: Attributes, events: list[Event]) -> str:
    told = "".join(_event(log, ids, activity, at) for activity, at in events)
    return f'<trace><string key="concept:name" value="a trace"/>{told}</trace>\n'


def _event(log: LogFile, ids: Attributes, activity: str, at: datetime) -> str:
    by_machine = activity.startswith(("Request Payment", "Payment"))
    texts = {**ids, "concept:name": activity, "lifecycle:transition": "complete"}
    texts[log.resource] = "SYSTEM" if by_machine else "STAFF MEMBER"
    strings = "".join(f"<string key={quoteattr(key)} value={quoteattr(value)}/>" for key, value in texts.items())
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return f'<event><date key="time:timestamp" value="{moment}"/>{strings}</event>'
