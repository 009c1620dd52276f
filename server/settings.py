"""Every setting of the server, with its unit, its default and what 0 means; in the environment, FLOWTRAIL_<NAME>."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from collector.settings import CollectorSettings
from common.units import MIB


class Settings(BaseSettings):
    """Settings of ``flowtrail serve`` and its parts. README and docs/settings.md list them; a test says so."""

    model_config = SettingsConfigDict(env_prefix="FLOWTRAIL_", extra="ignore", frozen=True)

    data: Path = Field(
        default=Path(".flowtrail"), description="Folder of the embedded store and of the collector's durable log."
    )
    store: str = Field(
        default="",
        description="Address of the store: chdb:///absolute/path or clickhouse://user:password@host:8123/database. "
        "Empty: embedded, in the folder of FLOWTRAIL_DATA.",
    )
    host: str = Field(default="127.0.0.1", description="Address that every port binds to; 0.0.0.0 for every interface.")
    port: int = Field(default=8080, ge=0, le=65535, description="TCP port of UI and query API; 0 takes any free one.")
    otlp_http_port: int = Field(
        default=4318, ge=0, le=65535, description="TCP port of OTLP/HTTP; 0 takes any free one."
    )
    otlp_grpc_port: int = Field(
        default=4317, ge=0, le=65535, description="TCP port of OTLP/gRPC; 0 takes any free one."
    )
    api_url: str = Field(
        default="", description="Address of the query API that the UI asks. Empty: the API of the same process."
    )
    api_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key with the scope read with which the UI asks the query API. Empty: in one process with the API, "
        "none is needed by a browser on this machine.",
    )
    bootstrap_key: SecretStr = Field(
        default=SecretStr(""),
        description="A key of the form ftk_<id>_<secret> that the server makes at its start if there is no such key: "
        "tenant default, scope read. Empty: none.",
    )
    database: str = Field(
        default="",
        description="Address of the database of keys: sqlite:////absolute/path or "
        "postgresql://user:password@host:5432/database. Empty: flowtrail.db in the folder of FLOWTRAIL_DATA.",
    )
    require_keys: bool = Field(
        default=False,
        description="Let nobody in without a key, programs on this machine neither. For a server behind a proxy.",
    )
    key_requests_per_s: float = Field(
        default=0,
        ge=0,
        allow_inf_nan=False,
        description="Requests a second that one key may send if it has no quota of its own; 0 is no quota.",
    )
    key_mib_per_s: float = Field(
        default=0,
        ge=0,
        allow_inf_nan=False,
        description="MiB a second, decompressed, that one key may send if it has no quota of its own; 0 is no quota.",
    )
    quota_burst_s: float = Field(
        default=10,
        ge=1,
        allow_inf_nan=False,
        description="Seconds' worth of its quota that a key may send at once; a request larger than that is refused.",
    )
    sql_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="TCP port of the embedded store's SQL (ClickHouse's HTTP interface, read-only); 0 is none.",
    )
    sql_max_seconds: float = Field(
        default=60, ge=0, allow_inf_nan=False, description="Seconds that one SQL query may run; 0 is no limit."
    )
    sql_max_rows: int = Field(default=0, ge=0, description="Rows that one SQL query may answer; 0 is no limit.")
    sql_max_memory_mib: int = Field(
        default=1024, ge=0, description="MiB of memory that one SQL query may take; 0 is no limit."
    )
    sql_max_queries: int = Field(
        default=8, ge=0, description="SQL queries that run at a time; others wait for ten seconds. 0 is no limit."
    )
    flows: str = Field(
        default="", description="Folder with flow declarations (*.yaml). Empty: no flow is declared at start."
    )
    replicated: bool = Field(default=False, description="Make replicated tables (a ClickHouse cluster with Keeper).")
    log_cap_mib: int = Field(
        default=4096, ge=0, description="MiB acknowledged but not yet stored at which senders must wait; 0 is no cap."
    )
    log_cap_age_s: float = Field(
        default=259_200,
        ge=0,
        allow_inf_nan=False,
        description="Seconds a request may wait in the log to be stored before senders must wait; 0 is any age.",
    )
    log_near_cap: float = Field(
        default=0.9,
        ge=0,
        allow_inf_nan=False,
        le=1,
        description="Share of either cap of the log at which /readyz says no; 0 waits for the cap.",
    )
    duplicate_window_s: float = Field(
        default=600,
        ge=0,
        allow_inf_nan=False,
        description="Seconds for which a request that comes again is known and not stored again; 0 knows none.",
    )
    duplicate_entries: int = Field(
        default=500_000,
        ge=0,
        description="Requests known at most, about 110 bytes of memory each; 0 knows none.",
    )
    batch_mib: int = Field(
        default=8, ge=0, description="MiB of requests that make a full insert; 0 is one request each."
    )
    batch_max_age_ms: int = Field(
        default=200, ge=0, description="Milliseconds a request may wait for its insert to fill up; 0 inserts at once."
    )
    max_request_mib: int = Field(
        default=20, ge=0, description="MiB of the largest request, also after decompression; 0 refuses all bodies."
    )
    max_events_per_request: int = Field(
        default=1000, ge=0, description="Events that one request to /v1/events may hold; 0 is no limit."
    )
    max_spans_per_request: int = Field(
        default=100_000, ge=0, description="Spans, log records or data points one request may hold; 0 is no limit."
    )
    max_inflight_mib: int = Field(
        default=256,
        ge=0,
        description="MiB of requests in memory until they are acknowledged, beyond which senders must wait; "
        "0 is no limit.",
    )
    max_connections: int = Field(
        default=1024,
        ge=0,
        description="Connections open at a time, to each port; 0 is no limit. Fewer where the process may open few "
        "files: connections take at most half of them.",
    )
    max_grpc_requests: int = Field(
        default=64, ge=0, description="gRPC requests read and handled at a time, over all connections; 0 is no limit."
    )
    end_before_start_s: float = Field(
        default=1,
        ge=0,
        allow_inf_nan=False,
        description="Seconds by which a span may end before it begins; beyond, the span is rejected. 0 is not at all.",
    )
    future_tolerance_s: float = Field(
        default=86_400,
        ge=0,
        allow_inf_nan=False,
        description="Seconds by which a time may lie in the future; beyond it the item is rejected. 0 is no limit.",
    )
    oldest_year: int = Field(
        default=2000,
        ge=0,
        le=2261,
        description="Year (UTC) before which no time is believed; 0 believes every time but 0.",
    )
    retry_after_s: int = Field(
        default=2, ge=0, description="Seconds a sender is asked to wait when it must come back later; 0 is at once."
    )
    dead_letter_cap_mib: int = Field(
        default=1024,
        ge=0,
        description="MiB kept of spans refused at the door; beyond, they are only counted. 0 keeps none.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How log lines are written to stderr: text for people, json for machines."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="The least serious log lines that are written."
    )
    self_traces_endpoint: str = Field(
        default="",
        description="Address (OTLP/HTTP) to which the server sends traces of its own work; empty: nowhere.",
    )
    self_traces_ratio: float = Field(
        default=0.01, ge=0, le=1, description="Share of requests, inserts and folds that are traced; 0 is none."
    )
    policy: str = Field(
        default="",
        description="Redaction policy (YAML) for what this collector stores. Empty: the built-in rules alone.",
    )
    max_value_bytes: int = Field(
        default=32 * 1024,
        ge=0,
        description="Bytes of the longest attribute value or log body that is stored whole; 0 is no limit.",
    )

    @field_validator("data")
    @classmethod
    def _absolute(cls, data: Path) -> Path:
        # The embedded store is addressed by an absolute path.
        return data.absolute()

    @property
    def store_url(self) -> str:
        """The address to open: the one set, or the embedded store in the data folder."""
        return self.store or f"chdb://{self.data / 'store'}"

    @property
    def database_url(self) -> str:
        """The database of keys: the one set, or a file in the data folder."""
        return self.database or f"sqlite:///{self.data / 'flowtrail.db'}"

    def collector(self) -> CollectorSettings:
        """What the collector needs of these."""
        return CollectorSettings(
            host=self.host,
            http_port=self.otlp_http_port,
            grpc_port=self.otlp_grpc_port,
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
