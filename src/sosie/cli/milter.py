"""`sosie milter`: judge what a mail server takes, by the registry of the database or by one in a file."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from dataclasses import replace

import click

from sosie.cli.exit_status import DONE
from sosie.cli.options import account_option
from sosie.cli.registry_snapshot import load_registry_snapshot
from sosie.config import Config, read_config
from sosie.detection.actions import ACTIONS, ActionRule
from sosie.detection.verdict import DISPOSITIONS
from sosie.milter.address import SOCKET_MODE, NotAnAddress, bind
from sosie.milter.server import MilterServer
from sosie.milter.session import Door
from sosie.screening.authenticators import Authenticators
from sosie.screening.gate import NOTHING, Gate
from sosie.screening.snapshot import Snapshot
from sosie.serving import raise_descriptor_limit, run

_FILE = click.Path(dir_okay=False, allow_dash=True)


@click.command("milter")
@click.option("--listen", metavar="ADDRESS", help="inet:HOST:PORT or unix:PATH; else SOSIE_MILTER_LISTEN.")
@click.option("--socket-mode", default=f"{SOCKET_MODE:04o}", metavar="MODE", show_default=True,
              help="Who may connect to the socket of unix:PATH.")  # fmt: skip
@click.option("--registry", type=_FILE, metavar="FILE", help="The entries, instead of a database: CSV or JSON lines.")
@click.option("--history", type=_FILE, metavar="FILE", help="Who wrote before, as JSON lines; with --registry.")
@click.option("--authserv-id", "authserv_ids", multiple=True, metavar="NAME",
              help="Whose Authentication-Results are believed; may be given several times.")  # fmt: skip
@click.option("--action", "actions", multiple=True, metavar="[DOMAIN:]DISPOSITION=ACTION",
              help="What is done with such messages, or those to a domain; with --registry.")  # fmt: skip
@click.option("--admin-listen", metavar="HOST:PORT", default="", help="Address of metrics and health; none without it.")
@account_option
def milter_command(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    listen: str | None,
    socket_mode: str,
    registry: str | None,
    history: str | None,
    authserv_ids: tuple[str, ...],
    actions: tuple[str, ...],
    account_id: str | None,
    admin_listen: str,
) -> int:
    """Answer a mail server that asks about each message (Postfix: smtpd_milters), until told to stop.

    With --registry, no database is needed: a CSV with the header Display_Name,Email, or JSON lines as `sosie entry
    export` writes them; --history takes what `sosie history export` writes. Then nothing is recorded, nor learnt.
    """
    config = read_config(
        milter_listen=listen,
        milter_account=account_id,
        authserv_ids=",".join(authserv_ids) or None,
        admin_listen=admin_listen,
    )
    if not config.milter_listen:
        raise click.UsageError("say where to listen: --listen inet:HOST:PORT or --listen unix:PATH")
    if registry is None and (history is not None or actions):
        raise click.UsageError("--history and --action go with --registry: the database has its own")
    if [registry, history].count("-") > 1:
        raise click.UsageError("standard input (-) can be read once only")
    bound = _bound(config.milter_listen, socket_mode)
    if registry is None:
        from sosie.serve_milter import serve_milter

        return serve_milter(config, bound, lambda: click.echo(f"sosie: the milter listens on {config.milter_listen}"))
    rules = tuple(map(_rule, actions))
    snapshot = load_registry_snapshot(registry, history, tuple(config.authserv_ids)).snapshot
    snapshot = replace(snapshot, rules=snapshot.rules._replace(actions=rules))
    click.echo(f"sosie: the milter listens on {config.milter_listen}")
    _serve(_door(config, snapshot), bound)
    return DONE


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
    return ActionRule(domain.lower(), disposition, action)


def _bound(listen: str, socket_mode: str) -> socket.socket:
    try:
        return bind(listen, int(socket_mode, 8) & 0o777)
    except NotAnAddress as error:
        raise click.UsageError(str(error)) from None
    except ValueError:
        raise click.UsageError(f"--socket-mode takes octal digits, such as 0660, not {socket_mode!r}") from None
    except OSError as error:
        reason = "its folder is not there" if isinstance(error, FileNotFoundError) else error.strerror or error
        raise click.ClickException(f"cannot listen on {listen}: {reason}") from None


def _door(config: Config, snapshot: Snapshot) -> Door:
    """A door to one snapshot, in which only whose results are believed can still change."""
    from sosie.observe.log import Log

    held = [snapshot]

    def believe(name: str) -> None:
        _believe(held[0].knowledge.trusted_authserv_ids | {name})

    def disbelieve(name: str) -> None:
        _believe(held[0].knowledge.trusted_authserv_ids - {name})

    def _believe(names: frozenset[str]) -> None:
        held[0] = replace(held[0], knowledge=replace(held[0].knowledge, trusted_authserv_ids=names))

    log = Log(config.log_format, config.log_level)
    log.take_over_logging()
    learns = config.learns_hosts and not config.authserv_ids
    authenticators = Authenticators(believe, disbelieve) if learns else None
    gate = Gate(
        lambda _: held[0], log.listen, fail_closed=config.fail_closed, kept=NOTHING, authenticators=authenticators
    )
    return Door(gate, "", config.subject_prefix, record=False)


def _serve(door: Door, bound: socket.socket) -> None:
    async def serve() -> None:
        server = MilterServer(door)
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        await server.start(bound)
        await told.wait()
        await server.close()

    raise_descriptor_limit()
    gc.freeze()  # what is here now stays: no collection need look at it again
    run(serve())
