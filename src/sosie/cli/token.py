"""`sosie token`: create, list, revoke, roll."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import click

from sosie.access.permissions import BY_ID, EMAIL_READ, EMAIL_WRITE, TOKENS_WRITE
from sosie.access.policies import ALL_ACCOUNTS, account_resource
from sosie.access.tokens import Token
from sosie.api.token_body import read_token_body
from sosie.api.tokens import MAX_TOKENS, to_wire
from sosie.cli.database import Ground, deed, run
from sosie.cli.options import Common, common
from sosie.cli.output import Column, Table, note, write_json
from sosie.registry.moments import to_rfc3339_seconds
from sosie.store import tokens
from sosie.store.accounts import Account
from sosie.store.database import Session
from sosie.store.issue import Grant, Issued, issue_token, revoke_token, roll_token

PERMISSIONS = {"read": EMAIL_READ.id, "write": EMAIL_WRITE.id}
_ID = re.compile(r"[0-9a-f]{32}")

all_accounts_option = click.option(
    "--all-accounts", is_flag=True, help="A token of the whole server, which reaches every account."
)


class Wish(NamedTuple):
    """What `sosie token create` is asked for."""

    permission: str
    manage_tokens: bool
    name: str | None
    expires: str | None
    all_accounts: bool


@click.group("token")
def token() -> None:
    """Make, list, revoke and roll API tokens. A change is in force with the server's next request."""


@token.command("create")
@click.option("--permission", type=click.Choice(tuple(PERMISSIONS)), required=True,
              help="What the token may do with entries; write includes read.")  # fmt: skip
@click.option("--manage-tokens", is_flag=True, help="The token may make and revoke tokens too.")
@click.option("--name", metavar="TEXT", help="At most 120 characters.")
@click.option("--expires", metavar="RFC3339", help="When it ends to be valid, such as 2030-01-01T00:00:00Z.")
@all_accounts_option
@common
def create_command(common: Common, **given: Any) -> None:
    """Make a token and print its value, this once."""
    wish = Wish(**given)
    mine = deed()

    async def work(ground: Ground) -> Issued:
        account = await _owner(ground, common, all_accounts=wish.all_accounts)
        grant = _read_grant(wish, account)

        async def write(session: Session) -> Issued:
            if len(await tokens.read_all(session, account.no if account else None)) >= MAX_TOKENS:
                raise click.ClickException(f"an account has at most {MAX_TOKENS} tokens: revoke one first")
            return await issue_token(session, ground.secret_key, grant, mine)

        return await ground.database.write(write)

    _tell(run(work, create=wish.all_accounts), "made", as_json=common.as_json)


@token.command("list")
@all_accounts_option
@common
def list_command(common: Common, all_accounts: bool) -> None:
    """List the account's tokens, oldest first, without their values. --all-accounts lists those of the server."""

    async def work(ground: Ground) -> list[Token]:
        account = await _owner(ground, common, all_accounts=all_accounts)
        return await tokens.read_all(ground.database.reader, account.no if account else None)

    found = run(work)
    if common.as_json:
        for one in found:
            write_json(to_wire(one, _now()))
        return
    table = Table(
        Column("ID"),
        Column("NAME", gives_way=True),
        Column("STATUS"),
        Column("PERMISSIONS", gives_way=True),
        Column("EXPIRES", optional=True),
        Column("LAST USED", optional=True),
    )
    table.write(
        [
            (one.id, one.name, one.status_at(_now()), _permissions(one), one.expires_on or "-", one.last_used_on or "-")
            for one in found
        ]
    )
    if not found:
        note("there is no token")


@token.command("revoke")
@click.argument("token_id", metavar="TOKEN_ID")
@all_accounts_option
@common
def revoke_command(common: Common, token_id: str, all_accounts: bool) -> None:
    """Remove a token: the next request with it is refused."""
    mine = deed()

    async def revoke(session: Session, account: Account | None, found: Token, _: bytes) -> None:
        await revoke_token(session, found, account, to_wire(found, _now()), mine)

    identifier = _change(common, token_id, revoke, all_accounts=all_accounts)[0].id
    if common.as_json:
        write_json({"id": identifier})
    else:
        note(f"token {identifier} is revoked")


@token.command("roll")
@click.argument("token_id", metavar="TOKEN_ID")
@all_accounts_option
@common
def roll_command(common: Common, token_id: str, all_accounts: bool) -> None:
    """Give a token another value and print it, this once; the old value opens nothing from now on."""
    mine = deed()

    async def roll(session: Session, account: Account | None, found: Token, secret_key: bytes) -> Issued:
        return await roll_token(session, secret_key, found, account, mine)

    _tell(_change(common, token_id, roll, all_accounts=all_accounts)[1], "rolled", as_json=common.as_json)


def _change(common: Common, token_id: str, change: Callable[..., Any], *, all_accounts: bool) -> tuple[Token, Any]:
    """(the token as it was, what `change` returned), in one write."""
    identifier = token_id.lower()
    if not _ID.fullmatch(identifier):
        raise click.UsageError("TOKEN_ID must be 32 hex digits, as `sosie token list` shows them; not a token's value")

    async def work(ground: Ground) -> tuple[Token, Any]:
        account = await _owner(ground, common, all_accounts=all_accounts)

        async def write(session: Session) -> tuple[Token, Any]:
            found = await tokens.get(session, account.no if account else None, identifier)
            if found is None:
                owner = f"in account {account.id}" if account else "of the whole server"
                raise click.ClickException(f"there is no token {identifier} {owner}")
            return found, await change(session, account, found, ground.secret_key)

        return await ground.database.write(write)

    return run(work)


async def _owner(ground: Ground, common: Common, *, all_accounts: bool) -> Account | None:
    """The account whose token it is; None for the whole server."""
    return None if all_accounts else await ground.account(common.account_id)


def _read_grant(wish: Wish, account: Account | None) -> Grant:
    """The rules of the API's token body hold here too. Raises InvalidFields."""
    groups = (PERMISSIONS[wish.permission], *((TOKENS_WRITE.id,) if wish.manage_tokens else ()))
    resource = account_resource(account.id) if account else ALL_ACCOUNTS
    policy = {
        "effect": "allow",
        "permission_groups": [{"id": group} for group in groups],
        "resources": {resource: "*"},
    }
    name = wish.permission if wish.name is None else wish.name
    document = {"name": name, "policies": [policy], "expires_on": wish.expires}
    body = read_token_body(document, account.id if account else "")
    if body.expires_on is not None and body.expires_on <= _now():
        raise click.UsageError(f"--expires must be later than now, not {body.expires_on}")
    return Grant(body.name, groups, account, None, body.expires_on)


def _tell(issued: Issued, what: str, *, as_json: bool) -> None:
    if as_json:
        write_json({**to_wire(issued.token, _now()), "value": issued.value})
        return
    note(f"token {issued.token.id} is {what}; its value, shown this once:")
    print(issued.value)


def _permissions(one: Token) -> str:
    names = [BY_ID[group].name for policy in one.policies for group in policy.groups if group in BY_ID]
    return ", ".join(dict.fromkeys(names))


def _now() -> str:
    return to_rfc3339_seconds(int(time.time()))
