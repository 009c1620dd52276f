"""Every setting of the server with its unit, its default and the meaning of 0. In the environment: FLOWTRAIL_<NAME>."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from collector.settings import CollectorSettings
from common.loopback import CONTAINER_NAMES, LOOPBACK_NAMES, is_loopback_host
from common.units import MIB


class Settings(BaseSettings):
    """Settings of ``flowtrail serve`` and its parts. docs/settings.md lists them; a test compares the two."""

    model_config = SettingsConfigDict(env_prefix="FLOWTRAIL_", extra="ignore", frozen=True)

    data: Path = Field(
        default=Path(".flowtrail"),
        description="Data directory: embedded store, durable log of the collector, database of keys.",
    )
    store: str = Field(
        default="",
        description="Address of the store: chdb:///absolute/path or clickhouse://user:password@host:8123/database. "
        "Empty: embedded, in the data directory.",
    )
    host: str = Field(default="127.0.0.1", description="Address that every port binds to; 0.0.0.0 is every interface.")
    hosts: str = Field(
        default="",
        description="Further host names of this server, separated by commas; requests under any other name are "
        "refused. Empty: on a loopback address only the machine's own names are known, on others any name is accepted.",
    )
    port: int = Field(default=8080, ge=0, le=65535, description="TCP port of UI and query API; 0 takes any free one.")
    otlp_http_port: int = Field(
        default=4318, ge=0, le=65535, description="TCP port of OTLP/HTTP; 0 takes any free one."
    )
    otlp_grpc_port: int = Field(
        default=4317, ge=0, le=65535, description="TCP port of OTLP/gRPC; 0 takes any free one."
    )
    api_url: str = Field(
        default="", description="Address of the query API that the dashboards use. Empty: the API of the same process."
    )
    api_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key with the scope read, with which the dashboards use the query API. Empty: the dashboards are "
        "shown on this machine only, and need no key if the API is in the same process.",
    )
    bootstrap_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key of the form ftk_<id>_<secret> that the server creates at its start if it does not exist: "
        "tenant default, scope read. Empty: none.",
    )
    database: str = Field(
        default="",
        description="Address of the database of keys: sqlite:////absolute/path or "
        "postgresql://user:password@host:5432/database. Empty: flowtrail.db in the data directory.",
    )
    require_keys: bool = Field(
        default=False,
        description="Require a key from everybody, programs on this machine included. For a server behind a proxy.",
    )
    key_requests_per_s: float = Field(
        default=0,
        ge=0,
        allow_inf_nan=False,
        description="Requests per second of a key that has no quota of its own; 0 is no quota.",
    )
    key_mib_per_s: float = Field(
        default=0,
        ge=0,
        allow_inf_nan=False,
        description="MiB per second, decompressed, of a key that has no quota of its own; 0 is no quota.",
    )
    quota_burst_s: float = Field(
        default=10,
        ge=1,
        allow_inf_nan=False,
        description="Seconds of its quota that a key may use at once; a larger request is refused.",
    )
    sql_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="TCP port of SQL over the embedded store (ClickHouse's HTTP interface, read-only); 0 is none.",
    )
    sql_max_seconds: float = Field(
        default=60, ge=0, allow_inf_nan=False, description="Seconds that a SQL query may run; 0 is no limit."
    )
    sql_max_rows: int = Field(default=0, ge=0, description="Rows that a SQL query may return; 0 is no limit.")
    sql_max_memory_mib: int = Field(
        default=1024, ge=0, description="MiB of memory that a SQL query may use; 0 is no limit."
    )
    sql_max_queries: int = Field(
        default=8,
        ge=0,
        description="SQL queries that run at the same time; others wait for ten seconds. 0 is no limit.",
    )
    flows: str = Field(
        default="", description="Directory of flow declarations (*.yaml). Empty: no flow is declared at the start."
    )
    replicated: bool = Field(
        default=False, description="Create replicated tables (for a ClickHouse cluster with Keeper)."
    )
    log_cap_mib: int = Field(
        default=4096,
        ge=0,
        description="MiB that are acknowledged and not yet stored at which senders must wait; 0 is no cap.",
    )
    log_cap_age_s: float = Field(
        default=259_200,
        ge=0,
        allow_inf_nan=False,
        description="Age in seconds of the oldest request not yet stored at which senders must wait; 0 is any age.",
    )
    log_near_cap: float = Field(
        default=0.9,
        ge=0,
        allow_inf_nan=False,
        le=1,
        description="Share of either cap of the log from which /readyz reports not ready; 0 is the cap itself.",
    )
    duplicate_window_s: float = Field(
        default=600,
        ge=0,
        allow_inf_nan=False,
        description="Seconds in which a repeated request is recognised and not stored again; 0 recognises none.",
    )
    duplicate_entries: int = Field(
        default=500_000,
        ge=0,
        description="Requests that can be recognised, about 110 bytes of memory each; 0 recognises none.",
    )
    batch_mib: int = Field(default=8, ge=0, description="MiB of requests in a full batch; 0 is one request per batch.")
    batch_max_age_ms: int = Field(
        default=200, ge=0, description="Milliseconds that a request may wait for its batch to fill; 0 inserts at once."
    )
    max_request_mib: int = Field(
        default=20,
        ge=0,
        description="MiB of the largest request, before and after decompression; 0 refuses all bodies.",
    )
    max_events_per_request: int = Field(
        default=1000, ge=0, description="Events in a request to /v1/events; 0 is no limit."
    )
    max_spans_per_request: int = Field(
        default=100_000, ge=0, description="Spans, log records or data points in a request; 0 is no limit."
    )
    max_inflight_mib: int = Field(
        default=256,
        ge=0,
        description="MiB of requests in memory that are not yet acknowledged, beyond which senders must wait; "
        "0 is no limit.",
    )
    max_connections: int = Field(
        default=1024,
        ge=0,
        description="Open connections to each port; 0 is no limit. Fewer where the process may open few files: "
        "connections take at most half of them.",
    )
    max_grpc_requests: int = Field(
        default=64,
        ge=0,
        description="gRPC requests that are read and handled at the same time, over all connections; 0 is no limit.",
    )
    end_before_start_s: float = Field(
        default=1,
        ge=0,
        allow_inf_nan=False,
        description="Seconds by which a span may end before it starts; beyond, the span is rejected. 0 allows none.",
    )
    future_tolerance_s: float = Field(
        default=86_400,
        ge=0,
        allow_inf_nan=False,
        description="Seconds by which a time may be in the future; beyond, the item is rejected. 0 is no limit.",
    )
    oldest_year: int = Field(
        default=2000,
        ge=0,
        le=2261,
        description="Year (UTC) before which an item is rejected; 0 rejects only the time 0.",
    )
    retry_after_s: int = Field(
        default=2, ge=0, description="Seconds that a sender is asked to wait before it tries again; 0 is none."
    )
    dead_letter_cap_mib: int = Field(
        default=1024,
        ge=0,
        description="MiB of dead letters of rejected items; beyond, rejected items are only counted. 0 keeps none.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Format of log lines on stderr: text for people, json for machines."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="Lowest level of log lines that are written."
    )
    self_traces_endpoint: str = Field(
        default="",
        description="Address (OTLP/HTTP) for traces of the server's own work. Empty: none.",
    )
    self_traces_ratio: float = Field(
        default=0.01, ge=0, le=1, description="Share of requests, inserts and folds that are traced; 0 is none."
    )
    policy: str = Field(
        default="",
        description="Redaction policy (YAML) for what this collector stores. Empty: only the built-in rules.",
    )
    max_value_bytes: int = Field(
        default=32 * 1024,
        ge=0,
        description="Bytes of the longest attribute value or log body; longer ones are cut. 0 is no limit.",
    )

    @field_validator("data")
    @classmethod
    def _absolute(cls, data: Path) -> Path:
        # The embedded store is addressed by an absolute path.
        return data.absolute()

    @property
    def store_url(self) -> str:
        """The address of the store: the configured one, or the embedded store in the data directory."""
        return self.store or f"chdb://{self.data / 'store'}"

    @property
    def database_url(self) -> str:
        """The address of the database of keys: the configured one, or a file in the data directory."""
        return self.database or f"sqlite:///{self.data / 'flowtrail.db'}"

    @property
    def known_hosts(self) -> tuple[str, ...] | None:
        """The host names that requests may use; None for any."""
        further = tuple(name.strip() for name in self.hosts.split(",") if name.strip())
        if not further and not is_loopback_host(self.host):
            return None
        return (*LOOPBACK_NAMES, *CONTAINER_NAMES, self.host, *further)

    def collector(self) -> CollectorSettings:
        """The settings of the collector, in its own units."""
        return CollectorSettings(
            host=self.host,
            http_port=self.otlp_http_port,
            grpc_port=self.otlp_grpc_port,
            known_hosts=self.known_hosts,
            log_dir=self.data / "collector",
            log_cap_bytes=self.log_cap_mib * MIB,
            log_cap_age_s=self.log_cap_age_s,
            log_near_cap=self.log_near_cap,
            duplicate_window_s=self.duplicate_window_s,
            duplicate_entries=self.duplicate_entries,
            batch_bytes=self.batch_mib * MIB,
            batch_max_age_ms=self.batch_max_age_ms,
            max_request_bytes=self.max_request_mib * MIB,
            max_spans_per_request=self.max_spans_per_request,
            max_inflight_bytes=self.max_inflight_mib * MIB,
            max_connections=self.max_connections,
            max_grpc_requests=self.max_grpc_requests,
            end_before_start_s=self.end_before_start_s,
            future_tolerance_s=self.future_tolerance_s,
            oldest_year=self.oldest_year,
            retry_after_s=self.retry_after_s,
            max_events_per_request=self.max_events_per_request,
            dead_letter_cap_bytes=self.dead_letter_cap_mib * MIB,
            quota_burst_s=self.quota_burst_s,
        )
