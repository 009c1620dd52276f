"""docker-compose.yml and the Dockerfile keep the rules of docs/deploy.md. Nothing here needs a container engine."""

import os
import re
import shutil
import subprocess

import pytest
import yaml

from server.cli import main
from server.settings import Settings

OWN = ("collector", "api", "ui")
DATABASES = ("clickhouse", "postgres")
SECRETS = {"CLICKHOUSE_PASSWORD": "abc123", "POSTGRES_PASSWORD": "abc123", "FLOWTRAIL_UI_KEY": f"ftk_ui_{'a' * 48}"}


@pytest.fixture(scope="module")
def compose(repository):
    return yaml.safe_load((repository / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


@pytest.fixture(scope="module")
def dockerfile(repository):
    return (repository / "Dockerfile").read_text(encoding="utf-8")


def test_every_part_is_a_service_and_its_command_exists(services):
    assert {*OWN, *DATABASES} == set(services)
    assert {service["command"][0] for name, service in services.items() if name in OWN} <= set(main.commands)


def test_ports_are_published_on_the_loopback_address_only(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
    assert [name for name in DATABASES if "ports" in services[name]] == []


def test_every_service_has_a_health_check_and_waits_for_what_it_needs(services):
    assert [name for name, service in services.items() if "healthcheck" not in service] == []
    waits = {name: service.get("depends_on", {}) for name, service in services.items()}
    assert {how["condition"] for needs in waits.values() for how in needs.values()} == {"service_healthy"}
    assert waits["ui"].keys() == {"api"}


def test_passwords_come_from_the_environment_and_have_no_default(repository):
    text = (repository / "docker-compose.yml").read_text(encoding="utf-8")
    for secret in SECRETS:
        assert text.count(f"${{{secret}:?") == text.count(f"${{{secret}") == 2
    assert re.findall(r"(?i)(?:password|secret|token|api_key) *[:=] *[\"']?(?!\$\{)\w", text) == []


def test_images_are_pinned(services, dockerfile):
    images = [service["image"] for service in services.values()] + re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert [image for image in images if not re.search(r":\d[\w.-]+$", image)] == []


def test_the_versions_are_the_projects_own(services, repository):
    pyproject = (repository / "pyproject.toml").read_text(encoding="utf-8")
    lock = (repository / "requirements.lock").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"', pyproject, re.MULTILINE)[1]
    engine = re.search(r"^chdb-core==(\d+\.\d+)", lock, re.MULTILINE)[1]
    assert {services[name]["image"] for name in OWN} == {f"flowtrail:{version}"}
    assert services["clickhouse"]["image"].endswith(f":{engine}")


def test_no_service_runs_as_root_or_keeps_capabilities(services, dockerfile):
    assert [name for name, service in services.items() if service.get("user", "0").startswith("0")] == []
    assert [name for name, service in services.items() if service.get("cap_drop") != ["ALL"]] == []
    assert re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE) == ["10001:10001"]


def test_the_dashboards_cannot_reach_the_store(services):
    assert not {"store"} & set(services["ui"]["networks"])
    assert not {"FLOWTRAIL_STORE", "FLOWTRAIL_DATABASE"} & set(services["ui"]["environment"])


def test_collector_and_query_api_share_their_keys_and_the_dashboards_have_one(services):
    shared = {services[name]["environment"]["FLOWTRAIL_DATABASE"] for name in ("collector", "api")}
    assert len(shared) == 1
    assert "@postgres:" in shared.pop()
    assert (
        services["ui"]["environment"]["FLOWTRAIL_API_KEY"] == services["api"]["environment"]["FLOWTRAIL_BOOTSTRAP_KEY"]
    )


def test_every_variable_of_the_services_is_a_setting(services):
    named = {name for service in services.values() for name in service.get("environment", {})}
    ours = {name.removeprefix("FLOWTRAIL_").lower() for name in named if name.startswith("FLOWTRAIL_")}
    assert ours - set(Settings.model_fields) == set()


def test_the_image_gets_every_package_of_the_distribution(repository, dockerfile):
    pyproject = (repository / "pyproject.toml").read_text(encoding="utf-8")
    packages = re.findall(r'"(\w+)"', re.search(r"^packages = \[(.+)\]", pyproject, re.MULTILINE)[1])
    ignored = (repository / ".dockerignore").read_text(encoding="utf-8").split()
    for package in (*packages, "sdk"):
        assert f"COPY {package} {package}" in dockerfile
        assert f"!{package}" in ignored


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
@pytest.mark.parametrize("missing", [None, *SECRETS])
def test_compose_accepts_the_file_with_all_secrets_only(repository, missing):
    environment = {**os.environ, **SECRETS, **({missing: ""} if missing else {})}
    done = subprocess.run(
        ["docker-compose", "config", "--quiet"], cwd=repository, env=environment, capture_output=True, check=False
    )
    assert (done.returncode == 0) is (missing is None), done.stderr.decode()
    assert missing is None or missing in done.stderr.decode()
