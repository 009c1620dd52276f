"""Brings the declared flows of a folder into the store, and the cases after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from access.key import expect_tenant
from cases.errors import CasesError
from cases.flows.declarations import SUFFIXES, Change, DeclarationInvalid, Problem, confirm, declare, read_declaration
from cases.fold.rebuild import rebuild, refold
from cases.fold.selection import Selection
from common.tenants import DEFAULT_TENANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from cases.flows.declarations import Declaration
    from cases.fold.fold import Folder
    from cases.progress import Progress
    from store.client import Store


@dataclass(frozen=True, slots=True)
class Declared:
    """Flows as they are declared now, and those of them whose cases do not follow yet."""

    tenant: str
    paths: tuple[Declaration, ...] = ()
    """Links and reach of these must be built again."""
    facts: tuple[Declaration, ...] = ()
    """Cases of these must be folded again."""

    @property
    def due(self) -> bool:
        return bool(self.paths or self.facts)


def declare_tenants(store: Store, folder: Path) -> tuple[Declared, ...]:
    """Declare the flow files in ``folder`` for the default tenant, those in a folder of it for the tenant of its name.

    Returns what is left to do, see :func:`follow`. Raises CasesError and declares nothing when one of the files cannot
    be used, AccessError when a folder has a name that no tenant can have.
    """
    if not folder.is_dir():
        raise CasesError("invalid", f"There is no folder {folder}.", "Set FLOWTRAIL_FLOWS to a folder of *.yaml files.")
    tenants = tenants_in(folder)
    read = read_files(*tenants.values())
    return tuple(_declared(store, *one) for one in zip(tenants, read, strict=True))


def _declared(store: Store, tenant: str, declarations: Sequence[Declaration]) -> Declared:
    changes = declare(store, tenant, declarations)
    due = [one for one in declarations if changes[one.name] in (Change.PATHS, Change.FACTS)]
    idle = [one for one in due if not store.query("flows/has_steps", tenant=tenant, flow=one.name)]
    confirm(store, tenant, idle)
    left = [one for one in due if one not in idle]
    return Declared(
        tenant,
        paths=tuple(one for one in left if changes[one.name] is Change.PATHS),
        facts=tuple(one for one in left if changes[one.name] is Change.FACTS),
    )


def follow(
    store: Store, declared: Iterable[Declared], folder: Folder | None = None, progress: Progress | None = None
) -> None:
    """Build again what ``declared`` asks for, beside reading and folding. Safe to stop and to repeat."""
    due = tuple(declared)
    if any(one.paths for one in due):
        rebuild(store, folder=folder, progress=progress)
    else:
        for tenant, flow in ((one.tenant, fact.name) for one in due for fact in one.facts):
            refold(store, Selection(tenant=tenant, flow=flow), folder, progress)
    for one in due:
        confirm(store, one.tenant, (*one.paths, *one.facts))


def tenants_in(folder: Path) -> dict[str, list[Path]]:
    """By tenant the flow files in ``folder``, those of the default tenant first. Raises AccessError."""
    tenants = {DEFAULT_TENANT: files_in(folder)}
    for below in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        expect_tenant(below.name)
        tenants[below.name] = [*tenants.get(below.name, ()), *files_in(below)]
    return tenants


def files_in(folder: Path) -> list[Path]:
    """The flow files in ``folder``."""
    return [path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES]


def read_files(*tenants: Iterable[Path]) -> list[list[Declaration]]:
    """The flows that the files of each of ``tenants`` declare.

    Raises DeclarationInvalid with all that is wrong with all of them.
    """
    problems: list[Problem] = []
    found = [list(_read(paths, problems)) for paths in tenants]
    if problems:
        raise DeclarationInvalid(tuple(problems))
    return found


def _read(paths: Iterable[Path], problems: list[Problem]) -> Iterator[Declaration]:
    """The flows of one tenant; what is wrong with their files is added to ``problems``."""
    files: dict[str, Path] = {}
    for path in paths:
        try:
            one = read_declaration(path)
        except DeclarationInvalid as error:
            problems.extend(error.problems)
            continue
        if one.name in files:
            other = f"{files[one.name]} declares the flow {one.name!r} as well; remove it from one of them."
            problems.append(Problem(str(path), 0, "flow", other))
        files[one.name] = path
        yield one
