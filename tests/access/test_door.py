import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.door import Admission, Door
from access.errors import Denied
from access.key import KeyRequest
from access.keyring import Keyring
from common.scopes import Scope

HERE, ELSEWHERE = "127.0.0.1", "192.0.2.7"


@pytest.fixture
def address(tmp_path):
    """One kind of database is enough here: the door never asks it."""
    return f"sqlite:///{tmp_path / 'keys.db'}"


@pytest.fixture
def keyring(database, clock):
    return Keyring(database, clock)


@pytest.fixture
def door(keyring):
    return Door(keyring)


@pytest.fixture
def acme(keyring, keys):
    """A key of the tenant acme that may send."""
    _, secret = keys.create(KeyRequest(scopes=frozenset({Scope.INGEST}), tenant="acme"))
    keyring.refresh()
    return secret.text


def refused(door, headers, peer=HERE, scope=Scope.INGEST):
    with pytest.raises(Denied) as denied:
        door.admit(headers, peer, scope)
    return denied.value


def test_without_any_key_this_machine_comes_in_as_the_default_tenant(door):
    assert door.admit({}, HERE, Scope.INGEST) == Admission("default")


def test_without_any_key_others_are_told_how_to_get_one(door):
    answer = refused(door, {}, ELSEWHERE, Scope.READ)
    assert answer.code == "unauthenticated"
    assert "flowtrail keys create --scope read" in answer.hint


def test_a_key_names_the_tenant_wherever_it_comes_from(door, acme):
    for peer in (HERE, ELSEWHERE):
        assert door.admit({"authorization": f"Bearer {acme}"}, peer, Scope.INGEST).tenant == "acme"


def test_the_first_key_of_a_scope_closes_that_scope_for_this_machine_too(door, acme):
    assert acme
    assert refused(door, {}).code == "unauthenticated"
    assert door.admit({}, HERE, Scope.READ) == Admission("default")


def test_the_last_key_gone_does_not_open_the_door_again(door, acme, keys, keyring):
    for key in keys.list():
        keys.revoke(key.id)
    keyring.refresh()
    assert refused(door, {}).message == "A key is needed."
    assert refused(door, {"authorization": f"Bearer {acme}"}).code == "unauthenticated"


def test_a_key_that_does_not_count_is_refused_also_where_none_is_needed(door):
    assert refused(door, {"authorization": "Bearer ftk_nobody_" + "a" * 48}).message == "The key is not known."


def test_keys_can_be_required_of_this_machine_too(keyring):
    assert refused(Door(keyring, require_keys=True), {}).message == "A key is needed."


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip", "via"])
def test_a_proxy_on_this_machine_does_not_lend_its_place(door, header):
    assert refused(door, {header: HERE}).code == "unauthenticated"


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER   {} ", " Bearer {}"])
def test_the_scheme_is_read_generously(door, acme, form):
    assert door.admit({"authorization": form.format(acme)}, ELSEWHERE, Scope.INGEST).tenant == "acme"


@pytest.mark.parametrize(
    "form",
    ["", "Bearer", "Bearer ", "{}", "Basic {}", "Token {}", "Bearer {0},Bearer {0}", "Bearer x,Bearer {}", "Bearer {},",
     "Bearer {} x", "Bearer\t{}", "Bearer \0{}"],
)  # fmt: skip
def test_anything_else_is_refused_wherever_it_comes_from(door, acme, form):
    for peer in (HERE, ELSEWHERE):
        assert refused(door, {"authorization": form.format(acme)}, peer).code == "unauthenticated"


def test_a_refusal_never_repeats_the_key(door, acme):
    for text in (acme + "x", f"{acme},{acme}"):
        assert acme[-20:] not in str(refused(door, {"authorization": f"Bearer {text}"}))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.text(max_size=300)
    | st.builds("Bearer ftk_{}_{}".format, st.text(max_size=40), st.text("0123456789abcdef", max_size=140))
)
def test_no_text_is_a_key_by_chance(door, acme, header):
    assert header != f"Bearer {acme}"
    assert refused(door, {"authorization": header}).code in {"unauthenticated", "too_many_attempts"}


def test_wrong_keys_are_counted_and_slowed_and_keep_nobody_out(door, acme):
    codes = []
    door.on_refused_key = codes.append
    wrong = {"authorization": f"Bearer ftk_nobody_{'0' * 64}"}
    answers = [refused(door, wrong, ELSEWHERE).code for _ in range(30)]
    assert answers == ["unauthenticated"] * 20 + ["too_many_attempts"] * 10
    assert codes == ["unauthenticated"] * 30
    assert refused(door, wrong, HERE).code == "unauthenticated"
    assert door.admit({"authorization": f"Bearer {acme}"}, ELSEWHERE, Scope.INGEST).tenant == "acme"
