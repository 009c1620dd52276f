"""Every KPI computed again, case by case and in fractions, without the store and the code under test.

It buckets by asking each instant for its local date, where the product cuts the window where local dates begin.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.cases.kpis.records import SECOND, Case

CLASSES = ("business", "infrastructure", "unclassified")


@dataclass(frozen=True)
class Question:
    """What is asked: the half-open window in nanoseconds, the zone, what to group by, as of when."""

    start: int
    end: int
    tz: str
    interval: str
    as_of: int
    group_by: str | None = None
    edges: tuple[tuple[int, int], ...] = ()

    def bucket(self, instant):
        """A name for the local hour, day, week or month of ``instant``."""
        seconds = instant // SECOND
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(ZoneInfo(self.tz))
        if self.interval == "none":
            return None
        if self.interval == "hour":
            return (local.date(), local.hour, local.utcoffset())
        return self._first_day(local.date())

    def _first_day(self, day: date) -> date:
        if self.interval == "week":
            year, week, _ = day.isocalendar()
            return date.fromisocalendar(year, week, 1)
        return day.replace(day=1) if self.interval == "month" else day

    def ended(self, case: Case) -> bool:
        return case.end is not None and case.end < self.as_of

    def started_in_window(self, case: Case) -> bool:
        return self.start <= case.start < min(self.end, self.as_of)

    def ended_in_window(self, case: Case) -> bool:
        return self.ended(case) and self.start <= case.end < self.end

    def own(self, case: Case) -> tuple:
        if self.group_by is None or self.group_by == "step":
            return ()
        if self.group_by == "outcome":
            return (("outcome", case.outcome if case.end is not None else ""),)
        return ((self.group_by, case.dims.get(self.group_by, "")),)


def quantile_km(question: Question, cases: list[Case], still_open: Fraction):
    """(seconds, None), or (None, seconds that it takes longer than)."""
    observed = []
    for case in cases:
        if question.ended(case):
            observed.append((max(case.end - case.start, 0), True))
        else:
            observed.append((question.as_of - case.start, False))
    return survival_quantile(observed, still_open)


def survival_quantile(observed: list[tuple[int, bool]], still_open: Fraction):
    """Of nanoseconds and whether it was over then: (seconds, None), or (None, seconds that it takes longer than)."""
    survival = Fraction(1)
    for time in sorted({time for time, _ in observed}):
        at_risk = sum(1 for other, _ in observed if other >= time)
        deaths = sum(1 for other, death in observed if other == time and death)
        survival *= 1 - Fraction(deaths, at_risk)
        if survival <= still_open:
            return float(Fraction(time, SECOND)), None
    return None, float(Fraction(max(time for time, _ in observed), SECOND))


def quantile_plain(cases: list[Case], tenths: int):
    """The value at rank floor(q * n) + 1."""
    times = sorted(max(case.end - case.start, 0) for case in cases)
    return float(Fraction(times[tenths * len(times) // 10], SECOND)) if times else None


def _places(groups, buckets=()):
    """Groups of a case by the cells it counts in: those of its bucket, of the window, and of everything."""
    return [(bucket, group) for bucket in (*buckets, "total") for group in groups]


def time_to_fulfil(question: Question, cases: list[Case]) -> dict:
    started, finished = defaultdict(list), defaultdict(list)
    for case in cases:
        groups = {question.own(case), ()}
        if question.started_in_window(case):
            for cell in _places(groups, [question.bucket(case.start)]):
                started[cell].append(case)
        if question.ended_in_window(case):
            for cell in _places(groups, [question.bucket(case.end)]):
                finished[cell].append(case)
    return {cell: _times(question, started[cell], finished[cell]) for cell in {*started, *finished}}


def _times(question, started, finished):
    values = {
        "plain_median_s": quantile_plain(finished, 5),
        "plain_p90_s": quantile_plain(finished, 9),
        "finished_n": len(finished),
        "km_median_s": None,
        "km_p90_s": None,
    }
    bounds = {}
    for name, still_open in (("km_median_s", Fraction(1, 2)), ("km_p90_s", Fraction(1, 10))):
        if started:
            values[name], bound = quantile_km(question, started, still_open)
            if bound is not None:
                bounds[name] = bound
    flying = [case for case in started if not question.ended(case)]
    return {"n": len(started), "in_flight_n": len(flying), "unknown_actor_n": None, "values": values, "bounds": bounds}


def touchless(question: Question, cases: list[Case]) -> dict:
    counts = defaultdict(lambda: {"touchless": 0, "touched": 0, "unknown": 0})
    for case in filter(question.ended_in_window, cases):
        band = "touched" if case.touches else "unknown" if case.unknown_events else "touchless"
        own = question.own(case) if question.group_by != "outcome" else ()
        for cell in _places({(*own, ("outcome", case.outcome)), ()}, [question.bucket(case.end)]):
            counts[cell][band] += 1
    return {cell: _bands(bands) for cell, bands in counts.items()}


def _bands(bands):
    n = sum(bands.values())
    values = {f"{band}_n": count for band, count in bands.items()}
    values |= {f"{band}_rate": float(Fraction(count, n)) for band, count in bands.items()}
    return {"n": n, "unknown_actor_n": bands["unknown"], "values": values, "bounds": {}}


def open_when_it_closes(question: Question, cases: list[Case], closes: int, group: tuple) -> list[Case]:
    """The in-flight cases beside a bucket of ended ones."""
    instant = min(closes, question.as_of)
    dims = [pair for pair in group if pair[0] != "outcome"]
    return [
        case
        for case in cases
        if case.start < instant
        and (case.end is None or case.end >= instant)
        and all(case.dims.get(name, "") == value for name, value in dims)
    ]


def errors(question: Question, cases: list[Case]) -> dict:
    members = defaultdict(list)
    for case in filter(question.started_in_window, cases):
        for cell in _places({question.own(case), ()}, [question.bucket(case.start)]):
            members[cell].append(case)
    return {cell: _errors(question, found) for cell, found in members.items()}


def _errors(question, cases):
    steps = [step for case in cases for step in case.steps]
    attempts = Fraction(sum(step.share for step in steps), 10**6)
    wrong = {name: Fraction(sum(getattr(step, f"{name}_share") for step in steps), 10**6) for name in CLASSES}
    hit = {name: [case for case in cases if any(getattr(step, name) for step in case.steps)] for name in CLASSES}
    hit_any = {case.case_id for found in hit.values() for case in found}
    values = {
        "cases_with_error_per_1000": float(Fraction(1000 * len(hit_any), len(cases))),
        "failed_attempts_per_1000": float(1000 * sum(wrong.values()) / attempts) if attempts else None,
        "cases_with_error": len(hit_any),
        "failed_attempts": float(sum(wrong.values())),
        "attempts": float(attempts),
    }
    for name in CLASSES:
        values[f"cases_with_error_per_1000_{name}"] = float(Fraction(1000 * len(hit[name]), len(cases)))
        values[f"failed_attempts_per_1000_{name}"] = float(1000 * wrong[name] / attempts) if attempts else None
    flying = [case for case in cases if not question.ended(case)]
    return {"n": len(cases), "in_flight_n": len(flying), "unknown_actor_n": None, "values": values, "bounds": {}}


def retries(question: Question, cases: list[Case]) -> dict:
    started = [case for case in cases if question.started_in_window(case)]
    whole, places = defaultdict(list), defaultdict(list)
    for case in started:
        bucket, own = [question.bucket(case.start)], question.own(case)
        for cell in _places({own, ()}, bucket):
            whole[cell].append((case, case.steps))
        for place in {(step.step, step.system) for step in case.steps if step.retries}:
            place_pairs = (("step", place[0]), ("system", place[1]))[: 1 if question.group_by == "step" else 2]
            for cell in _places({(*own, *place_pairs)}, bucket):
                places[cell].append((case, tuple(s for s in case.steps if (s.step, s.system) == place)))
    # Everything per bucket is no point of its own: points are per step and system.
    whole = {cell: members for cell, members in whole.items() if cell[0] == "total"}
    currencies = {s.currency for case in started for s in case.steps if s.retries and s.retry_micros}
    return {cell: _retries(question, members, currencies) for cell, members in {**whole, **places}.items()}


def _retries(question, members, currencies):
    cases = {case.case_id: case for case, _ in members}
    total = wasted = 0
    for case, steps in members:
        good = {(step.step, step.system) for step in case.steps if step.succeeded}
        total += sum(step.retry_share for step in steps)
        wasted += sum(step.retry_share for step in steps if (step.step, step.system) not in good)
    values = {
        "retries": total / 10**6,
        "wasted_retries": wasted / 10**6,
        "wasted_share": float(Fraction(wasted, total)) if total else None,
        "retried_cases": len({case.case_id for case, steps in members if any(step.retries for step in steps)}),
    }
    for currency in currencies:
        micros = sum(s.retry_micros for _, steps in members for s in steps if s.retries and s.currency == currency)
        values[f"retry_cost_{currency or 'XXX'}"] = Fraction(micros, 10**6)
    flying = [case for case in cases.values() if not question.ended(case)]
    return {"n": len(cases), "in_flight_n": len(flying), "unknown_actor_n": None, "values": values, "bounds": {}}
