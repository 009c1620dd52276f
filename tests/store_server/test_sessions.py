"""What drivers say beside their questions: SET, USE, KILL QUERY, settings, ids."""

from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.slow

LONG = "SELECT sum(sipHash64(number)) FROM numbers(100000000000)"
KILL = "KILL QUERY WHERE query_id = '{id}' ASYNC FORMAT TSV"


def test_what_is_set_holds_for_the_session_of_its_reader(door):
    mine = {"session_id": "s", "session_timeout": "60"}
    zone = "SELECT getSetting('session_timezone')"
    assert door.ask("SET session_timezone = 'Asia/Tokyo', max_block_size = 77", **mine).text == ""
    assert door.ask(zone, **mine).text == "Asia/Tokyo\n"
    assert door.ask("SELECT getSetting('max_block_size')", **mine).text == "77\n"
    assert door.ask(zone, **mine, session_timezone="Europe/Rome").text == "Europe/Rome\n"
    assert door.ask(zone).text == "\n"
    assert door.ask(zone, "reader-other", **mine).text == "\n"  # not their session


@pytest.mark.parametrize(
    "statement",
    ["SET use_query_cache = 1", "SET max_execution_time = -1", "SET max_block_size = DEFAULT", "SET ROLE owner"],
)
def test_what_a_reader_may_not_change_cannot_be_set(door, statement):
    assert door.ask(statement, session_id="t").status_code >= 400
    assert door.ask("SELECT 1", session_id="t").text == "1\n"


def test_a_database_is_used_for_the_session(door):
    assert door.ask("USE system", session_id="u").status_code == 200
    assert door.ask("SELECT currentDatabase()", session_id="u").text == "system\n"
    assert door.ask("USE flowtrail", session_id="u").status_code == 403
    assert door.ask("USE sql").text == ""
    assert door.ask("USE nothing").status_code == 404


def test_a_reader_stops_their_own_query_and_no_other(door):
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(door.ask, LONG, query_id="mine")
        while not (killed := door.ask(KILL.format(id="mine")).text) and not running.done():
            assert door.ask(KILL.format(id="mine"), "reader-other").text == ""
            assert door.ask(KILL.format(id="others")).text == ""
        assert killed == "waiting\tmine\tdefault\t\n"
        assert running.result().headers["X-ClickHouse-Exception-Code"] == "394"


@pytest.mark.parametrize("condition", ["1", "query_id != 'a'", "query_id = concat('a', 'b')", "user = 'default'"])
def test_queries_are_stopped_by_their_ids_alone(door, condition):
    assert door.ask(f"KILL QUERY WHERE {condition}").status_code == 403


def test_settings_that_drivers_always_send_are_taken(door):
    said = {
        "enable_analyzer": "1",
        "allow_experimental_analyzer": "0",
        "prefer_localhost_replica": "0",
        "optimize_use_projections": "0",
        "optimize_read_in_order": "1",
        "load_balancing": "random",
        "network_compression_method": "ZSTD",
        "network_zstd_compression_level": "3",
        "readonly": "2",
    }
    assert door.ask("SELECT 1", **said).text == "1\n"
    clause = ", ".join(f"{name} = '{value}'" for name, value in said.items())
    assert door.ask(f"SELECT 1 SETTINGS {clause}").text == "1\n"


@pytest.mark.parametrize("query_id", ["a\r\nSet-Cookie: b=c", "a\n", "\0", "\u00fc", " a", "x" * 300])
def test_an_id_that_no_header_can_carry_is_refused(door, query_id):
    answer = door.ask("SELECT 1", query_id=query_id)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (400, "36")
    assert "set-cookie" not in answer.headers
    assert door.ask("SELECT 1", default_format="TSV\r\nSet-Cookie: b=c").status_code == 404


@pytest.mark.parametrize(
    "sql",
    [
        *(
            "SELECT * FROM casez",
            "SELECT * FROM schema_migrationz",
            "SHOW CREATE TABLE sql.foldstate",
            "DESCRIBE casez",
        ),
        *("SELECT 1 WHERE 1 IN folded_batchez", "SELECT * FROM sql.links_by_targets", "SELECT touched.a FROM cases"),
        *("EXISTS TABLE sql.touched", "SELECT throwIf(1, Flow) FROM cases", "SELECT CAST(CaseId AS UInt8) FROM cases"),
        "SELECT 1 FROM cases PREWHERE 1",
    ],
)
def test_an_error_names_no_table_that_readers_do_not_see(door, sql):
    answer = door.ask(sql)
    hidden = door.ask("SELECT name FROM system.tables WHERE database = 'flowtrail'", "owner").text.split()
    shown = door.ask("SHOW TABLES FROM sql").text.split()
    assert not [name for name in {*hidden} - {*shown} if name in answer.text and name not in sql]
    assert "flowtrail" not in answer.text
