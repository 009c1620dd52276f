"""``flowtrail keys``: what it prints, and what it never prints."""

import json
import re

import pytest
from click.testing import CliRunner

from server.cli import main


@pytest.fixture
def flowtrail(tmp_path):
    """Runs ``flowtrail keys …`` on the data of one folder."""

    def run(*words):
        return CliRunner().invoke(main, ["keys", *words, "--data", str(tmp_path / "data")])

    return run


def made(flowtrail, *words):
    done = flowtrail("create", "--quiet", *words)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def test_a_key_is_printed_once_and_alone_on_stdout(flowtrail):
    done = flowtrail("create", "--scope", "ingest", "--tenant", "acme", "--name", "shop")
    assert re.fullmatch(r"ftk_[0-9a-f]{12}_[0-9a-f]{48}\n", done.stdout)
    assert "tenant acme, ingest, expires never" in done.stderr


def test_the_list_tells_everything_but_the_key(flowtrail):
    text = made(flowtrail, "--scope", "read", "--scope", "ingest", "--tenant", "acme", "--name", "the shop")
    line = flowtrail("list").stdout.splitlines()[1]
    assert [*re.split(r"  +", line)[1:4], *re.split(r"  +", line)[5:]] == [
        "the shop", "acme", "ingest,read", "never", "never", "usable",
    ]  # fmt: skip
    (found,) = json.loads(flowtrail("list", "--json").stdout)
    assert {"id", "name", "tenant", "scopes", "created", "expires", "revoked", "last_used"} < found.keys()
    assert text.rsplit("_", 1)[1] not in flowtrail("list").stdout + flowtrail("list", "--json").stdout


def test_without_keys_nothing_is_listed_and_nothing_made(flowtrail, tmp_path):
    assert flowtrail("list").stdout == "There are no keys.\n"
    assert json.loads(flowtrail("list", "--json").stdout) == []
    assert list(tmp_path.iterdir()) == []


def test_a_revoked_key_says_so_in_the_list(flowtrail):
    key_id = made(flowtrail, "--scope", "ingest").split("_")[1]
    assert flowtrail("revoke", key_id).exit_code == 0
    assert "revoked 20" in flowtrail("list").stdout
    assert json.loads(flowtrail("list", "--json").stdout)[0]["revoked"]


def test_everything_can_be_said_in_json(flowtrail):
    done = flowtrail(
        "create", "--json", "--scope", "ingest", "--requests-per-s", "5", "--mib-per-s", "0.5",
        "--expires", "2199-01-01T00:00:00+01:00",
    )  # fmt: skip
    key = json.loads(done.stdout)
    assert (key["requests_per_s"], key["bytes_per_s"], key["expires"]) == (5, 524288, "2198-12-31T23:00:00Z")
    assert key["key"].startswith(f"ftk_{key['id']}_")
    revoked = json.loads(flowtrail("revoke", "--json", key["id"]).stdout)
    assert "key" not in revoked
    assert revoked["revoked"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("create",), "Missing option '--scope'"),
        (("create", "--scope", "write"), "'write' is not one of"),
        (("create", "--scope", "read", "--expires", "soon"), "neither a duration"),
        (("create", "--scope", "read", "--expires", "2199-01-01T00:00:00"), "no time zone"),
        (("create", "--scope", "read", "--expires", "2999-01-01T00:00:00Z"), "too far away"),
        (("create", "--scope", "read", "--expires", "999999w"), "neither a duration"),
        (("create", "--scope", "read", "--expires", "2001-01-01T00:00:00Z"), "expired already"),
        (("create", "--scope", "read", "--tenant", "a b"), "not a valid name of a tenant"),
        (("create", "--scope", "read", "--requests-per-s", "-1"), "not in the range"),
        (("create", "--scope", "read", "--mib-per-s", "nan"), "quota"),
        (("revoke", "nobody"), "There are no keys here"),
    ],
)
def test_mistakes_end_in_a_sentence(flowtrail, words, says):
    done = flowtrail(*words)
    assert done.exit_code != 0
    assert says in done.output
    assert "Traceback" not in done.output


def test_an_id_that_is_not_there_is_an_error(flowtrail):
    text = made(flowtrail, "--scope", "ingest")
    done = flowtrail("revoke", text)
    assert done.exit_code == 1
    assert "The id is only a part of the key" in done.output
    assert text.rsplit("_", 1)[1] not in done.output
