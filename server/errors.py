"""What can go wrong in the server beside what its parts name."""


class PolicyError(Exception):
    """A policy file that cannot be used; the text names file, line and field, and what to do."""
