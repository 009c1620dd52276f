"""A flow as its owner declares it: the lead type, the paths along which a case reaches its events, its segments."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from cases.errors import CasesError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from store.client import Store

Edge = tuple[str, str]

_TYPE: Final = re.compile(r"[a-z0-9_]+")
_RESERVED: Final = ("case", "trace")
_MAX_DEPTH: Final = 16


@dataclass(frozen=True, slots=True)
class Declaration:
    """One flow. ``edges`` are (source type, target type), directed away from ``lead``; there is no way back."""

    name: str
    version: str
    lead: str
    edges: tuple[Edge, ...]
    segments: tuple[str, ...]

    @property
    def depth(self) -> int:
        """Hops from the lead to the farthest id."""
        return _depth(self.lead, self.edges, ())


def read_declaration(path: Path) -> Declaration:
    """The flow declared in the TOML file at ``path``; raises CasesError ``invalid`` with what to mend."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CasesError(
            "invalid", f"The flow declaration {path} cannot be read: {error}", "It must be TOML."
        ) from error
    return parse_declaration(document, str(path))


def parse_declaration(document: dict[str, Any], where: str) -> Declaration:
    """The flow that ``document`` declares; ``where`` names it in errors."""
    name = _text(document, "name", where)
    lead = _type(_text(document, "lead", where), where)
    edges: dict[Edge, None] = {}
    for path in _texts(document, "paths", where):
        types = [_type(part.strip(), where) for part in path.split(">")]
        edges.update(dict.fromkeys(pairwise(types)))
    declaration = Declaration(
        name=name,
        version=str(document.get("version", "")),
        lead=lead,
        edges=tuple(edges),
        segments=tuple(_texts(document, "segments", where)),
    )
    _check_reachable(declaration, where)
    return declaration


def declare(store: Store, tenant: str, declarations: Iterable[Declaration]) -> bool:
    """Store ``declarations`` for ``tenant``; returns whether a path changed, so that cases must be rebuilt.

    Call :func:`confirm` after the rebuild: until then the same call says so again, also after a stop.
    """
    known = {row["Flow"]: row for row in store.query("flow_declarations", tenant=tenant)}
    changed = False
    for declaration in declarations:
        before = known.get(declaration.name)
        if before and before["Document"] == _document(declaration):
            continue
        same_paths = before and before["Document"] and _paths_of(before) == (declaration.lead, set(declaration.edges))
        changed = changed or not same_paths
        _insert(store, tenant, declaration, _document(declaration) if same_paths else "")
    return changed


def confirm(store: Store, tenant: str, declarations: Iterable[Declaration]) -> None:
    """Cases follow the paths of ``declarations`` now."""
    known = {row["Flow"]: row for row in store.query("flow_declarations", tenant=tenant)}
    for declaration in declarations:
        if known[declaration.name]["Document"] != _document(declaration):
            _insert(store, tenant, declaration, _document(declaration))


def deepest_path(store: Store) -> int:
    """Hops of the longest path that any declared flow has; 1 without any, for flows that are not declared."""
    rows = store.query("flow_declarations_all")
    depths = [_depth(row["Lead"], tuple(_edges_of(row)), ()) for row in rows]
    return max(depths, default=1) or 1


_INSERT: Final = """
INSERT INTO flow_declarations (Tenant, Flow, FlowVersion, Lead, Edges, Segments, Document)
SELECT {tenant:String}, {flow:String}, {version:String}, {lead:String},
    CAST(arrayZip({sources:Array(String)}, {targets:Array(String)}), 'Array(Tuple(Source String, Target String))'),
    {segments:Array(String)}, {document:String}
"""


def _insert(store: Store, tenant: str, declaration: Declaration, document: str) -> None:
    store.command(_INSERT, tenant=tenant, document=document, **_columns(declaration))


def _columns(declaration: Declaration) -> dict[str, Any]:
    return {
        "flow": declaration.name,
        "version": declaration.version,
        "lead": declaration.lead,
        "sources": [source for source, _ in declaration.edges],
        "targets": [target for _, target in declaration.edges],
        "segments": list(declaration.segments),
    }


def _document(declaration: Declaration) -> str:
    content = {
        "name": declaration.name,
        "version": declaration.version,
        "lead": declaration.lead,
        "edges": [list(edge) for edge in declaration.edges],
        "segments": list(declaration.segments),
    }
    return json.dumps(content)


def _paths_of(row: dict[str, Any]) -> tuple[str, set[Edge]]:
    return row["Lead"], _edges_of(row)


def _edges_of(row: dict[str, Any]) -> set[Edge]:
    return {(edge["Source"], edge["Target"]) for edge in row["Edges"]}


def _depth(source: str, edges: tuple[Edge, ...], seen: tuple[str, ...]) -> int:
    onward = [target for start, target in edges if start == source and target not in seen]
    return max((1 + _depth(target, edges, (*seen, source)) for target in onward), default=0)


def _check_reachable(declaration: Declaration, where: str) -> None:
    reached = {declaration.lead}
    for _ in declaration.edges:
        reached |= {target for source, target in declaration.edges if source in reached}
    for source, target in declaration.edges:
        if source not in reached:
            raise CasesError(
                "invalid",
                f"{where}: the path over {source} > {target} does not start at the lead type {declaration.lead!r}.",
                f'Write it as "{declaration.lead} > … > {source} > {target}".',
            )
        if target == declaration.lead:
            raise CasesError("invalid", f"{where}: a path leads back to {target!r}.", "Paths have one direction only.")
    if declaration.depth > _MAX_DEPTH:
        raise CasesError("invalid", f"{where}: a path is longer than {_MAX_DEPTH} hops.", "Shorten it.")


def _text(document: dict[str, Any], key: str, where: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value.strip():
        raise CasesError("invalid", f"{where}: {key!r} is missing.", f'Add a line like {key} = "…".')
    return value.strip()


def _texts(document: dict[str, Any], key: str, where: str) -> list[str]:
    value = document.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CasesError("invalid", f"{where}: {key!r} must be a list of strings.", f'Write it as {key} = ["…", "…"].')
    return value


def _type(name: str, where: str) -> str:
    if not _TYPE.fullmatch(name) or name in _RESERVED:
        raise CasesError(
            "invalid",
            f"{where}: {name!r} is not a name for an id type.",
            f"Use lower-case letters, digits and _, and none of {', '.join(_RESERVED)}.",
        )
    return name
