"""The counts of each case and its current position, from the table of its events."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cases.instants import SECOND

if TYPE_CHECKING:
    from cases.recompute.declared import Rules
    from cases.recompute.events import Events

Facts = dict[str, Any]
"""The columns of a case by name; times in nanoseconds since 1970, money in millionths."""

_LONGEST_SLA_S: Final = 3_000_000_000
_HOP: Final = ["Case", "Step", "System", "Kind", "CostCurrency"]


def facts_of(events: Events, rules: Rules) -> list[Facts]:
    """What each case comes to, apart from what its chains of attempts tell (:mod:`cases.recompute.chains`)."""
    table = events.table
    all_facts = _records(_counts(table))
    for column, values in _by_case(table, len(all_facts)).items():
        for number, facts in enumerate(all_facts):
            facts[column] = values.get(number)
    for case, facts in zip(events.cases, all_facts, strict=True):
        flow = rules.of(case.tenant, case.flow)
        facts.update(_now(facts))
        facts["Success"] = facts["End"] is not None and facts["Outcome"] in flow.successes
        facts["DueAt"] = facts["Start"] + flow.sla_s * SECOND if 1 <= flow.sla_s <= _LONGEST_SLA_S else None
    return all_facts


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _counts(events: pd.DataFrame) -> pd.DataFrame:
    """Numbers that are sums over events, and the first and last instant."""
    done = events["Done"]
    actor = events["ActorType"]
    flags = pd.DataFrame({
        "Case": events["Case"],
        "Events": done,
        "Attempts": done,
        "HumanEvents": done & (actor == "human"),
        "ServiceEvents": done & actor.isin(["service", "service_for_human"]),
        "UnknownEvents": done & actor.isin(["", "unknown"]),
        "Touches": events["Touch"],
        "FailedBusiness": events["Class"] == "business",
        "FailedInfrastructure": events["Class"] == "infrastructure",
        "FailedUnclassified": events["Class"] == "unclassified",
        "Retries": events["Retry"],
        "SharedEvents": done & events["Shared"],
        "OpenSteps": ~done,
        "Rejections": done & ((events["Action"] == "reject") | events["Decision"].isin(["reject", "rejected"])),
        "Corrections": done & (actor == "human") & (events["Action"] == "edit"),
        "Compensations": done & ((events["Kind"] == "compensation") | (events["Compensates"] != "")),
    })  # fmt: skip
    by_case = events.groupby("Case")
    sums = flags.groupby("Case").sum()
    return sums.assign(Start=by_case["StartNs"].min(), LastEvent=by_case["EndNs"].max())


def _by_case(events: pd.DataFrame, cases: int) -> dict[str, dict[int, Any]]:
    """Columns taken from the latest event of a kind, and lists; each by the number of the case."""
    valued = _latest(events[events["Value"].notna()])
    named = _latest(events[events["FlowVersion"] != ""])
    return {
        "FlowVersion": dict.fromkeys(range(cases), "") | {case: event["FlowVersion"] for case, event in named.items()},
        "Value": {case: _micros(event["Value"]) for case, event in valued.items()},
        "ValueCurrency": dict.fromkeys(range(cases), "")
        | {case: event["ValueCurrency"] for case, event in valued.items()},
        "Dims": _dims(events),
        "Systems": dict(events.groupby("Case")["System"].agg(lambda names: sorted(set(names)))),
        "StepTotals": _step_totals(events),
        "KeyTotals": {case: [] for case in range(cases)} | _key_totals(events),
        "_ended": _latest(events[events["Ends"]]),
        "_open": _latest(events[~events["Done"]]),
        "_done": _latest(events[events["Done"]]),
    }


def _latest(events: pd.DataFrame) -> dict[int, dict[str, Any]]:
    """The last event of each case; events are in the order of moments."""
    return {event["Case"]: event for event in _records(events.drop_duplicates("Case", keep="last"))}


def _micros(amount: Any) -> int:
    return int(amount.scaleb(6))


def _dims(events: pd.DataFrame) -> dict[int, dict[str, str]]:
    """The latest value of each dimension."""
    dims: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for case, names, values in zip(events["Case"], events["DimNames"], events["DimValues"], strict=True):
        dims[case].update(zip(names, values, strict=True))
    return dims


def _step_totals(events: pd.DataFrame) -> dict[int, list[tuple[Any, ...]]]:
    """What each step of a case at a system comes to, in the order of its columns."""
    done, weight = events["Done"].astype(int), events["Weight"]
    columns: dict[str, pd.Series[Any]] = {name: events[name] for name in _HOP}
    columns |= {"attempts": done, "share": done * weight}
    for klass in ("business", "infrastructure", "unclassified"):
        columns[klass] = (events["Class"] == klass).astype(int)
    for klass in ("business", "infrastructure", "unclassified"):
        columns[f"{klass}_share"] = columns[klass] * weight
    retry = events["Retry"].astype(int)
    columns |= {"retries": retry, "retry_share": retry * weight}
    columns |= {"cost": events["CostMicros"], "retry_cost": retry * events["CostMicros"]}
    well = events[events["Done"] & ~events["Failed"]]
    succeeded = set(zip(well["Case"], well["Step"], well["System"], strict=True))
    totals: dict[int, list[tuple[Any, ...]]] = {}
    for case, *row in pd.DataFrame(columns).groupby(_HOP).sum().reset_index().itertuples(index=False, name=None):
        totals.setdefault(case, []).append((*row, (case, row[0], row[1]) in succeeded))
    return {case: sorted(rows) for case, rows in totals.items()}


def _key_totals(events: pd.DataFrame) -> dict[int, list[tuple[Any, ...]]]:
    """Attempts of each hop, a step at a system, and how many of them carry an idempotency key."""
    done = events[events["Done"]]
    keyed = (done["IdempotencyKey"] != "").rename("Keyed")
    hops = keyed.groupby([done["Case"], done["System"], done["Step"]], sort=True).agg(["size", "sum"])
    totals: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for (case, system, step), attempts, with_key in zip(hops.index, hops["size"], hops["sum"], strict=True):
        totals[case].append((system, step, int(attempts), int(with_key)))
    return totals


def _now(facts: Facts) -> Facts:
    """End and outcome, and where the case is: ended, in a step that has begun, or waiting after its last one."""
    ended, running, done = facts.pop("_ended"), facts.pop("_open"), facts.pop("_done")
    state = "finished" if ended else "in_progress" if running else "waiting"
    event = ended or running or done
    return {
        "End": ended["EndNs"] if ended else None,
        "Outcome": ended["Outcome"] if ended else "",
        "NowState": state,
        "NowStep": event["Step"],
        "NowSystem": event["System"],
        "NowActorType": event["ActorType"],
        "NowActorId": event["ActorId"],
        "NowSince": event["StartNs"] if state == "in_progress" else event["EndNs"],
        "NowFailed": bool(event["Failed"]) and state != "in_progress",
    }
