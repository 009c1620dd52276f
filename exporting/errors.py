"""What can go wrong in an export that another process makes."""

from __future__ import annotations


class ExportFailed(Exception):
    """An export that did not come to its end: a ``code`` for programs, a ``message`` for people, a ``hint``."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.hint = hint
