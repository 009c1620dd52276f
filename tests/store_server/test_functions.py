"""The lists of functions against the engine that is pinned."""

import pytest

from store_server.allowed_functions import AGGREGATE_FUNCTIONS, ALLOWED_FUNCTIONS, ALLOWED_TABLE_FUNCTIONS, is_allowed
from store_server.refused_functions import REFUSED_FUNCTIONS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(door):
    """The engine of the door's process: this one may hold another store, and an engine opens only one."""

    def names(sql):
        answer = door.ask(f"{sql} FORMAT TSVRaw", "owner")
        assert answer.status_code == 200, answer.text
        return set(answer.text.split())

    return names


def test_somebody_looked_at_every_function_that_the_engine_knows(engine):
    """A new one is refused until it stands in ``allowed_functions`` or ``refused_functions``."""
    known = engine("SELECT name FROM system.functions")
    assert known - ALLOWED_FUNCTIONS - REFUSED_FUNCTIONS == set()
    assert REFUSED_FUNCTIONS - known == set()
    assert ALLOWED_FUNCTIONS - known == {"columns", "exists", "grouping", "lambda", "untuple"}
    assert set() == ALLOWED_FUNCTIONS & REFUSED_FUNCTIONS
    assert not [name for name in REFUSED_FUNCTIONS if is_allowed(name)]


def test_aggregate_functions_are_the_engines(engine):
    known = engine("SELECT name FROM system.functions WHERE is_aggregate")
    assert known - REFUSED_FUNCTIONS == AGGREGATE_FUNCTIONS
    assert engine("SELECT name FROM system.table_functions") > ALLOWED_TABLE_FUNCTIONS


def test_an_aggregate_function_may_be_combined(engine):
    for ending in engine("SELECT name FROM system.aggregate_function_combinators"):
        assert is_allowed(f"sum{ending}If")
        assert not is_allowed(f"flameGraph{ending}")
        assert not is_allowed(f"file{ending}")
    assert not is_allowed("lowerIf")


def test_a_function_of_the_list_can_be_called(door):
    for sql in (
        "SELECT UPPER('a')",
        "SELECT countIf(number > 1) FROM numbers(3)",
        "SELECT grouping(1) FROM numbers(1)",
    ):
        assert door.ask(sql).status_code in (200, 400, 500), sql  # 403 is the guard's
    assert door.ask("SELECT quantilesTDigestIf(0.5)(number, number > 1) FROM numbers(9)").text == "[5]\n"
