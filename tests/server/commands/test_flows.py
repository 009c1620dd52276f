"""The folder of flow files and the commands about them."""

import json

import pytest
from click.testing import CliRunner

from access.errors import AccessError
from cases.errors import CasesError
from cases.flows.declarations import DeclarationInvalid, declaration_of
from cases.fold.fold import Fold
from server.cli import main
from server.flow_files import declare_tenants, follow
from store.client import open_store
from tests.cases import orders
from tests.cases.conftest import orders_store
from tests.cases.orders import Wire, World, trace_of
from tests.query_api.conftest import api, app

pytestmark = pytest.mark.slow

__all__ = ["api", "app", "orders_store"]

FLOW = "flow: claim\nlead: claim\npaths: [claim > letter > page]\n"


@pytest.fixture
def store(migrated_chdb_url):
    opened = open_store(migrated_chdb_url)
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "claim.yaml").write_text(FLOW)
    return tmp_path


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_nothing_is_declared_when_one_file_of_a_folder_is_wrong(store, folder):
    (folder / "a.yml").write_text("flow: a\nlead: a\npaths: []\nsla: soon")
    (folder / "again.yaml").write_text(FLOW)
    with pytest.raises(DeclarationInvalid) as caught:
        declare_tenants(store, folder)
    assert [problem.file.rpartition("/")[2] for problem in caught.value.problems] == ["a.yml", "claim.yaml"]
    assert "again.yaml declares the flow 'claim' as well" in str(caught.value)
    assert declaration_of(store, "default", "claim") is None
    with pytest.raises(CasesError, match="There is no directory"):
        declare_tenants(store, folder / "nowhere")


def test_cases_come_after_a_change_and_a_stop_before_that_is_made_good(store, folder):
    assert not declare_tenants(store, folder)[0].due, "there is no step yet"
    wire = Wire()
    claim = {"flow": "claim", "trace": trace_of("claim")}
    wire.step("desk", "file", 0, case="C-1", refs={"letter": "L-1"}, **claim)
    wire.step("post", "scan", 1, refs={"page": "P-1"}, flow="claim", trace=trace_of("scan"), outcome="paid")
    wire.step("post", "open", 2, refs={"letter": "L-1", "pages": "P-1"}, flow="claim", trace=trace_of("open"))
    wire.send(World(store, "default"))

    def case():
        [row] = store.rows("SELECT Events, Success FROM cases FINAL")
        return row["Events"], row["Success"]

    def change(old, new):
        path = folder / "claim.yaml"
        path.write_text(path.read_text().replace(old, new))
        [due] = declare_tenants(store, folder)
        assert declare_tenants(store, folder) == (due,), "not followed yet"
        follow(store, [due], Fold(store))
        assert not declare_tenants(store, folder)[0].due
        return [one.name for one in due.paths], [one.name for one in due.facts], case()

    assert case() == (2, False)
    assert change("page]", "pages]\nowner: {name: Post}") == (["claim"], [], (2, False))
    assert change("letter > pages", "letter > pages, claim > page") == (["claim"], [], (2, False))
    wire.step("desk", "list", 3, case="C-1", refs={"page": "P-1"}, **claim)
    wire.send(World(store, "default"))
    assert case() == (4, False)
    assert change("lead:", "outcomes: {paid: success}\nlead:") == ([], ["claim"], (4, True))
    assert change("Post", "Office") == ([], [], (4, True))


def test_a_folder_below_declares_for_the_tenant_of_its_name(store, folder):
    (folder / "acme").mkdir()
    (folder / "acme" / "claim.yaml").write_text(FLOW.replace("letter > page", "parcel"))
    (folder / "..2026_data").mkdir()  # as Kubernetes mounts files
    assert [one.tenant for one in declare_tenants(store, folder)] == ["default", "acme"]
    edges = {tenant: declaration_of(store, tenant, "claim").edges for tenant in ("default", "acme")}
    assert edges == {"default": (("claim", "letter"), ("letter", "page")), "acme": (("claim", "parcel"),)}
    for tenant in ("default", "acme"):
        wire = Wire()
        wire.step("desk", "file", 0, case="C-1", refs={"parcel": "P-1"}, flow="claim", trace=trace_of("claim"))
        wire.step("post", "send", 1, refs={"parcel": "P-1"}, flow="claim", trace=trace_of("send"))
        wire.send(World(store, tenant))
    rows = store.rows("SELECT Tenant, Events FROM cases FINAL ORDER BY Tenant")
    assert [(row["Tenant"], row["Events"]) for row in rows] == [("acme", 2), ("default", 1)]
    assert run("flows", "check", folder).stdout.splitlines() == [
        f"{folder}/claim.yaml: claim is fine (0 steps, 2 edges).",
        f"{folder}/acme/claim.yaml: claim is fine (0 steps, 1 edge).",
    ]
    (folder / "a b").mkdir()
    with pytest.raises(AccessError, match="'a b' is not a valid name of a tenant"):
        declare_tenants(store, folder)


def test_flow_files_are_checked_with_all_their_errors(folder):
    fine = run("flows", "check", folder)
    assert (fine.exit_code, fine.stdout) == (0, f"{folder}/claim.yaml: claim is fine (0 steps, 2 edges).\n")
    (folder / "b.yaml").write_text("flow: b\nlead: b\npath: [b > c]\nsla: soon")
    wrong = run("flows", "check", folder)
    assert wrong.exit_code == 1
    assert f"{folder}/b.yaml:3: path: there is no such field. Did you mean paths?" in wrong.stderr
    assert f"{folder}/b.yaml:4: sla: 'soon' is not a duration" in wrong.stderr
    assert run("flows", "check", folder / "none.yaml").exit_code == 1
    (folder / "again.yaml").write_text(FLOW)
    twice = run("flows", "check", folder / "claim.yaml", folder / "again.yaml")
    assert "claim.yaml declares the flow 'claim' as well" in twice.stderr
    assert json.loads(run("flows", "schema").stdout)["title"] == "A flow of Flowtrail"


def test_flows_are_listed_shown_and_inferred_through_the_query_api(api, tmp_path):
    asked = ("--api-url", str(api.base_url))
    listed = run("flows", "list", *asked).stdout.splitlines()
    assert [line.split() for line in listed] == [
        ["flow", "declared", "cases", "in", "flight", "findings"],
        ["claim", "no", "1", "1", "-"],
        [orders.FLOW, "1", "7", "6", "0"],
    ]
    assert "paths       order > item, item > package" in run("flows", "show", orders.FLOW, *asked).stdout
    assert (
        "It is not declared. To infer a first file: flowtrail flows infer claim"
        in run("flows", "show", "claim", *asked).stdout
    )
    out = tmp_path / "claim.yaml"
    assert run("flows", "infer", "claim", "--out", out, *asked).exit_code == 0
    assert run("flows", "check", out).exit_code == 0
    again = run("flows", "infer", "claim", "--out", out, *asked)
    assert (again.exit_code, "exists already" in again.stderr) == (1, True)
    lost = run("flows", "show", "clam", *asked)
    assert (lost.exit_code, lost.stderr) == (1, "Error: There is no flow 'clam'. Did you mean claim?\n")
    nobody = run("flows", "list", "--api-url", "http://127.0.0.1:1")
    assert (nobody.exit_code, "or give its address with --api-url" in nobody.stderr) == (1, True)
