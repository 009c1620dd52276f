"""Forward-only migrations: numbered ``.sql`` files of a package, each applied once and remembered by its checksum.

Which migrations there are, in which order they come and when to refuse is decided here, for the store and for the
database of keys alike. What a database remembers of them and how it runs a statement differs: see :class:`Schema`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from common.errors import FlowtrailError

_NAME: Final = re.compile(r"(\d{4})_\w+\.sql")
_STATEMENT_END: Final = re.compile(r";[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. ``text`` is what its checksum is made of."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self) -> list[str]:
        """Its statements in order; one ends with a semicolon at the end of a line."""
        return [part.strip() for part in _STATEMENT_END.split(self.text) if part.strip()]


@dataclass(frozen=True, slots=True)
class Applied:
    """What a database remembers of a migration."""

    name: str
    checksum: str


class Schema(Protocol):
    """A database as the runner sees it."""

    subject: str
    """What messages call it, such as "the store"."""

    def applied(self) -> Mapping[int, Applied]:
        """What was applied before, by number."""

    def apply(self, migration: Migration) -> None:
        """Run the statements of ``migration`` and remember it."""

    def error(self, message: str, hint: str) -> FlowtrailError:
        """The error of this package with the code ``migration``."""


def read_migrations(package: str, expand: Callable[[str], str] = str) -> list[Migration]:
    """The files ``<package>/migrations/NNNN_what.sql`` in order; ``expand`` replaces the marks in their text."""
    migrations = [
        Migration(int(match[1]), file.name, expand(file.read_text(encoding="utf-8")))
        for file in resources.files(package).joinpath("migrations").iterdir()
        if (match := _NAME.fullmatch(file.name))
    ]
    return sorted(migrations, key=lambda migration: migration.number)


def run_migrations(schema: Schema, migrations: Sequence[Migration]) -> list[str]:
    """Apply to ``schema`` those of ``migrations`` that it lacks, in order; returns their names.

    Raises the error of ``schema`` when a migration was changed after it was applied, or is not known here.
    """
    applied = schema.applied()
    by_number = {migration.number: migration for migration in migrations}
    for number, known in applied.items():
        _refuse_other(schema, known, by_number.get(number))
    missing = [migration for migration in migrations if migration.number not in applied]
    for migration in missing:
        schema.apply(migration)
    return [migration.name for migration in missing]


def _refuse_other(schema: Schema, applied: Applied, migration: Migration | None) -> None:
    if migration is None:
        raise schema.error(
            f"This version of Flowtrail does not know migration {applied.name}, which was applied to {schema.subject}.",
            "A newer version did that: upgrade Flowtrail.",
        )
    if migration.checksum != applied.checksum:
        raise schema.error(
            f"Migration {applied.name} was changed after it had been applied to {schema.subject}.",
            "Migrations are forward-only: restore the file and put the change into a new one.",
        )
