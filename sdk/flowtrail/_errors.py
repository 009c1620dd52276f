"""Errors: the one the SDK raises in strict mode, and the two that say what kind of failure a step met."""

from __future__ import annotations


class FlowtrailError(Exception):
    """Flowtrail was used wrongly; raised in strict mode only (see ``docs/sdk.md``).

    ``code`` names the kind of mistake (``case-id``, ``cost`` …), ``hint`` says what to do instead.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".rstrip())
        self.code = code
        self.hint = hint


class StepError(Exception):
    """A failure with a code of the business's own; the base of :class:`BusinessError` and :class:`InfrastructureError`.

    ``code`` is short and stable, it becomes ``error.type``; ``message`` is for people.
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message


class BusinessError(StepError):
    """The process said no: out of stock, credit refused. Trying again unchanged will not help."""


class InfrastructureError(StepError):
    """The machinery failed: a timeout, a service that is down. Trying again may help."""
