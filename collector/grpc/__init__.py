"""OTLP over gRPC. Read ``server``, then ``concurrency``, which limits how many requests are read at a time."""
