"""KPIs: every figure is computed from the table ``cases`` and from nothing else."""

from cases.kpis.answer import Group, InFlight, KpiAnswer, Point, Value
from cases.kpis.definition import Definition, Measure
from cases.kpis.definitions import DEFINITIONS, KPIS, definition_of
from cases.kpis.population import CasePage, population, population_n
from cases.kpis.query import KpiQuery
from cases.kpis.registry import answer, answers, only
from cases.kpis.selector import Selector
from cases.kpis.window import INTERVALS, Bucket, Window

__all__ = [
    "DEFINITIONS",
    "INTERVALS",
    "KPIS",
    "Bucket",
    "CasePage",
    "Definition",
    "Group",
    "InFlight",
    "KpiAnswer",
    "KpiQuery",
    "Measure",
    "Point",
    "Selector",
    "Value",
    "Window",
    "answer",
    "answers",
    "definition_of",
    "only",
    "population",
    "population_n",
]
