"""KPIs: every figure is computed from the table ``cases`` and from nothing else.

Read ``definition`` and one file of ``catalogue/`` first: what a KPI means and the rows that it counts. Then follow a
question: ``query`` and ``window`` (what is asked, with ``calendar``, ``zones`` and ``business_hours`` below them),
``compute`` (which KPIs are answered together), ``question``, ``rows`` and ``statements`` (the SQL), ``counted`` and
``figures`` (what comes back), ``generic`` (the answer), ``answer`` (its form). ``time_to_fulfil``, ``exceptions`` and
``onboarding`` compute what the definition alone cannot say. ``selector``, ``filters`` and ``population`` are the way
back, from a figure's address to its cases.
"""

from cases.kpis.answer import Group, InFlight, KpiAnswer, Point, Value
from cases.kpis.compute import answer, answers, named_kpis
from cases.kpis.definition import Definition, KpiMeasure
from cases.kpis.definitions import DEFINITIONS, KPIS, definition_of
from cases.kpis.population import CasePage, population, population_n
from cases.kpis.query import KpiQuery
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
    "KpiMeasure",
    "KpiQuery",
    "Point",
    "Selector",
    "Value",
    "Window",
    "answer",
    "answers",
    "definition_of",
    "named_kpis",
    "population",
    "population_n",
]
