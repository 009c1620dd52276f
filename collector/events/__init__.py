"""Small JSON events for tools that cannot speak OTLP: parsed, checked one by one and turned into spans.

Read ``intake`` first, which calls the others in this order: ``body`` (bytes to JSON objects), ``event`` (what an event
may hold, built from ``values`` and ``moment``), ``identity`` (which trace and span id it gets) and ``spans`` (events to
an OTLP request). ``fault`` words what is wrong with an event.
"""
