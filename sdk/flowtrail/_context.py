"""Where the running code is: its scope and step, kept in the OpenTelemetry context so they travel wherever that does.

Host spans stay untouched. A step joins the trace of the host's current span, but does not take that span's place:
otherwise host spans would get parents their own backend never sees, and ``get_current_span().set_attribute`` of the
host would write into ours. Only where no host span is current, and the host has no OpenTelemetry of its own (or asked
for ``attach_host_spans``), the step becomes the current span, so that logs and propagators see its trace.
"""

from __future__ import annotations

import os
from contextvars import Token, copy_context
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar, cast

from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.environment_variables import OTEL_PYTHON_TRACER_PROVIDER
from opentelemetry.trace import NonRecordingSpan, NoOpTracerProvider, ProxyTracerProvider, Span, SpanContext

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._scope import Scope
    from ._step import Step

P = ParamSpec("P")
R = TypeVar("R")
_KEY = otel.create_key("flowtrail")


class Incoming(NamedTuple):
    """What another system said in its headers; ``None`` where it said nothing."""

    flow: str | None = None
    case_id: str | None = None
    correlation_id: str | None = None


class Here(NamedTuple):
    """One place in the flow of the program."""

    scope: Scope | None
    step: Step | None
    parent: SpanContext | None
    """Parent of the next step, as long as the host has not opened a span of its own since."""
    seen: Span
    """The OpenTelemetry span current when this place was entered; another one now means that the host's is inner."""
    ours: bool
    """Whether ``seen`` was put there by us."""
    incoming: Incoming | None


class Place(NamedTuple):
    """What a new step or scope finds."""

    context: Context
    here: Here | None
    span: Span
    parent: SpanContext | None
    free: bool
    """Whether the current span's slot is empty or ours."""


def look() -> Place:
    """The place of the running code."""
    context = otel.get_current()
    span = trace.get_current_span(context)
    here = cast("Here | None", context.get(_KEY))
    if here is not None and here.seen is span:
        return Place(context, here, span, here.parent, here.ours or not span.get_span_context().is_valid)
    own = span.get_span_context()
    if own.is_valid:
        return Place(context, here, span, own, free=False)
    return Place(context, here, span, here.parent if here else None, free=True)


def here() -> Here | None:
    """What Flowtrail knows of the running code."""
    return cast("Here | None", otel.get_current().get(_KEY))


def enter_step(place: Place, scope: Scope, step: Step, own: SpanContext, *, may_take_slot: bool) -> Token[Context]:
    """Make a step the running one."""
    incoming = place.here.incoming if place.here else None
    values = dict(place.context)
    if place.free and may_take_slot:
        span = NonRecordingSpan(own)
        values[_KEY] = Here(scope, step, own, span, True, incoming)
        return otel.attach(trace.set_span_in_context(span, Context(values)))
    values[_KEY] = Here(scope, step, own, place.span, False, incoming)
    return otel.attach(Context(values))


def enter_scope(scope: Scope) -> Token[Context]:
    """Make a scope the current one; steps keep their parent."""
    place = look()
    step, incoming = (place.here.step, place.here.incoming) if place.here else (None, None)
    ours = bool(place.here and place.here.ours and place.here.seen is place.span)
    return otel.attach(otel.set_value(_KEY, Here(scope, step, place.parent, place.span, ours, incoming), place.context))


def enter_incoming(incoming: Incoming, remote: SpanContext | None, *, may_take_slot: bool) -> Token[Context]:
    """Continue what another system began: a new piece of work, so scope and step of this place do not reach into it."""
    place = look()
    own = place.span.get_span_context()
    if remote is None or (own.is_valid and own.trace_id == remote.trace_id):
        remote = place.parent  # the host has read the same headers, its span is nearer
    if remote is not None and place.free and may_take_slot:
        span = NonRecordingSpan(remote)
        there = Here(None, None, remote, span, True, incoming)
        return otel.attach(trace.set_span_in_context(span, otel.set_value(_KEY, there, place.context)))
    there = Here(None, None, remote, place.span, False, incoming)
    return otel.attach(otel.set_value(_KEY, there, place.context))


def leave(token: Token[Context]) -> None:
    """Undo an ``enter_…``; a block left from another context than it was entered in has nothing to undo there."""
    if not isinstance(token, Token):  # a context of the host's own making (OTEL_PYTHON_CONTEXT)
        otel.detach(token)
        return
    try:
        token.var.reset(token)
    except (ValueError, RuntimeError):  # OpenTelemetry's detach would log this as an error, with a stack trace
        return


def outgoing() -> SpanContext | None:
    """The span that an outgoing call names as its parent: the host's where there is one, so its traces stay whole."""
    place = look()
    own = place.span.get_span_context()
    return own if own.is_valid else place.parent


def host_names_provider() -> bool:
    """Whether the host's environment names a provider; asking the API would load it, which is the host's business."""
    return OTEL_PYTHON_TRACER_PROVIDER in os.environ


def host_has_provider() -> bool:
    """Whether the host set up a tracer provider of its own; ask only if none is named by the environment."""
    return not isinstance(trace.get_tracer_provider(), (ProxyTracerProvider, NoOpTracerProvider))


def current_step() -> Step | None:
    """The innermost step that is running here, if any."""
    place = here()
    return place.step if place else None


def carry(function: Callable[P, R]) -> Callable[P, R]:
    """The function, bound to the scope and step of the code that calls ``carry``.

        executor.submit(flowtrail.carry(book), order)

    Threads and executors start with an empty context, so a step made there would belong to no case.
    """
    context = copy_context()

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return context.copy().run(function, *args, **kwargs)

    return run
