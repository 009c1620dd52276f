"""The rows that a KPI counts: a select list over one of the cohorts of ``store/queries/kpis/cohort_*.sql``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from store.client import named_query

if TYPE_CHECKING:
    from collections.abc import Sequence

COHORTS: Final = ("started", "ended", "known")
_FORM: Final = re.compile(
    r"(?:--[^\n]*\n)+SELECT\n(?P<columns>.+?)\nFROM (?P<source>\w+(?: FINAL)?)"
    r"(?:\nARRAY JOIN\n(?P<joined>.+?))?(?:\n(?:--[^\n]*\n)*WHERE (?P<where>.+))?\n",
    re.DOTALL,
)
_ALIAS: Final = re.compile(r" AS (\w+)(?=,\n|\Z)|^    (\w+)(?=,\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rows:
    """``columns`` is the text of the select list over ``source``, ``joined`` that of ARRAY JOIN, ``where`` of WHERE."""

    name: str
    columns: str
    source: str
    joined: str = ""
    where: str = ""

    @classmethod
    def parse(cls, name: str, sql: str) -> Rows:
        """Read ``sql``: a comment, SELECT, columns, FROM a cohort. Raises ValueError where it is nothing like it."""
        form = _FORM.fullmatch(sql)
        if not form or form["source"] not in {*COHORTS, "cases FINAL"}:
            raise ValueError(f"{name}.sql must be a comment and a select list over one of {', '.join(COHORTS)}")
        return cls(name, form["columns"], form["source"], form["joined"] or "", form["where"] or "")

    @property
    def aliases(self) -> frozenset[str]:
        """Names of its columns."""
        return frozenset(first or second for first, second in _ALIAS.findall(self.columns))

    def shares_with(self, other: Rows) -> bool:
        """Whether one reading of the cohort can serve both."""
        plain = not (self.joined or self.where or other.joined or other.where)
        return plain and self.source == other.source and not self.aliases & other.aliases


def statement(some: Sequence[Rows], cohort: str = "") -> str:
    """SELECT of the rows of ``some``, which must share; each row has the columns of all and those of the cohort.

    ``cohort`` stands in for theirs. One level, because below another SELECT the store reads a nested column whole.
    """
    first = some[0]
    source = _cohort(cohort or first.source)
    parts = [f"SELECT\n{source.columns},\n" + ",\n".join(rows.columns for rows in some), f"FROM {source.source}"]
    if first.joined:
        parts.append(f"ARRAY JOIN\n{first.joined}")
    parts.append(f"WHERE {source.where}" + (f"\n    AND {first.where}" if first.where else ""))
    return "\n".join(parts)


@cache
def _cohort(name: str) -> Rows:
    return Rows.parse(f"kpis/cohort_{name}", named_query(f"kpis/cohort_{name}"))
