"""`sosie action`: what is done with a message of each disposition, for all recipients or for those of one domain."""

from __future__ import annotations

import click

from sosie.cli.database import Ground, deed, run
from sosie.cli.exit_status import DONE, PARTLY
from sosie.cli.named import Named
from sosie.cli.options import Common, common
from sosie.cli.output import Column, Table, note, write_json
from sosie.detection.actions import ACTIONS, DEFAULTS, ActionRule
from sosie.detection.verdict import DISPOSITIONS
from sosie.registry.domain import DomainError, read_domain
from sosie.store import actions
from sosie.store.actions import TooManyRules

_DISPOSITION = Named("disposition", DISPOSITIONS)
_ACTION = Named("action", ACTIONS)
_domain_option = click.option("--domain", default="", metavar="DOMAIN", help="Only for recipients at this domain.")


@click.group("action")
def action() -> None:
    """What is done with a message of each disposition: accept, tag, quarantine, tempfail or reject."""


@action.command("list")
@common
def list_command(common: Common) -> None:
    """List what is done, those rules included that hold where nobody has said anything."""

    async def work(ground: Ground) -> list[ActionRule]:
        account = await ground.account(common.account_id)
        return await actions.read_all(ground.database.reader, account.no)

    rules = run(work)
    said = {(rule.domain, rule.disposition) for rule in rules}
    silent = [ActionRule("", one, DEFAULTS[one]) for one in DISPOSITIONS if ("", one) not in said]
    shown = [(rule, False) for rule in rules] + [(rule, True) for rule in silent]
    shown.sort(key=lambda one: (one[0].domain, DISPOSITIONS.index(one[0].disposition)))
    if common.as_json:
        for rule, by_default in shown:
            write_json({**rule._asdict(), "default": by_default})
        return
    table = Table(Column("RECIPIENTS", gives_way=True), Column("DISPOSITION"), Column("ACTION"), Column(""))
    table.write(
        (rule.domain or "all", rule.disposition, rule.action, "by default" if by_default else "")
        for rule, by_default in shown
    )


@action.command("set")
@click.argument("disposition", type=_DISPOSITION, metavar="DISPOSITION")
@click.argument("wanted", type=_ACTION, metavar="ACTION")
@_domain_option
@common
def set_command(common: Common, disposition: str, wanted: str, domain: str) -> None:
    """Say what is done with messages of a DISPOSITION. A message to several domains gets the gravest action of them.

    DISPOSITION is MALICIOUS-BEC (somebody in the registry is impersonated), SPOOF (the right address, forged),
    SUSPICIOUS (it may be so) or NONE. ACTION is accept (arrives as it is), tag (with its disposition in the header),
    quarantine (is put aside), tempfail (the sender tries again later) or reject.
    """
    rule = ActionRule(_read_domain(domain), disposition, wanted)
    mine = deed()

    async def work(ground: Ground) -> None:
        account = await ground.account(common.account_id)
        await ground.database.write(lambda session: actions.put(session, account.no, rule, mine))

    try:
        run(work)
    except TooManyRules as error:
        raise click.ClickException(str(error)) from None
    if common.as_json:
        write_json({**rule._asdict(), "default": False})
    note(f"{disposition} to {rule.domain or 'all'}: {wanted}")


@action.command("clear")
@click.argument("disposition", type=_DISPOSITION, metavar="DISPOSITION")
@_domain_option
@common
def clear_command(common: Common, disposition: str, domain: str) -> int:
    """Take a rule back. Exit status: 1 where there is none."""
    whose = _read_domain(domain)
    mine = deed()

    async def work(ground: Ground) -> bool:
        account = await ground.account(common.account_id)
        return await ground.database.write(lambda session: actions.clear(session, account.no, whose, disposition, mine))

    cleared = run(work)
    if common.as_json:
        write_json({"cleared": cleared, "disposition": disposition, "domain": whose})
    note(f"{disposition} to {whose or 'all'}: {'the rule is taken back' if cleared else 'there is no rule'}")
    return DONE if cleared else PARTLY


def _read_domain(text: str) -> str:
    """As rules have it: in lower case, as A-labels."""
    if not text:
        return ""
    try:
        return read_domain(text).lower()
    except DomainError as error:
        raise click.UsageError(f"--domain: {error}") from None
