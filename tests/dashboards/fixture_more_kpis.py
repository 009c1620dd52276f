"""Figures of the KPIs beyond the first four. ``fixture_kpis`` makes answers of them."""

TITLES = {
    "automated-events": "Automated events",
    "manual-to-automated": "Manual to automated",
    "first-time-right": "First time right",
    "rework-rate": "Rework rate",
    "exceptions": "Exceptions",
    "value-at-risk": "Value at risk",
    "escalations": "Escalations",
    "sla-attainment": "SLA attainment",
    "onboarding": "Onboarding",
    "duplicate-effects": "Duplicate effects",
}
TEXTS = {kpi: f"{title}, as the API defines it at length." for kpi, title in TITLES.items()}
NOTES = {"onboarding": ["The flow declares no touchless target: add touchless_target to its file."]}
MEASURES = {
    "automated-events": [
        ("automated_share", "Automated", "ratio"), ("human_events", "By people", "events"),
        ("unknown_events", "Unknown", "events"), ("events", "Events", "events"),
    ],
    "manual-to-automated": [
        ("moved_n", "Moved", "cases"), ("automated_n", "Automatic", "cases"), ("manual_n", "Manual", "cases"),
        ("automated_share", "Automatic share", "ratio"),
    ],
    "first-time-right": [
        ("first_time_right_rate", "First time right", "ratio"), ("repeated_n", "Repeated", "cases"),
        ("rejected_n", "Rejected", "cases"), ("corrected_n", "Corrected", "cases"),
    ],
    "rework-rate": [
        ("rework_rate", "Rework", "ratio"), ("reworked_n", "Reworked", "cases"), ("repeats", "Repeats", "repeats"),
    ],
    "exceptions": [
        ("backlog", "Open", "exceptions"), ("opened", "Opened", "exceptions"), ("oldest_age_s", "Oldest", "s"),
        ("backlog_cases", "Cases with an open one", "cases"), ("resolve_km_median_s", "Half closed after", "s"),
        ("backlog_value_EUR", "Open value, EUR", "EUR"),
    ],
    "value-at-risk": [
        *((f"{fate}_{code}", f"{fate}, {code}", code) for code in ("EUR", "CHF")
          for fate in ("at_risk", "recovered", "lost", "undecided")),
        ("lost_n", "Lost cases", "cases"),
    ],
    "escalations": [
        ("overdue_share", "Overdue share", "ratio"), ("approvals", "Approvals", "approvals"),
        ("overdue", "Overdue", "approvals"), ("decided_late", "Decided late", "approvals"),
        ("pending", "Pending", "approvals"),
    ],
    "sla-attainment": [
        ("sla_attainment", "Within", "ratio"), ("met_n", "Met", "cases"), ("breached_n", "Breached", "cases"),
        ("breached_open_n", "Breached and open", "cases"),
    ],
    "onboarding": [
        ("time_to_target_s", "Until the target", "s"), ("target", "Target", "ratio"),
        ("reached_week", "Reached in", "date"), ("first_event", "First event", "instant"),
    ],
    "duplicate-effects": [
        ("key_coverage", "Key coverage", "ratio"), ("attempts", "Attempts", "attempts"),
        ("duplicate_effects", "Duplicate effects", "keys"), ("duplicate_cases", "Cases with one", "cases"),
    ],
}  # fmt: skip
BANDS = {
    "moved_n": "moved", "automated_n": "automated", "manual_n": "manual", "repeated_n": "repeated",
    "rejected_n": "rejected", "corrected_n": "corrected", "reworked_n": "reworked", "backlog": "backlog",
    "backlog_cases": "backlog", "lost_n": "lost", "met_n": "met", "breached_n": "breached",
    "breached_open_n": "breached_open", "duplicate_cases": "duplicate", "lost_EUR": "lost", "lost_CHF": "lost",
}  # fmt: skip
PARTS = {
    "exceptions": [{"class": name} for name in ("business", "infrastructure", "unclassified")],
    "manual-to-automated": [{"route": name} for name in ("auto", "manual", "")],
    "duplicate-effects": [
        {"step": step, "system": system} for step, system in (("book-carrier", "wms"), ("collect-payment", "billing"))
    ],
}
DAY = 86_400.0


def values(kpi, week, size, wave):
    """Plausible figures of one week for ``size`` cases; ``wave`` varies them."""
    number = max(1, round(size * (0.08 + wave)))
    if kpi == "value-at-risk":
        return {
            f"{fate}_{code}": f"{factor * number * (1 + week / 10):.2f}"
            for code, scale in (("EUR", 410), ("CHF", 35))
            for fate, factor in (
                ("at_risk", scale), ("recovered", scale * 0.7), ("lost", scale * 0.1), ("undecided", scale * 0.2)
            )
        } | {"lost_n": number // 5}  # fmt: skip
    by_unit = {
        "ratio": 0.8 + wave, "s": (2 + 10 * wave) * DAY, "EUR": f"{number * 310.5:.2f}", "date": "2026-10-19",
    }  # fmt: skip
    figures = {name: by_unit.get(unit, number) for name, _, unit in MEASURES[kpi]}
    if kpi == "onboarding":
        return figures | {"time_to_target_s": None, "first_event": "2026-10-05T22:30:00Z"}
    return figures
