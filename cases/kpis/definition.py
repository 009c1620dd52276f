"""What a KPI means, in the words that travel with its figures, and how its figures come out of its rows.

``catalogue/<kpi>.yaml`` holds the words, ``catalogue/<kpi>.sql`` beside it gives a row for each case or thing that
counts.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cases.kpis.rows import Rows

IN_FLIGHT: Final = "in_flight"
NO_CURRENCY: Final = "XXX"
"""ISO 4217's code for money without a currency: what was sent without one."""

_COLUMNS: Final = frozenset({"outcome", "step", "system", "class", "code"})
_OF_A_CASE: Final = frozenset({"outcome"})
_RESERVED: Final = frozenset({"outcome", "step"})
"""No dimension may be grouped by under these names, whatever the KPI."""

Column = Literal["dimension", "outcome", "step", "system", "class", "code"]
Split = Literal["outcome", "step", "system", "class", "code", "route"]
Need = Literal["", "sla", "touchless_target", "routing", "business hours"]
Pair = tuple[str, str]


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Measure(_Words):
    """One figure of a KPI. ``unit``: ratio (0 to 1), cases, retries, attempts, s, per 1,000 …, money or a currency.

    ``band`` is the part of the cases that it is about; one in cases counts exactly these. ``unless``: not told of
    groups that have this name. ``needs``: only told where the flow declares it.

    How it is computed, or by the KPI's own function if none of these is given: ``count`` the cases in a band, ``sum`` a
    column, ``millionths`` the same of shares, ``share`` of two counts of cases (n: all of them), ``ratio`` of two sums,
    ``money`` a column of amounts and one of currencies.
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

    def in_currency(self, currency: str) -> Measure:
        """The same of money in one currency; XXX is money sent without one."""
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

    ``groupings``: the kinds of group that make sense. ``split``: columns that its groups always have; route stands for
    the declared routing dimension. ``rows`` are cases, or ``things`` of which a case may have several. ``places``: the
    column of the rows that holds one entry per step and system. ``columns``: columns that are not called as their band.
    ``counts``: the column that says which rows count, '' for all. ``unknown``: the band of cases with an unknown actor,
    where that matters. ``history``: the whole past counts, not only the window. ``more``: further rows, by name.
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
    measures: tuple[Measure, ...]
    rows: Rows = Field(alias="sql")
    more: dict[str, Rows] = Field(default_factory=dict)

    @property
    def at_close(self) -> bool:
        """Whether in flight are the cases open when a bucket closes, or those of the cohort that have not ended."""
        return self.in_flight == "when the bucket closes"

    def column(self, band: str) -> str:
        """The column of ``rows`` that tells whether a row is in ``band``."""
        return self.columns.get(band, band)

    def fits(self, group_by: str | None) -> bool:
        """Whether grouping by ``group_by`` has a meaning here."""
        return (
            not group_by
            or (group_by if group_by in _COLUMNS & (self.groupings | _RESERVED) else "dimension") in self.groupings
        )

    def grouping(self, group_by: str | None) -> str:
        """What ``group_by`` adds to the split: a dimension, the outcome, a column in place of it, or ""."""
        if not group_by or (group_by in self.split and group_by in _OF_A_CASE):
            return ""
        return group_by if group_by in self.groupings & _COLUMNS else "dimension"

    def params(self, group_by: str | None) -> dict[str, str]:
        """The parameters of its statements that say how to group."""
        grouping = self.grouping(group_by)
        return {"grouping": grouping, "dimension": str(group_by) if grouping == "dimension" else ""}

    def split_for(self, group_by: str | None) -> tuple[str, ...]:
        """The columns by which groups are split when ``group_by`` is asked for: it alone, where it is one of them."""
        if group_by in self.groupings & _COLUMNS - _OF_A_CASE:
            return (str(group_by),)
        return tuple(self.split)

    @property
    def all_bands(self) -> tuple[str, ...]:
        """Every band that an address may name."""
        return (*self.bands, IN_FLIGHT)

    @model_validator(mode="after")
    def _consistent(self) -> Definition:
        for measure in self.measures:
            named = {measure.band, measure.count or None, self.unknown or None} - {None}
            if not named <= set(self.bands):
                raise ValueError(f"{self.kpi}: {measure.id} names a band that there is not: {named - set(self.bands)}")
            if measure.unit == "cases" and measure.band is None:
                raise ValueError(f"{self.kpi}: {measure.id} counts cases, so it needs the band that lists them")
        if not set(self.split) - {"route", "system"} <= self.groupings:
            raise ValueError(f"{self.kpi}: it is split by something that is no grouping")
        return self


def load(kpi: str, words: dict[str, Any], sql: str, more: dict[str, str]) -> Definition:
    """The KPI called ``kpi``; raises ValueError for words that do not fit together."""
    rows = {name: Rows.parse(f"{kpi}.{name}", text) for name, text in more.items()}
    return Definition.model_validate({**words, "kpi": kpi, "sql": Rows.parse(kpi, sql), "more": rows})
