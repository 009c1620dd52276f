"""Flowtrail: follow one business case through every system that touches it, over OpenTelemetry.

    import flowtrail

    flowtrail.init(system="shop")
    flow = flowtrail.Flow("order-to-cash")
    with flow.case("SO-1001", value=(249.90, "EUR")) as case, case.step("reserve-stock"):
        ...

Everything public is named here; ``flowtrail.conventions`` has the attribute names, ``flowtrail.testing`` a test kit.
"""

from ._attempts import Attempt, Attempts, Backoff
from ._attributes import Actor, Classify, Ids, Money, Refs, StepDetails
from ._context import carry, current_step
from ._decorators import case_step
from ._default import flush, init, shutdown
from ._errors import BusinessError, FlowtrailError, InfrastructureError, StepError
from ._flow import CaseDetails, Flow
from ._propagation import extract, inject
from ._queue import Stats
from ._runtime import Runtime, RuntimeArguments
from ._scope import Case, Scope, current_case
from ._settings import Settings
from ._step import Step

__all__ = [
    "Actor",
    "Attempt",
    "Attempts",
    "Backoff",
    "BusinessError",
    "Case",
    "CaseDetails",
    "Classify",
    "Flow",
    "FlowtrailError",
    "Ids",
    "InfrastructureError",
    "Money",
    "Refs",
    "Runtime",
    "RuntimeArguments",
    "Scope",
    "Settings",
    "Stats",
    "Step",
    "StepDetails",
    "StepError",
    "carry",
    "case_step",
    "current_case",
    "current_step",
    "extract",
    "flush",
    "init",
    "inject",
    "shutdown",
]
