"""A short run of the chaos test; ``make chaos`` is the long one."""

from __future__ import annotations

import logging

import pytest

from proof.chaos import plan
from proof.chaos.plan import Life
from proof.chaos.run import Run, play

EMBEDDED = [Life(4, die="synced:3", wound=plan.TORN), Life(1, outage=plan.AWAY, wound=plan.BODY)]
SERVER = [Life(4, die="stored:2", outage=plan.STORE_KILLED)]


@pytest.fixture(autouse=True)
def quiet():
    """The clients complain, rightly, about a collector that is being killed."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(("server", "lives"), [(False, EMBEDDED), (True, SERVER)], ids=["embedded", "server"])
def test_what_is_acknowledged_is_stored_exactly_once_whatever_happens(new_data, server, lives):
    counts, verdict = play(Run(7, server, float("inf"), lambda _disk: lives, pause_s=0.05), new_data())
    assert verdict.sound, "\n".join([str(verdict.numbers()), *verdict.examples])
    assert verdict.acknowledged > 50
    assert verdict.cases > 5
    assert counts.kills > len(lives)
