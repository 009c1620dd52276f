"""The base of the errors that a person or a program has to act on."""

from __future__ import annotations


class FlowtrailError(Exception):
    """A failure with a ``code`` for programs, a ``message`` for people and a ``hint`` that says what to do.

    Each package has one subclass, whose docstring lists its codes. ``str()`` is the message and the hint.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.hint = hint
