"""The endpoints under ``/api/v1``, one noun per module, and the probes at the root."""
