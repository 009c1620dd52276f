"""Every named query says what it answers, and reads tuples by name."""

import re

import pytest

QUERIES = "store/queries"
NUMBERED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\[[^\]]*\])?\.\d+\b")


@pytest.fixture
def texts(repository):
    files = [*(repository / QUERIES).rglob("*.sql"), *(repository / "cases" / "kpis" / "catalogue").glob("*.sql")]
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def test_each_begins_with_a_line_that_says_what_it_is_for(texts):
    assert [name for name, text in texts.items() if not re.match(r"-- [A-Z]", text)] == []


def test_none_reads_a_tuple_by_number(texts):
    statements = {name: re.sub(r"--[^\n]*", "", text) for name, text in texts.items()}
    assert {name: NUMBERED.findall(text) for name, text in statements.items() if NUMBERED.search(text)} == {}
