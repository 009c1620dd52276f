"""What the two distributions say about themselves, what is locked for them, and what their wheels hold."""

import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import BytesParser

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)


@pytest.fixture(scope="module")
def projects(repository):
    """The two pyproject.toml, by the name of their distribution."""
    read = [tomllib.loads((repository / folder / "pyproject.toml").read_text()) for folder in (".", "sdk")]
    return {project["project"]["name"]: project for project in read}


@pytest.fixture(scope="module", params=LOCKS)
def lock(repository, request):
    return (repository / request.param).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheels(repository, tmp_path_factory):
    """The wheels of both distributions, built with the backend that is installed, by the name of the distribution."""
    target = tmp_path_factory.mktemp("wheels")
    for folder in (repository, repository / "sdk"):
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return {path.name.partition("-")[0].replace("_", "-"): path for path in target.glob("*.whl")}


def pins(lock):
    return {canonicalize_name(name): version for name, version in PIN.findall(lock)}


def required(project):
    """What a distribution needs to run."""
    return [Requirement(line) for line in project["project"]["dependencies"]]


def extra(project, name):
    return [Requirement(line) for line in project["project"]["optional-dependencies"][name]]


def test_both_distributions_have_one_version_and_the_changelog_has_it(projects, repository):
    versions = {project["project"]["version"] for project in projects.values()}
    assert len(versions) == 1
    version = versions.pop()
    assert f"flowtrail=={version}" in projects["flowtrail-server"]["project"]["dependencies"]
    changelog = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)[:2] == ["Unreleased", version]


def test_the_build_backend_is_the_same_everywhere(projects):
    backends = {line for project in projects.values() for line in project["build-system"]["requires"]}
    assert len(backends) == 1
    assert backends <= set(projects["flowtrail-server"]["dependency-groups"]["build"])


def test_every_requirement_has_a_lower_bound(projects):
    needs = [need for project in projects.values() for need in required(project)]
    for group in projects["flowtrail-server"]["project"]["optional-dependencies"]:
        needs += extra(projects["flowtrail-server"], group)
    assert [str(need) for need in needs if not {">=", "=="} & {clause.operator for clause in need.specifier}] == []


def test_the_sdk_and_the_server_need_the_same_of_opentelemetry(projects):
    sdk, server = (
        {need.name: need.specifier for need in required(projects[name])} for name in ("flowtrail", "flowtrail-server")
    )
    assert {name: server[name] for name in sdk} == sdk


def test_the_lock_names_no_host_and_has_a_hash_for_every_version(lock):
    assert not re.search(r"://|--(?:index|extra-index|find-links)", lock)
    entries = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", lock, flags=re.MULTILINE).strip())
    assert len(entries) == len(pins(lock))
    assert [entry.partition(" ")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_is_what_the_projects_ask_for(projects, repository):
    server = projects["flowtrail-server"]
    runtime = [need for project in projects.values() for need in required(project) if need.name != "flowtrail"]
    runtime += extra(server, "postgresql") + [Requirement(line) for line in server["dependency-groups"]["build"]]
    for name, needs in zip(LOCKS, (runtime, runtime + extra(server, "dev")), strict=True):
        locked = pins((repository / name).read_text(encoding="utf-8"))
        wrong = [
            str(need) for need in needs if not need.specifier.contains(locked.get(canonicalize_name(need.name), "0"))
        ]
        assert wrong == [], f"{name} is behind pyproject.toml: make lock"


def test_both_locks_have_the_same_versions(repository):
    runtime, dev = (pins((repository / name).read_text(encoding="utf-8")) for name in LOCKS)
    assert runtime.items() <= dev.items()


@pytest.mark.parametrize("name", ["flowtrail", "flowtrail-server"])
def test_the_wheel_carries_the_licence_and_its_metadata(wheels, repository, name):
    with zipfile.ZipFile(wheels[name]) as wheel:
        [info] = [file for file in wheel.namelist() if file.endswith(".dist-info/METADATA")]
        metadata = BytesParser().parsebytes(wheel.read(info))
        licence = wheel.read(info.replace("METADATA", "licenses/LICENSE"))
    assert licence == (repository / "LICENSE").read_bytes()
    assert (metadata["License-Expression"], metadata["License-File"]) == ("Apache-2.0", "LICENSE")
    assert metadata["Author"] == "The Flowtrail authors"
    assert metadata.get_all("Project-URL")
    assert "Programming Language :: Python :: 3.11" in metadata.get_all("Classifier")


def test_the_wheels_hold_every_file_of_their_packages(wheels, projects, repository):
    for name, folder in (("flowtrail", repository / "sdk"), ("flowtrail-server", repository)):
        packages = projects[name]["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
        listed = subprocess.run(
            ["git", "-C", folder, "ls-files", "-z", "--", *packages], check=True, capture_output=True, text=True
        ).stdout
        with zipfile.ZipFile(wheels[name]) as wheel:
            held = set(wheel.namelist())
        committed = {path for path in listed.split("\0") if path and (folder / path).is_file()}
        assert committed - held == set()
