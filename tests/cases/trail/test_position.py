from datetime import UTC, datetime

import pytest

from cases.trail.position import Holder, position_of

ROW = {
    "NowState": "in_progress",
    "NowStep": "approve-order",
    "NowSystem": "erp",
    "NowActorType": "human",
    "NowActorId": "dana@finance",
    "NowSince": datetime(2026, 11, 22, 10, 4, 59, tzinfo=UTC),
    "NowFailed": False,
    "OpenSteps": 1,
    "Outcome": "",
}


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, "Waiting for human dana@finance at erp / approve-order since 2026-11-22 10:04 UTC"),
        (
            {"NowActorId": "", "OpenSteps": 3},
            "Waiting for an unnamed human at erp / approve-order since 2026-11-22 10:04 UTC (2 more open)",
        ),
        (
            {"NowActorType": "service", "NowActorId": "bot-7"},
            "In progress at erp / approve-order since 2026-11-22 10:04 UTC, held by service bot-7",
        ),
        ({"NowActorType": ""}, "In progress at erp / approve-order since 2026-11-22 10:04 UTC"),
        (
            {"NowActorType": "service_for_human", "NowActorId": "dana"},
            "In progress at erp / approve-order since 2026-11-22 10:04 UTC, held by service for human dana",
        ),
        (
            {"NowState": "waiting"},
            "Waiting between steps since 2026-11-22 10:04 UTC; last seen at erp / approve-order",
        ),
        (
            {"NowState": "waiting", "NowFailed": True},
            (
                "Waiting between steps since 2026-11-22 10:04 UTC; last seen at erp / approve-order, "
                "where the last attempt failed"
            ),
        ),
        (
            {"NowState": "finished", "Outcome": "rejected"},
            "Finished with outcome rejected at erp / approve-order on 2026-11-22 10:04 UTC",
        ),
        (
            {"NowState": "waiting", "NowSystem": "", "NowStep": ""},
            "Waiting between steps since 2026-11-22 10:04 UTC; last seen at an unnamed step",
        ),
    ],
)
def test_one_sentence_tells_where_who_and_since_when(more, text):
    assert position_of(ROW | more).text == text


@pytest.mark.parametrize(
    ("more", "holder"),
    [
        ({}, Holder("human", "dana@finance")),
        ({"NowActorType": "unknown"}, Holder("system", "erp")),
        ({"NowState": "waiting"}, Holder("system", "erp")),
        ({"NowState": "waiting", "NowSystem": ""}, None),
        ({"NowState": "finished"}, None),
    ],
)
def test_the_holder_is_the_actor_or_else_the_system_or_nobody(more, holder):
    assert position_of(ROW | more).holder == holder
