"""Real engines for every test: chDB in the test's process, and the same engine behind ClickHouse's HTTP interface."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Error, sync_playwright

from tests import migrated_store as migrated
from tests import postgresql, skips
from tests.engines import ClickHouseServer, DataDirectory
from tests.made_once import made_once

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


# Their files take longest, one by one; begun last, they would leave all processes but one idle at the end.
LONGEST = ("dashboards", "e2e", "proof", "cases", "server")
# `make check` leaves these out, by their folder or by a fixture; other tests are marked where they stand.
SLOW_FOLDERS = {"e2e", "interop", "proof"}
SLOW_FIXTURES = {"browser"}


def pytest_configure(config: pytest.Config) -> None:
    skips.install(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, and put long files first, as ``--dist loadfile`` hands them out in this order."""
    places = {folder: place for place, folder in enumerate(LONGEST)}
    for item in items:
        if _area(item) in SLOW_FOLDERS or SLOW_FIXTURES & set(getattr(item, "fixturenames", ())) or _over_http(item):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: places.get(_area(item), len(places)))


def _over_http(item: pytest.Item) -> bool:
    """Whether it is a test's second run, on the engine behind HTTP; `make check` runs the first, embedded."""
    call = getattr(item, "callspec", None)
    return call is not None and "clickhouse" in call.params.values()


def _area(item: pytest.Item) -> str:
    """The folder of ``tests`` that the test belongs to; its file where it belongs to none."""
    return item.path.relative_to(item.config.rootpath / "tests").parts[0]


# No test asserts a time: on a busy machine, an example may take longer than Hypothesis' default of 200 ms.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


@pytest.fixture(scope="session", autouse=True)
def _no_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No certificate is trusted, here and in the processes that tests start: nothing speaks TLS.

    Reading those of the world takes every HTTP client 50 ms of computing, and there are thousands of clients.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("certificates")))
        yield


@pytest.fixture(scope="session")
def migrated_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory of the embedded engine with the schema in it. It is everybody's: take a copy."""
    return made_once(tmp_path_factory, "migrated-store", migrated.make)


@pytest.fixture(scope="session")
def new_data(tmp_path_factory: pytest.TempPathFactory, migrated_store: Path) -> Callable[[], Path]:
    """Makes folders for ``flowtrail --data`` as a first start leaves them: with a store that has the schema."""

    def new() -> Path:
        return migrated.copy(migrated_store, tmp_path_factory.mktemp("data") / "store").parent

    return new


@pytest.fixture(scope="session")
def chdb_directory(tmp_path_factory: pytest.TempPathFactory, migrated_store: Path) -> Iterator[DataDirectory]:
    """The one chDB data directory of this process; a process can have no second one open."""
    directory = DataDirectory(migrated.copy(migrated_store, tmp_path_factory.mktemp("chdb") / "store"))
    yield directory
    directory.close()


@pytest.fixture
def chdb_url(chdb_directory: DataDirectory) -> Iterator[str]:
    """A database of its own, embedded: ``chdb:///path?database=t_<n>``."""
    with chdb_directory.database() as url:
        yield url


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory, migrated_store: Path) -> Iterator[ClickHouseServer]:
    """ClickHouse's HTTP interface on a free port, in a process of its own."""
    server = ClickHouseServer.start(migrated.copy(migrated_store, tmp_path_factory.mktemp("clickhouse") / "store"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def clickhouse_url(clickhouse_server: ClickHouseServer) -> str:
    """``clickhouse://127.0.0.1:port`` without a database."""
    return clickhouse_server.url


@pytest.fixture
def clickhouse_database_url(clickhouse_server: ClickHouseServer) -> Iterator[str]:
    """A database of its own, over HTTP: ``clickhouse://127.0.0.1:port?database=t_<n>``."""
    with clickhouse_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """``postgresql://user@127.0.0.1:port`` without a database; skips where PostgreSQL is not installed."""
    programs = postgresql.programs()
    if programs is None:
        pytest.skip("NO POSTGRESQL: its programs are not installed, keys were tried on SQLite only.")
    with postgresql.server(programs) as address:
        yield address


@pytest.fixture(params=["chdb", "clickhouse"])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty database; each test that takes it runs embedded and over HTTP."""
    name = "chdb_url" if request.param == "chdb" else "clickhouse_database_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def migrated_chdb_url(chdb_directory: DataDirectory) -> Iterator[str]:
    """A database with the schema and no rows in it, embedded."""
    with chdb_directory.migrated() as url:
        yield url


@pytest.fixture
def migrated_clickhouse_url(clickhouse_server: ClickHouseServer) -> Iterator[str]:
    """A database with the schema and no rows in it, over HTTP."""
    with clickhouse_server.migrated() as url:
        yield url


@pytest.fixture(params=["chdb", "clickhouse"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """A database with the schema and no rows in it; each test that takes it runs embedded and over HTTP."""
    return str(request.getfixturevalue(f"migrated_{request.param}_url"))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds the whole project."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, of one module: while it is open the thread has a running event loop, which others could not start."""
    if CHROMIUM is None:
        pytest.skip("NO BROWSER: the pages were not looked at. Install Chromium with: make browser")
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        except Error as error:
            pytest.skip(f"NO BROWSER: the pages were not looked at. Chromium does not start: {error}")
        yield chromium
        chromium.close()
