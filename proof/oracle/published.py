"""The figures of the five real logs as they were published, computed by others; hours to three places."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from proof.oracle.figures import Figures

_COLUMNS: Final = (
    "cases", "events", "variants", "activities", "median hours, all", "paid cases", "median hours, paid",
)  # fmt: skip
_TABLE: Final = """
domestic       10357 55628   90 14  175.494 9912  176.434
international   6323 70727  727 33 1566.457 6078 1567.530
permits         6426 81092 1402 49 1657.766 5563 1519.843
prepaid         2007 17507  189 29  577.369 1909  579.217
requests        6760 36072   77 16  193.694 6187  208.247
"""
_REWORK: Final = (
    "cases with a rejection", "cases with a repeated activity", "paid cases, first time right",
)  # fmt: skip
_REWORK_TABLE: Final = """
domestic       1278 1006 8945
international  1713 1561 4523
requests       1051  597 5628
prepaid         317  244 1669
permits        1848 3010 3084
"""
_SINGLE: Final = """
domestic       events by SYSTEM                    19826
domestic       events by STAFF MEMBER              35802
domestic       paid cases, submitted never             1
domestic       paid cases, submitted once           8945
domestic       paid cases, submitted twice           845
domestic       paid cases, submitted 3 times         109
domestic       paid cases, submitted more often       12
international  paid cases, submitted once           4709
international  paid cases, submitted twice          1110
international  paid cases, submitted 3 times         220
international  paid cases, submitted more often       39
domestic       rejections                           1461
international  rejections                           1873
domestic       mean hours                        266.087
joined         ids of permits and international     5870
joined         ids only of international             453
joined         ids of permits and prepaid           1726
joined         ids only of prepaid                   281
"""


def published() -> Figures:
    """By log and name of the figure, as :func:`proof.oracle.figures.figures` names them."""
    found = _rows(_TABLE, _COLUMNS) | _rows(_REWORK_TABLE, _REWORK)
    for line in _SINGLE.strip().splitlines():
        log, *name, value = line.split()
        found[log, " ".join(name)] = _number(value)
    return found


def _rows(table: str, columns: tuple[str, ...]) -> Figures:
    rows = [line.split() for line in table.strip().splitlines()]
    return {(log, name): _number(value) for log, *values in rows for name, value in zip(columns, values, strict=True)}


def _number(text: str) -> int | Fraction:
    return Fraction(text) if "." in text else int(text)
