import threading

import pytest
import uvicorn
from playwright.sync_api import expect

from dashboards.app import create_app
from dashboards.serving.asgi import WsgiBridge
from tests.dashboards.chromium import chromium
from tests.dashboards.fixture_api import FixtureApi, serving

PATIENCE_MS = 30_000
HASTE = """
for (const name of ["setTimeout", "setInterval"]) {
  const own = window[name];
  window[name] = (call, wait, ...more) => own(call, wait >= 1000 ? wait / 50 : wait, ...more);
}
"""
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def fixture_api():
    fixture = FixtureApi()
    with serving(fixture) as url:
        fixture.url = url
        yield fixture


@pytest.fixture
def api_mode(fixture_api):
    """Sets how the API behaves for one test."""
    fixture_api.requests.clear()

    def choose(mode):
        fixture_api.mode = mode

    yield choose
    fixture_api.mode = "normal"


@pytest.fixture(scope="session")
def app(fixture_api):
    return create_app(fixture_api.url)


@pytest.fixture(scope="session")
def site(app):
    """The address of the dashboards, behind the ASGI bridge as in the product."""
    bridge = WsgiBridge(app.server)
    server = uvicorn.Server(uvicorn.Config(bridge, port=0, log_level="warning", lifespan="off"))
    ready = threading.Event()
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    started = server.startup

    async def startup(*args, **kwargs):
        await started(*args, **kwargs)
        ready.set()

    server.startup = startup
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert ready.wait(20)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    bridge.close()


@pytest.fixture(scope="session")
def profile(tmp_path_factory):
    """The browser profile: a directory with cached and compiled scripts, like that of a reader."""
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def window(profile, site):
    """One window in Berlin for all tests of a module. With its cache, a page takes a third of the time."""
    settings = {"viewport": {"width": 1280, "height": 900}, "timezone_id": "Europe/Berlin", "base_url": site}
    with chromium(profile, **settings) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context


@pytest.fixture
def page(window, site):
    """A new tab. Fails the test if there was an error in it or a request to another host."""
    yield from _tab(window, site)


@pytest.fixture
def hasty_page(window, site):
    """A tab in which timers of a second or more run fifty times as fast."""
    yield from _tab(window, site, HASTE)


def _tab(context, site, script=""):
    tab = context.new_page()
    if script:
        tab.add_init_script(script)
    wrong = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    tab.on("request", lambda request: wrong.append(request.url) if not _own(request.url, site) else None)
    yield tab
    tab.close()
    assert wrong == []


def _own(url, site):
    return url.startswith((site, "data:", "blob:"))
