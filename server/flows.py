"""Brings the declared flows of a folder into the store, and the cases after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.declarations import SUFFIXES, Change, DeclarationInvalid, Problem, confirm, declare, read_declaration
from cases.errors import CasesError
from cases.rebuild import rebuild, refold
from cases.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cases.declarations import Declaration
    from cases.fold import Folder
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


def declare_folder(store: Store, tenant: str, folder: Path) -> Declared:
    """Declare every flow file in ``folder``; returns what is left to do, see :func:`follow`.

    Raises CasesError, and declares nothing, when one of the files cannot be used.
    """
    declarations = read_folder(folder)
    changes = declare(store, tenant, declarations)
    due = [one for one in declarations if changes[one.name] in (Change.PATHS, Change.FACTS)]
    idle = [one for one in due if not store.query("flow_has_steps", tenant=tenant, flow=one.name)]
    confirm(store, tenant, idle)
    left = [one for one in due if one not in idle]
    return Declared(
        tenant,
        paths=tuple(one for one in left if changes[one.name] is Change.PATHS),
        facts=tuple(one for one in left if changes[one.name] is Change.FACTS),
    )


def follow(store: Store, declared: Declared, folder: Folder | None = None, progress: Progress | None = None) -> None:
    """Build again what ``declared`` asks for, beside reading and folding. Safe to stop and to repeat."""
    if declared.paths:
        rebuild(store, folder=folder, progress=progress)
    else:
        for one in declared.facts:
            refold(store, Selection(tenant=declared.tenant, flow=one.name), folder, progress)
    confirm(store, declared.tenant, (*declared.paths, *declared.facts))


def read_folder(folder: Path) -> list[Declaration]:
    """The flows declared in ``folder``, by file name. Raises CasesError with all that is wrong with all files."""
    if not folder.is_dir():
        raise CasesError("invalid", f"There is no folder {folder}.", "Set FLOWTRAIL_FLOWS to a folder of *.yaml files.")
    return read_files(files_in(folder))


def files_in(folder: Path) -> list[Path]:
    """The flow files in ``folder``, and those that were ones in an earlier release."""
    return [path for path in sorted(folder.iterdir()) if path.suffix in (*SUFFIXES, ".toml")]


def read_files(paths: Iterable[Path]) -> list[Declaration]:
    """The flows declared in these files. Raises DeclarationInvalid with all that is wrong with all of them."""
    problems: list[Problem] = []
    found: dict[str, Declaration] = {}
    files: dict[str, Path] = {}
    for path in paths:
        try:
            one = read_declaration(path)
        except DeclarationInvalid as error:
            problems.extend(error.problems)
            continue
        if one.name in found:
            other = f"{files[one.name]} declares the flow {one.name!r} as well; remove it from one of them."
            problems.append(Problem(str(path), 0, "flow", other))
        found[one.name], files[one.name] = one, path
    if problems:
        raise DeclarationInvalid(tuple(problems))
    return list(found.values())
