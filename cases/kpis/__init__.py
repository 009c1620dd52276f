"""KPIs: every figure is computed from the table ``cases`` and from nothing else."""

from cases.kpis.answer import Group, InFlight, KpiAnswer, Point, Value
from cases.kpis.definitions import DEFINITIONS, Definition, KpiId, Measure
from cases.kpis.population import CasePage, population
from cases.kpis.query import KpiQuery
from cases.kpis.registry import answer, answers
from cases.kpis.selector import Selector
from cases.kpis.window import INTERVALS, Bucket, Window

__all__ = [
    "DEFINITIONS",
    "INTERVALS",
    "Bucket",
    "CasePage",
    "Definition",
    "Group",
    "InFlight",
    "KpiAnswer",
    "KpiId",
    "KpiQuery",
    "Measure",
    "Point",
    "Selector",
    "Value",
    "Window",
    "answer",
    "answers",
    "population",
]
