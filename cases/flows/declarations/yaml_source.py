"""YAML together with its line numbers, so that an error can name the line to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import yaml

Location = tuple[int | str, ...]

_MERGE: Final = "tag:yaml.org,2002:merge"


class YamlError(Exception):
    """A text is not YAML, or has a key twice. ``line`` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class YamlSource:
    """A YAML text: ``document`` is its content, ``root`` the node with the positions."""

    document: Any
    root: Any

    def line(self, location: Location) -> int:
        """The line of ``location``, or of the innermost part of it that exists; 1 if none does."""
        return self._find(location)[1] + 1

    def scalar(self, location: Location) -> str:
        """The value at ``location`` as written, before YAML makes a number of it; '' if it is not a scalar."""
        node = self._find(location)[0]
        return str(node.value) if isinstance(node, yaml.ScalarNode) else ""

    def _find(self, location: Location) -> tuple[Any, int]:
        """The innermost node of ``location`` that exists, and its line, from 0."""
        node, line = self.root, self.root.start_mark.line if self.root is not None else 0
        for part in location:
            child = _child(node, part)
            if child is None:
                break
            node, line = child
        return node, line


def read_source(text: str) -> YamlSource:
    """The YAML in ``text``. Raises YamlError."""
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is not None:
            _refuse_twice(root, set())
        return YamlSource(None if root is None else loader.construct_document(root), root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(mark.line + 1 if mark else 1, f"this is not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise YamlError(1, f"this is not YAML: {error}") from None
    except (ValueError, RecursionError) as error:  # such as a date that does not exist
        raise YamlError(1, f"a value cannot be read: {error}") from None
    finally:
        loader.dispose()


def _refuse_twice(node: Any, seen: set[int]) -> None:
    """Raise YamlError for a key that a mapping has twice: PyYAML silently takes the last one.

    ``seen`` holds the nodes that were checked: an anchor that contains its own alias would not end otherwise.
    """
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        names: set[str] = set()
        for key, value in node.value:
            if key.tag != _MERGE and isinstance(key, yaml.ScalarNode):
                if key.value in names:
                    raise YamlError(key.start_mark.line + 1, f"{key.value!r} is here twice; remove one")
                names.add(key.value)
            _refuse_twice(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_twice(value, seen)


def _child(node: Any, part: int | str) -> tuple[Any, int] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part or str(key.value).lower() == str(part).lower():
                return value, key.start_mark.line
    return None
