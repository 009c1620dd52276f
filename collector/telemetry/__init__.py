"""The collector's telemetry about itself.

Read ``telemetry`` first: every metric by name. It uses ``prometheus``, the adapter for Prometheus' client library.
``tracing`` is the interface for traces of the server's own work, ``log_throttle`` keeps log lines from repeating.
"""
