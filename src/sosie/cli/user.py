"""`sosie user`: create."""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

import click

from sosie.access.tokens import new_api_key
from sosie.cli.database import Ground, deed, run
from sosie.cli.options import Common, common
from sosie.cli.output import note, write_json
from sosie.mail.address import Address, AddressError
from sosie.store import users
from sosie.store.accounts import Account
from sosie.store.database import Session
from sosie.store.issue import add_member, add_user
from sosie.store.users import User

MAX_KEY = 200  # characters; keys of other services that somebody brings along have 37 to 64
_KEY = re.compile(rf"[!-~]{{1,{MAX_KEY}}}")
_KEY_HELP = f"Take an existing API key from standard input: 1 to {MAX_KEY} visible ASCII characters."
_LOGIN = re.compile(r"[!-~]+")  # what X-Auth-Email can say


class Admitted(NamedTuple):
    """What was done: a user who was there already keeps the key, and may have been a member before."""

    user: User
    account: Account
    is_new_user: bool
    is_new_member: bool


@click.group("user")
def user() -> None:
    """Make users, who have an e-mail address and an API key (X-Auth-Email, X-Auth-Key)."""


@user.command("create")
@click.argument("email", metavar="EMAIL")
@click.option("--api-key-stdin", "key_given", is_flag=True, help=_KEY_HELP)
@common
def create_command(common: Common, email: str, key_given: bool) -> None:
    """Make a user who may do everything in the account, and print the API key, this once.

    A user who is there already becomes a member of the account too; the API key stays as it is.
    """
    login = _read_login(email)
    api_key = _read_key() if key_given else new_api_key()
    mine = deed()

    async def work(ground: Ground) -> Admitted:
        account = await ground.account(common.account_id)

        async def write(session: Session) -> Admitted:
            known = await users.by_email(session, login)
            if known is None:
                made = await add_user(session, ground.secret_key, login, api_key, account, mine)
                return Admitted(made, account, is_new_user=True, is_new_member=True)
            if account.id in known.accounts:
                return Admitted(known, account, is_new_user=False, is_new_member=False)
            await add_member(session, known, account, mine)
            member = known._replace(accounts=(*known.accounts, account.id))
            return Admitted(member, account, is_new_user=False, is_new_member=True)

        return await ground.database.write(write)

    _tell(run(work), None if key_given else api_key, as_json=common.as_json)


def _tell(admitted: Admitted, new_key: str | None, *, as_json: bool) -> None:
    user, account, is_new_user, is_new_member = admitted
    if as_json:
        wire = {"accounts": user.accounts, "created_on": user.created_on, "email": user.email, "id": user.id}
        shown = {"api_key": new_key} if is_new_user and new_key else {}
        write_json({**shown, **wire, "is_new_member": is_new_member, "is_new_user": is_new_user})
        return
    if is_new_user:
        note(f"user {user.email}, a member of account {account.id}")
        if new_key:
            note("API key, shown this once:")
            print(new_key)
    elif is_new_member:
        note(f"user {user.email} was there and is now a member of account {account.id} too; the API key is unchanged")
    else:
        note(f"user {user.email} is a member of account {account.id} already; nothing was changed")


def _read_login(email: str) -> str:
    """The e-mail address as log-ins compare it."""
    try:
        Address.from_text(email)
    except AddressError as error:
        raise click.UsageError(f"{email!r} is not an email address: {error}") from None
    if not _LOGIN.fullmatch(email):
        raise click.UsageError("EMAIL must be ASCII: it travels in the header X-Auth-Email")
    return email.casefold()


def _read_key() -> str:
    text = str(click.prompt("API key", hide_input=True, err=True)) if sys.stdin.isatty() else sys.stdin.readline(4096)
    key = text.rstrip("\r\n")
    if not _KEY.fullmatch(key):
        raise click.UsageError(f"the API key on standard input must be 1 to {MAX_KEY} visible ASCII characters")
    return key
