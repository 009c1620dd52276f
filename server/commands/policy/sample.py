"""One attribute, redacted by the same code that redacts requests."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from store.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.redaction import Rule

# A token of a sample is never looked up, so any key will do.
_KEY: Final = secrets.token_bytes(32)


def redacted_sample(rules: Sequence[Rule], key: str, value: str) -> tuple[str | None, str]:
    """The value as it would be stored in a span, None if it would be dropped, and the names of the rules that act."""
    names = []
    stored = value
    for rule in rules:
        after = _stored(Redactor([rule], lambda _tenant: _KEY), key, stored)
        if after != stored:
            names.append(rule.name)
        if after is None:
            return None, ", ".join(names)
        stored = after
    # Once more with all rules together: that is what the collector does.
    return _stored(Redactor(rules, lambda _tenant: _KEY), key, value), ", ".join(names)


def _stored(redactor: Redactor, key: str, value: str) -> str | None:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.attributes.add(key=key).value.string_value = value
    redacted = ExportTraceServiceRequest.FromString(redactor.redact("traces", "sample", request.SerializeToString()))
    attributes = redacted.resource_spans[0].scope_spans[0].spans[0].attributes
    return attributes[0].value.string_value if attributes else None
