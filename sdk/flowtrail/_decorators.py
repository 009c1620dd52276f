"""Steps as decorators, for functions and coroutine functions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar, Unpack, cast

from . import _attributes as details
from . import _default
from ._context import here

if TYPE_CHECKING:
    from ._scope import Scope
    from ._step import Step

F = TypeVar("F", bound=Callable[..., Any])
CaseOf = Callable[..., "str | int"]
"""From the arguments of the decorated function to the case id."""

FROM_ARGUMENTS: Final = ("refs", "value", "idempotency_key", "attempt", "cost")
"""Details that may be functions of the decorated function's arguments."""


class DecoratedDetails(details.StepDetails, total=False):
    """Details of a decorated step; some may be functions of the arguments."""

    refs: details.Refs | Callable[..., details.Refs] | None  # type: ignore[misc]
    value: details.Money | Callable[..., details.Money] | None  # type: ignore[misc]
    cost: details.Money | Callable[..., details.Money] | None  # type: ignore[misc]
    attempt: int | Callable[..., int] | None  # type: ignore[misc]
    idempotency_key: str | Callable[..., str] | None  # type: ignore[misc]


def case_step(name: str, **step_details: Unpack[DecoratedDetails]) -> Callable[[F], F]:
    """Decorate a function, sync or async, so that each call is a step of the current case or scope."""
    return decorator(name, step_details, lambda _args, _kwargs: _current_scope(name))


def decorator(
    name: str, step_details: Mapping[str, Any], scope_of: Callable[[tuple[Any, ...], dict[str, Any]], Scope | None]
) -> Callable[[F], F]:
    """Wrap a function so that each call is a step of the scope that ``scope_of`` finds."""

    def make(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Step | _NoStep:
        try:
            scope = scope_of(args, kwargs)
            if scope is None:
                return _NoStep()
            return scope.step(name, **{k: _value(k, v, args, kwargs) for k, v in step_details.items()})
        except Exception as error:  # noqa: BLE001 - a caller's lambda must not break the function it decorates
            _default.checks().internal(error)
            return _NoStep()

    def wrap(function: F) -> F:
        if inspect.iscoroutinefunction(function):
            return cast("F", _wrap_async(function, make))
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            _default.checks().problem(
                "decorator",
                f"{function.__qualname__} is a generator; its step would end before its work begins.",
                "Use a with block inside it.",
            )
            return function
        return cast("F", _wrap_sync(function, make))

    return wrap


def _wrap_sync(function: Callable[..., Any], make: Callable[..., Step | _NoStep]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with make(args, kwargs):
            return function(*args, **kwargs)

    return run


def _wrap_async(function: Callable[..., Any], make: Callable[..., Step | _NoStep]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def run(*args: Any, **kwargs: Any) -> Any:
        with make(args, kwargs):
            return await function(*args, **kwargs)

    return run


def _value(key: str, value: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return value(*args, **kwargs) if key in FROM_ARGUMENTS and callable(value) else value


def _current_scope(name: str) -> Scope | None:
    place = here()
    if place is not None and place.scope is not None:
        return place.scope
    _default.checks().problem(
        "no-current-case",
        f"The step {name!r} runs outside of any case.",
        "Call it inside `with flow.case(...)`, or decorate with @flow.step(name, case=...).",
    )
    return None


class _NoStep:
    """Takes the place of a step that cannot be recorded."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None
