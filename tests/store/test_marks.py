"""One syntax for statements that are put together: marks, sections, includes."""

import pytest

from store.marks import fill, include, sections


def test_a_mark_lends_its_indentation_to_every_line():
    assert fill("SELECT\n    @columns\nFROM t\n", {"columns": "a,\nb"}) == "SELECT\n    a,\n    b\nFROM t\n"
    assert fill("SELECT\n    @columns AS x\n", {"columns": "f(\n    a)"}) == "SELECT\n    f(\n        a) AS x\n"


def test_an_empty_text_takes_its_line_with_it():
    assert fill("a\n    @more\nb\n", {"more": ""}) == "a\nb\n"
    assert fill("GROUP BY a@more, b\n", {"more": ""}) == "GROUP BY a, b\n"


def test_a_mark_within_a_line_leaves_the_line_end():
    assert fill("GROUP BY a@more\nLIMIT 1", {"more": ", b"}) == "GROUP BY a, b\nLIMIT 1"


def test_what_is_put_in_is_not_searched_for_marks():
    assert fill("@one", {"one": "@two", "two": "x"}) == "@two"


def test_a_mark_without_a_text_is_refused():
    with pytest.raises(ValueError, match="mark @colums; there are texts for columns only"):
        fill("@colums", {"columns": "a"})


def test_parameters_of_the_store_are_left_alone():
    text = "WHERE Tenant = {tenant:String}"
    assert fill(text, {}) == text


def test_sections_begin_with_a_mark_on_a_comment_line():
    text = "-- Why.\n-- @from\nstarted\n-- @columns\na,\n-- about b\nb\n"
    assert sections(text) == {"from": "started", "columns": "a,\n-- about b\nb"}
    assert sections("SELECT 1\n") == {}


def test_another_file_is_included_where_it_is_named():
    assert include("WITH\n@include(fold/moment)\nSELECT 1", lambda path: f"\n{path} AS x,\n") == (
        "WITH\nfold/moment AS x,\nSELECT 1"
    )
