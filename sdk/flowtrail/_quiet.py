"""Keep our own export requests from becoming spans of the host, if the host instruments its HTTP client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opentelemetry import context as otel

if TYPE_CHECKING:
    from opentelemetry.context import Context

# OpenTelemetry has no public name for these two, and the SDK allows versions that nobody has seen yet. So each is
# looked up when it is needed: one that is gone lets a few spans of the host through, but the SDK still starts.
_NAMES: Final = ("_SUPPRESS_INSTRUMENTATION_KEY", "_SUPPRESS_HTTP_INSTRUMENTATION_KEY")

# What the instrumentations looked for before the keys above, and still do.
_PLAIN: Final = "suppress_instrumentation"


def quiet() -> Context:
    """The current context, in which OpenTelemetry's instrumentations make no spans."""
    context = otel.set_value(_PLAIN, True)
    for name in _NAMES:
        key = getattr(otel, name, None)
        if isinstance(key, str):
            context = otel.set_value(key, True, context)
    return context
