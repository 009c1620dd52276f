import logging
import shutil
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import make_url, text

from access.database import Database
from access.errors import AccessError, Denied
from access.key import KeyRequest
from access.keyring import Keyring
from access.keys import Keys
from common.scopes import Scope
from tests import postgresql
from tests.access.wire import Wire

INGEST = frozenset({Scope.INGEST})
ALL = frozenset(Scope)


@pytest.fixture
def keyring(database, clock):
    return Keyring(database, clock)


def refusal(keyring, presented, scope=Scope.INGEST):
    with pytest.raises(Denied) as refused:
        keyring.identify(presented, scope)
    return refused.value


def test_a_key_is_known_by_its_secret(keyring, keys):
    made, secret = keys.create(KeyRequest(scopes=INGEST, tenant="acme"))
    keyring.refresh()
    assert keyring.identify(secret.text, Scope.INGEST) == made


def test_another_secret_under_a_known_id_is_as_unknown_as_another_id(keyring, keys):
    _, secret = keys.create(KeyRequest(scopes=INGEST))
    keyring.refresh()
    wrong = secret.text[:-1] + ("0" if secret.text[-1] != "0" else "1")
    answers = [refusal(keyring, presented) for presented in (wrong, f"ftk_nobody_{secret.secret}")]
    assert {(answer.code, answer.message) for answer in answers} == {("unauthenticated", "The key is not known.")}


def test_a_missing_scope_is_forbidden(keyring, keys):
    _, secret = keys.create(KeyRequest(scopes=INGEST))
    keyring.refresh()
    answer = refusal(keyring, secret.text, Scope.READ)
    assert (answer.code, "--scope read" in answer.hint) == ("forbidden", True)


def test_a_revoked_key_no_longer_counts_once_the_change_is_seen(keyring, keys):
    made, secret = keys.create(KeyRequest(scopes=INGEST))
    keyring.refresh()
    keys.revoke(made.id)
    keyring.identify(secret.text, Scope.INGEST)
    keyring.refresh()
    assert refusal(keyring, secret.text).message == f"The key {made.id} was revoked."


def test_an_expired_key_no_longer_counts_at_that_very_moment(keyring, keys, clock):
    made, secret = keys.create(KeyRequest(scopes=INGEST, expires_ns=clock() + 10**9))
    keyring.refresh()
    clock.pass_s(0.999)
    keyring.identify(secret.text, Scope.INGEST)
    clock.pass_s(0.001)
    assert refusal(keyring, secret.text).message == f"The key {made.id} has expired."


def test_a_scope_stays_guarded_after_its_last_key_is_revoked(keyring, keys):
    assert not any(keyring.guards(scope) for scope in Scope)
    made, _ = keys.create(KeyRequest(scopes=INGEST))
    keys.revoke(made.id)
    keyring.refresh()
    assert [scope for scope in Scope if keyring.guards(scope)] == [Scope.INGEST]


def test_a_key_of_this_process_counts_here_alone_and_guards_nothing(keyring, keys, database, clock):
    local = keyring.issue_local("default", frozenset({Scope.READ}))
    assert keyring.identify(local, Scope.READ).tenant == "default"
    keyring.refresh()
    assert keyring.identify(local, Scope.READ)
    assert not keyring.guards(Scope.READ)
    assert keys.list() == []
    refusal(Keyring(database, clock), local, Scope.READ)


def test_changes_are_seen_in_the_background(database, clock, keys):
    keyring = Keyring(database, clock, refresh_s=0.01)
    keyring.start()
    try:
        _, secret = keys.create(KeyRequest(scopes=INGEST))
        _until(lambda: keyring.guards(Scope.INGEST))
        assert keyring.identify(secret.text, Scope.INGEST)
    finally:
        keyring.stop()


def test_the_last_use_is_noted_at_the_end(keyring, keys, clock):
    made, secret = keys.create(KeyRequest(scopes=INGEST))
    keyring.refresh()
    clock.pass_s(3)
    keyring.identify(secret.text, Scope.INGEST)
    keyring.identify(keyring.issue_local("default", ALL), Scope.READ)
    keyring.stop()
    assert keys.get(made.id).last_used_ns == clock()


def test_without_its_database_the_last_known_keys_count(keyring, keys, database, caplog):
    made, secret = keys.create(KeyRequest(scopes=INGEST))
    keyring.refresh()
    with database.write() as connection:
        connection.execute(text("ALTER TABLE revisions RENAME TO gone"))
    with caplog.at_level(logging.WARNING):
        keyring.refresh()
        keyring.refresh()
    assert len(caplog.records) == 1
    assert keyring.trouble
    assert keyring.identify(secret.text, Scope.INGEST).id == made.id
    with database.write() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO revisions"))
    keys.revoke(made.id)
    keyring.refresh()
    assert keyring.trouble is None
    assert refusal(keyring, secret.text)


def test_a_database_that_goes_away_and_comes_back(postgresql_server, clock):
    server = make_url(postgresql_server)
    with postgresql.database(postgresql_server) as address, Wire((server.host, server.port)) as wire:
        database = Database.open(make_url(address).set(port=wire.port).render_as_string())
        keys, keyring = Keys(database, clock), Keyring(database, clock)
        _, secret = keys.create(KeyRequest(scopes=INGEST))
        keyring.refresh()
        wire.cut()
        keyring.refresh()
        assert "failed" in keyring.trouble
        assert keyring.identify(secret.text, Scope.INGEST)
        wire.mend()
        keys.revoke(secret.id)
        keyring.refresh()
        assert keyring.trouble is None
        assert refusal(keyring, secret.text)
        database.close()


def test_a_server_does_not_start_without_its_keys(database, clock):
    with database.write() as connection:
        connection.execute(text("ALTER TABLE revisions RENAME TO gone"))
    with pytest.raises(AccessError):
        Keyring(database, clock)


def test_nobody_waits_for_the_database(keyring, keys, database):
    _, secret = keys.create(KeyRequest(scopes=INGEST))
    keyring.refresh()
    with database.write() as connection:
        connection.execute(text("UPDATE revisions SET revision = revision + 1"))
        refreshing = threading.Thread(target=keyring.refresh)
        refreshing.start()
        for _ in range(100):
            keyring.identify(secret.text, Scope.INGEST)
    refreshing.join()


def test_a_million_characters_are_refused_without_being_hashed(keyring):
    text = "ftk_a_" + "a" * 1_000_000
    began = time.thread_time()
    for _ in range(100):
        refusal(keyring, text)
    assert time.thread_time() - began < 0.1  # one SHA-256 of it takes a millisecond or more


def _until(true):
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def running(database):
    """A keyring that looks for changes by itself only once a minute."""
    keyring = Keyring(database, refresh_s=60)
    keyring.start()
    yield keyring
    keyring.stop()


def test_a_new_key_counts_at_once(running, address):
    other = Database.open(address)
    made, secret = Keys(other).create(KeyRequest(scopes=INGEST))
    assert running.identify(secret.text, Scope.INGEST).id == made.id
    other.close()


def test_unknown_keys_have_the_database_read_ten_times_a_second_at_most(running, monkeypatch):
    reads = []
    monkeypatch.setattr(running, "_refresh", lambda: reads.append(time.monotonic()))
    began = time.monotonic()
    for number in range(2_000):
        refusal(running, f"ftk_{number:012x}_{'0' * 64}")
    assert len(reads) <= 1 + (time.monotonic() - began) / 0.1


def test_a_database_that_does_not_answer_is_not_waited_for(running, monkeypatch):
    """At most 50 ms, once; afterwards nobody waits until the database has answered again."""
    blocked = threading.Event()
    monkeypatch.setattr(running, "_refresh", lambda: blocked.wait(30))
    waits = []
    monkeypatch.setattr(running._looks, "wait_for", lambda _true, timeout: waits.append(timeout))
    for number in range(100):
        refusal(running, f"ftk_{number:012x}_{'0' * 64}")
    blocked.set()
    assert waits == [0.05]


def test_changes_are_seen_after_another_part_of_the_process_closed_the_file(tmp_path):
    """POSIX then frees all locks of the process on that file; in WAL mode the next command would delete the log."""
    path = tmp_path / "keys.db"
    address = f"sqlite:///{path}"
    database = Database.open(address)
    keyring = Keyring(database)
    path.read_bytes()
    keys = Keys(database)
    made, secret = keys.create(KeyRequest(scopes=INGEST))
    path.read_bytes()
    in_another_process(address, f"keys.revoke({made.id!r})")
    keyring.refresh()
    assert refusal(keyring, secret.text).message == f"The key {made.id} was revoked."
    assert [file.name for file in tmp_path.iterdir()] == ["keys.db"]
    database.close()


def test_changes_are_seen_in_a_file_that_was_put_in_the_place_of_the_other(tmp_path):
    path, address = tmp_path / "keys.db", f"sqlite:///{tmp_path / 'keys.db'}"
    database = Database.open(address)
    made, secret = Keys(database).create(KeyRequest(scopes=INGEST))
    keyring = Keyring(database)
    shutil.copy(path, tmp_path / "restored.db")
    in_another_process(f"sqlite:///{tmp_path / 'restored.db'}", f"keys.revoke({made.id!r})")
    (tmp_path / "restored.db").rename(path)
    keyring.refresh()
    assert refusal(keyring, secret.text).message == f"The key {made.id} was revoked."
    database.close()


def in_another_process(address, change):
    program = (
        "import sys\n"
        "from access.database import Database\n"
        "from access.keys import Keys\n"
        "database = Database.open(sys.argv[1])\n"
        "keys = Keys(database)\n"
        f"{change}\n"
        "database.close()\n"
    )
    subprocess.run([sys.executable, "-c", program, address], check=True)
