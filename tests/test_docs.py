"""The documents tell the truth about what can be checked: links, files, make targets, commands."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from server.cli import main
from tests.test_repository import tracked

LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+(?:\([^()]*\))?)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
ELSEWHERE = ("http://", "https://", "mailto:")
FOLDERS = (
    "access",
    "sdk",
    "collector",
    "store",
    "cases",
    "query_api",
    "dashboards",
    "server",
    "demo",
    "importing",
    "exporting",
    "tests",
    "docs",
    ".ci",
)
ROOT_FILE = re.compile(
    r"[A-Z]+\.md|Makefile|Dockerfile|docker-compose\.yml|requirements(?:-dev)?\.lock|pyproject\.toml"
)
MAKE = re.compile(r"(?:^|[`$;&]) *make ((?:[a-z][\w-]* ?)+)", re.MULTILINE)
COMMAND = re.compile(r"(?:^|[`$/] *|bin/)flowtrail ([a-z][a-z-]*)(?=[ `\n])", re.MULTILINE)


@pytest.fixture(scope="session")
def pages(repository: Path) -> dict[Path, str]:
    """Every Markdown file of the project and its text."""
    return {path: path.read_text(encoding="utf-8") for path in tracked(repository) if path.suffix == ".md"}


def code(text: str) -> Iterator[str]:
    """What stands in code blocks and code spans of a page."""
    yield from FENCE.findall(text)
    yield from (f"`{span}`" for span in CODE_SPAN.findall(FENCE.sub("", text)))


def anchors(text: str) -> set[str]:
    """The fragments that a page's headings make, by GitHub's rule."""
    headings = HEADING.findall(FENCE.sub("", text))
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def links(pages: dict[Path, str]) -> Iterator[tuple[Path, str]]:
    for page, text in pages.items():
        for target in LINK.findall(FENCE.sub("", text)):
            if not target.startswith(ELSEWHERE):
                yield page, target


def test_links_lead_to_files_and_headings_that_exist(pages):
    broken = []
    for page, target in links(pages):
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors(pages.get(file, ""))):
            broken.append(f"{page.name}: {target}")
    assert broken == []


def test_every_page_of_the_docs_is_linked_from_another_page(pages, repository):
    linked = {(page.parent / target.partition("#")[0]).resolve() for page, target in links(pages)}
    docs = [page for page in pages if (repository / "docs") in page.parents]
    assert [str(page) for page in docs if page not in linked and page.name != "README.md"] == []


def test_files_that_are_named_exist(pages, repository):
    missing = []
    for page, text in pages.items():
        for span in CODE_SPAN.findall(FENCE.sub("", text)):
            named = span.strip().rstrip("/")
            inside = named.partition("/")[0] in FOLDERS and "/" in named
            if (inside and re.fullmatch(r"[\w./-]+", named)) or ROOT_FILE.fullmatch(named):
                missing += [f"{page.name}: {span}"] * (not (repository / named).exists())
    assert missing == []


def test_make_targets_that_are_named_exist(pages, repository):
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))
    named = {
        word for text in pages.values() for part in code(text) for found in MAKE.findall(part) for word in found.split()
    }
    assert named - targets == set()


def test_commands_that_are_named_exist(pages):
    assert isinstance(main, click.Group)
    named = {word for text in pages.values() for part in code(text) for word in COMMAND.findall(part)}
    assert named - set(main.commands) == set()


def test_headings_become_anchors_as_on_github():
    assert anchors("# One, two & three\n## The `fold`: why\n") == {"one-two--three", "the-fold-why"}
