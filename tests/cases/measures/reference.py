"""Measures computed by hand, value by value, with nothing but fractions."""

from fractions import Fraction


def values(question, kind, agg, reports):
    """``{(bucket or "total", group): (n, series, value)}``; ``question`` is that of the KPIs' reference."""
    counted = _growth(reports) if kind == "counter" else _counted(kind, set_of(reports))
    cells = {}
    for at, report, value in counted:
        if not question.start <= at < min(question.end, question.as_of):
            continue
        own = ((question.group_by, report.dims.get(question.group_by, "")),) if question.group_by else ()
        for group in {(), own}:
            for bucket in ("total", question.bucket(at)):
                cells.setdefault((bucket, group), []).append((at, report.series, value))
    return {cell: (len(got), len({one[1] for one in got}), _value(kind, agg, got)) for cell, got in cells.items()}


def set_of(reports):
    """A report that was sent twice counts once; the last one sent is the one that holds."""
    return list({(report.series, report.time): report for report in reports}.values())


def _counted(kind, reports):
    for report in reports:
        about_before = kind == "delta" and 0 < report.start < report.time
        yield report.time - about_before, report, Fraction(report.value)


def _growth(reports):
    counters = {}
    for report in set_of(reports):
        counters.setdefault((report.series, report.start), []).append(report)
    for (_, start), own in counters.items():
        before = None
        for report in sorted(own, key=lambda one: one.time):
            value = Fraction(report.value)
            if before is None:
                grown = value if 0 < start < report.time else Fraction(0)
            else:
                grown = value - before if value >= before else value
            before = value
            yield report.time - 1, report, grown


def _value(kind, agg, got):
    everything = [value for _, _, value in got]
    if agg in {"sum", "increase"}:
        return sum(everything)
    if agg in {"min", "max"}:
        return min(everything) if agg == "min" else max(everything)
    if agg == "avg":
        return sum(everything) / len(everything)
    last = [max((at, value) for at, other, value in got if other == series)[1] for series in {one[1] for one in got}]
    return sum(last) if kind == "level" else sum(last) / len(last)
