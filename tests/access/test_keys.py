import pytest

from access.database import Database
from access.errors import AccessError
from access.key import KeyRequest
from access.keys import Keys
from access.secrets import Secret, read_secret
from common.scopes import Scope

INGEST = frozenset({Scope.INGEST})


def test_a_key_comes_back_as_it_was_made(keys, clock):
    request = KeyRequest(
        scopes=frozenset({Scope.INGEST, Scope.READ}),
        tenant="acme",
        name="the shop",
        expires_ns=clock() + 10**9,
        requests_per_s=2.5,
        bytes_per_s=0,
    )
    made, secret = keys.create(request)
    assert keys.list() == [made]
    assert (made.id, made.created_ns) == (secret.id, clock())
    assert (made.tenant, made.name, made.scopes) == ("acme", "the shop", request.scopes)
    assert (made.expires_ns, made.requests_per_s, made.bytes_per_s) == (clock() + 10**9, 2.5, 0)
    assert (made.revoked_ns, made.last_used_ns) == (None, None)


def test_only_a_hash_of_the_secret_is_kept(tmp_path):
    path = tmp_path / "keys.db"
    database = Database.open(f"sqlite:///{path}")
    _, secret = Keys(database).create(KeyRequest(scopes=INGEST))
    database.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert secret.digest.encode() in kept
    assert secret.secret.encode() not in kept
    assert secret.secret not in repr(secret)


def test_no_two_keys_are_alike(keys):
    texts = {keys.create(KeyRequest(scopes=INGEST))[1].text for _ in range(20)}
    assert len(texts) == 20
    assert all(read_secret(text).text == text for text in texts)


def test_keys_are_listed_oldest_first(keys, clock):
    made = []
    for _ in range(3):
        made.append(keys.create(KeyRequest(scopes=INGEST))[0].id)
        clock.pass_s(1)
    assert [key.id for key in keys.list()] == made


def test_a_revoked_key_stays_in_the_list_with_the_time_of_its_first_revocation(keys, clock):
    made, _ = keys.create(KeyRequest(scopes=INGEST))
    clock.pass_s(5)
    revoked = keys.revoke(made.id)
    clock.pass_s(5)
    assert keys.revoke(made.id) == revoked
    assert revoked.revoked_ns == made.created_ns + 5 * 10**9
    assert not revoked.usable_at(clock())


def test_a_key_that_is_not_there_cannot_be_revoked(keys):
    with pytest.raises(AccessError) as refused:
        keys.revoke("nobody")
    assert refused.value.code == "not_found"


def test_every_change_is_counted(keys):
    revisions = [keys.revision()]
    made, _ = keys.create(KeyRequest(scopes=INGEST))
    revisions.append(keys.revision())
    keys.revoke(made.id)
    revisions.append(keys.revision())
    keys.used({made.id: 1})
    revisions.append(keys.revision())
    assert revisions == [1, 2, 3, 3]


def test_the_latest_use_counts(keys):
    made, _ = keys.create(KeyRequest(scopes=INGEST))
    for used_ns in (5, 9, 7):
        keys.used({made.id: used_ns, "gone": 1})
    assert keys.get(made.id).last_used_ns == 9


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (KeyRequest(scopes=frozenset()), "needs a scope"),
        (KeyRequest(scopes=INGEST, tenant=""), "not a valid name of a tenant"),
        (KeyRequest(scopes=INGEST, tenant="../etc"), "not a valid name of a tenant"),
        (KeyRequest(scopes=INGEST, tenant="a" * 65), "not a valid name of a tenant"),
        (KeyRequest(scopes=INGEST, tenant="acme\n"), "not a valid name of a tenant"),
        (KeyRequest(scopes=INGEST, name="a\nb"), "name"),
        (KeyRequest(scopes=INGEST, name="x" * 201), "name"),
        (KeyRequest(scopes=INGEST, expires_ns=1), "expired already"),
        (KeyRequest(scopes=INGEST, requests_per_s=-1), "quota"),
        (KeyRequest(scopes=INGEST, bytes_per_s=float("inf")), "quota"),
        (KeyRequest(scopes=INGEST, bytes_per_s=float("nan")), "quota"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(keys, request_, says):
    with pytest.raises(AccessError, match=says) as refused:
        keys.create(request_)
    assert refused.value.code == "invalid"
    assert refused.value.hint
    assert keys.list() == []


def test_an_id_cannot_be_taken_twice(keys):
    keys.create(KeyRequest(scopes=INGEST), Secret("ui", "a" * 48))
    with pytest.raises(AccessError, match="ui exists already"):
        keys.create(KeyRequest(scopes=INGEST), Secret("ui", "b" * 48))


@pytest.mark.parametrize(
    "text",
    ["", "ftk_", "ftk_a", "ftk__" + "a" * 48, "ftk_a_short", "ftk_A_" + "a" * 48, "ftk_a_" + "a" * 48 + "\n",
     "ftk_a_" + "a" * 129, "ftk_é_" + "a" * 48, "ftk_a_" + "\uff41" * 48, " ftk_a_" + "a" * 48, "x" * 1_000_000],
)  # fmt: skip
def test_what_is_no_key_is_not_read_as_one(text):
    assert read_secret(text) is None
