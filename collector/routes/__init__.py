"""What the HTTP port serves. Each module hands out a table of routes (see ``collector.http.route``).

``otlp`` is the one to read first. ``events`` takes JSON events, ``dead_letters`` and ``health`` are for operators, and
``operators`` is what addresses for operators have in common.
"""
