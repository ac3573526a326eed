"""`sosie milter`: judge what a mail server takes, by the registry of the database or by one in a file."""

from __future__ import annotations

import socket
from dataclasses import replace

import click

from sosie.cli.options import account_option, authserv_option
from sosie.cli.output import announce
from sosie.cli.registry_snapshot import load_registry_snapshot
from sosie.config import read_config
from sosie.detection.actions import ACTIONS, ActionRule
from sosie.detection.verdict import DISPOSITIONS
from sosie.milter.address import SOCKET_MODE, NotAnAddress, bind, taken_back_on_failure
from sosie.registry.domain import DomainError, read_domain

_FILE = click.Path(dir_okay=False, allow_dash=True)


@click.command("milter")
@click.option("--listen", metavar="ADDRESS", help="inet:HOST:PORT or unix:PATH; else SOSIE_MILTER_LISTEN.")
@click.option("--socket-mode", default=f"{SOCKET_MODE:04o}", metavar="MODE", show_default=True,
              help="Who may connect to the socket of unix:PATH.")  # fmt: skip
@click.option("--registry", type=_FILE, metavar="FILE", help="The entries, instead of a database: CSV or JSON lines.")
@click.option("--history", type=_FILE, metavar="FILE", help="Who wrote before, as JSON lines; with --registry.")
@authserv_option
@click.option("--action", "actions", multiple=True, metavar="[DOMAIN:]DISPOSITION=ACTION",
              help="What is done with such messages, or those to a domain; with --registry.")  # fmt: skip
@click.option("--admin-listen", metavar="HOST:PORT",
              help="Address of metrics and health; else SOSIE_MILTER_ADMIN_LISTEN, or none.")  # fmt: skip
@account_option
def milter_command(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    listen: str | None,
    socket_mode: str,
    registry: str | None,
    history: str | None,
    authserv_ids: tuple[str, ...],
    actions: tuple[str, ...],
    account_id: str | None,
    admin_listen: str | None,
) -> int:
    """Answer a mail server that asks about each message (Postfix: smtpd_milters), until told to stop.

    With --registry, no database is needed: a CSV with the header Display_Name,Email, or JSON lines as `sosie entry
    export` writes them; --history takes what `sosie history export` writes. Then nothing is recorded, nor learnt.
    """
    config = read_config(
        milter_listen=listen,
        milter_account=account_id,
        authserv_ids=",".join(authserv_ids) or None,
        milter_admin_listen=admin_listen,
    )
    if not config.milter_listen:
        raise click.UsageError("say where to listen: --listen inet:HOST:PORT or --listen unix:PATH")
    if registry is None and (history is not None or actions):
        raise click.UsageError("--history and --action go with --registry: the database has its own")
    if [registry, history].count("-") > 1:
        raise click.UsageError("standard input (-) can be read once only")
    bound = _bound(config.milter_listen, socket_mode)

    def listening() -> None:
        announce(f"sosie: the milter listens on {config.milter_listen}")

    with taken_back_on_failure(bound):
        if registry is None:
            from sosie.serve_milter import serve_milter

            return serve_milter(config, bound, listening)
        from sosie.serve_milter_alone import serve_milter_alone

        rules = tuple(map(_rule, actions))
        snapshot = load_registry_snapshot(registry, history, tuple(config.authserv_ids)).snapshot
        snapshot = replace(snapshot, rules=snapshot.rules._replace(actions=rules))
        return serve_milter_alone(config, snapshot, bound, listening)


def _rule(text: str) -> ActionRule:
    """`SPOOF=reject`, or `example.org:SPOOF=reject` for one recipient domain."""
    beginning, _, action = text.partition("=")
    domain, _, disposition = beginning.rpartition(":")
    disposition, action = disposition.upper(), action.lower()
    if disposition not in DISPOSITIONS or action not in ACTIONS:
        raise click.UsageError(
            f"--action takes [DOMAIN:]DISPOSITION=ACTION with one of {', '.join(DISPOSITIONS)} and one of "
            f"{', '.join(ACTIONS)}, not {text!r}"
        )
    try:
        return ActionRule(read_domain(domain) if domain else "", disposition, action)
    except DomainError as error:
        raise click.UsageError(f"--action: {error}") from None


def _bound(listen: str, socket_mode: str) -> socket.socket:
    try:
        return bind(listen, int(socket_mode, 8) & 0o777)
    except NotAnAddress as error:
        raise click.UsageError(str(error)) from None
    except ValueError:
        raise click.UsageError(f"--socket-mode takes octal digits, such as 0660, not {socket_mode!r}") from None
    except OSError as error:
        raise click.ClickException(f"cannot listen on {listen}: {error.strerror or error}") from None
