"""`sosie`: the group of commands. Each command is imported when it is used, so that the others start fast."""

from __future__ import annotations

import importlib
import sys

import click

from sosie import __version__

COMMANDS = {
    "serve": "sosie.cli.serve:serve_command",
}


class _Lazy(click.Group):
    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sosie")
def sosie() -> None:
    """sosie: the impersonation registry for mail that you run yourself."""


def main() -> None:
    """The console script."""
    sys.exit(sosie(prog_name="sosie"))
