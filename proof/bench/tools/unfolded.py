"""The ``flowtrail`` command with a fold that never finds anything to do: everything else as it is.

It shows what the product takes without its folds, which no setting turns off.
"""

from __future__ import annotations

from cases.fold.fold import Fold
from server.cli import main


def _nothing(_folder: Fold) -> int:
    return 0


if __name__ == "__main__":
    Fold.fold_pending = _nothing  # type: ignore[method-assign]
    main()
