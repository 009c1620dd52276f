"""What can go wrong with the verifier itself."""


class NotThere(Exception):
    """The query API has no answer to this yet; the message says why, in a few words."""


class VerificationError(Exception):
    """Nothing could be verified: a wrong address or key. The message says what happened and what to do."""
