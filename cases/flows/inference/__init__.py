"""Writes a first flow file from what was observed of a flow.

Read in this order:

1. ``infer``: the entry point.
2. ``evidence``: everything that is read from the store.
3. ``paths`` and ``steps``: the guesses.
4. ``flow_text``: the text of the file, with a comment that says what each line is based on.
"""

from cases.flows.inference.infer import Inferred, infer

__all__ = ["Inferred", "infer"]
