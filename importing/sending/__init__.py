"""Sends events to a collector over OTLP/HTTP.

Read ``span`` (an event as protobuf), ``request`` (events in portions, each a request) and ``client`` (the delivery).
"""
