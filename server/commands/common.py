"""What commands share: the settings they start from, and errors that end in a sentence."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - the decorators need it at run time
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import click
from pydantic import ValidationError

from collector.errors import PortTaken
from common.errors import FlowtrailError
from demo.errors import DemoError
from server.errors import PolicyError
from server.logs import configure
from server.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

# How to choose another port, by the setting that a part names.
_PORTS: Final = {
    "FLOWTRAIL_PORT": "--port or FLOWTRAIL_PORT",
    "http_port": "--otlp-http-port or FLOWTRAIL_OTLP_HTTP_PORT",
    "grpc_port": "--otlp-grpc-port or FLOWTRAIL_OTLP_GRPC_PORT",
}

# What can go wrong without a defect of ours: each says what to do.
_EXPECTED: Final = (FlowtrailError, DemoError, PolicyError)

data_option: Final = click.option(
    "--data", type=click.Path(path_type=Path), help="Data directory: store, log and keys (default .flowtrail)."
)
json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def settings_with(**overrides: Any) -> Settings:
    """The settings of the environment, with the options that were given in their place; log lines follow them.

    Raises click.UsageError for a value that cannot be.
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
            how = _PORTS.get(error.setting, error.setting)
            raise click.ClickException(
                f"Port {error.port} is in use by another program. Choose another: {how}."
            ) from None
        except _EXPECTED as error:
            raise click.ClickException(str(error)) from None

    return run
