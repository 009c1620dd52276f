"""Cases computed a second time, in pandas and from the definitions alone, to check the fold.

Nothing of the fold is used: no statement, no helper, no table but those to compare with. Read ``check`` (the order of
the work), ``declared`` and ``graph`` (which id leads to which), ``neighbourhood`` with ``scratch_table`` (what must be
read for some cases), ``events``, ``facts`` and ``chains`` (what a case comes to), ``compare``.
"""

from cases.recompute.check import Recomputation, recompute
from cases.recompute.compare import CaseDifference

__all__ = ["CaseDifference", "Recomputation", "recompute"]
