"""The files of a KPI's rows: sections over a cohort."""

import pytest

from cases.kpis.rows import Rows, statement

SQL = "-- Why.\n-- @from\nknown\n-- @columns\nx AS y,\nz\n-- @array_join\nList AS x\n-- @where\nAND y > 0\n"


def test_a_file_is_its_sections():
    assert Rows.parse("a", SQL) == Rows("a", "x AS y,\nz", "known", "List AS x", "AND y > 0")


def test_its_columns_follow_those_of_the_cohort():
    lines = [line.strip() for line in statement([Rows.parse("a", SQL)]).splitlines()]
    assert lines[-7:] == [
        "FROM cases FINAL",
        "ARRAY JOIN",
        "List AS x",
        "WHERE",
        "Tenant = {tenant:String} AND Flow = {flow:String}",
        "AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')",
        "AND y > 0",
    ]
    assert lines[:2] == ["SELECT", "CaseId,"]
    assert lines[-9:-7] == ["x AS y,", "z"]


@pytest.mark.parametrize(
    "wrong",
    ["SELECT 1", SQL.replace("known", "cases"), SQL.replace("@where", "@when"), SQL.replace("-- @from\nknown\n", "")],
    ids=["no sections", "no cohort", "unknown section", "no source"],
)
def test_a_file_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=r"a\.sql must have the sections @from"):
        Rows.parse("a", wrong)
