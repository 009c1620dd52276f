import threading

import pytest

from access.database import Database
from access.errors import AccessError
from access.tenants import Tenants


def test_a_tenant_keeps_its_key(address, database):
    key = Tenants(database).token_key("acme")
    assert len(key) == 32
    again = Database.open(address)
    assert Tenants(again).token_key("acme") == key
    again.close()


def test_no_two_tenants_share_a_key(database):
    tenants = Tenants(database)
    assert len({tenants.token_key(f"t{number}") for number in range(10)}) == 10


def test_processes_that_ask_together_get_the_same_key(database):
    found, tenants = [], [Tenants(database) for _ in range(8)]
    threads = [threading.Thread(target=lambda one=one: found.append(one.token_key("acme"))) for one in tenants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_it_is_read_once(database):
    tenants = Tenants(database)
    key = tenants.token_key("acme")
    database.close()
    database.read = None
    assert tenants.token_key("acme") == key


@pytest.mark.parametrize("name", ["", "a b", "x" * 65])
def test_what_cannot_be_a_tenant_has_none(database, name):
    with pytest.raises(AccessError):
        Tenants(database).token_key(name)
