"""Errors of questions about cases. Each says what to do about it."""

from __future__ import annotations

from typing import Literal

from common.errors import FlowtrailError

Code = Literal["not_found", "invalid"]


class CasesError(FlowtrailError):
    """A question about cases that cannot be answered.

    ``code`` is ``not_found`` or ``invalid``; ``message`` says what is wrong, ``hint`` what to do about it.
    """

    code: Code

    def __init__(self, code: Code, message: str, hint: str = "") -> None:
        super().__init__(code, message, hint)


class NotFound(CasesError):
    """There is no such flow, case or KPI."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__("not_found", message, hint)


class InvalidQuery(CasesError):
    """A parameter is invalid, such as a date, a time zone, an interval or a grouping."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__("invalid", message, hint)
