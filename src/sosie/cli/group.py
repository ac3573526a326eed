"""The group of commands. Each is imported when it is used, so that the others start fast."""

from __future__ import annotations

import gc
import importlib
from typing import NamedTuple

import click

from sosie import __version__


class Entrance(NamedTuple):
    """Where a command stands, and what `sosie --help` says of it without looking there."""

    place: str
    summary: str


COMMANDS = {
    "account": Entrance("sosie.cli.account:account", "Make and list accounts."),
    "action": Entrance("sosie.cli.action:action", "Say what is done with a message of each disposition."),
    "alert": Entrance("sosie.cli.alert:alert", "Try the outputs of alerts, send again what failed."),
    "allow": Entrance("sosie.cli.allow:allow", "Add, list and remove allow policies."),
    "audit": Entrance("sosie.cli.audit:audit_command", "Show who did what, newest first."),
    "completion": Entrance("sosie.cli.completion:completion_command", "Print a script that completes commands."),
    "domain": Entrance("sosie.cli.domain:domain", "Add, list and remove protected domains."),
    "entry": Entrance("sosie.cli.entry:entry", "Add, show, edit, remove, import and export entries."),
    "flagged": Entrance("sosie.cli.flagged:flagged", "List, show and release recorded messages."),
    "history": Entrance("sosie.cli.history:history", "What is known of who wrote as whom, and to whom we wrote."),
    "milter": Entrance("sosie.cli.milter:milter_command", "Judge what a mail server takes, until told to stop."),
    "scan": Entrance("sosie.cli.scan:scan_command", "Judge mailboxes and archives."),
    "screen": Entrance("sosie.cli.screen:screen_command", "Judge messages given as files."),
    "serve": Entrance("sosie.cli.serve:serve_command", "Serve the API until told to stop."),
    "token": Entrance("sosie.cli.token:token", "Make, list, revoke and roll API tokens."),
    "trusted": Entrance("sosie.cli.trusted:trusted", "Add, list and remove trusted domains."),
    "user": Entrance("sosie.cli.user:user", "Make users, who have an e-mail address and an API key."),
}


class _Lazy(click.Group):
    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].place.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        gc.freeze()  # what was imported stays: no collection need look at it
        gc.enable()
        return command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].summary) for name in sorted(COMMANDS)])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sosie")
def sosie() -> None:
    """sosie: the impersonation registry for mail that you run yourself.

    Exit status: 0 done; 1 done in part, or the answer is no; 2 an error. Settings come from the environment
    (SOSIE_DATA_DIR, SOSIE_DATABASE_URL and the others of docs/configuration.md).
    """
