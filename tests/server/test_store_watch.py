"""The size of the store on the page of metrics."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from collector.telemetry.telemetry import Telemetry
from server.store_watch import StoreWatch
from store.client import open_store
from store.errors import StoreUnavailable


def figures(telemetry: Telemetry) -> dict[str, float]:
    families = text_string_to_metric_families(telemetry.page())
    return {one.name: one.samples[0].value for one in families if one.name.startswith("flowtrail_store_")}


def test_it_knows_the_size_of_its_tables_and_the_room_left(store_url):
    store = open_store(store_url)
    store.command("CREATE TABLE numbers (n UInt64) ENGINE = MergeTree ORDER BY n")
    store.command("INSERT INTO numbers SELECT number FROM numbers(1000)")
    telemetry = Telemetry()
    StoreWatch(store, telemetry).look()
    found = figures(telemetry)
    store.close()
    assert (found["flowtrail_store_rows"], found["flowtrail_store_parts"]) == (1000, 1)
    assert found["flowtrail_store_bytes"] > 100
    assert found["flowtrail_store_free_bytes"] > 1e6


def test_while_the_store_is_away_its_size_is_not_told():
    class Away:
        def query(self, _name):
            raise StoreUnavailable("The store is away.")

    telemetry = Telemetry()
    watch = StoreWatch(Away(), telemetry, every_s=0.01)
    watch.start()
    watch.stop()
    assert figures(telemetry) == {}
