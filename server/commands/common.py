"""What commands share: options, the settings they start from, and errors that end in a sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import click
from pydantic import ValidationError

from collector.errors import PortTaken
from common.errors import FlowtrailError
from demo.errors import DemoError
from server.logs import configure
from server.settings import Settings

_LOG = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
Command = TypeVar("Command", bound=Callable[..., Any])

# How to choose another port, by the setting that the error names.
_PORTS: Final = {
    "FLOWTRAIL_PORT": "--port or FLOWTRAIL_PORT",
    "http_port": "--otlp-http-port or FLOWTRAIL_OTLP_HTTP_PORT",
    "grpc_port": "--otlp-grpc-port or FLOWTRAIL_OTLP_GRPC_PORT",
}

# Failures that are no defect of ours; each text says what to do. The demo is a user of the SDK and shares no base.
_EXPECTED: Final = (FlowtrailError, DemoError)

data_option: Final = click.option(
    "--data", type=click.Path(path_type=Path), help="Data directory: store, log and keys (default .flowtrail)."
)
json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def key_option(scopes: str) -> Callable[[Command], Command]:
    """``--key``, with the ``scopes`` that it needs in words."""
    return click.option("--key", envvar="FLOWTRAIL_KEY", default="", help=f"Key with {scopes} (FLOWTRAIL_KEY).")


def api_options(command: Command) -> Command:
    """The options of commands that read from a query API."""
    url = click.option("--api-url", default="", help="Address of a query API. Default: the one on the data directory.")
    return url(key_option("the scope read")(data_option(command)))


def operator_options(command: Command) -> Command:
    """The options of commands that have a running collector do the work."""
    url = click.option("--url", default="", help="HTTP address of a collector. Default: the one on the data directory.")
    return url(key_option("the scope operate")(command))


def plural(count: int, noun: str) -> str:
    """A count and its noun: ``1 case``, ``1,234 cases``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def settings_with(**overrides: Any) -> Settings:
    """The settings of the environment, with the options of the command line in their place; sets up logging.

    Raises click.UsageError for a value that is not valid.
    """
    chosen = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        raise click.UsageError(_explained_settings(error)) from None
    configure(settings)
    return settings


def _explained_settings(error: ValidationError) -> str:
    problems = [
        f"FLOWTRAIL_{'_'.join(map(str, problem['loc'])).upper()}: {problem['msg']}."
        for problem in error.errors(include_url=False, include_input=False)
    ]
    return f"{' '.join(problems)} docs/settings.md lists every setting."


def explained(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose expected errors end in a sentence and exit code 1, not in a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except PortTaken as error:
            # The error names a setting of the collector. On the command line, an option chooses the port.
            how = _PORTS.get(error.setting, error.setting)
            raise click.ClickException(
                f"Port {error.port} is in use by another program. Choose another: {how}."
            ) from None
        except _EXPECTED as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            # With a name, it is a file or directory that cannot be used. Without one, the error may be a defect.
            if error.filename is None:
                raise
            _LOG.debug("The command failed on a file.", exc_info=True)
            raise click.ClickException(
                f"{error.filename}: {error.strerror}. Check the name, and who may read and write it."
            ) from None

    return run
