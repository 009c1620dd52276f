"""Hundreds of statements that try to read a file or another tenant's rows, none of which does."""

import re

import pytest

from tests.store_server.attacks import of_files, of_tenants

pytestmark = pytest.mark.slow

SECRET = "planted-5e1f0c"  # noqa: S105 - what must not be read
OTHERS = re.compile(r"other-\d|O-other|op-other|svc-other")
COUNT = 150


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A file that the service can read."""
    path = tmp_path_factory.mktemp("files") / "secret.txt"
    path.write_text(SECRET, encoding="utf-8")
    return path


def as_reader(door, statement, file):
    return door.ask(statement.encode(), database="sql", param_path=str(file), param_p="1", param_d="flowtrail")


def as_engine(door, statement, file):
    """What the engine makes of it, for one tenant, with every privilege."""
    params = {"param_path": str(file), "param_p": "1", "param_d": "flowtrail", "log_comment": "acme"}
    return door.ask(statement.encode(), "owner", database="sql", **params)


@pytest.mark.parametrize("seed", range(2))
def test_no_statement_reads_a_file(door, file, seed):
    statements = list(of_files(str(file), COUNT, seed))
    answers = {statement: as_reader(door, statement, file).text for statement in statements}
    assert {statement: text for statement, text in answers.items() if SECRET in text} == {}
    open_to_the_engine = [s for s in statements[: COUNT // 2] if SECRET in as_engine(door, s, file).text]
    assert len(open_to_the_engine) > 0  # or the attack is none


def test_no_statement_reads_another_tenants_rows_or_a_table_that_is_not_shown(door, file):
    statements = list(of_tenants(str(file), seed=0))
    answers = {statement: as_reader(door, statement, file) for statement in statements}
    shown = {s: answer.text for s, answer in answers.items() if SECRET in answer.text or OTHERS.search(answer.text)}
    assert shown == {}
    written = [path.name for path in file.parent.iterdir()]
    assert written == ["secret.txt"]
    assert door.ask("SELECT count() FROM steps").text == door.ask("SELECT count() FROM steps", "reader-other").text


def test_what_a_reader_may_ask_means_what_the_engine_says(door, file):
    """The engine writes a statement again before it runs: names and values of the answer stay the same."""
    same = 0
    for statement in of_files(str(file), COUNT, seed=5):
        harmless = statement.replace("file", "lower")
        mine, engines = as_reader(door, harmless, file), as_engine(door, harmless, file)
        if mine.status_code == 200 and not harmless.lstrip().upper().startswith(("SET", "KILL", "SHOW", "EXPLAIN")):
            assert (harmless, sorted(engines.text)) == (harmless, sorted(mine.text))  # a UNION has no order
            same += 1
    assert same > COUNT // 10
