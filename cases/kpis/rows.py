"""The rows that a KPI counts: columns over one of the cohorts of ``store/queries/kpis/cohort_*.sql``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from store.client import named_query
from store.marks import fill, sections

if TYPE_CHECKING:
    from collections.abc import Sequence

COHORTS: Final = ("started", "ended", "known")
_TABLE: Final = "cases FINAL"
_REQUIRED: Final = {"from", "columns"}
_OPTIONAL: Final = {"array_join", "where"}


@dataclass(frozen=True, slots=True)
class Rows:
    """The sections of a file: ``columns`` over ``source``, ``array_join``, and ``where``, which begins with AND."""

    name: str
    columns: str
    source: str
    array_join: str = ""
    where: str = ""

    @classmethod
    def parse(cls, name: str, sql: str) -> Rows:
        """Read the sections of ``sql``. Raises ValueError where one is missing or unknown, or ``from`` is no cohort."""
        parts = sections(sql)
        if not _REQUIRED <= parts.keys() <= _REQUIRED | _OPTIONAL or parts["from"] not in {*COHORTS, _TABLE}:
            cohorts = ", ".join(COHORTS)
            raise ValueError(f"{name}.sql must have the sections @from (one of {cohorts}) and @columns; it may have "
                             "@array_join and @where.")  # fmt: skip
        return cls(name, parts["columns"], parts["from"], parts.get("array_join", ""), parts.get("where", ""))

    def shares_with(self, other: Rows) -> bool:
        """Whether one reading of the cohort can serve both. Columns of one cohort have different names."""
        plain = not (self.array_join or self.where or other.array_join or other.where)
        return plain and self.source == other.source


def statement(some: Sequence[Rows], cohort: str = "") -> str:
    """SELECT of the rows of ``some``, which must share; each row has the columns of all and those of the cohort.

    ``cohort`` stands in for theirs.
    """
    first = some[0]
    source = _cohort(cohort or first.source)
    texts = {
        "columns": ",\n".join([source.columns, *(rows.columns for rows in some)]),
        "from": source.source,
        "array_join": first.array_join and fill("ARRAY JOIN\n    @columns", {"columns": first.array_join}),
        "where": f"{source.where}\n{first.where}",
    }
    return fill(_frame(), texts).strip()


@cache
def _cohort(name: str) -> Rows:
    return Rows.parse(f"kpis/cohort_{name}", named_query(f"kpis/cohort_{name}"))


@cache
def _frame() -> str:
    """Without its comment: it stands within another statement."""
    return "\n".join(line for line in named_query("kpis/rows").splitlines() if not line.startswith("--"))
