from __future__ import annotations

import pytest

from common.loopback import is_loopback, is_loopback_host


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "::1%lo"])
def test_this_machine(address):
    assert is_loopback(address)
    assert is_loopback_host(address)


@pytest.mark.parametrize(
    "address",
    ["", "10.0.0.1", "::ffff:10.0.0.1", "::", "0.0.0.0", "localhost.example.org", "127.0.0.1.example.org"],  # noqa: S104 - compared, not bound
)
def test_somewhere_else(address):
    assert not is_loopback(address)
    assert not is_loopback_host(address)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]"])
def test_a_host_may_be_a_name_or_stand_in_brackets(host):
    assert is_loopback_host(host)
    assert not is_loopback(host)
