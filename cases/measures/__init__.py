"""Business measures: metrics named ``flow.kpi.…``, charted over the same windows as the KPIs.

Read ``kind`` (which aggregations are right for which kind), ``measure`` (which measures a flow has), ``query``,
``series`` (how buckets are computed), ``answer``; ``value`` keeps numbers exact.
"""

from cases.measures.answer import MeasureAnswer, MeasurePoint
from cases.measures.measure import NO_FLOW, Measure, find, measures
from cases.measures.query import MeasureQuery
from cases.measures.series import answer

__all__ = ["NO_FLOW", "Measure", "MeasureAnswer", "MeasurePoint", "MeasureQuery", "answer", "find", "measures"]
