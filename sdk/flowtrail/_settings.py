"""Settings: an argument of ``init`` wins, then ``FLOWTRAIL_*``, then OpenTelemetry's own variable, then the default."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, TypedDict
from urllib.parse import urlsplit

from ._log import logger

DEFAULT_ENDPOINT: Final = "http://127.0.0.1:4318"
UNNAMED: Final = "unknown_service"
_SECRET: Final = frozenset({"key", "headers"})
"""Settings whose values no message repeats."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_OTEL_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class SettingsArguments(TypedDict, total=False):
    """The settings as arguments of ``init`` and ``Runtime``; ``None`` means: not given here."""

    strict: bool | None
    disabled: bool | None
    headers: Mapping[str, str] | None
    key: str | None
    timeout_s: float | None
    compression: str | None
    max_queue_size: int | None
    max_batch_size: int | None
    max_request_bytes: int | None
    schedule_delay_s: float | None
    started_after_s: float | None
    exit_timeout_s: float | None
    resource_attributes: Mapping[str, str] | None


def under_pytest() -> bool:
    """Whether this process is a test run (and not merely a child of one)."""
    return "PYTEST_VERSION" in os.environ and "pytest" in sys.modules


@dataclass(frozen=True)
class Settings:
    """All settings, resolved. The table with units and the meaning of 0 is in ``docs/sdk.md``."""

    system: str = UNNAMED
    endpoint: str = DEFAULT_ENDPOINT
    endpoint_is_the_hosts: bool = False
    strict: bool = field(default_factory=under_pytest)
    disabled: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: str = field(default="", repr=False)
    timeout_s: float = 30.0
    compression: str = "none"
    max_queue_size: int = 8192
    max_batch_size: int = 512
    max_request_bytes: int = 20 * 1024 * 1024
    schedule_delay_s: float = 1.0
    started_after_s: float = 1.0
    exit_timeout_s: float = 5.0
    resource_attributes: Mapping[str, str] = field(default_factory=dict)


def _truth(text: str) -> bool:
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError(text)


def _from_zero(text: str | float) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ValueError(text)
    return number


def _above_zero(text: str | float) -> float:
    number = _from_zero(text)
    if number == 0:
        raise ValueError(text)
    return number


def _size(text: str | float) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _bytes(text: str | float) -> int:
    return int(_from_zero(text))


def _milliseconds(text: str) -> float:
    return _above_zero(text) / 1000


def _pairs(text: str | Mapping[str, str]) -> Mapping[str, str]:
    if isinstance(text, Mapping):
        return {str(k): str(v) for k, v in text.items()}
    split = (pair.partition("=") for pair in text.split(",") if pair.strip())
    return {name.strip(): value.strip() for name, _, value in split}


def _compression(text: str) -> str:
    word = str(text).strip().lower()
    if word not in {"none", "gzip", "deflate"}:
        raise ValueError(text)
    return word


def _key(text: str) -> str:
    """Anything else could not stand in a header, or would add one."""
    key = str(text).strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError
    return key


# setting → how an argument or FLOWTRAIL_… is read, then OpenTelemetry's variable and how that is read
_READERS: Final[dict[str, tuple[Callable[[Any], Any], tuple[tuple[str, Callable[[str], Any]], ...]]]] = {
    "system": (str, (("OTEL_SERVICE_NAME", str),)),
    "endpoint": (str, tuple((name, str) for name in _OTEL_ENDPOINTS)),
    "strict": (lambda raw: raw if isinstance(raw, bool) else _truth(raw), ()),
    "disabled": (lambda raw: raw if isinstance(raw, bool) else _truth(raw), (("OTEL_SDK_DISABLED", _truth),)),
    "headers": (_pairs, ()),
    "key": (_key, ()),
    "timeout_s": (_above_zero, ()),
    "compression": (
        _compression,
        (("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", _compression), ("OTEL_EXPORTER_OTLP_COMPRESSION", _compression)),
    ),
    "max_queue_size": (_size, (("OTEL_BSP_MAX_QUEUE_SIZE", _size),)),
    "max_batch_size": (_size, (("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", _size),)),
    "max_request_bytes": (_bytes, ()),
    "schedule_delay_s": (_above_zero, (("OTEL_BSP_SCHEDULE_DELAY", _milliseconds),)),
    "started_after_s": (_from_zero, ()),
    "exit_timeout_s": (_from_zero, ()),
    "resource_attributes": (_pairs, ()),
}


def resolve(arguments: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """Settings from arguments and the environment, and what was wrong with them, one sentence each.

    A wrong value is left out: the next source in the order counts.
    """
    wrong = [f"There is no setting {name!r}." for name in arguments if name not in _READERS]
    values: dict[str, Any] = {}
    for name in _READERS:
        for label, raw, read in _sources(name, arguments.get(name)):
            try:
                values[name] = read(raw)
            except (TypeError, ValueError):
                wrong.append(f"{label} cannot be what it is." if name in _SECRET else f"{label} cannot be {raw!r:.80}.")
                continue
            if name == "endpoint":
                values["endpoint_is_the_hosts"] = label in _OTEL_ENDPOINTS
                values["endpoint"] = _traces_url(values["endpoint"], exact=label == _OTEL_ENDPOINTS[0])
            break
    values.setdefault("endpoint", _traces_url(DEFAULT_ENDPOINT, exact=False))
    settings = Settings(**values)
    return _fit(settings), wrong


def sends_key_in_the_clear(settings: Settings) -> bool:
    """Whether the key would travel unencrypted to another machine, where whoever is on the way could read it."""
    url = urlsplit(settings.endpoint)
    return bool(settings.key) and url.scheme == "http" and url.hostname not in _LOOPBACK


def _sources(name: str, argument: object) -> list[tuple[str, Any, Callable[[Any], Any]]]:
    read, others = _READERS[name]
    sources: list[tuple[str, Any, Callable[[Any], Any]]] = []
    if argument is not None:
        sources.append((f"The setting {name}", argument, read))
    variable = f"FLOWTRAIL_{name.upper()}"
    sources.extend((v, os.environ[v], r) for v, r in ((variable, read), *others) if os.environ.get(v))
    return sources


def _traces_url(endpoint: str, *, exact: bool) -> str:
    if exact or endpoint.rstrip("/").endswith("/v1/traces"):
        return endpoint
    return endpoint.rstrip("/") + "/v1/traces"


def _fit(settings: Settings) -> Settings:
    """A batch larger than the queue would never fill."""
    if settings.max_batch_size <= settings.max_queue_size:
        return settings
    logger.info("max_batch_size is cut to max_queue_size, %d", settings.max_queue_size)
    values = {f.name: getattr(settings, f.name) for f in fields(settings)}
    return Settings(**{**values, "max_batch_size": settings.max_queue_size})
