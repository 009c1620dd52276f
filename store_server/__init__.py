"""ClickHouse's HTTP interface over the embedded store, for tools that speak it; every reader sees one tenant."""
