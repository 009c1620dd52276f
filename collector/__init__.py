"""Receives OpenTelemetry data over OTLP, keeps it on disk, acknowledges it and writes it to the store.

What is acknowledged is on disk. What the store refuses for good becomes a dead letter with the reason.

Where to start reading: ``service`` puts the parts together. A request then takes this way:

1. ``http`` or ``grpc`` reads it, ``principal`` and ``quotas`` decide whether its sender may send, ``routes`` holds the
   addresses. ``events`` turns JSON events into an OTLP request.
2. ``receiver`` takes it, whichever protocol it came by. ``check`` looks at each item; ``signals`` describes the
   messages of traces, logs and metrics.
3. ``durable_log`` puts it on disk, then ``replies`` answers.
4. ``writer`` inserts it into the store, or gives it to ``dead_letters``.

``pipeline`` is steps 3 and 4 without the ports. ``telemetry`` holds the collector's own metrics and traces,
``readiness`` its state, ``settings`` every limit, ``errors`` every code.
"""
