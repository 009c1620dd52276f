"""What a failure looks like on a span: class, code, status and an exception event."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from opentelemetry.sdk.trace import Event
from opentelemetry.semconv.attributes.exception_attributes import (
    EXCEPTION_MESSAGE,
    EXCEPTION_STACKTRACE,
    EXCEPTION_TYPE,
)

from . import conventions as c
from ._checks import MAX_TEXT_LENGTH, encodable
from ._errors import BusinessError, FlowtrailError, StepError

if TYPE_CHECKING:
    from ._attributes import Classify
    from ._checks import Checks

MAX_STACK_LENGTH: Final = 16_384
"""Characters of a stack trace; its end, where the error arose, is kept."""


class Failure(NamedTuple):
    """A failed attempt."""

    kind: c.ErrorClass
    code: str
    message: str
    exception: BaseException | None = None

    def event(self, time_ns: int) -> Event:
        """The exception event of OpenTelemetry."""
        attributes = {EXCEPTION_TYPE: self.code, EXCEPTION_MESSAGE: self.message}
        if self.exception is not None:
            attributes[EXCEPTION_TYPE] = _qualified(type(self.exception))
            stack = "".join(traceback.format_exception(self.exception))
            attributes[EXCEPTION_STACKTRACE] = encodable(stack[-MAX_STACK_LENGTH:])
        return Event("exception", attributes, time_ns)


def of_exception(error: BaseException, rules: tuple[Classify | None, ...], checks: Checks) -> Failure:
    """The failure an exception stands for; the first rule with an opinion decides, then the exception's own kind."""
    kind: c.ErrorClass = "business" if isinstance(error, BusinessError) else "infrastructure"
    code = error.code if isinstance(error, (StepError, FlowtrailError)) else type(error).__name__
    for rule in rules:
        decision = _ask(rule, error, checks) if rule is not None else None
        if decision is not None:
            kind, code = decision[0], decision[1] or code
            break
    return Failure(kind, _short(code), _short(_message(error)), error)


def _ask(rule: Classify, error: BaseException, checks: Checks) -> tuple[c.ErrorClass, str] | None:
    try:
        answer = rule(error)
    except Exception as fault:  # noqa: BLE001 - the host's rule must not replace the host's exception
        checks.internal(fault)
        return None
    kind, code = answer if isinstance(answer, tuple) and len(answer) == 2 else (answer, "")
    if kind is None:
        return None
    if kind in c.ERROR_CLASSES:
        return cast("c.ErrorClass", kind), code if isinstance(code, str) else ""
    checks.choice("error class", kind, c.ERROR_CLASSES)
    return None


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - whatever a foreign __str__ does, the step must end
        return ""


def _short(text: str) -> str:
    return encodable(text[:MAX_TEXT_LENGTH])


def _qualified(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
