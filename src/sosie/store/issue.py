"""Open an account, issue a token, add a user: the steps that are more than one statement, each within one write."""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple

from sosie.access.policies import ALL_ACCOUNTS, Policy, account_resource
from sosie.access.tokens import ACTIVE, Token, digest, new_token
from sosie.registry.moments import to_rfc3339, to_rfc3339_seconds
from sosie.store import accounts, audit, tokens, users
from sosie.store.accounts import Account
from sosie.store.audit import Change, Deed
from sosie.store.database import Session
from sosie.store.users import User


class Grant(NamedTuple):
    """What a new token is for. `groups` are permission group ids; an `account` of None is the whole server."""

    name: str
    groups: tuple[str, ...]
    account: Account | None
    not_before: str | None = None
    expires_on: str | None = None


class Issued(NamedTuple):
    """A new token with its value, which is shown once and kept nowhere."""

    token: Token
    value: str


async def open_account(session: Session, account_id: str, name: str, deed: Deed) -> Account:
    """Create an account. Raises AlreadyThere."""
    account = await accounts.create(session, account_id, name, to_rfc3339(deed.moment_us))
    change = Change("account.create", account_id, after={"id": account_id, "name": name})
    await _record(session, account, deed, change)
    return account


async def issue_token(session: Session, secret_key: bytes, grant: Grant, deed: Deed) -> Issued:
    """Create a token with one policy that allows the grant's permission groups."""
    value = new_token()
    resource = ALL_ACCOUNTS if grant.account is None else account_resource(grant.account.id)
    now = to_rfc3339_seconds(deed.moment_us // 1_000_000)
    token = Token(
        id=secrets.token_hex(16),
        account_id="" if grant.account is None else grant.account.id,
        name=grant.name,
        status=ACTIVE,
        policies=(Policy(secrets.token_hex(16), "allow", grant.groups, {resource: "*"}),),
        condition=None,
        not_before=grant.not_before,
        expires_on=grant.expires_on,
        issued_on=now,
        modified_on=now,
        last_used_on=None,
    )
    await tokens.create(
        session, None if grant.account is None else grant.account.no, token, digest(secret_key, "token", value)
    )
    after = {
        "id": token.id,
        "name": token.name,
        "groups": list(grant.groups),
        "resource": resource,
        "not_before": token.not_before,
        "expires_on": token.expires_on,
    }
    change = Change("token.create", token.id, after=after)
    await _record(session, grant.account, deed, change)
    return Issued(token, value)


async def add_user(session: Session, secret_key: bytes, email: str, api_key: str, account: Account, deed: Deed) -> User:
    """Create a user who is a member of the account. Raises AlreadyThere."""
    mark = digest(secret_key, f"key {email}", api_key)
    user = User(secrets.token_hex(16), email, to_rfc3339(deed.moment_us), (account.id,))
    await users.create(session, user, mark)
    await _record(session, account, deed, Change("user.create", user.id, after={"id": user.id, "email": email}))
    return user


async def add_member(session: Session, user: User, account: Account, deed: Deed) -> None:
    """Make a user who is there a member of one more account; the key stays as it is."""
    await users.add_memberships(session, user._replace(accounts=(account.id,)))
    await _record(session, account, deed, Change("user.join", user.id, after={"id": user.id, "email": user.email}))


async def revoke_token(session: Session, token: Token, account: Account | None, before: Any, deed: Deed) -> None:
    """Remove a token; `before` is what the audit keeps of it. An `account` of None is the whole server."""
    await tokens.delete(session, token.id)
    await _record(session, account, deed, Change("token.delete", token.id, before=before))


async def roll_token(session: Session, secret_key: bytes, token: Token, account: Account | None, deed: Deed) -> Issued:
    """Give a token another value; the old one opens nothing from now on."""
    value = new_token()
    now = to_rfc3339_seconds(deed.moment_us // 1_000_000)
    await tokens.roll(session, token.id, digest(secret_key, "token", value), now)
    await _record(session, account, deed, Change("token.roll", token.id))
    return Issued(token._replace(modified_on=now), value)


async def _record(session: Session, account: Account | None, deed: Deed, change: Change) -> None:
    if account is None:
        await audit.record(session, None, 0, to_rfc3339(deed.moment_us), deed, change)
        return
    turn = await accounts.take_turn(session, account.no, deed.moment_us)
    await audit.record(session, account.no, turn.revision, to_rfc3339(turn.last_moment), deed, change)
