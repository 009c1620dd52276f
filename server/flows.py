"""Brings the declared flows of a folder into the store."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from cases.declaration import confirm, declare, read_declaration
from cases.errors import CasesError
from cases.rebuild import rebuild

if TYPE_CHECKING:
    from pathlib import Path

    from store.client import Store

_LOG = logging.getLogger(__name__)


def declare_folder(store: Store, tenant: str, folder: Path) -> None:
    """Declare every ``*.toml`` in ``folder``; fold all cases again when a path changed."""
    if not folder.is_dir():
        raise CasesError("invalid", f"There is no folder {folder}.", "Set FLOWTRAIL_FLOWS to a folder of *.toml files.")
    declarations = [read_declaration(path) for path in sorted(folder.glob("*.toml"))]
    if declare(store, tenant, declarations) and store.rows("SELECT 1 AS one FROM steps LIMIT 1"):
        _LOG.warning("The paths of a flow changed: folding all cases again.")
        rebuild(store)
    confirm(store, tenant, declarations)
