"""Dash's ``callback`` with a type, so that strict typing does not end where pages begin."""

from collections.abc import Callable
from typing import Any, TypeVar

import dash

Function = TypeVar("Function", bound=Callable[..., Any])


def callback(*args: Any, **kwargs: Any) -> Callable[[Function], Function]:
    """The same arguments as ``dash.callback``; hands the function back unchanged."""

    def register(function: Function) -> Function:
        dash.callback(*args, **kwargs)(function)
        return function

    return register
