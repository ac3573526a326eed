"""Account API tokens: list, create, get, replace, delete, roll, verify, permission groups. Cloudflare API,
"Account API Tokens"; and `/user/tokens/verify`, which tools ask first."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any
from urllib.parse import unquote

from sosie.access.credentials import read_credentials
from sosie.access.errors import UnknownCredentials
from sosie.access.permissions import ACCOUNT_SCOPE, ANY_TOKENS, BY_ID, PERMISSION_GROUPS, TOKENS_WRITERS
from sosie.access.policies import Policy
from sosie.access.tokens import ACTIVE, EXPIRED, Token, admit_from, digest, new_token
from sosie.api.call import Call
from sosie.api.envelope import Answer
from sosie.api.errors import InvalidToken, NoRoute, TokenNotFound
from sosie.api.parameters import LAST_PAGE, Parameter
from sosie.api.routes import Route
from sosie.api.token_body import TokenBody, read_token_body
from sosie.registry.errors import Fault, InvalidFields
from sosie.registry.moments import to_rfc3339, to_rfc3339_seconds
from sosie.store import accounts, audit, tokens
from sosie.store.accounts import Turn
from sosie.store.audit import Change, Deed
from sosie.store.database import Session

PATH = "/accounts/{account_id}/tokens"
TAG = "Account API Tokens"
MAX_TOKENS = 500  # per account, as at Cloudflare: a list of them is always read whole
_TOKEN_ID = re.compile(r"[0-9a-f]{32}")

LIST_PARAMETERS = (
    Parameter("page", "integer", "Page number of the results.", default=1, minimum=1, maximum=LAST_PAGE),
    Parameter("per_page", "integer", "The number of results per page.", default=20, minimum=5, maximum=50),
    Parameter("direction", "string", "Direction to order results by age.", default="asc", choices=("asc", "desc")),
    Parameter("include_expired", "boolean", "Whether expired tokens are listed too.", default=False),
)
GROUP_PARAMETERS = (
    Parameter("name", "string", "Only the permission group of this name.", max_length=200),
    Parameter("scope", "string", "Only permission groups of this scope.", max_length=200),
)


def to_wire(token: Token, now: str) -> dict[str, Any]:
    """A token as the wire shows it, without its value."""
    wire: dict[str, Any] = {
        "expires_on": token.expires_on,
        "id": token.id,
        "issued_on": token.issued_on,
        "last_used_on": token.last_used_on,
        "modified_on": token.modified_on,
        "name": token.name,
        "not_before": token.not_before,
        "policies": [_policy_to_wire(policy) for policy in token.policies],
        "status": token.status_at(now),
    }
    if token.condition is not None:
        lists = (("in", token.condition.within), ("not_in", token.condition.not_within))
        wire["condition"] = {"request_ip": {name: networks for name, networks in lists if networks}}
    return {name: value for name, value in wire.items() if value is not None}  # unset times are absent, as documented


async def list_tokens(call: Call) -> Answer:
    """The account's tokens."""
    query = call.query(LIST_PARAMETERS)
    now = _now()
    everything = await tokens.read_all(call.services.database.reader, call.account_no)
    found = [token for token in everything if query["include_expired"] or token.status_at(now) != EXPIRED]
    if query["direction"] == "desc":
        found.reverse()
    first = (query["page"] - 1) * query["per_page"]
    shown = found[first : first + query["per_page"]]
    info = {
        "count": len(shown),
        "page": query["page"],
        "per_page": query["per_page"],
        "total_count": len(everything),
        "total_pages": -(-len(found) // query["per_page"]),
    }
    return Answer([to_wire(token, now) for token in shown], info=info)


async def create_token(call: Call) -> Answer:
    """Make a token; the answer is the only place where its value ever stands."""
    body = read_token_body(await call.json(), call.account_id)
    value = new_token()
    now = _now()
    token = Token(secrets.token_hex(16), call.account_id, body.name, body.status or ACTIVE, *body[2:], now, now, None)
    mark = digest(call.services.secret_key, "token", value)
    deed = call.deed()

    async def work(session: Session) -> None:
        turn = await accounts.take_turn(session, call.account_no, deed.moment_us)
        if len(await tokens.read_all(session, call.account_no)) >= MAX_TOKENS:
            raise InvalidFields([Fault("", f"an account has at most {MAX_TOKENS} tokens: delete one first")])
        await tokens.create(session, call.account_no, token, mark)
        await _record(session, call, turn, deed, Change("token.create", token.id, after=to_wire(token, now)))

    await call.services.database.write(work)
    return Answer({**to_wire(token, now), "value": value})


async def get_token(call: Call) -> Answer:
    """One token."""
    return Answer(to_wire(await _token(call.services.database.reader, call), _now()))


async def replace_token(call: Call) -> Answer:
    """Replace everything of a token but its value; what the body does not name is unset."""
    body = read_token_body(await call.json(), call.account_id)
    now = _now()
    deed = call.deed()

    async def work(session: Session) -> Token:
        turn = await accounts.take_turn(session, call.account_no, deed.moment_us)
        before = await _token(session, call)
        after = _replaced(before, body, now)
        await tokens.update(session, after)
        change = Change("token.edit", before.id, to_wire(before, now), to_wire(after, now))
        await _record(session, call, turn, deed, change)
        return after

    token = await call.services.database.write(work)
    call.services.authenticator.forget()
    return Answer(to_wire(token, now))


async def delete_token(call: Call) -> Answer:
    """Delete a token; the next request with it is refused."""
    deed = call.deed()

    async def work(session: Session) -> Token:
        turn = await accounts.take_turn(session, call.account_no, deed.moment_us)
        token = await _token(session, call)
        await tokens.delete(session, token.id)
        await _record(session, call, turn, deed, Change("token.delete", token.id, before=to_wire(token, _now())))
        return token

    token = await call.services.database.write(work)
    call.services.authenticator.forget()
    return Answer({"id": token.id})


async def roll_token(call: Call) -> Answer:
    """Give a token another value; the old one opens nothing from now on."""
    value = new_token()
    mark = digest(call.services.secret_key, "token", value)
    deed = call.deed()

    async def work(session: Session) -> None:
        turn = await accounts.take_turn(session, call.account_no, deed.moment_us)
        token = await _token(session, call)
        await tokens.roll(session, token.id, mark, _now())
        await _record(session, call, turn, deed, Change("token.roll", token.id))

    await call.services.database.write(work)
    call.services.authenticator.forget()
    return Answer(value)


async def verify_token(call: Call) -> Answer:
    """Whether the token that asks is valid; for one that is disabled or expired, which of the two."""
    authorization = call.headers.get(b"authorization")
    if authorization is None and call.headers.get(b"x-auth-key") is not None:
        raise InvalidFields([Fault("/header/Authorization", 'Missing "Authorization" header')])
    try:
        presented = read_credentials(authorization, None, None)
        caller = await call.services.authenticator.look_up(presented, call.client_address)
    except UnknownCredentials:
        raise InvalidToken from None
    token = caller.token
    if token is None or (call.path and token.account_id not in ("", call.account_id)):
        raise InvalidToken
    admit_from(token, call.client_address)
    now = _now()
    status = token.status_at(now)
    shown = to_wire(token, now)
    result = {name: shown[name] for name in ("expires_on", "id", "not_before", "status") if name in shown}
    said = "valid and active" if status == ACTIVE else status
    message = {"code": 10000, "message": f"This API Token is {said}", "type": None}
    return Answer(result, messages=(message,))


async def list_permission_groups(call: Call) -> Answer:
    """What a token can be allowed."""
    query = call.query(GROUP_PARAMETERS)
    scope = unquote(query["scope"] or "") or ACCOUNT_SCOPE
    name = unquote(query["name"] or "")
    groups = [
        {
            "category": group.category,
            "id": group.id,
            "is_selectable": True,
            "name": group.name,
            "scopes": [ACCOUNT_SCOPE],
        }
        for group in PERMISSION_GROUPS
        if scope == ACCOUNT_SCOPE and name.casefold() in ("", group.name.casefold())
    ]
    return Answer(groups)


async def _token(session: Session, call: Call) -> Token:
    identifier = call.path[1]
    if not _TOKEN_ID.fullmatch(identifier):
        raise NoRoute(call.scope["path"][:200])
    token = await tokens.get(session, call.account_no, identifier)
    if token is None:
        raise TokenNotFound
    return token


async def _record(session: Session, call: Call, turn: Turn, deed: Deed, change: Change) -> None:
    await audit.record(session, call.account_no, turn.revision, to_rfc3339(turn.last_moment), deed, change)


def _replaced(before: Token, body: TokenBody, now: str) -> Token:
    return before._replace(
        name=body.name,
        status=body.status or before.status,
        policies=body.policies,
        condition=body.condition,
        not_before=body.not_before,
        expires_on=body.expires_on,
        modified_on=now,
    )


def _policy_to_wire(policy: Policy) -> dict[str, Any]:
    return {
        "effect": policy.effect,
        "id": policy.id,
        "permission_groups": [{"id": group, "name": BY_ID[group].name} for group in policy.groups if group in BY_ID],
        "resources": policy.resources,
    }


def _now() -> str:
    return to_rfc3339_seconds(int(time.time()))


ROUTES = (
    Route("GET", "/user/tokens/verify", verify_token, "user_api_tokens_verify_token", "Verify token",
          "Tests whether a token works.", "User API Tokens", result="TokenStatus", public=True),
    Route("GET", PATH, list_tokens, "account_api_tokens_list_tokens", "List tokens",
          "Returns the account's tokens, without their values.", TAG,
          result="Token", needs=ANY_TOKENS, parameters=LIST_PARAMETERS, paged=True),
    Route("POST", PATH, create_token, "account_api_tokens_create_token", "Create token",
          "Makes a token. Its value is in this answer and nowhere else.", TAG,
          result="NewToken", needs=TOKENS_WRITERS, body="TokenBody"),
    Route("GET", PATH + "/permission_groups", list_permission_groups, "account_api_tokens_list_permission_groups",
          "List permission groups", "Returns what a token can be allowed.", TAG,
          result="PermissionGroup", needs=ANY_TOKENS, parameters=GROUP_PARAMETERS, many=True),
    Route("GET", PATH + "/verify", verify_token, "account_api_tokens_verify_token", "Verify token",
          "Tests whether a token of this account works.", TAG, result="TokenStatus", public=True),
    Route("GET", PATH + "/{token_id}", get_token, "account_api_tokens_token_details", "Token details",
          "Returns one token, without its value.", TAG, result="Token", needs=ANY_TOKENS),
    Route("PUT", PATH + "/{token_id}", replace_token, "account_api_tokens_update_token", "Update token",
          "Replaces everything of a token but its value.", TAG,
          result="Token", needs=TOKENS_WRITERS, body="TokenBody"),
    Route("DELETE", PATH + "/{token_id}", delete_token, "account_api_tokens_delete_token", "Delete token",
          "Deletes a token; the next request with it is refused.", TAG, result="TokenId", needs=TOKENS_WRITERS),
    Route("PUT", PATH + "/{token_id}/value", roll_token, "account_api_tokens_roll_token", "Roll token",
          "Gives a token another value, which is in this answer and nowhere else.", TAG,
          result="TokenValue", needs=TOKENS_WRITERS),
)  # fmt: skip
