"""Bisection with a store that leaves rows of refused inserts behind, and with a crash at any point."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.writer.bisect import FINISHED, Bisection
from store.errors import StoreError, StoreOutOfMemory
from tests.collector.spans import envelope, request, span_names


class Crash(Exception):
    pass


class World:
    """A store, the letters and the written-down cursor; dies at a chosen step and comes back."""

    def __init__(self, poison: set[int], die_at: int = 0) -> None:
        self.poison = poison
        self.rows: dict[str, list[str]] = {}
        self.known: set[str] = set()  # tokens whose rows were once written, whether deleted since or not
        self.buried: dict[str, str] = {}
        self.cursor = ""
        self.inserts = 0
        self._steps_to_live = die_at

    def insert(self, envelopes, token) -> None:
        names = [name for envelope in envelopes for name in span_names(envelope.request)]
        self.inserts += 1
        if token not in self.known:  # as in ClickHouse: the rows of a refused insert exist, and their token is known
            self.known.add(token)
            self.rows[token] = names
        self._step()
        if any(int(name) in self.poison for name in names):
            raise StoreError("invalid_data", "poison")

    def take_back(self, token) -> None:
        self.rows.pop(token, None)
        self._step()

    def bury(self, envelope, token, reason) -> None:
        self.buried.setdefault(token, ",".join(span_names(envelope.request)))
        self._step()

    def mark(self, cursor) -> None:
        self.cursor = cursor
        self._step()

    def run(self, envelopes) -> None:
        Bisection(self.insert, self.take_back, self.bury, self.mark).store(envelopes, "t", self.cursor)

    def run_through_a_crash(self, envelopes, poison_after: set[int]) -> None:
        try:
            self.run(envelopes)
        except Crash:
            self.poison = poison_after
            self.run(envelopes)

    def stored(self) -> list[int]:
        return sorted(int(name) for names in self.rows.values() for name in names)

    def _step(self) -> None:
        self._steps_to_live -= 1
        if self._steps_to_live == 0:
            raise Crash


def numbered(sizes: list[int]):
    """Envelopes whose spans are named 0, 1, 2…"""
    names = iter(range(sum(sizes)))
    return [envelope(b"".join(request(1, name=str(next(names))) for _ in range(size))) for size in sizes]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=9), st.data())
def test_everything_but_the_poison_is_stored_once_wherever_a_crash_comes(sizes, data):
    total = sum(sizes)
    poison = data.draw(st.sets(st.integers(0, total - 1), max_size=3))
    world = World(poison, data.draw(st.integers(0, 40)))
    world.run_through_a_crash(numbered(sizes), poison)
    assert world.stored() == sorted(set(range(total)) - poison)
    assert sorted(int(name) for name in world.buried.values()) == sorted(poison)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=5), st.data())
def test_nothing_is_lost_or_doubled_if_the_store_changes_its_mind_in_a_crash(sizes, data):
    """As after an upgrade, or with more memory: what was refused before is taken afterwards."""
    total = sum(sizes)
    before, after = (data.draw(st.sets(st.integers(0, total - 1), max_size=3)) for _ in range(2))
    for die_at in range(1, 30):
        world = World(before, die_at)
        world.run_through_a_crash(numbered(sizes), after)
        buried = [int(name) for name in world.buried.values()]
        assert sorted(world.stored() + buried) == list(range(total)), die_at


@pytest.mark.parametrize(("requests", "poison"), [(64, {5}), (256, {0, 255}), (256, {7, 8, 100, 200})])
def test_the_poison_is_found_in_about_two_k_log_n_inserts(requests, poison):
    world = World(poison)
    world.run(numbered([1] * requests))
    assert world.stored() == sorted(set(range(requests)) - poison)
    assert world.inserts <= 2 * len(poison) * math.log2(requests) + 1
    assert world.cursor == FINISHED


def test_what_is_not_refused_is_one_insert_and_nothing_is_written_down():
    world = World(set())
    world.run(numbered([2, 2]))
    assert (world.inserts, world.cursor, world.buried) == (1, "", {})


def test_a_finished_bisection_is_not_repeated():
    world = World({0})
    world.run(numbered([1, 1]))
    inserts = world.inserts
    world.run(numbered([1, 1]))
    assert (world.inserts, world.stored()) == (inserts, [1])


def test_a_request_too_large_for_the_memory_becomes_one_dead_letter():
    buried = []

    def insert(_envelopes, _token):
        raise StoreOutOfMemory("too large")

    bisection = Bisection(
        insert, lambda _token: None, lambda envelope, _token, why: buried.append((envelope, why)), lambda _cursor: None
    )
    (only,) = numbered([5])
    assert bisection.store([only], "t") == 1
    assert [(envelope, "too large" in why) for envelope, why in buried] == [(only, True)]


def test_a_request_of_poisoned_items_only_does_not_hold_up_the_others_for_long():
    world = World(set(range(2000)))
    envelopes = numbered([2000, 1, 1])
    world.poison = set(range(2001))
    world.run(envelopes)
    assert world.stored() == [2001]
    assert world.inserts < 250
    buried = sorted(int(name) for names in world.buried.values() for name in names.split(","))
    assert buried == list(range(2001))
