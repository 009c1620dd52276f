"""The fold beside the collector: ``worker`` runs it, ``backlog`` counts what waits, ``telemetry`` exports both."""
