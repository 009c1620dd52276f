# ruff: noqa: PLR0917 - a figure is made of what it is made of
"""The KPIs that need what a flow declares, or facts of a case beyond its counts, computed again case by case.

Like ``reference``: plain Python and fractions, without the store and the code under test.
"""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.cases.kpis.records import SECOND
from tests.cases.kpis.reference import _places, open_when_it_closes

MILLION = 10**6
OF_A_CASE = {"outcome"}


def _members(question, cases, instant_of, group_of):
    """Cases by cell, each where its instant lies; an instant of None is in no cell."""
    members = defaultdict(list)
    for case in cases:
        instant = instant_of(case)
        if instant is None or not question.start <= instant < min(question.end, question.as_of):
            continue
        for cell in _places({group_of(case), ()}, [question.bucket(instant)]):
            members[cell].append(case)
    return members


def _answer(question, cases, values, unknown=None):
    flying = len([case for case in cases if not question.ended(case)])
    return {"n": len(cases), "in_flight_n": flying, "unknown_actor_n": unknown, "values": values, "bounds": {}}


def _share(part, whole):
    return float(Fraction(part, whole)) if whole else None


def _start(case):
    return case.start


def automated_events(question, cases):
    members = _members(question, cases, _start, question.own)
    return {cell: _events(question, found) for cell, found in members.items()}


def _events(question, cases):
    sums = {
        name: sum(getattr(case, name) for case in cases)
        for name in ("service_events", "human_events", "other_events", "unknown_events")
    }
    events = sum(sums.values())
    values = {**sums, "events": events, "automated_share": _share(sums["service_events"], events)}
    return _answer(question, cases, values, unknown=len([case for case in cases if case.unknown_events]))


def first_time_right(question, cases):
    ended = [case for case in cases if question.ended(case) and case.success]
    members = _members(question, ended, lambda case: case.end, question.own)
    return {cell: _right(question, found) for cell, found in members.items()}


def _right(question, cases):
    bad = {
        "repeated_n": [case for case in cases if case.repeats],
        "rejected_n": [case for case in cases if case.rejections],
        "corrected_n": [case for case in cases if case.corrections],
        "compensated_n": [case for case in cases if case.compensations],
    }
    wrong = {case.case_id for found in bad.values() for case in found}
    right = len(cases) - len(wrong)
    values = {name: len(found) for name, found in bad.items()}
    values |= {"first_time_right_n": right, "first_time_right_rate": _share(right, len(cases))}
    return _answer(question, cases, values)


def rework(question, cases):
    members = _members(question, filter(question.ended, cases), lambda case: case.end, question.own)
    return {cell: _rework(question, found) for cell, found in members.items()}


def _rework(question, cases):
    again = [case for case in cases if case.repeats]
    values = {
        "rework_rate": _share(len(again), len(cases)),
        "reworked_n": len(again),
        "repeats": sum(case.repeats for case in cases),
    }
    return _answer(question, cases, values)


def sla(question, cases):
    def decided(case):
        if case.due is None:
            return None
        return case.end if case.end is not None and case.end <= case.due else case.due

    members = _members(question, cases, decided, question.own)
    return {cell: _sla(question, found) for cell, found in members.items()}


def _sla(question, cases):
    met = [case for case in cases if case.end is not None and case.end <= case.due]
    late = [case for case in cases if case not in met]
    values = {
        "sla_attainment": _share(len(met), len(cases)),
        "met_n": len(met),
        "breached_n": len(late),
        "breached_open_n": len([case for case in late if not question.ended(case)]),
    }
    return _answer(question, cases, values)


def value_at_risk(question, cases):
    def first(case):
        return min((one.opened for one in case.problems), default=None)

    members = _members(question, cases, first, question.own)
    currencies = {one.currency for case in _whole(members) for one in [_first(case)] if one.micros}
    return {cell: _at_risk(question, found, currencies) for cell, found in members.items()}


def _whole(members):
    return members.get(("total", ()), [])


def _first(case):
    return min(case.problems, key=lambda one: one.opened)


def _at_risk(question, cases, currencies):
    parts = {"at_risk": cases, "recovered": [], "lost": [], "undecided": []}
    for case in cases:
        fate = "undecided" if not question.ended(case) else "recovered" if case.success else "lost"
        parts[fate].append(case)
    values = {f"{part}_n": len(found) for part, found in parts.items() if part != "at_risk"}
    values["unvalued_n"] = len([case for case in cases if _first(case).micros is None])
    for currency in currencies:
        for part, found in parts.items():
            paid = [_first(case).micros or 0 for case in found if _first(case).currency == currency]
            values[f"{part}_{currency or 'XXX'}"] = Fraction(sum(paid), MILLION)
    return _answer(question, cases, values)


def _own(question, case, column_of):
    """The group that a case's thing is in: ``column_of`` tells the thing's own value of what is asked for."""
    if question.group_by in column_of:
        return ((question.group_by, column_of[question.group_by]),)
    return question.own(case)


def escalations(question, cases):
    members = defaultdict(list)
    for case in cases:
        for one in case.approvals:
            if not question.start <= one.requested < min(question.end, question.as_of):
                continue
            group = _own(question, case, {"step": one.step, "system": one.system})
            for cell in _places({group, ()}, [question.bucket(one.requested)]):
                members[cell].append((case, one))
    return {cell: _approvals(question, found) for cell, found in members.items()}


def _approvals(question, pairs):
    late, overdue, pending = [], [], []
    for case, one in pairs:
        decided = one.decided is not None and one.decided < question.as_of
        if not decided:
            pending.append((case, one))
        if one.due is not None and one.due < (one.decided if decided else question.as_of):
            overdue.append((case, one))
            if decided:
                late.append((case, one))
    values = {
        "overdue_share": _share(len(overdue), len(pairs)),
        "approvals": len(pairs),
        "with_timeout": len([one for _, one in pairs if one.due is not None]),
        "overdue": len(overdue),
        "decided_late": len(late),
        "pending": len(pending),
        "overdue_cases": len(_distinct(overdue)),
        "late_cases": len(_distinct(late)),
        "pending_cases": len(_distinct(pending)),
    }
    return _answer(question, _distinct(pairs), values)


def _distinct(pairs):
    return list({case.case_id: case for case, _ in pairs}.values())


def duplicates(question, cases):
    started = [case for case in cases if question.started_in_window(case)]
    whole, hops = defaultdict(list), defaultdict(list)
    for case in started:
        bucket, own = [question.bucket(case.start)], question.own(case)
        for cell in _places({own, ()}, bucket):
            whole[cell].append(case)
        for name, parts in _hops_of(case, by_step=question.group_by == "step").items():
            for cell in _places({(*own, *name)}, bucket):
                hops[cell].append((case, *parts))
    told = {cell: _keys(question, found) for cell, found in whole.items() if cell[0] == "total"}
    return told | {cell: _hop(question, found) for cell, found in hops.items()}


def _hops_of(case, *, by_step):
    """Attempts and keyed ones by hop, or with what one key had twice by step."""
    found = defaultdict(lambda: [0, 0, []])
    for hop in case.hops:
        name = (("step", hop.step),) if by_step else (("step", hop.step), ("system", hop.system))
        found[name][0] += hop.attempts
        found[name][1] += hop.keyed
    for step, effects in case.duplicates if by_step else ():
        found[("step", step),][2].append(effects)
    return found


def _keys(question, cases):
    effects = [effects for case in cases for _, effects in case.duplicates]
    values = {
        "duplicate_effects": len(effects),
        "surplus_effects": sum(effects) - len(effects),
        "duplicate_cases": len([case for case in cases if case.duplicates]),
        "attempts": sum(hop.attempts for case in cases for hop in case.hops),
        "keyed_attempts": sum(hop.keyed for case in cases for hop in case.hops),
    }
    values["key_coverage"] = _share(values["keyed_attempts"], values["attempts"])
    return _answer(question, cases, values)


def _hop(question, entries):
    cases = [case for case, *_ in entries]
    attempts, keyed = sum(entry[1] for entry in entries), sum(entry[2] for entry in entries)
    effects = [number for entry in entries for number in entry[3]]
    by_step = question.group_by == "step"
    values = {
        "duplicate_effects": len(effects) if by_step else None,
        "surplus_effects": sum(effects) - len(effects) if by_step else None,
        "duplicate_cases": len([entry for entry in entries if entry[3]]) if by_step else None,
        "attempts": attempts,
        "keyed_attempts": keyed,
        "key_coverage": _share(keyed, attempts),
    }
    return _answer(question, cases, values)


def exceptions(question, cases, survival):
    """``survival`` is Kaplan-Meier over (nanoseconds, over) pairs and a share still open."""
    opened, members = defaultdict(list), {}
    pairs = [(case, one) for case in cases for one in case.problems]
    groups = {()}
    for case, one in pairs:
        own = _problem_groups(question, case, one)
        for group in own:
            if question.start <= one.opened < min(question.end, question.as_of):
                for bucket in (question.bucket(one.opened), "total"):
                    opened[bucket, group].append((case, one))
            groups.add(group)
    members.update(opened)
    for bucket, closes in closings(question).items():
        for group in groups:
            open_then = [
                (case, one)
                for case, one in pairs
                if group in _problem_groups(question, case, one)
                and one.opened < closes
                and (one.closed is None or one.closed >= closes)
            ]
            if open_then or (bucket, group) in members:
                found = members.get((bucket, group), [])
                members[bucket, group] = (found, open_then, closes)
    currencies = {
        currency
        for found in members.values()
        if isinstance(found, tuple)
        for currency, micros in _worth(found[1]).items()
        if micros
    }
    return {
        cell: _problems(question, *found, currencies, survival)
        for cell, found in members.items()
        if isinstance(found, tuple)
    }


def closings(question):
    """When each bucket closes, by the bucket's name; the window's under total."""
    found = {"total": min(question.end, question.as_of)}
    for begin, end in question.edges:
        found[question.bucket(begin)] = min(end, question.as_of)
    return found


def _problem_groups(question, case, one):
    columns = {"class": one.error_class, "code": one.code, "step": one.step, "system": one.system}
    if question.group_by in columns:
        return {(), ((question.group_by, columns[question.group_by]),)}
    own = question.own(case)
    return {(), own, (*own, ("class", one.error_class))}


def _worth(open_then):
    """Per currency, each case once, by the exception that opened first."""
    firsts = {}
    for case, one in open_then:
        if case.case_id not in firsts or one.opened < firsts[case.case_id].opened:
            firsts[case.case_id] = one
    found = Counter()
    for one in firsts.values():
        found[one.currency] += one.micros or 0
    return found


def _problems(question, opened, open_then, closes, currencies, survival):
    observed = []
    for _, one in opened:
        over = one.closed is not None and one.closed < question.as_of
        observed.append(((one.closed if over else question.as_of) - one.opened, over))
    resolved = [one for (_, one), (_, over) in zip(opened, observed, strict=True) if over]
    values = {
        "opened": len(opened),
        "backlog": len(open_then),
        "backlog_cases": len(_distinct(open_then)),
        "oldest_age_s": float(Fraction(closes - min(one.opened for _, one in open_then), SECOND))
        if open_then
        else None,
        "resolved": len(resolved),
        "recovered": len([one for one in resolved if one.state == "recovered"]),
        "resolve_km_median_s": None,
        "resolve_km_p90_s": None,
    }
    bounds = {}
    for name, share in (("resolve_km_median_s", Fraction(1, 2)), ("resolve_km_p90_s", Fraction(1, 10))):
        if observed:
            values[name], bound = survival(observed, share)
            if bound is not None:
                bounds[name] = bound
    worth = _worth(open_then)
    for currency in currencies:
        values[f"backlog_value_{currency or 'XXX'}"] = Fraction(worth[currency], MILLION)
    return _answer(question, _distinct(opened), values) | {"bounds": bounds}


def manual_to_automated(question, cases, routing):
    """``routing`` has route, automated, manual and cohort."""
    members = defaultdict(list)
    moved = set()
    for case in filter(question.started_in_window, cases):
        if case.dims.get(routing.dimension, "") in routing.automated and _was_manual(question, case, cases, routing):
            moved.add(case.case_id)
        group = (*question.own(case), (routing.dimension, case.dims.get(routing.dimension, "")))
        for cell in _places({group, ()}, [question.bucket(case.start)]):
            members[cell].append(case)
    return {cell: _routed(question, found, moved, routing) for cell, found in members.items()}


def _was_manual(question, case, cases, routing):
    begin, end = compared_with(question, case)
    same = [
        other
        for other in cases
        if begin <= other.start < min(end, question.as_of)
        and all(other.dims.get(name, "") == case.dims.get(name, "") for name in routing.cohort)
    ]
    manual = [other for other in same if other.dims.get(routing.dimension, "") in routing.manual]
    automated = [other for other in same if other.dims.get(routing.dimension, "") in routing.automated]
    return len(manual) > len(automated)


def compared_with(question, case):
    """The bucket before the case's own; for the first, the whole calendar bucket before."""
    if question.interval == "none":
        return 2 * question.start - question.end, question.start
    names = [question.bucket(begin) for begin, _ in question.edges]
    place = names.index(question.bucket(case.start))
    if place:
        return question.edges[place - 1]
    if question.interval == "hour":
        return _hour_before(question)
    first = names[0]
    last = first - timedelta(days=1)
    begins = {"day": last, "week": first - timedelta(weeks=1), "month": last.replace(day=1)}[question.interval]
    return _midnight(begins, question.tz), _midnight(first, question.tz)


def _hour_before(question):
    """Minute by minute back: the hour before the one in which the window begins."""
    minute = 60 * SECOND
    instant = question.start - question.start % minute
    own = question.bucket(question.start)
    while question.bucket(instant) == own:
        instant -= minute
    before = question.bucket(instant)
    end = instant + minute
    while question.bucket(instant) == before:
        instant -= minute
    return instant + minute, end


def _routed(question, cases, moved, routing):
    routes = [case.dims.get(routing.dimension, "") for case in cases]
    automated = len([route for route in routes if route in routing.automated])
    manual = len([route for route in routes if route in routing.manual])
    values = {
        "moved_n": len([case for case in cases if case.case_id in moved]),
        "automated_n": automated,
        "manual_n": manual,
        "unrouted_n": len(cases) - automated - manual,
        "automated_share": _share(automated, automated + manual),
    }
    return _answer(question, cases, values)


def onboarding(question, cases, target):
    """The first week from Monday on, by local dates, in which the rate is reached and which is over."""
    until = min(question.end, question.as_of)
    begun = [case for case in cases if case.start < until]
    groups = {(), *(question.own(case) for case in begun)}
    return {("total", group): _onboarded(question, begun, group, target, until) for group in groups}


def _onboarded(question, begun, group, target, until):
    own = [case for case in begun if not group or question.own(case) == group]
    ended = [case for case in own if question.ended(case) and case.end < question.end]
    values = {
        "target": target,
        "first_event": None,
        "time_to_target_s": None,
        "reached_rate": None,
        "reached_week": None,
    }
    values["touchless_n"] = len(_untouched(ended))
    bounds = {}
    if own:
        first = min(case.start for case in own)
        values["first_event"] = first
        weeks = defaultdict(list)
        for case in ended:
            weeks[_week(case.end, question.tz)].append(case)
        for week in sorted(weeks):
            rate = Fraction(len(_untouched(weeks[week])), len(weeks[week]))
            over = _midnight(week + timedelta(weeks=1), question.tz)
            if over <= until and rate >= Fraction(target):
                values["time_to_target_s"] = float(Fraction(over - first, SECOND))
                values["reached_rate"] = float(rate)
                values["reached_week"] = week.isoformat()
                break
        else:
            bounds["time_to_target_s"] = float(Fraction(until - first, SECOND))
    flying = open_when_it_closes(question, begun, until, group)
    return {"n": len(ended), "in_flight_n": len(flying), "unknown_actor_n": None, "values": values, "bounds": bounds}


def _untouched(cases):
    return [case for case in cases if not case.touches and not case.unknown_events]


def _week(instant, tz):
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant // 1000)).astimezone(ZoneInfo(tz)).date()
    return local - timedelta(days=local.weekday())


def _midnight(day: date, tz):
    """The first second whose local date is ``day`` or later, by halving: no arithmetic with offsets."""
    low = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - 2 * 86_400
    high = low + 4 * 86_400
    while high - low > 1:
        middle = (low + high) // 2
        early = datetime.fromtimestamp(middle, UTC).astimezone(ZoneInfo(tz)).date() < day
        low, high = (middle, high) if early else (low, middle)
    return high * SECOND
