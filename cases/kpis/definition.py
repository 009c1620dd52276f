"""What a KPI means, in the words that travel with its figures, and how its figures are computed from its rows.

``catalogue/<kpi>.yaml`` holds the words; ``catalogue/<kpi>.sql`` yields one row for each case or thing that counts.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cases.errors import InvalidQuery
from cases.kpis.rows import Rows

# Bands that are told from the rows themselves, not from a column named by the definition.
IN_FLIGHT: Final = "in_flight"
FINISHED: Final = "finished"
BACKLOG: Final = "backlog"

NO_CURRENCY: Final = "XXX"
"""ISO 4217's code for "no currency": money that was sent without one."""

_COLUMNS: Final = frozenset({"outcome", "step", "system", "class", "code"})
_OF_A_CASE: Final = frozenset({"outcome"})
_RESERVED: Final = frozenset({"outcome", "step"})
"""Names that never stand for a dimension, whatever the KPI."""

Column = Literal["dimension", "outcome", "step", "system", "class", "code"]
Split = Literal["outcome", "step", "system", "class", "code", "route"]
Need = Literal["", "sla", "touchless_target", "routing", "business hours"]
Pair = tuple[str, str]


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KpiMeasure(_Words):
    """One figure of a KPI. ``unit``: ratio (0 to 1), cases, retries, attempts, s, per 1,000 …, money or a currency.

    ``band`` is the part of the cases that it is about; a measure whose unit is cases counts exactly these. ``unless``:
    left out for groups that have this name. ``needs``: left out unless the flow declares it.

    One of these says how it is computed; without any, the KPI's own function does it:

    - ``count``: the cases in a band
    - ``sum``: the sum of a column; ``millionths``: the same, of shares
    - ``share``: one count of cases ÷ another (n: all of them); ``ratio``: one sum ÷ another
    - ``money``: a column of amounts and one of currencies
    """

    id: str
    title: str
    unit: str
    definition: str
    band: str | None = None
    count: str = ""
    sum: str = ""
    millionths: str = ""
    share: Pair | None = None
    ratio: Pair | None = None
    scale: int = 1
    money: Pair | None = None
    unless: str = ""
    needs: Need = ""

    def in_currency(self, currency: str) -> KpiMeasure:
        """The same measure for money in one currency; XXX is money sent without one."""
        return self.model_copy(
            update={"id": f"{self.id}_{currency}", "title": f"{self.title} in {currency}", "unit": currency}
        )

    def to_json(self) -> dict[str, str | None]:
        """The contract's measure."""
        return {
            "id": self.id,
            "title": self.title,
            "unit": self.unit,
            "definition": self.definition,
            "band": self.band,
        }


class Definition(_Words):
    """One KPI.

    - ``groupings``: the kinds of group that make sense.
    - ``split``: columns that its groups always have; route stands for the declared routing dimension.
    - ``rows_are``: cases, or things of which a case may have several.
    - ``places``: the column of the rows that holds one entry per step and system.
    - ``columns``: the column of a band, where it has another name than the band.
    - ``counts``: the column that says which rows count, '' for all.
    - ``unknown``: the band of cases with an unknown actor, where that matters.
    - ``history``: the whole past counts, not only the window.
    - ``more``: further rows, by name.
    """

    kpi: str
    version: str
    title: str
    unit: str
    cohort: str
    text: str
    groupings: frozenset[Column]
    split: tuple[Split, ...] = ()
    in_flight: Literal["of the cohort", "when the bucket closes"] = "of the cohort"
    rows_are: Literal["cases", "things"] = Field(default="cases", alias="rows")
    places: str = ""
    counts: str = ""
    unknown: str = ""
    history: bool = False
    needs: Need = ""
    bands: dict[str, str] = Field(default_factory=dict)
    columns: dict[str, str] = Field(default_factory=dict)
    measures: tuple[KpiMeasure, ...]
    rows: Rows = Field(alias="sql")
    more: dict[str, Rows] = Field(default_factory=dict)

    @property
    def at_close(self) -> bool:
        """True if "in flight" means open when the bucket closes, false if it means not ended, of the cohort."""
        return self.in_flight == "when the bucket closes"

    def column(self, band: str) -> str:
        """The column of ``rows`` that says whether a row is in ``band``."""
        return self.columns.get(band, band)

    def fits(self, group_by: str | None) -> bool:
        """Whether grouping by ``group_by`` has a meaning here."""
        return (
            not group_by
            or (group_by if group_by in _COLUMNS & (self.groupings | _RESERVED) else "dimension") in self.groupings
        )

    def grouping(self, group_by: str | None) -> str:
        """What ``group_by`` adds to the split: "dimension", "outcome", a column that replaces the split, or ""."""
        if not group_by or (group_by in self.split and group_by in _OF_A_CASE):
            return ""
        return group_by if group_by in self.groupings & _COLUMNS else "dimension"

    def params(self, group_by: str | None) -> dict[str, str]:
        """The parameters of its statements that say how to group."""
        grouping = self.grouping(group_by)
        return {"grouping": grouping, "dimension": str(group_by) if grouping == "dimension" else ""}

    def split_for(self, group_by: str | None) -> tuple[str, ...]:
        """The columns by which groups are split under ``group_by``: it alone, where it is one of them."""
        if group_by in self.row_columns:
            return (str(group_by),)
        return tuple(self.split)

    @property
    def row_columns(self) -> frozenset[str]:
        """The groupings that are columns of a row, not of its case."""
        return self.groupings & _COLUMNS - _OF_A_CASE

    @property
    def all_bands(self) -> tuple[str, ...]:
        """Every band that an address may name."""
        return (*self.bands, IN_FLIGHT)

    def check_grouping(self, group_by: str | None) -> None:
        """Raise InvalidQuery where grouping by ``group_by`` has no meaning here."""
        if not self.fits(group_by):
            message = f"{self.title} cannot be grouped by {group_by}."
            raise InvalidQuery(message, f"Use one of: {', '.join(sorted(self.groupings))}.")

    @model_validator(mode="after")
    def _consistent(self) -> Definition:
        for measure in self.measures:
            named = {measure.band, measure.count or None, self.unknown or None} - {None}
            if not named <= set(self.bands):
                raise ValueError(f"{self.kpi}: {measure.id} names an unknown band: {named - set(self.bands)}")
            if measure.unit == "cases" and measure.band is None:
                raise ValueError(f"{self.kpi}: {measure.id} counts cases, so it needs the band that lists them")
        if not set(self.split) - {"route", "system"} <= self.groupings:
            raise ValueError(f"{self.kpi}: it is split by something that is not a grouping")
        return self


def load(kpi: str, words: dict[str, Any], sql: str, more: dict[str, str]) -> Definition:
    """The KPI ``kpi``. Raises ValueError for words that contradict each other."""
    rows = {name: Rows.parse(f"{kpi}.{name}", text) for name, text in more.items()}
    return Definition.model_validate({**words, "kpi": kpi, "sql": Rows.parse(kpi, sql), "more": rows})
