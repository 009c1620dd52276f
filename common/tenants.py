"""The tenant of an installation that does not name any."""

from __future__ import annotations

from typing import Final

DEFAULT_TENANT: Final = "default"
"""Whose data it is when no key says otherwise."""
