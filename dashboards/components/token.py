"""Tokens: values that were replaced before they were stored. They are shown short and marked."""

import re
from typing import Any

from dash import html

_TOKEN = re.compile(r"tok_[0-9a-f]{32}")
_HINT = "The original value was not stored. A search for it finds this token."


def is_token(value: str) -> bool:
    """Whether ``value`` has the form of a token."""
    return _TOKEN.fullmatch(value) is not None


def named(value: str) -> list[Any]:
    """``value`` as it is. A token is marked, and shortened by its style, so that a copy has all of it."""
    if not is_token(value):
        return [value]
    return [html.Span(value, className="token"), html.Span("tokenised", className="token-mark", title=_HINT)]


def short(value: str) -> str:
    """``value`` for running text. Of a token only both ends are shown."""
    return f"{value[:8]}…{value[-4:]} (tokenised)" if is_token(value) else value
