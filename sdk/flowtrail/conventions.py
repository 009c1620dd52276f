"""The words on the wire: attribute names that every part of Flowtrail reads and writes.

Source: docs/attributes.md. The system that emits is the resource attribute ``service.name``; the code of an error
is OpenTelemetry's own ``error.type``. The tenant is never an attribute: it belongs to the key that the sender
authenticates with.
"""

from typing import Final, Literal

SERVICE_NAME: Final = "service.name"
ERROR_TYPE: Final = "error.type"

FLOW_NAME: Final = "flow.name"
FLOW_VERSION: Final = "flow.version"
CASE_ID: Final = "flow.case.id"
CORRELATION_ID: Final = "flow.correlation_id"
REF_PREFIX: Final = "flow.ref."
LINK_PREFIX: Final = "flow.link."
STEP: Final = "flow.step"
STEP_KIND: Final = "flow.step.kind"
STEP_STATE: Final = "flow.step.state"
ATTEMPT: Final = "flow.attempt"
IDEMPOTENCY_KEY: Final = "flow.idempotency_key"
EVENT_ID: Final = "flow.event.id"
ACTOR_TYPE: Final = "flow.actor.type"
ACTOR_ID: Final = "flow.actor.id"
ACTION: Final = "flow.action"
OUTCOME: Final = "flow.case.outcome"
ERROR_CLASS: Final = "flow.error.class"
COMPENSATES: Final = "flow.compensates"
COST_AMOUNT: Final = "flow.cost.amount"
COST_CURRENCY: Final = "flow.cost.currency"
VALUE_AMOUNT: Final = "flow.value.amount"
VALUE_CURRENCY: Final = "flow.value.currency"
DIM_PREFIX: Final = "flow.dim."
APPROVAL_PREFIX: Final = "flow.approval."
DATA_READS: Final = "flow.data.reads"
DATA_WRITES: Final = "flow.data.writes"

STATE_STARTED: Final = "started"

StepKind = Literal["task", "approval", "handoff", "gate", "compensation", "start", "end"]
ActorType = Literal["service", "human", "service_for_human", "external", "unknown"]
ErrorClass = Literal["business", "infrastructure"]

STEP_KINDS: Final[tuple[str, ...]] = ("task", "approval", "handoff", "gate", "compensation", "start", "end")
ACTOR_TYPES: Final[tuple[str, ...]] = ("service", "human", "service_for_human", "external", "unknown")
ERROR_CLASSES: Final[tuple[str, ...]] = ("business", "infrastructure")

TOUCH_ACTIONS: Final[tuple[str, ...]] = ("create", "edit", "approve", "reject", "retry", "resend", "release")
"""Actions that make a human's event a touch. Not touches: view, the customer's own submit, anything unnamed."""

BAGGAGE_KEYS: Final[tuple[str, ...]] = (FLOW_NAME, CASE_ID, CORRELATION_ID)
"""All that leaves with an outgoing call, so that nothing personal does."""
