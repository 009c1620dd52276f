"""The host names under which a server is asked: protection against DNS rebinding.

A web page can point a name of its own at this machine and then read what is served here. The browser sends that name
in the Host header, so a request under an unknown name is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOST: Final = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[^:\[\],]+))(?::\d+)?", re.IGNORECASE)


class HostNames:
    """Names and addresses, IPv6 without brackets. Upper and lower case are the same."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name.strip("[]").lower() for name in names)

    def includes(self, header: str) -> bool:
        """Whether a Host header, with or without a port, is one of them.

        Several headers joined by commas are none: a proxy and this server might each believe another one.
        """
        match = _HOST.fullmatch(header.strip())
        return match is not None and (match["v6"] or match["name"]).lower() in self._names
