"""What can go wrong with the probe itself."""


class NotThere(Exception):
    """The query API has no answer to this yet; the message says why, in a few words."""


class ProbeError(Exception):
    """Nothing could be sent or asked: a wrong address or key. The message says what happened and what to do."""
