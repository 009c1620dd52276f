"""How the business page is arranged: which figures stand at the top, and which section holds which KPI."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """``question`` is what its KPIs answer; ``kpis`` stand in this order."""

    title: str
    question: str
    kpis: tuple[str, ...]


HEADLINES = (
    "touchless-rate",
    "time-to-fulfil",
    "first-time-right",
    "exceptions",
    "value-at-risk",
    "sla-attainment",
)

SECTIONS = {
    "flow": Section(
        "Flow",
        "How fast do cases run, and how many by themselves?",
        ("touchless-rate", "time-to-fulfil", "sla-attainment", "automated-events"),
    ),
    "quality": Section(
        "Quality",
        "How much goes wrong, and how much is done again?",
        ("first-time-right", "rework-rate", "errors-per-1000", "duplicate-effects"),
    ),
    "exceptions": Section(
        "Exceptions",
        "What is stuck, for how long, and who has not decided?",
        ("exceptions", "escalations"),
    ),
    "money": Section(
        "Money",
        "What is at stake, and what do retries cost?",
        ("value-at-risk", "retries"),
    ),
    "adoption": Section(
        "Adoption",
        "How is automation getting on?",
        ("manual-to-automated", "onboarding"),
    ),
}
MEASURES = "measures"
"""The last section: what systems report themselves."""
