"""The composed SQL is what ``golden/`` says. After a change that is meant: ``python -m tests.cases.kpis.composed``."""

import pytest

from tests.cases.kpis.composed import GOLDEN, composed

TEXTS = composed()


def test_there_is_a_file_for_each_kpi_and_no_other():
    assert {path.stem for path in GOLDEN.iterdir()} == set(TEXTS)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_composed_statements_are_those_written_down(name):
    assert (GOLDEN / f"{name}.sql").read_text(encoding="utf-8") == TEXTS[name]
