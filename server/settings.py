"""Every setting of the server, with its unit, its default and what 0 means; in the environment, FLOWTRAIL_<NAME>."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from collector.settings import MIB, CollectorSettings


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
    flows: str = Field(
        default="", description="Folder with flow declarations (*.toml). Empty: no flow is declared at start."
    )
    replicated: bool = Field(default=False, description="Make replicated tables (a ClickHouse cluster with Keeper).")
    log_cap_mib: int = Field(
        default=4096, ge=0, description="MiB acknowledged but not yet stored at which senders must wait; 0 is no cap."
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
    dead_letter_cap_mib: int = Field(
        default=1024,
        ge=0,
        description="MiB kept of spans refused at the door; beyond, they are only counted. 0 keeps none.",
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

    def collector(self) -> CollectorSettings:
        """What the collector needs of these."""
        return CollectorSettings(
            host=self.host,
            http_port=self.otlp_http_port,
            grpc_port=self.otlp_grpc_port,
            log_dir=self.data / "collector",
            log_cap_bytes=self.log_cap_mib * MIB,
            batch_bytes=self.batch_mib * MIB,
            batch_max_age_ms=self.batch_max_age_ms,
            max_request_bytes=self.max_request_mib * MIB,
            dead_letter_cap_bytes=self.dead_letter_cap_mib * MIB,
        )
