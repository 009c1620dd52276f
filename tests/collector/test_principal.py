from __future__ import annotations

import pytest

from collector.errors import Refusal
from collector.principal import loopback_only


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "::1%lo", ""])
def test_this_machine_may_send_without_a_key(peer):
    assert loopback_only({}, peer, "ingest").tenant == "default"


@pytest.mark.parametrize("peer", ["10.0.0.7", "::2", "::ffff:10.0.0.7", "fe80::1%eth0", "localhost", "unknown"])
def test_nobody_else_may(peer):
    with pytest.raises(Refusal, match="flowtrail keys create") as refused:
        loopback_only({}, peer, "ingest")
    assert refused.value.code == "unauthenticated"
