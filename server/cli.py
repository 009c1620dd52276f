"""The ``flowtrail`` command, put together from the modules of ``server/commands``."""

from __future__ import annotations

import click

from server.commands.cases.command import cases
from server.commands.dead_letters.command import deadletters
from server.commands.demo.command import demo
from server.commands.export.command import export
from server.commands.flows.command import flows
from server.commands.import_.command import import_
from server.commands.keys import keys
from server.commands.policy.command import policy
from server.commands.probe import probe
from server.commands.serving import api, collector, serve, ui
from server.commands.store import store


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flowtrail-server", prog_name="flowtrail")
def main() -> None:
    """Follow one business case through every system that touches it."""


for command in (
    serve, collector, api, ui, demo, keys, cases, deadletters, flows, export, import_, probe, policy, store,
):  # fmt: skip
    main.add_command(command)
