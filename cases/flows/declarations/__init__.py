"""Flow declarations: what the owner of a flow says about it in ``flows/<name>.yaml``.

Read in this order:

1. ``declaration``: what a declaration means, independent of the file.
2. ``flow_file``: the fields of the file, with their checks. ``field_types``, ``duration``, ``hours`` and ``cycle`` are
   parts of these checks.
3. ``read``: from a file to a declaration. ``yaml_source`` keeps the line numbers, ``problems`` words the errors.
4. ``stored``: declarations in the store, and what a change means for the cases that exist.
5. ``schema``: the JSON schema of the file, for editors.
"""

from cases.flows.declarations.declaration import (
    HUB_LIMIT,
    SUCCESS,
    Calendar,
    Declaration,
    Edge,
    Owner,
    Price,
    Routing,
    Step,
)
from cases.flows.declarations.problems import DeclarationInvalid, Problem
from cases.flows.declarations.read import SUFFIXES, parse_declaration, read_declaration
from cases.flows.declarations.stored import Change, confirm, declaration_of, declare

__all__ = [
    "HUB_LIMIT",
    "SUCCESS",
    "SUFFIXES",
    "Calendar",
    "Change",
    "Declaration",
    "DeclarationInvalid",
    "Edge",
    "Owner",
    "Price",
    "Problem",
    "Routing",
    "Step",
    "confirm",
    "declaration_of",
    "declare",
    "parse_declaration",
    "read_declaration",
]
