"""Rebuilds over HTTP and from the command line, on a collector with a real store and a fold beside it."""

import threading

import httpx
import pytest
from click.testing import CliRunner

from cases.errors import InvalidQuery
from cases.fold.fold import Fold
from cases.fold.state import FOLD_VERSION, outdated, set_state
from collector.errors import Refusal
from collector.principal import Principal
from collector.service import Collector
from server.cli import main
from server.flow_files import Declared
from server.jobs.jobs import Jobs
from server.jobs.rebuilds import PATH, Rebuilds, since_of
from store.client import open_store
from store.intake import Envelope, insert_envelopes
from tests.cases.orders import Wire, declare_flow, trace_of
from tests.collector.running import Running, eventually, settings
from tests.collector.sinks import MemorySink

pytestmark = pytest.mark.slow


@pytest.fixture
def store(migrated_chdb_url):
    opened = open_store(migrated_chdb_url)
    request = Wire().step("shop", "capture", 0, trace=trace_of("SO-1"), case="SO-1").request()
    for tenant in ("default", "other"):
        declare_flow(opened, tenant)
    insert_envelopes(opened, [Envelope(tenant, 1, request) for tenant in ("default", "other")], "orders")
    Fold(opened).fold_pending()
    yield opened
    opened.close()


@pytest.fixture
def rebuilds(store):
    made = Rebuilds(store, Fold(store), Jobs())
    yield made
    made.jobs.stop()


def sender(headers, _peer, _scope):
    key = headers.get("authorization", "").removeprefix("Bearer ")
    return Principal(key or "default", key_id=key, all_tenants=not key)


@pytest.fixture
def running(rebuilds, tmp_path):
    more = (rebuilds.routes(),)
    collector = Collector(settings(tmp_path / "collector"), MemorySink(), authenticate=sender, more=more)
    with Running(collector) as found:
        yield found


def ask(running, method, below="", tenant="", **request):
    headers = {"authorization": f"Bearer {tenant}"} if tenant else {}
    return httpx.request(method, f"http://127.0.0.1:{running.http_port}{PATH}{below}", headers=headers, **request)


def ended(running, job):
    eventually(lambda: ask(running, "GET", f"/{job['id']}").json()["state"] != "running")
    return ask(running, "GET", f"/{job['id']}").json()


def test_a_rebuild_over_http_says_how_far_it_is_and_a_second_is_refused(running, rebuilds):
    hold = threading.Event()
    blocking = rebuilds.jobs.start("rebuild", "", lambda _: {"cases": int(hold.wait(60))})
    refused = ask(running, "POST", json={})
    assert (refused.status_code, blocking.id in refused.json()["message"]) == (409, True)
    hold.set()
    assert ended(running, {"id": blocking.id})["result"] == {"cases": 1}
    begun = ask(running, "POST")
    assert begun.status_code == 202
    done = ended(running, begun.json())
    assert (done["state"], done["result"], done["done"], done["error"]) == ("done", {"cases": 2}, done["total"], None)


@pytest.mark.parametrize("tenant", ["default", "other"])
def test_a_tenant_rebuilds_sees_and_stops_its_own_only(running, tenant):
    mine = ended(running, ask(running, "POST", tenant=tenant).json())
    assert mine["result"] == {"cases": 1}
    of_all = ask(running, "POST").json()
    ended(running, of_all)
    assert ask(running, "GET", f"/{of_all['id']}", tenant=tenant).status_code == 404
    assert ask(running, "DELETE", f"/{of_all['id']}", tenant=tenant).status_code == 404
    assert [job["id"] for job in ask(running, "GET", tenant=tenant).json()["jobs"]] == [mine["id"]]
    assert len(ask(running, "GET").json()["jobs"]) == 2


def test_a_job_of_one_tenant_does_not_wait_for_that_of_another(running, rebuilds):
    hold = threading.Event()
    others = [rebuilds.jobs.start("rebuild", tenant, lambda _: {"n": int(hold.wait(60))}) for tenant in "abc"]
    mine = ended(running, ask(running, "POST", tenant="other").json())
    assert mine["result"] == {"cases": 1}
    rebuilds.jobs.start("rebuild", "d", lambda _: {"n": int(hold.wait(60))})
    refused = ask(running, "POST", tenant="other")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "60")
    assert not [job.id for job in others if job.id in refused.text]
    hold.set()


def test_running_jobs_are_not_forgotten():
    jobs, hold = Jobs(), threading.Event()
    long = jobs.start("rebuild", "a", lambda _: {"n": int(hold.wait(60))})
    for number in range(40):
        job = jobs.start("rebuild", "b", lambda _: {})
        eventually(lambda job=job: job.state != "running")
        assert jobs.get(job.id) is job, number
    assert jobs.get(long.id) is long
    assert len(jobs.all()) == 20
    hold.set()
    jobs.stop()
    assert long.state == "done"


BAD_WISHES = {
    b"[1]": "not a JSON object",
    b'{"flows": "x"}': "no field 'flows'",
    b'{"since": "yesterday"}': "neither a day nor an instant",
    b'{"flow": 7}': "are texts",
}


def test_a_wish_that_cannot_be_is_refused_with_what_to_write(running):
    for body, says in BAD_WISHES.items():
        answer = ask(running, "POST", content=body)
        assert (answer.status_code, says in answer.json()["message"]) == (400, True), body


def test_the_command_asks_the_server_that_runs(running, tmp_path):
    done = CliRunner().invoke(main, ["cases", "rebuild", "--data", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (0, "2 cases rebuilt.\n")
    assert "100 %  done" in done.stderr
    none = CliRunner().invoke(main, ["cases", "rebuild", "--flow", "nothing", "--data", str(tmp_path)])
    assert (none.exit_code, "The flow 'nothing' has no case." in none.output) == (1, True)


def test_work_that_is_stopped_or_fails_says_so_and_makes_room():
    jobs = Jobs()
    begun = threading.Event()

    def long(progress):
        while True:
            progress.part("waits")
            begun.set()

    job = jobs.start("rebuild", "default", long)
    begun.wait(60)
    job.stopping.set()
    eventually(lambda: job.state == "stopped")
    broken = jobs.start("rebuild", "default", lambda _: {}["nothing"])
    eventually(lambda: broken.state == "failed")
    assert broken.error == "It met a defect; the server's log says which."
    jobs.stop()
    with pytest.raises(Refusal, match="stopping"):
        jobs.start("rebuild", "default", lambda _: {})


def test_cases_of_an_older_version_are_rebuilt_beside_serving(store, rebuilds):
    assert rebuilds.due((Declared("default"),)) is None
    set_state(store, "version", FOLD_VERSION - 1)
    job = rebuilds.start_due(rebuilds.due((Declared("default"),)))
    eventually(lambda: job.state != "running")
    assert (job.state, outdated(store)) == ("done", False)


def test_an_instant_without_a_zone_is_in_utc():
    assert since_of("2026-11-01").isoformat() == "2026-11-01T00:00:00+00:00"
    assert since_of("2026-11-01T08:00+02:00").utcoffset().total_seconds() == 7200
    assert since_of("") is None
    with pytest.raises(InvalidQuery):
        since_of("soon")
