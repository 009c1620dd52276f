"""``python -m tests.migrated_store DIR`` makes a data directory of the embedded engine whose store has the schema.

Its database is ``flowtrail``, as in a folder that the product made; in a process of its own, as a process can have no
second directory open.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from store.client import open_store
from store.migrate import migrate

_ROOT = Path(__file__).resolve().parents[1]


def make(path: Path) -> None:
    """Make one at ``path``."""
    path.mkdir(mode=0o700)
    subprocess.run([sys.executable, "-m", "tests.migrated_store", str(path)], cwd=_ROOT, check=True)


def copy(made: Path, path: Path) -> Path:
    """A copy of one at ``path``, in a folder that is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copytree(made, path, symlinks=True))


if __name__ == "__main__":
    store = open_store(f"chdb://{sys.argv[1]}")
    migrate(store)
    store.close()
