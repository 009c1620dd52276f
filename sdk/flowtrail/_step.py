"""A step: one thing a system does in a case, one span on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags, format_span_id, format_trace_id

from . import _attributes as details
from . import conventions as c
from ._context import enter_step, leave, look
from ._failures import Failure, of_exception
from ._runtime import SCOPE
from ._tokens import StepToken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Token
    from decimal import Decimal
    from types import TracebackType

    from opentelemetry.context import Context

    from ._checks import Checks
    from ._scope import Scope

_UNSET: Final = Status(StatusCode.UNSET)
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
_AT_ONCE: Final = ("approval", "handoff")


class Step:
    """A step that is running; made by ``scope.step()``, used with ``with`` or ``async with``.

    Every method may be called until the step ends. An exception that leaves the block marks the step as failed and goes
    on to the caller. Methods raise :class:`flowtrail.FlowtrailError` on bad values in strict mode only.
    """

    __slots__ = (
        "_announced",
        "_at_once",
        "_attributes",
        "_classify",
        "_detached",
        "_ended",
        "_failure",
        "_failure_ns",
        "_own",
        "_parent",
        "_runtime",
        "_scope",
        "_start_ns",
        "_token",
        "name",
    )

    def __init__(self, scope: Scope, name: str, step_details: Mapping[str, Any]) -> None:
        runtime = scope.runtime
        self._scope = scope
        self._runtime = runtime
        self._own: SpanContext | None = None
        self._parent: SpanContext | None = None
        self._token: Token[Context] | None = None
        self._start_ns = 0
        self._failure: Failure | None = None
        self._failure_ns = 0
        self._classify: details.Classify | None = None
        self._at_once = self._announced = self._detached = self._ended = False
        self.name = runtime.checks.identifier("step name", name) or "unknown"
        self._attributes: details.Attributes = {**scope.attributes, c.STEP: self.name, c.STEP_KIND: "task"}
        if step_details:
            self._apply(step_details)

    def _apply(self, step_details: Mapping[str, Any]) -> None:
        checks = self._runtime.checks
        if step_details.get("refs_only") is not None:
            details.keep_refs(checks, self._attributes, step_details["refs_only"])
        self._classify = step_details.get("classify")
        self._at_once = bool(step_details.get("started"))
        for key, value in step_details.items():
            setter = details.SETTERS.get(key)
            if setter is None:
                if key not in details.STEP_ONLY:
                    checks.choice("detail of a step", key, (*details.SETTERS, *details.STEP_ONLY))
            elif value is not None:
                setter(checks, self._attributes, value)
                if key in details.OF_THE_CASE:
                    self._scope.keep(setter, value)
        if self._attributes[c.STEP_KIND] in _AT_ONCE:
            self._at_once = True

    @property
    def trace_id(self) -> str:
        """32 hex digits; empty before the step begins."""
        return format_trace_id(self._own.trace_id) if self._own else ""

    @property
    def span_id(self) -> str:
        """16 hex digits; empty before the step begins."""
        return format_span_id(self._own.span_id) if self._own else ""

    @property
    def failure(self) -> Failure | None:
        """How the step failed, if it did."""
        return self._failure

    @property
    def _checks(self) -> Checks:
        return self._runtime.checks

    def cost(self, amount: float | Decimal, currency: str) -> None:
        """What this attempt cost; the last call counts."""
        details.set_cost(self._checks, self._attributes, (amount, currency))

    def value(self, amount: float | Decimal, currency: str) -> None:
        """The money at stake in the case, from this step on."""
        details.set_value(self._checks, self._attributes, (amount, currency))
        self._scope.keep(details.set_value, (amount, currency))

    def dim(self, **dims: str) -> None:
        """Dimensions of the case, from this step on."""
        details.set_dims(self._checks, self._attributes, dims)
        self._scope.keep(details.set_dims, dims)

    def link(self, refs: details.Refs | None = None, /, **ids: details.Ids) -> None:
        """Typed ids that this step carries, beside those it has."""
        self._attributes.update(details.add_refs(self._checks, self._attributes, {**(refs or {}), **ids}))

    def connect(self, source_type: str, source_id: str | int, target_type: str, target_id: details.Ids) -> None:
        """Say that one id leads to another, or to several of a type: ``connect("item", "I-1", "package", "P-7")``.

        Ids that a step carries lead to each other as the flow declares it; this is for links that are narrower than
        "all of these to all of those", or between ids that the step is not about.
        """
        details.add_link(self._checks, self._attributes, (source_type, source_id), (target_type, target_id))

    def actor(self, type: str, id: str | None = None) -> None:  # noqa: A002 - the words of the conventions
        """Who acted: ``service``, ``human``, ``service_for_human``, ``external`` or ``unknown``, and their id."""
        details.set_actor(self._checks, self._attributes, (type, id))

    def action(self, action: str) -> None:
        """What was done: create, edit, approve, reject, retry, resend, release, view, submit, or a word of your own."""
        details.set_action(self._checks, self._attributes, action)

    def outcome(self, outcome: str) -> None:
        """End the case: completed, rejected, cancelled, or the flow's own word."""
        details.set_outcome(self._checks, self._attributes, outcome)

    def approval(self, **approval: float | str) -> None:
        """Terms and result of an approval: timeout_s, escalate_to, on_timeout, decision, decided_by."""
        details.set_approval(self._checks, self._attributes, approval)

    def attribute(self, key: str, value: object) -> None:
        """Attribute of your own, outside ``flow.``: text, number, truth value or a list of them."""
        kept = self._checks.attribute(key, value)
        if kept is not None:
            self._attributes[key] = kept

    def business_error(self, code: str, message: str = "") -> None:
        """Mark the step as refused by the business, without raising; ``code`` becomes ``error.type``."""
        self._mark("business", code, message)

    def infrastructure_error(self, code: str, message: str = "") -> None:
        """Mark the step as failed for technical reasons, without raising; ``code`` becomes ``error.type``."""
        self._mark("infrastructure", code, message)

    def detach(self) -> dict[str, Any]:
        """Let the step end elsewhere or later: a token that ``flow.resume`` takes, in any process.

            with case.step("approve", kind="approval") as step:
                order.approval_token = step.detach()

        The token is a dict that JSON can carry. Leaving the block then ends nothing; only the started record of the
        step has been sent.
        """
        if self._own is None:
            self._checks.problem("detach", "A step can be detached once it runs.", "Call it inside the with block.")
            return {}
        self._runtime.watch.discard(self)
        self.announce()
        self._detached = True
        return StepToken(self._own, self._parent, self._start_ns, dict(self._attributes)).to_json()

    def announce(self) -> None:
        """Send the started record, once: a zero-length child of the step's span with ``flow.step.state`` = started."""
        own = self._own
        if own is None or self._announced:
            return
        self._announced = True
        try:
            span_id = self._runtime.ids.generate_span_id()
            context = SpanContext(own.trace_id, span_id, False, own.trace_flags, own.trace_state)
            attributes = {**self._attributes, c.STEP_STATE: c.STATE_STARTED}
            self._send(context, own, self._start_ns, attributes, urgent=True)
        except Exception as error:  # noqa: BLE001 - nothing of ours may reach the host
            self._checks.internal(error)

    def __enter__(self) -> Self:
        if self._token is not None or self._ended:
            self._checks.problem("step-twice", f"The step {self.name!r} already ran.", "Make a new step each time.")
            return self
        try:
            self._begin()
        except Exception as error:  # noqa: BLE001 - nothing of ours may reach the host
            self._checks.internal(error)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        token, self._token = self._token, None
        if token is None:
            return
        leave(token)
        try:
            self._end(error)
        except Exception as fault:  # noqa: BLE001 - nothing of ours may reach the host
            self._checks.internal(fault)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def take_up(self, token: StepToken) -> None:
        """Become the step that the token was made of, before the block is entered."""
        self._own, self._parent, self._start_ns = token.own, token.parent, token.start_ns
        self._attributes = {**token.attributes}
        self._announced = True

    def _begin(self) -> None:
        runtime = self._runtime
        place = look()
        if self._own is None:
            self._parent = parent = place.parent
            if parent is None:
                self._own = SpanContext(
                    self._scope.trace_id(), runtime.ids.generate_span_id(), is_remote=False, trace_flags=_SAMPLED
                )
            else:
                # The parent's flags go on: what the host decided on sampling stays decided further down.
                span_id = runtime.ids.generate_span_id()
                self._own = SpanContext(parent.trace_id, span_id, False, parent.trace_flags, parent.trace_state)
            self._start_ns = runtime.clock()
        self._token = enter_step(place, self._scope, self, self._own, may_take_slot=runtime.may_take_slot())
        if self._at_once or runtime.settings.started_after_s == 0:
            self.announce()
        elif not self._announced:
            runtime.watch.add(self)

    def _end(self, error: BaseException | None) -> None:
        self._runtime.watch.discard(self)
        if error is not None and not isinstance(error, GeneratorExit):
            rules = (self._classify, self._scope.classify, self._runtime.classify)
            self._fail(of_exception(error, rules, self._checks))
        # What is said from now on comes too late, and must not change a span that is being sent.
        attributes, self._attributes = self._attributes, {}
        self._ended = True
        if not self._detached and self._own is not None:
            self._send(self._own, self._parent, max(self._start_ns, self._runtime.clock()), attributes)

    def _mark(self, kind: c.ErrorClass, code: str, message: str) -> None:
        word = self._checks.text("error code", code)
        text = self._checks.text("error message", message) if message else ""
        self._fail(Failure(kind, word or "unknown", text or word or ""))

    def _fail(self, failure: Failure) -> None:
        self._failure, self._failure_ns = failure, self._runtime.clock()
        self._attributes[c.ERROR_CLASS], self._attributes[c.ERROR_TYPE] = failure.kind, failure.code

    def _send(
        self,
        context: SpanContext,
        parent: SpanContext | None,
        end_ns: int,
        attributes: details.Attributes,
        *,
        urgent: bool = False,
    ) -> None:
        failure = None if urgent else self._failure
        self._runtime.send(
            ReadableSpan(
                self.name,
                context,
                parent,
                self._runtime.resource,
                attributes,
                (failure.event(self._failure_ns),) if failure else (),
                instrumentation_scope=SCOPE,
                status=Status(StatusCode.ERROR, failure.message) if failure else _UNSET,
                start_time=self._start_ns,
                end_time=end_ns,
            ),
            urgent=urgent,
        )
