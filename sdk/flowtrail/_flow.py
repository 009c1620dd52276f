"""A flow: a business process by name, such as order-to-cash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from opentelemetry import baggage

from . import _default
from . import conventions as c
from ._context import Incoming, here
from ._decorators import CaseOf, decorator
from ._scope import Case, Scope
from ._step import Step
from ._tokens import read_token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from . import _attributes as details
    from ._decorators import DecoratedDetails, F
    from ._runtime import Runtime


class CaseDetails(TypedDict, total=False):
    """What may be said of a case when a system takes it up."""

    value: details.Money | None
    dims: Mapping[str, str] | None
    actor: details.Actor | None
    refs: details.Refs | None
    correlation_id: str | None


class Flow:
    """A business process; makes the scopes in which its steps are recorded.

        flow = flowtrail.Flow("order-to-cash", version="2")
        with flow.case("SO-1001") as case, case.step("reserve-stock"):
            ...

    ``runtime`` is the default runtime unless given, looked up when a scope is made, so a flow may be a constant.
    ``classify`` decides the class of exceptions in this flow's steps (see :data:`flowtrail.Classify`).
    """

    def __init__(
        self,
        name: str,
        version: str = "",
        *,
        runtime: Runtime | None = None,
        classify: details.Classify | None = None,
    ) -> None:
        checks = runtime.checks if runtime else _default.checks()
        self._runtime = runtime
        self.name = checks.identifier("flow name", name) or "unknown"
        self.version = (checks.identifier("flow version", version) or "") if version else ""
        self.classify = classify

    @property
    def runtime(self) -> Runtime:
        """Where this flow's steps go."""
        return self._runtime or _default.get()

    def case(self, case_id: str | int | None = None, **about: Unpack[CaseDetails]) -> Case:
        """Take up a case; without an id, the one that an incoming call or message named (see ``extract``).

            with flow.case("SO-1001", value=(249.90, "EUR"), dims={"channel": "web"}) as case:
                ...

        Raises
        ------
        FlowtrailError
            In strict mode: the id is empty, or there is none and no incoming call named a case of this flow.

        """
        case_details: dict[str, Any] = {**about}
        incoming = self._incoming()
        same = case_id is None or incoming.case_id in {None, str(case_id)}
        if same and incoming.correlation_id and not case_details.get("correlation_id"):
            case_details["correlation_id"] = incoming.correlation_id
        if case_id is not None:
            return Case(self, case_id, case_details)
        if incoming.case_id is None:
            self.runtime.checks.problem(
                "case-id",
                f"No case id was given and no incoming call named a case of {self.name!r}.",
                "Pass the id, or call flow.case() inside extract(headers), or use flow.objects().",
            )
        return Case(self, incoming.case_id, case_details)

    def objects(self, refs: details.Refs | None = None, /, **ids: details.Ids) -> Scope:
        """A scope without a case id, for a system that knows only ids of its own: packages, invoices, tickets.

            with flow.objects(package="PK-7") as scope, scope.step("load"):
                ...

        Its steps reach their cases along the paths that the flow declares.
        """
        scope = Scope(self, self._incoming().correlation_id)
        scope.link(refs, **ids)
        return scope

    def step(self, name: str, *, case: CaseOf | None = None, **about: Unpack[DecoratedDetails]) -> Callable[[F], F]:
        """Decorate a function, sync or async, so that each call is a step.

            @flow.step("reserve-stock", case=lambda order: order["id"])
            def reserve(order): ...

        ``case`` finds the case id from the call's arguments. Without it the step belongs to the current case of this
        flow, or else to the case an incoming call named. ``refs``, ``value``, ``cost``, ``attempt`` and
        ``idempotency_key`` may be functions of the arguments too.
        """
        return decorator(name, about, lambda args, kwargs: self._scope_of(case, args, kwargs))

    def resume(self, token: Mapping[str, Any] | str) -> Step:
        """Take up a step that ``step.detach()`` let go, to be entered with ``with`` or ``async with``.

            with flow.resume(token) as step:  # days later, in any process
                step.action("approve")

        The finished span has the trace id, span id and start time of the original. A token that is none of ours is
        reported like any bad value; then nothing is recorded.
        """
        try:
            read = read_token(token)
        except ValueError as error:
            self.runtime.checks.problem(
                "token",
                f"This is no token of a detached step: {error}.",
                "Pass what step.detach() returned, unchanged.",
            )
            return Step(Scope(Flow(self.name, runtime=_default.inert())), "unknown", {})
        case_id = read.attributes.get(c.CASE_ID)
        known = read.attributes.get(c.CORRELATION_ID)
        scope = Case(self, case_id, {"correlation_id": known}) if case_id else Scope(self, known)
        step = Step(scope, str(read.attributes[c.STEP]), {})
        step.take_up(read)
        return step

    def _incoming(self) -> Incoming:
        """What the caller named, if it speaks of this flow: from our ``extract``, or read by the host's propagators."""
        place = here()
        incoming = place.incoming if place else None
        if incoming is None:
            incoming = Incoming(*(_text(baggage.get_baggage(key)) for key in c.BAGGAGE_KEYS))
        return incoming if incoming.flow in {None, self.name} else Incoming()

    def _scope_of(self, case: CaseOf | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Scope:
        if case is not None:
            return Case(self, case(*args, **kwargs), {})
        place = here()
        scope = place.scope if place else None
        if scope is not None and scope.flow.name == self.name:
            return scope
        return self.case()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
