"""Dash's ``callback`` with a type: Dash has none, and mypy would not check what it decorates."""

from collections.abc import Callable
from typing import Any, TypeVar

import dash

Function = TypeVar("Function", bound=Callable[..., Any])


def callback(*args: Any, **kwargs: Any) -> Callable[[Function], Function]:
    """Takes the arguments of ``dash.callback`` and returns the function unchanged."""

    def register(function: Function) -> Function:
        dash.callback(*args, **kwargs)(function)
        return function

    return register
