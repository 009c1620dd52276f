import pytest

from common.hosts import HostNames
from common.loopback import LOOPBACK_NAMES


@pytest.mark.parametrize(
    "header", ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8080", " localhost:80 "]
)
def test_names_count_with_and_without_a_port(header):
    assert HostNames(LOOPBACK_NAMES).includes(header)


@pytest.mark.parametrize(
    "header",
    ["", "evil.example", "evil.example:8080", "localhost.evil.example", "localhost,evil.example", "localhost,localhost",
     "localhost:80:80", "localhost:x", "[localhost]", "::1", "127.0.0.1.evil.example", "127.0.0.2", "localhost\x00"],
)  # fmt: skip
def test_other_names_do_not(header):
    assert not HostNames(LOOPBACK_NAMES).includes(header)


def test_an_address_may_be_given_with_brackets():
    assert HostNames(["[fe80::7]"]).includes("[FE80::7]:443")
