"""OTLP in: receive, check, keep on disk, write to the store.

What is acknowledged is on disk; what the store will never take goes to dead letters with its reason.
"""
