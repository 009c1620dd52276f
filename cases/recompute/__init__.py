"""Cases computed from their events a second time, in pandas, from the definitions alone: what the fold is held against.

Nothing of the fold is used: no statement, no helper, none of its tables but those to compare with.
"""

from cases.recompute.check import Recomputation, recompute
from cases.recompute.compare import Difference

__all__ = ["Difference", "Recomputation", "recompute"]
