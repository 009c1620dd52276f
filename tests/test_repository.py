"""What must never be committed: addresses of registries, paths of somebody's machine, secrets, generated files."""

import re
import subprocess
from pathlib import Path

import pytest

REGISTRY = re.compile(r"""(?x)
    (?<!emit-)(?:index|extra-index)-url \s* [=\s] \s* \S+        # pip pointed at a host
  | registry \s* = \s* ["']? https?://                 # npm and its kin
  | \b(?:files\.)?pythonhosted\.org | \bregistry\.npmjs\.org | \btest\.pypi\.org | \bpypi\.org/simple
  | \b(?:artifactory|nexus|devpi|verdaccio)\b [^\s"']* [./:]
""")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|tmp/bash_jobs)(?:/|\b)|[A-Z]:\\\\Users")
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b")
GENERATED = re.compile(r"(^|/)(__pycache__|__cache__|\.venv|\.[a-z_]+_cache|node_modules|[^/]+\.egg-info)/|\.pyc$")
BINARY = {".png", ".ico", ".gz", ".woff2"}
LARGEST = 1_000_000


def tracked(repository: Path) -> list[Path]:
    """The files that are committed or would be by ``git add .``."""
    command = ["git", "-C", str(repository), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=False, capture_output=True)
    if listed.returncode:
        pytest.skip("This copy is no git repository.")
    names = sorted(set(listed.stdout.decode().split("\0")) - {""})
    return [path for name in names if (path := repository / name).is_file()]


def findings(repository: Path, pattern: re.Pattern[str]) -> list[str]:
    """``file:line: text`` of each match in the files that are text, this one aside: it says what to look for."""
    found = []
    for path in tracked(repository):
        if path.suffix in BINARY or path == Path(__file__).resolve():
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        found += [
            f"{path.relative_to(repository)}:{n}: {line[:160]}"
            for n, line in enumerate(lines, 1)
            if pattern.search(line)
        ]
    return found


def test_no_file_names_a_package_registry(repository):
    assert findings(repository, REGISTRY) == []


def test_no_file_names_a_path_of_one_machine(repository):
    assert findings(repository, MACHINE_PATH) == []


def test_no_file_holds_a_secret(repository):
    assert findings(repository, SECRET) == []


def test_no_generated_file_is_committed(repository):
    names = [str(path.relative_to(repository)) for path in tracked(repository)]
    assert [name for name in names if GENERATED.search(name)] == []


def test_no_file_is_huge(repository):
    assert [str(path) for path in tracked(repository) if path.stat().st_size > LARGEST] == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRY, "--index-url https://mirror.example/simple"),
        (REGISTRY, "https://pypi.org/simple/flowtrail"),
        (MACHINE_PATH, 'open("/home/dana/flowtrail/x")'),
        (MACHINE_PATH, f"cd /{'work'}/main"),
        (SECRET, "-----BEGIN RSA PRIVATE KEY-----"),
        (GENERATED, "store/__pycache__/client.cpython-311.pyc"),
    ],
)
def test_the_checks_find_what_they_look_for(pattern, text):
    assert pattern.search(text)


@pytest.mark.parametrize("text", ["/homepage", "https://example.com/work", "paths/work/x", "user@host"])
def test_the_checks_leave_other_paths_alone(text):
    assert not MACHINE_PATH.search(text)
