"""Hand-made flows in the shapes of the query API: one declared, one only known from events."""

from tests.dashboards.fixture_trails import HOSTILE


def step(name, kind="task", **more):
    return {
        "step": name, "kind": kind, "optional": False, "loop": False, "touches": None, "price_per_attempt": None,
        "price_per_second": None, "currency": None, "timeout_s": None, "escalate_to": None, "ends": None,
    } | more  # fmt: skip


STEPS = [
    step("receive-order", "start"),
    step("create-sales-document"),
    step("check-credit", price_per_attempt="0.150000", price_per_second="0", currency="EUR"),
    step("approve-order", "approval", optional=True, touches=["approve", "reject"], timeout_s=14_400,
         escalate_to="head of finance"),
    step("pick"),
    step("book-carrier", loop=True, price_per_attempt="0.350000", price_per_second="0.000100", currency="EUR"),
    step("refund", "compensation", optional=True),
    step("receive-payment", "end", ends="completed"),
]  # fmt: skip
HUBS = [{"type": "customer", "value": HOSTILE, "sources": 412, "since": "2026-11-20T10:00:00Z"}]


def declared(summary):
    return summary | {
        "version": "2", "owner": {"name": "Order desk", "contact": "orders@example.com"}, "hub_limit": 100,
        "steps": STEPS, "outcomes": {"completed": "success", "rejected": "failure", "cancelled": "failure"},
        "routing": {"dimension": "route", "automated": ["auto"], "manual": ["manual"], "cohort": ["segment"]},
        "sla_s": 432_000, "touchless_target": 0.8, "declared_at": "2026-11-01T08:00:00Z", "pending": None,
        "calendar": {"time_zone": "Europe/Berlin", "week_starts": 1, "business_hours": {"mon-fri": "09:00-17:00"},
                     "holidays": ["2026-12-25"]},
        "findings": [
            {"kind": "unused-path", "subject": "order > invoice",
             "text": "No event leads from order to invoice. Send both on one event, or remove the path."},
            {"kind": "undeclared-step", "subject": HOSTILE, "text": f"The step {HOSTILE} is not declared."},
        ],
    }  # fmt: skip


def undeclared():
    return {
        "name": "elsewhere", "versions": [], "lead": None, "declared": False, "cases": 3, "in_flight": 1, "paths": [],
        "segments": [], "dimensions": [], "first_start": "2026-11-01T06:00:00Z", "last_event": "2026-11-02T06:00:00Z",
        "version": None, "owner": None, "hub_limit": None, "steps": [], "outcomes": {}, "routing": None, "sla_s": None,
        "touchless_target": None, "calendar": None, "declared_at": None, "pending": None, "findings": [],
    }  # fmt: skip


def answer(which, flows):
    """The list, one flow, or its hubs."""
    match which:
        case [_, "hubs"]:
            return {"hubs": HUBS}
        case ["elsewhere"]:
            return undeclared()
        case [_]:
            return declared(flows[0])
    return {"flows": flows}
