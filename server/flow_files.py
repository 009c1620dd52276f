"""Writes the flow declarations of a directory to the store, and rebuilds the cases that they change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from access.key import expect_tenant
from cases.errors import CasesError
from cases.flows.declarations import SUFFIXES, Change, DeclarationInvalid, Problem, confirm, declare, read_declaration
from cases.fold.case_filter import CaseFilter
from cases.fold.rebuild import rebuild, refold
from common.tenants import DEFAULT_TENANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from cases.flows.declarations import Declaration
    from cases.fold.fold import Fold
    from cases.progress import Progress
    from store.client import Store


@dataclass(frozen=True, slots=True)
class Declared:
    """The flows of a tenant whose cases do not follow their declaration yet."""

    tenant: str
    paths: tuple[Declaration, ...] = ()
    """Flows whose links and reach must be rebuilt."""
    facts: tuple[Declaration, ...] = ()
    """Flows whose cases must be folded again."""

    @property
    def due(self) -> bool:
        return bool(self.paths or self.facts)


def declare_tenants(store: Store, directory: Path) -> tuple[Declared, ...]:
    """Declare the flow files in ``directory`` for the default tenant, those in a subdirectory for the tenant it names.

    Returns what is left to do, see :func:`follow`. Raises CasesError and declares nothing if one of the files cannot
    be used, AccessError if a subdirectory has a name that no tenant can have.
    """
    if not directory.is_dir():
        hint = "Set FLOWTRAIL_FLOWS to a directory of *.yaml files."
        raise CasesError("invalid", f"There is no directory {directory}.", hint)
    tenants = tenants_in(directory)
    declarations = read_files(*tenants.values())
    return tuple(_declared(store, tenant, flows) for tenant, flows in zip(tenants, declarations, strict=True))


def _declared(store: Store, tenant: str, declarations: Sequence[Declaration]) -> Declared:
    changes = declare(store, tenant, declarations)
    due = [flow for flow in declarations if changes[flow.name] in (Change.PATHS, Change.FACTS)]
    # A flow without steps has no cases that could follow.
    empty = [flow for flow in due if not store.query("flows/has_steps", tenant=tenant, flow=flow.name)]
    confirm(store, tenant, empty)
    left = [flow for flow in due if flow not in empty]
    return Declared(
        tenant,
        paths=tuple(flow for flow in left if changes[flow.name] is Change.PATHS),
        facts=tuple(flow for flow in left if changes[flow.name] is Change.FACTS),
    )


def follow(
    store: Store, declared: Iterable[Declared], fold: Fold | None = None, progress: Progress | None = None
) -> None:
    """Rebuild the cases that do not follow ``declared``, beside reading and folding. Safe to stop and to repeat."""
    due = tuple(declared)
    if any(flows.paths for flows in due):
        # Links of one flow can join cases of others, so nothing less than a full rebuild is right.
        rebuild(store, fold=fold, progress=progress)
    else:
        for tenant, flow in ((flows.tenant, declaration.name) for flows in due for declaration in flows.facts):
            refold(store, CaseFilter(tenant=tenant, flow=flow), fold, progress)
    # Only now: after a stop in between, the next start does all of it again.
    for flows in due:
        confirm(store, flows.tenant, (*flows.paths, *flows.facts))


def tenants_in(directory: Path) -> dict[str, list[Path]]:
    """The flow files in ``directory`` by tenant, those of the default tenant first. Raises AccessError."""
    tenants = {DEFAULT_TENANT: files_in(directory)}
    # Names with a dot are not tenants: Kubernetes mounts files through ..data directories.
    for below in sorted(path for path in directory.iterdir() if path.is_dir() and not path.name.startswith(".")):
        expect_tenant(below.name)
        tenants[below.name] = [*tenants.get(below.name, ()), *files_in(below)]
    return tenants


def files_in(directory: Path) -> list[Path]:
    """The flow files in ``directory``, sorted by name."""
    return [path for path in sorted(directory.iterdir()) if path.suffix in SUFFIXES]


def read_files(*tenants: Iterable[Path]) -> list[list[Declaration]]:
    """The declarations in the files of each tenant. Raises DeclarationInvalid with all problems of all files."""
    problems: list[Problem] = []
    declarations = [list(_read(paths, problems)) for paths in tenants]
    if problems:
        raise DeclarationInvalid(tuple(problems))
    return declarations


def _read(paths: Iterable[Path], problems: list[Problem]) -> Iterator[Declaration]:
    """The declarations of one tenant; problems of their files are added to ``problems``."""
    files: dict[str, Path] = {}
    for path in paths:
        try:
            declaration = read_declaration(path)
        except DeclarationInvalid as error:
            problems.extend(error.problems)
            continue
        name = declaration.name
        if name in files:
            other = f"{files[name]} declares the flow {name!r} as well; remove it from one of them."
            problems.append(Problem(str(path), 0, "flow", other))
        files[name] = path
        yield declaration
