"""Scopes: what all steps of one piece of work have in common. A case is a scope that knows the case's id."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self, Unpack

from . import _attributes as details
from . import conventions as c
from ._attempts import Attempts
from ._context import enter_scope, here, leave
from ._step import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextvars import Token
    from decimal import Decimal
    from types import TracebackType

    from opentelemetry.context import Context

    from ._attempts import AttemptArguments
    from ._checks import Checks
    from ._flow import Flow


class Scope:
    """Steps of one piece of work in a system that knows only ids of its own; made by ``flow.objects()``.

    Used with ``with`` or ``async with``; then ``current_case()``, decorators and ``inject`` see it. A scope belongs to
    one piece of work: steps that start no trace of their own share one trace.
    """

    def __init__(self, flow: Flow, correlation_id: object = None) -> None:
        self.flow = flow
        self.runtime = flow.runtime
        self.classify = flow.classify
        self.attributes: details.Attributes = {c.FLOW_NAME: flow.name}
        self._lock = threading.Lock()
        self._trace_id = 0
        self._tokens: list[Token[Context]] = []
        if flow.version:
            self.attributes[c.FLOW_VERSION] = flow.version
        known = None if correlation_id is None else self._checks.identifier("correlation id", correlation_id)
        if known:
            self.attributes[c.CORRELATION_ID] = known
        details.set_actor(self._checks, self.attributes, ("service", self.runtime.system))

    @property
    def _checks(self) -> Checks:
        return self.runtime.checks

    @property
    def correlation_id(self) -> str | None:
        """What joins the case across systems that share no id, if given."""
        known = self.attributes.get(c.CORRELATION_ID)
        return str(known) if known else None

    def step(self, name: str, **step_details: Unpack[details.StepDetails]) -> Step:
        """Make a step, to be entered with ``with`` or ``async with``; details as in ``docs/sdk.md``."""
        return Step(self, name, step_details)

    def attempts(self, name: str, **step_details: Unpack[AttemptArguments]) -> Attempts:
        """Make attempts at a step, to be iterated with ``for`` or ``async for``; stops on success.

        for attempt in case.attempts("book-carrier", max_attempts=4, backoff=[0.1, 1, 5]):
            with attempt as step:
                book()
        """
        return Attempts(self, name, step_details)

    def link(self, refs: details.Refs | None = None, /, **ids: details.Ids) -> None:
        """Typed ids that all later steps of this scope carry, beside those it has."""
        with self._lock:
            added = details.add_refs(self._checks, self.attributes, {**(refs or {}), **ids})
            self.attributes = {**self.attributes, **added}

    def value(self, amount: float | Decimal, currency: str) -> None:
        """The money at stake in the case, for all later steps."""
        self.keep(details.set_value, (amount, currency))

    def dim(self, **dims: str) -> None:
        """Dimensions of the case, for all later steps."""
        self.keep(details.set_dims, dims)

    def actor(self, type: str, id: str | None = None) -> None:  # noqa: A002 - the words of the conventions
        """Who acts in all later steps that do not say otherwise."""
        self.keep(details.set_actor, (type, id))

    def keep(self, setter: Callable[[Checks, details.Attributes, object], None], value: object) -> None:
        """Set an attribute for all later steps; copied on writing, because steps read it in other threads."""
        with self._lock:
            attributes = dict(self.attributes)
            setter(self._checks, attributes, value)
            self.attributes = attributes

    def trace_id(self) -> int:
        """The trace of steps that have no parent: one for the whole scope."""
        with self._lock:
            if not self._trace_id:
                self._trace_id = self.runtime.ids.generate_trace_id()
            return self._trace_id

    def __enter__(self) -> Self:
        self._tokens.append(enter_scope(self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tokens:
            leave(self._tokens.pop())

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


class Case(Scope):
    """One case: an order, a claim, an invoice; made by ``flow.case()``."""

    def __init__(self, flow: Flow, case_id: object, about: Mapping[str, Any]) -> None:
        super().__init__(flow, about.get("correlation_id"))
        self.id = self._checks.identifier("case id", case_id)
        if self.id:
            self.attributes[c.CASE_ID] = self.id
        for key in ("value", "dims", "actor", "refs"):
            if about.get(key) is not None:
                details.SETTERS[key](self._checks, self.attributes, about[key])

    def __repr__(self) -> str:
        return f"Case({self.flow.name!r}, {self.id!r})"


def current_case() -> Case | None:
    """The case in whose scope the code runs, if any."""
    place = here()
    return place.scope if place is not None and isinstance(place.scope, Case) else None
