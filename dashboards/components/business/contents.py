"""The contents of the business page: the KPIs of the headline row, and the KPIs of each section."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """``question`` is what the KPIs of the section answer, in the order of the page."""

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
        "How fast do cases end, and how many without a touch?",
        ("touchless-rate", "time-to-fulfil", "sla-attainment", "automated-events"),
    ),
    "quality": Section(
        "Quality",
        "How much goes wrong, and how much is done again?",
        ("first-time-right", "rework-rate", "errors-per-1000", "duplicate-effects"),
    ),
    "exceptions": Section(
        "Exceptions",
        "What is stuck, for how long, and which decisions are overdue?",
        ("exceptions", "escalations"),
    ),
    "money": Section(
        "Money",
        "What is at stake, and what do retries cost?",
        ("value-at-risk", "retries"),
    ),
    "adoption": Section(
        "Adoption",
        "How much has moved to automation?",
        ("manual-to-automated", "onboarding"),
    ),
}
MEASURES = "measures"
"""Name of the last section: the business measures."""
