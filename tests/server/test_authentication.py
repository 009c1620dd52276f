"""Keys at the doors of the collector and of the query API."""

import sqlite3

import pytest

from access.database import Database
from access.errors import AccessError
from access.key import KeyRequest
from access.keys import Keys
from collector.errors import Refusal
from collector.principal import Principal
from common.scopes import Scope
from dashboards.api.client import Api as DashboardsClient
from dashboards.api.errors import ApiRefused
from query_api.access import NotAllowed
from query_api.app import create_app
from server.authentication import authentication
from server.serve import keys_missing
from server.settings import Settings
from store.errors import StoreUnavailable
from tests.cases.conftest import orders_store
from tests.query_api.conftest import serving

__all__ = ["orders_store"]

HERE, ELSEWHERE = "127.0.0.1", "192.0.2.7"
BOOTSTRAP = f"ftk_ui_{'a' * 48}"


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path)


@pytest.fixture
def keys(settings):
    database = Database.open(settings.database_url)
    yield Keys(database)
    database.close()


def bearer(text):
    return {"authorization": f"Bearer {text}"}


def test_a_sender_has_the_tenant_and_the_quotas_of_its_key(settings, keys):
    own, own_text = keys.create(
        KeyRequest(scopes=frozenset({Scope.INGEST}), tenant="acme", requests_per_s=3, bytes_per_s=0)
    )
    plain, plain_text = keys.create(KeyRequest(scopes=frozenset({Scope.INGEST}), tenant="acme"))
    defaults = settings.model_copy(update={"key_requests_per_s": 9, "key_mib_per_s": 0.5})
    with authentication(defaults) as access:
        assert access.principal(bearer(own_text.text), ELSEWHERE, "ingest") == Principal("acme", own.id, 3, 0)
        assert access.principal(bearer(plain_text.text), ELSEWHERE, "ingest") == Principal("acme", plain.id, 9, 524288)


def test_without_keys_only_this_machine_sends_and_reads_and_has_no_quota(settings):
    with authentication(settings.model_copy(update={"key_requests_per_s": 9})) as access:
        assert access.principal({}, HERE, "ingest") == Principal("default", all_tenants=True)
        assert access.reader({}, HERE) == "default"
        with pytest.raises(Refusal) as refused:
            access.principal({}, ELSEWHERE, "ingest")
        assert (refused.value.code, "--scope ingest" in refused.value.hint) == ("unauthenticated", True)
        with pytest.raises(NotAllowed) as not_allowed:
            access.reader({}, ELSEWHERE)
        assert (not_allowed.value.code, "--scope read" in not_allowed.value.hint) == ("unauthenticated", True)


def test_each_door_asks_for_its_own_scope(settings, keys):
    _, ingest = keys.create(KeyRequest(scopes=frozenset({Scope.INGEST})))
    _, read = keys.create(KeyRequest(scopes=frozenset({Scope.READ})))
    with authentication(settings) as access:
        for scope, text in (("ingest", read.text), ("operate", ingest.text)):
            with pytest.raises(Refusal) as refused:
                access.principal(bearer(text), HERE, scope)
            assert refused.value.code == "forbidden"
        with pytest.raises(NotAllowed) as not_allowed:
            access.reader(bearer(ingest.text), HERE)
        assert not_allowed.value.code == "forbidden"


def test_the_dashboards_of_this_process_get_a_key_that_is_in_no_database(settings, keys):
    with authentication(settings) as access:
        text = access.dashboards_key(settings)
        assert access.reader(bearer(text), ELSEWHERE) == "default"
        with pytest.raises(Refusal):
            access.principal(bearer(text), HERE, "ingest")
        assert access.reader({}, HERE) == "default"
    assert keys.list() == []


def test_the_dashboards_get_none_where_keys_are_required_and_the_one_that_is_set(settings):
    with authentication(settings.model_copy(update={"require_keys": True})) as access:
        assert access.dashboards_key(settings) == ""
        given = Settings(data=settings.data, api_key=BOOTSTRAP)
        assert access.dashboards_key(given) == BOOTSTRAP
        assert "aaaa" not in repr(given)


def test_a_bootstrap_key_is_made_once_and_stays_revoked(settings, keys):
    chosen = settings.model_copy(update={"bootstrap_key": Settings(bootstrap_key=BOOTSTRAP).bootstrap_key})
    for _ in range(2):
        with authentication(chosen) as access:
            assert access.reader(bearer(BOOTSTRAP), ELSEWHERE) == "default"
    (key,) = keys.list()
    assert (key.id, key.tenant, key.scopes) == ("ui", "default", frozenset({Scope.READ}))
    keys.revoke("ui")
    with authentication(chosen) as access, pytest.raises(NotAllowed):
        access.reader(bearer(BOOTSTRAP), HERE)


@pytest.mark.parametrize("text", ["hunter2", f"ftk_ui_{'b' * 48}"])
def test_a_bootstrap_key_that_cannot_be_made_stops_the_start(settings, text):
    with authentication(Settings(data=settings.data, bootstrap_key=BOOTSTRAP)):
        pass
    wrong = Settings(data=settings.data, bootstrap_key=text)
    with pytest.raises(AccessError) as refused, authentication(wrong):
        pass
    assert text not in str(refused.value)


@pytest.fixture
def api(settings, keys, orders_store):
    """The API over a store with orders of the tenant default, once a key to read another tenant exists."""
    _, acme = keys.create(KeyRequest(scopes=frozenset({Scope.READ}), tenant="acme"))
    _, default = keys.create(KeyRequest(scopes=frozenset({Scope.READ})))
    _, sender = keys.create(KeyRequest(scopes=frozenset({Scope.INGEST})))
    with (
        authentication(settings) as access,
        serving(create_app(orders_store, authenticate=access.reader)) as client,
    ):
        client.keys = {"acme": acme.text, "default": default.text, "ingest": sender.text}
        yield client


def test_a_reader_sees_its_tenant_and_no_other(api):
    flows = {
        name: api.get("/api/v1/flows", headers=bearer(api.keys[name])).json()["flows"] for name in ("acme", "default")
    }
    assert flows["default"]
    assert flows["acme"] == []


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ([], 401, "unauthenticated"),
        ([("Authorization", "Bearer ftk_no_" + "a" * 48)], 401, "unauthenticated"),
        ([("Authorization", "Basic ZGFuYTpodXNo")], 401, "unauthenticated"),
        ([("Authorization", "{default}"), ("Authorization", "{acme}")], 401, "unauthenticated"),
        ([("Authorization", "{default}"), ("Authorization", "{default}")], 401, "unauthenticated"),
        ([("Authorization", "Bearer " + "a" * 20_000)], 401, "unauthenticated"),
        ([("X-Forwarded-For", "127.0.0.1")], 401, "unauthenticated"),
        ([("Authorization", "{ingest}")], 403, "forbidden"),
    ],
)
def test_whoever_has_no_right_gets_a_problem(api, headers, status, code):
    filled = [(name, _filled(value, api.keys)) for name, value in headers]
    response = api.get("/api/v1/search?q=SO-1", headers=filled)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    problem = response.json()
    assert problem["type"].endswith(code)
    assert problem["hint"]
    assert response.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    assert "aaaa" not in response.text


def test_every_address_of_the_api_asks_for_a_key(api):
    openapi = api.get("/api/v1/openapi.json").json()
    paths = [path for path in openapi["paths"] if path.startswith("/api/v1")]
    assert len(paths) > 5
    for path in paths:
        assert openapi["paths"][path]["get"]["security"] == [{"key": []}], path
        address = path.replace("{", "").replace("}", "")
        assert api.get(address).status_code == 401, path
        assert api.get(address, headers=bearer(api.keys["ingest"])).status_code == 403, path
    assert openapi["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_probes_need_no_key(api):
    assert [api.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


def test_what_a_request_says_about_tenants_changes_nothing(api):
    words = {"X-Tenant": "default", "X-Scope-OrgID": "default", "Tenant": "default", **bearer(api.keys["acme"])}
    response = api.get("/api/v1/flows", params={"tenant": "default", "Tenant": "default"}, headers=words)
    assert response.json() == {"flows": []}


def _filled(value, keys):
    return f"Bearer {keys[value[1:-1]]}" if value.startswith("{") else value


@pytest.mark.parametrize(("name", "title"), [("", "requires a key"), ("ingest", "rejects the key of the dashboards")])
def test_the_dashboards_say_what_key_they_need(api, name, title):
    client = DashboardsClient(str(api.base_url), api.keys.get(name, ""))
    with pytest.raises(ApiRefused, match=title) as refused:
        client.flows()
    assert "FLOWTRAIL_API_KEY" in refused.value.hint
    client.close()


def test_the_dashboards_show_the_tenant_of_their_key(api):
    client = DashboardsClient(str(api.base_url), api.keys["default"])
    assert client.flows()
    client.close()


def test_each_tenant_has_a_tokenising_key_that_stays(settings):
    with authentication(settings) as access:
        found = [access.token_key(tenant) for tenant in ("acme", "globex")]
    with authentication(settings) as access:
        assert [access.token_key(tenant) for tenant in ("acme", "globex")] == found
    assert len({*found}) == 2


def test_without_the_database_whoever_needs_a_tokenising_key_waits_as_for_the_store(settings, keys):
    with authentication(settings) as access:
        with sqlite3.connect(settings.data / "flowtrail.db") as connection:
            connection.execute("DROP TABLE tenants")
        with pytest.raises(StoreUnavailable):
            access.token_key("acme")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"host": "192.0.2.1"}, "flowtrail keys create --scope ingest --scope read"),
        ({"require_keys": True}, "flowtrail keys create --scope ingest --scope read"),
    ],
)
def test_whoever_starts_a_server_nobody_can_use_yet_is_told(settings, keys, changes, says):
    started = settings.model_copy(update=changes)
    with authentication(started) as access:
        text = keys_missing(started, access, Scope.INGEST, Scope.READ)
        assert (says in text, bool(text)) == (True, bool(says))
        keys.create(KeyRequest(scopes=frozenset({Scope.INGEST, Scope.READ})))
        access.keyring.refresh()
        assert keys_missing(started, access, Scope.INGEST, Scope.READ) == ""


def test_an_operator_acts_for_one_tenant_unless_the_key_says_all(settings):
    with authentication(settings) as access:
        keys = access.keyring._keys
        own, everybodys = (
            keys.create(KeyRequest(scopes=frozenset({scope})))[1].text for scope in (Scope.OPERATE, Scope.OPERATE_ALL)
        )
        assert not access.principal(bearer(own), ELSEWHERE, "operate").all_tenants
        assert access.principal(bearer(everybodys), ELSEWHERE, "operate").all_tenants
        with pytest.raises(Refusal, match="A key is needed"):
            access.principal({}, HERE, "operate")
