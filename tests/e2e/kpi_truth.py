"""Every KPI once more, from facts of cases, with fractions: written from docs/kpis.md, not from its SQL.

A figure is a function of the cases of a group and a :class:`~tests.e2e.spans.Span`; it returns n, the cases in flight
beside it, the values, and the bounds of times that a curve does not reach.
"""

from collections import defaultdict
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.e2e.spans import SECOND, Span, curve, rank, weeks

MILLION = 10**6
HALF, TENTH = Fraction(1, 2), Fraction(1, 10)
CLASSES = {"business": 3, "infrastructure": 4, "unclassified": 5}


def share(part, whole, scale=1):
    return float(Fraction(scale * part, whole)) if whole else None


def ended(case, span):
    """Whether it has ended as far as is known."""
    return case["End"] is not None and case["End"] < span.as_of


def open_at(cases, instant):
    return sum(case["Start"] < instant and (case["End"] is None or case["End"] >= instant) for case in cases)


def started_in(cases, span):
    return [case for case in cases if span.holds(case["Start"])]


def in_flight(cases, span):
    return sum(not ended(case, span) for case in cases)


def touchless_rate(cases, span, _group):
    mine = [case for case in cases if span.holds(case["End"])]
    bands = [("touched" if case["Touches"] else "unknown" if case["UnknownEvents"] else "touchless") for case in mine]
    values = {f"{band}_n": bands.count(band) for band in ("touchless", "touched", "unknown")}
    values |= {f"{band}_rate": share(bands.count(band), len(mine)) for band in ("touchless", "touched", "unknown")}
    return len(mine), open_at(cases, span.close), values, {}


def automated_events(cases, span, _group):
    mine = started_in(cases, span)
    service, human, unknown, events = (
        sum(case[column] for case in mine) for column in ("ServiceEvents", "HumanEvents", "UnknownEvents", "Events")
    )
    values = {
        "automated_share": share(service, events), "service_events": service, "human_events": human,
        "unknown_events": unknown, "other_events": events - service - human - unknown, "events": events,
    }  # fmt: skip
    return len(mine), in_flight(mine, span), values, {}


def time_to_fulfil(hours=None):
    """With ``hours``, a function of an instant to business nanoseconds, business time as well."""

    def figure(cases, span, _group):
        mine = started_in(cases, span)
        done = [case for case in cases if span.holds(case["End"])]
        values, bounds = {"finished_n": len(done)}, {}
        for prefix, clock in (("", lambda instant: instant), *((("business_", hours),) if hours else ())):
            times = [
                (
                    max(
                        clock(min(case["End"] if ended(case, span) else span.as_of, span.as_of)) - clock(case["Start"]),
                        0,
                    ),
                    ended(case, span),
                )
                for case in mine
            ]
            told = curve(times, {f"{prefix}km_median_s": HALF, f"{prefix}km_p90_s": TENTH})
            values, bounds = values | told[0], bounds | told[1]
            lengths = [max(clock(case["End"]) - clock(case["Start"]), 0) for case in done]
            values |= {f"{prefix}plain_median_s": rank(lengths, HALF), f"{prefix}plain_p90_s": rank(lengths, 1 - TENTH)}
        return len(mine), in_flight(mine, span), values, bounds

    return figure


def errors_per_1000(cases, span, _group):
    mine = started_in(cases, span)
    columns = {name: f"Failed{name.capitalize()}" for name in CLASSES}
    failing = {name: sum(case[column] > 0 for case in mine) for name, column in columns.items()}
    anyhow = sum(any(case[column] for column in columns.values()) for case in mine)
    totals = [row for case in mine for row in case["StepTotals"]]
    attempts = sum(row[5] for row in totals)
    failed = {name: sum(row[6 + place] for row in totals) for place, name in enumerate(CLASSES, start=3)}
    every = sum(failed.values())
    values = {
        "cases_with_error_per_1000": share(anyhow, len(mine), 1000),
        "failed_attempts_per_1000": share(every, attempts, 1000),
        "cases_with_error": anyhow, "failed_attempts": every / MILLION, "attempts": attempts / MILLION,
    }  # fmt: skip
    values |= {f"cases_with_error_per_1000_{name}": share(n, len(mine), 1000) for name, n in failing.items()}
    values |= {f"failed_attempts_per_1000_{name}": share(n, attempts, 1000) for name, n in failed.items()}
    return len(mine), in_flight(mine, span), values, {}


def _here(group, **place):
    return all(group.get(name, value) == value for name, value in place.items())


def retries(cases, span, group):
    mine, counted = started_in(cases, span), []
    again = wasted = 0
    cost = defaultdict(int)
    for case in mine:
        good = {(row[0], row[1]) for row in case["StepTotals"] if row[-1]}
        rows = [row for row in case["StepTotals"] if row[12] and _here(group, step=row[0], system=row[1])]
        again += sum(row[13] for row in rows)
        wasted += sum(row[13] for row in rows if (row[0], row[1]) not in good)
        counted += [case] if rows else []
        for row in rows:
            cost[f"retry_cost_{row[3] or 'XXX'}"] += row[15]
    within = counted if {"step", "system"} & group.keys() else mine
    values = {
        "retries": again / MILLION, "wasted_retries": wasted / MILLION, "wasted_share": share(wasted, again),
        "retried_cases": len(counted),
    }  # fmt: skip
    return len(within), in_flight(within, span), values | {name: Fraction(n, MILLION) for name, n in cost.items()}, {}


def first_time_right(cases, span, _group):
    mine = [case for case in cases if span.holds(case["End"]) and case["Success"]]
    reasons = {
        "repeated_n": "Repeats",
        "rejected_n": "Rejections",
        "corrected_n": "Corrections",
        "compensated_n": "Compensations",
    }
    values = {name: sum(case[column] > 0 for case in mine) for name, column in reasons.items()}
    right = sum(not any(case[column] for column in reasons.values()) for case in mine)
    values |= {"first_time_right_n": right, "first_time_right_rate": share(right, len(mine))}
    return len(mine), open_at(cases, span.close), values, {}


def rework_rate(cases, span, _group):
    mine = [case for case in cases if span.holds(case["End"])]
    again = sum(case["Repeats"] > 0 for case in mine)
    values = {
        "rework_rate": share(again, len(mine)),
        "reworked_n": again,
        "repeats": sum(case["Repeats"] for case in mine),
    }
    return len(mine), open_at(cases, span.close), values, {}


def exceptions(cases, span, group):
    mine = [
        (case, one)
        for case in cases
        for one in case["Exceptions"]
        if _here(group, **{"class": one[1], "code": one[2], "step": one[3], "system": one[4]})
    ]
    opened = [(case, one) for case, one in mine if span.holds(one[6])]
    over = [one for _, one in opened if one[7] is not None and one[7] < span.as_of]
    waiting = [(case, one) for case, one in mine if one[6] < span.close and (one[7] is None or one[7] >= span.close)]
    first = {}
    for case, one in sorted(waiting, key=lambda pair: pair[1][6]):
        first.setdefault(id(case), one)
    value = defaultdict(Fraction)
    for one in first.values():
        if one[10] is not None:
            value[f"backlog_value_{one[11] or 'XXX'}"] += Fraction(one[10], MILLION)
    times = [
        (min(one[7], span.as_of) - one[6], one in over) if one in over else (span.as_of - one[6], False)
        for _, one in opened
    ]
    told, bounds = curve(times, {"resolve_km_median_s": HALF, "resolve_km_p90_s": TENTH})
    counted = {id(case): case for case, _ in opened}.values()
    values = told | value | {
        "opened": len(opened), "backlog": len(waiting), "backlog_cases": len(first), "resolved": len(over),
        "recovered": sum(one[8] == "recovered" for one in over),
        "oldest_age_s": (span.close - min(one[6] for _, one in waiting)) / SECOND if waiting else None,
    }  # fmt: skip
    return len(counted), in_flight(counted, span), values, bounds


def value_at_risk(cases, span, _group):
    mine = [case for case in cases if case["Exceptions"] and span.holds(case["Exceptions"][0][6])]
    fates = {"recovered": [], "lost": [], "undecided": []}
    for case in mine:
        fates["undecided" if not ended(case, span) else "recovered" if case["Success"] else "lost"].append(case)
    values = {f"{fate}_n": len(found) for fate, found in fates.items()}
    values["unvalued_n"] = sum(case["Exceptions"][0][10] is None for case in mine)
    for fate, found in {"at_risk": mine, **fates}.items():
        for case in found:
            first = case["Exceptions"][0]
            if first[10] is not None:
                name = f"{fate}_{first[11] or 'XXX'}"
                values[name] = values.get(name, 0) + Fraction(first[10], MILLION)
    return len(mine), in_flight(mine, span), values, {}


def escalations(cases, span, group):
    mine = [
        (case, one) for case in cases for one in case["Approvals"]
        if span.holds(one[3]) and _here(group, step=one[0], system=one[1])
    ]  # fmt: skip
    told = []
    for case, (*_, due, at, _decision, _by, _to, _then, _trace, _span) in mine:
        decided = at is not None and at < span.as_of
        late = due is not None and due < (at if decided else span.as_of)
        told.append((id(case), due is not None, late, late and decided, not decided))
    counted = {id(case): case for case, _ in mine}.values()
    _, timed, overdue, decided_late, pending = map(sum, zip(*told, strict=True)) if told else (0,) * 5
    values = {
        "overdue_share": share(overdue, len(mine)), "approvals": len(mine), "with_timeout": timed, "overdue": overdue,
        "decided_late": decided_late, "pending": pending,
        "overdue_cases": len({case for case, _, yes, _, _ in told if yes}),
        "late_cases": len({case for case, _, _, yes, _ in told if yes}),
        "pending_cases": len({case for case, _, _, _, yes in told if yes}),
    }  # fmt: skip
    return len(counted), in_flight(counted, span), values, {}


def sla_attainment(cases, span, _group):
    met = [case for case in cases if ended(case, span) and case["End"] <= case["DueAt"] and span.holds(case["End"])]
    broken = [
        case for case in cases
        if span.holds(case["DueAt"]) and not (ended(case, span) and case["End"] <= case["DueAt"])
    ]  # fmt: skip
    n = len(met) + len(broken)
    values = {
        "sla_attainment": share(len(met), n), "met_n": len(met), "breached_n": len(broken),
        "breached_open_n": in_flight(broken, span),
    }  # fmt: skip
    return n, open_at(cases, span.close), values, {}


def onboarding(target, tz):
    def figure(cases, span, _group):
        known = [case for case in cases if case["Start"] < span.close]
        done = [case for case in known if ended(case, span) and case["End"] < span.close]
        values = {
            "target": float(target), "reached_rate": None, "reached_week": None, "time_to_target_s": None,
            "touchless_n": sum(not case["Touches"] and not case["UnknownEvents"] for case in done),
            "first_event": min((case["Start"] for case in known), default=None),
        }  # fmt: skip
        if values["first_event"] is None:
            return 0, 0, values, {}
        for start, end in weeks(values["first_event"], span.close, tz):
            week = Span(start, end, span.as_of)
            n, _, rates, _ = touchless_rate(done, week, {})
            if n and Fraction(rates["touchless_n"], n) >= target:
                values |= {
                    "reached_rate": share(rates["touchless_n"], n),
                    "time_to_target_s": (end - values["first_event"]) / SECOND,
                    "reached_week": datetime.fromtimestamp(start // SECOND, ZoneInfo(tz)).date().isoformat(),
                }  # fmt: skip
                return len(done), open_at(cases, span.close), values, {}
        return (
            len(done),
            open_at(cases, span.close),
            values,
            {"time_to_target_s": (span.close - values["first_event"]) / SECOND},
        )

    return figure


def duplicate_effects(cases, span, group):
    mine = started_in(cases, span)
    hops = [(case, hop) for case in mine for hop in case["KeyTotals"] if _here(group, system=hop[0], step=hop[1])]
    attempts, keyed = (sum(hop[place] for _, hop in hops) for place in (2, 3))
    values = {"key_coverage": share(keyed, attempts), "attempts": attempts, "keyed_attempts": keyed}
    twice = [(case, one) for case in mine for one in case["Duplicates"] if _here(group, step=one[1])]
    told = "system" not in group
    values |= {
        "duplicate_effects": len(twice) if told else None,
        "surplus_effects": sum(one[3] - 1 for _, one in twice) if told else None,
        "duplicate_cases": len({id(case) for case, _ in twice}) if told else None,
    }
    within = list({id(case): case for case, _ in hops}.values()) if {"step", "system"} & group.keys() else mine
    return len(within), in_flight(within, span), values, {}
