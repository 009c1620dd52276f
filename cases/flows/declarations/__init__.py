"""Flows as their owners declare them, in ``flows/<name>.yaml``."""

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
